//! What `benchmarks/run` measures with: contenders in turns, lines through points, and tables of Markdown.

pub mod decode;
pub mod growth;
pub mod machine;
pub mod points;
pub mod rounds;
pub mod tables;
pub mod verify;

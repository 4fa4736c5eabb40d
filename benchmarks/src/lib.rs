//! Everything that `benchmarks/run` and `cargo bench` measure.

pub mod decode;
pub mod machine;
pub mod requests;
pub mod rounds;
pub mod schemes;
pub mod tables;
pub mod verify;

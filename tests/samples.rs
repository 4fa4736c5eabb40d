//! The sample functions of the providers' own pages, run beside the library.

fn main() {}

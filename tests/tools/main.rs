//! The tools: the test kit, its simulator, and the command line.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[cfg(target_os = "linux")] // the receivers are stopped by signals
mod cli;
mod simulator;
mod testkit;

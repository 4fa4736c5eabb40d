//! T19: what reaches logs, traces and `Debug`, and the words of every error.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

#[path = "../support/convert.rs"]
mod convert;
#[path = "../support/log.rs"]
mod log;
#[path = "../support/others.rs"]
mod others;
#[path = "../support/mod.rs"]
mod support;

mod capture;
mod debug;
mod decoding;
mod headers;
mod needles;
mod reasons;
mod surfaces;
mod sweep;
mod words;

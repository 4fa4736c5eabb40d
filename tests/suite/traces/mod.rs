//! T19: what reaches logs, traces and `Debug`, and the words of every error.

use countersign_test_support::{self as support, capture, convert, others};

mod debug;
mod decoding;
mod headers;
mod needles;
mod reasons;
mod surfaces;
mod sweep;
mod words;

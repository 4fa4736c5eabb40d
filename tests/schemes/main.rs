//! The grammar of schemes: published vectors of other providers, their traps, and what does not compile.

#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, reason = "tests fail by panicking")]

mod claims;
mod examples;
mod forms;
mod handshake_attacks;
mod handshake_settings;
mod handshakes;
mod identity;
mod kit;
mod lists;
mod nonsense;
mod openssl;
mod pages;
mod recorded;
mod secrets;
mod sockets;
mod standard;
mod times;
mod traps;
mod vectors;
mod wycheproof;

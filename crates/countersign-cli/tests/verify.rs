//! `countersign verify`: every known mistake is named, and no mistake verifies.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "verify/bodies.rs"]
mod bodies;
#[path = "verify/captures.rs"]
mod captures;
#[path = "verify/pairs.rs"]
mod pairs;
#[path = "verify/proofs.rs"]
mod proofs;
#[path = "verify/schemes.rs"]
mod schemes;
#[path = "verify/secrets.rs"]
mod secrets;
#[path = "verify/support.rs"]
mod support;
#[path = "verify/verified.rs"]
mod verified;

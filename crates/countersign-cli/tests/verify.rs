//! `countersign verify`: every known mistake is named, whoever the provider is, and no mistake is ever called genuine.

#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "verify/bodies.rs"]
mod bodies;
#[path = "verify/captures.rs"]
mod captures;
#[path = "verify/combinations.rs"]
mod combinations;
#[path = "verify/genuine.rs"]
mod genuine;
#[path = "verify/secrets.rs"]
mod secrets;
#[path = "verify/signatures.rs"]
mod signatures;
#[path = "verify/support.rs"]
mod support;
#[path = "verify/tokens.rs"]
mod tokens;

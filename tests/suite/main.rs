//! Each adapter among everything else that its framework has, typed events, and what reaches logs. What every provider
//! and every surface has to show is in `conformance`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod actix;
mod axum;
mod constructors;
mod events;
mod readme;
mod secret_shapes;
mod shared_secrets;
mod tower;
mod traces;

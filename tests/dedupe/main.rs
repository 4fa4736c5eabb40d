//! Every delivery handled once, and none swallowed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use countersign_test_support::{self as support, capture, convert, redis};

mod contract;

// Helpers and tests of the stores, the state machine and the keys.
mod answers;
mod deliveries;
mod drops;
mod entry;
mod flawed;
mod forgetting;
mod forwarder;
mod keys;
mod ledger;
mod machine;
mod memory_store;
mod own_redis;
mod redis_eviction;
mod redis_failover;
mod redis_outages;
mod redis_sentinel;
mod redis_store;
mod retention;
mod shared_stores;
mod state_machine;

// Through real servers, and as processes.
mod adapters;
mod processes;

//! Handles each delivery once: the states of deduplication.

mod checks;
mod context;
mod counters;
mod delivery_id;
mod held;
mod key;
mod lease;
mod outcome;
mod running;
mod settings;
mod store;
mod token;

pub use counters::Counters;
pub use delivery_id::DeliveryId;
pub use key::DeliveryKey;
pub use lease::{Admission, Lease};
pub use outcome::{DELIVERY_HEADER, DUPLICATE, Outcome};
pub use settings::{Dedupe, WhenUnavailable};
pub use store::{Claim, ClaimStore, LeaseState, StoreResult};
pub use token::LeaseToken;

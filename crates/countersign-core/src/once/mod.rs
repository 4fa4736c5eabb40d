//! Handles each delivery once: the states of deduplication.

mod checks;
mod context;
mod counters;
mod delivery_id;
mod forget;
mod held;
mod identity;
mod key;
mod lease;
mod outcome;
mod running;
mod settings;
mod sharing;
mod store;
mod token;

pub use counters::Counters;
pub use delivery_id::DeliveryId;
pub use forget::Forgotten;
pub use identity::StoreIdentity;
pub use key::DeliveryKey;
pub use lease::{Admission, Lease};
pub use outcome::{DELIVERY_HEADER, DUPLICATE, Outcome};
pub use settings::{Dedupe, WhenUnavailable};
pub use store::{Claim, ClaimStore, LeaseState, StoreResult};
pub use token::LeaseToken;

pub(crate) use sharing::{Registration, register};

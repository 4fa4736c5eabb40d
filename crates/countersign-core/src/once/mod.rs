//! Handles each delivery once: the states of deduplication.

mod checks;
mod context;
mod counters;
mod delivery_id;
#[cfg_attr(not(feature = "encryption"), path = "no_encryption.rs")]
mod encryption;
mod forget;
mod held;
mod identity;
mod key;
mod lease;
mod outcome;
mod parts;
mod running;
mod seal;
mod seal_keys;
mod seal_meta;
mod settings;
mod sharing;
mod store;
mod token;
mod twice;

pub use counters::Counters;
pub use delivery_id::DeliveryId;
pub use forget::Forgotten;
pub use identity::StoreIdentity;
pub use key::DeliveryKey;
pub use lease::{Admission, Lease};
pub use outcome::{DELIVERY_HEADER, DUPLICATE, Outcome, STORED};
pub use seal::{Contents, Sealed, SealedColumns};
pub use seal_keys::SealKeys;
pub use settings::{Dedupe, WhenUnavailable};
pub use store::{Claim, ClaimStore, LeaseState, StoreResult};
pub use token::LeaseToken;

pub(crate) use seal_meta::{Meta, Sent, Trusted};
pub(crate) use sharing::{Registration, register};
pub(crate) use twice::{By, note};

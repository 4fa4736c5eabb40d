//! Every delivery handled once, and none swallowed: the memory of what was handled.
//!
//! A delivery is *claimed* before its handler runs, and *committed* once that succeeded or *released* where it did not.
//! What is only seen is not handled: a delivery whose handler failed runs again when it comes again.

mod counters;
mod key;
mod lease;
mod outcome;
mod settings;
mod store;

pub use counters::{Counters, Counts};
pub use key::DeliveryKey;
pub use lease::{Admission, Lease};
pub use outcome::{DUPLICATE, Outcome};
pub use settings::{Dedupe, WhenUnavailable};

pub use crate::error::{DedupeError, DedupeErrorKind};
pub use store::{Claim, ClaimStore, Held, LeaseToken};

//! The steps of a delivery: head, body, proof, envelope, event, claim and answer.

mod answer;
mod confirmation;
mod deciding;
mod delivery;
mod extraction;
mod head;
mod lookup;
mod macros;
mod peer;
mod receiver;
mod receiving;
mod remembering;
mod settings;
mod source;
mod unverified;
mod verification;
mod verifier;
mod waiting;
mod waits;
mod webhook;

pub use answer::{Answer, Why};
pub use confirmation::{Confirmation, UnconfirmedDelivery, Verdict};
pub use deciding::{Deciding, PollFrame};
pub use delivery::{Delivery, SentAt, Verified};
pub use extraction::{ExtractionError, ExtractionErrorKind, Received, Unreadable};
pub use head::RequestHead;
pub use lookup::SecretLookup;
pub use peer::PeerAddr;
pub use receiver::Receiver;
pub use receiving::{Finish, Next, Receiving};
pub use settings::{DEFAULT_BODY_LIMIT, Settings};
pub use source::AllowedSources;
pub use unverified::UnverifiedDelivery;
pub use verification::Verification;
pub use verifier::Verifier;
pub use waits::{Deferred, Immediate};

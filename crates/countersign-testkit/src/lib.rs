#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "actix")]
mod actix;
mod any;
mod delivery;
mod documented;
mod error;
mod example;
mod expected;
mod form;
mod made;
mod multipart;
mod payload;
mod places;
mod pointer;
mod proof;
mod request;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "simulator")]
mod simulator;
mod tampered;
mod tampering;

pub use any::AnyProvider;
pub use documented::{Documented, payloads};
pub use error::{PayloadError, PayloadErrorKind, TamperingError, TamperingErrorKind};
pub use expected::Expected;
pub use payload::Payload;
pub use proof::{Proof, public_key, sign, sign_draft};
pub use request::SignedRequest;
#[cfg(all(feature = "simulator", feature = "reqwest"))]
pub use simulator::Endpoint;
#[cfg(feature = "simulator")]
pub use simulator::{
    Answer, Attempt, InProcess, NextAttempt, Report, SendError, SendErrorKind, Sending, SimulatedBody, Simulator,
    SimulatorClock, Target,
};
pub use tampering::Tampering;

#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "actix")]
mod actix;
mod documented;
mod error;
mod expected;
mod payload;
mod pointer;
mod proof;
mod request;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "simulator")]
mod simulator;
mod tampering;

pub use documented::Documented;
pub use error::{PayloadError, PayloadErrorKind, TamperingError, TamperingErrorKind};
pub use expected::Expected;
pub use payload::Payload;
pub use proof::{Proof, sign, sign_draft};
pub use request::SignedRequest;
#[cfg(all(feature = "simulator", feature = "reqwest"))]
pub use simulator::Endpoint;
#[cfg(feature = "simulator")]
pub use simulator::{
    Answer, Attempt, InProcess, NextAttempt, Report, SendError, SendErrorKind, Sending, SimulatedBody, Simulator,
    SimulatorClock, Target,
};
pub use tampering::Tampering;

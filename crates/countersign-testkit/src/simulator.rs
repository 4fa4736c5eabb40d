//! A provider that sends deliveries, waits for the answers, and retries.

mod body;
mod clock;
#[cfg(feature = "reqwest")]
mod endpoint;
mod in_process;
mod provider;
mod report;
mod sending;
mod target;

pub use body::SimulatedBody;
pub use clock::SimulatorClock;
#[cfg(feature = "reqwest")]
pub use endpoint::Endpoint;
pub use in_process::InProcess;
pub use provider::Simulator;
pub use report::{Attempt, NextAttempt, Report};
pub use sending::Sending;
pub use target::{Answer, SendError, SendErrorKind, Target};

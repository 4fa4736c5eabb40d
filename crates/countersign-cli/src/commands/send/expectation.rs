//! How a delivery must be answered.

use countersign_testkit::{Attempt, Expected, SendErrorKind};

/// How a delivery must be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// 2xx.
    Accepted,
    /// 2xx: it is the original of a delivery that was tampered with.
    Control,
    /// 2xx, or 409 while another copy is being handled.
    AcceptedOrInFlight,
    /// This status.
    Rejected(u16),
    /// This status, or 2xx.
    Either(u16),
    /// Any answer.
    Answered,
}

impl Expectation {
    pub(super) fn of(expected: Expected) -> Self {
        match expected {
            Expected::Rejected(status) => Self::Rejected(status),
            Expected::RejectedIfAged(status) => Self::Either(status),
            Expected::Accepted | Expected::AcceptedOnce => Self::Accepted,
            _ => Self::Answered,
        }
    }

    /// Returns whether `attempt` was answered so.
    pub(super) fn is_met(self, attempt: &Attempt) -> bool {
        let status = attempt.status().map(|status| status.as_u16());
        match self {
            Self::Accepted | Self::Control => attempt.is_accepted(),
            Self::AcceptedOrInFlight => attempt.is_accepted() || status == Some(409),
            Self::Rejected(rejection) => status == Some(rejection) || (rejection == 413 && was_cut_off(attempt)),
            Self::Either(rejection) => attempt.is_accepted() || status == Some(rejection),
            Self::Answered => status.is_some(),
        }
    }
}

/// A server that rejects a body for its declared length does not read it, and may close the
/// connection before the answer is seen.
fn was_cut_off(attempt: &Attempt) -> bool {
    attempt.result.as_ref().is_err_and(|error| error.kind() == SendErrorKind::NoAnswer)
}

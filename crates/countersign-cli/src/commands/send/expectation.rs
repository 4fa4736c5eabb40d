//! Whether a delivery was answered as it has to be.

use countersign_testkit::{Attempt, Expected, SendErrorKind};

/// What a delivery has to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// 2xx.
    Accepted,
    /// 2xx: it is the genuine delivery before one that was tampered with.
    Control,
    /// 2xx, or 409 while another copy is being handled.
    AcceptedOrInFlight,
    /// This status.
    Refused(u16),
    /// This status, or 2xx.
    Either(u16),
    /// Whatever it is, there has to be an answer.
    Answered,
}

impl Expectation {
    pub(super) fn of(expected: Expected) -> Self {
        match expected {
            Expected::Refused(status) => Self::Refused(status),
            Expected::RefusedIfAged(status) => Self::Either(status),
            Expected::Accepted | Expected::AcceptedOnce => Self::Accepted,
            _ => Self::Answered,
        }
    }

    /// Whether `attempt` was answered so.
    pub(super) fn is_met(self, attempt: &Attempt) -> bool {
        let status = attempt.status().map(|status| status.as_u16());
        match self {
            Self::Accepted | Self::Control => attempt.is_accepted(),
            Self::AcceptedOrInFlight => attempt.is_accepted() || status == Some(409),
            Self::Refused(refusal) => status == Some(refusal) || (refusal == 413 && was_cut_off(attempt)),
            Self::Either(refusal) => attempt.is_accepted() || status == Some(refusal),
            Self::Answered => status.is_some(),
        }
    }
}

/// Who refuses a body for its declared length does not read it, and may close the connection before the answer is seen.
fn was_cut_off(attempt: &Attempt) -> bool {
    attempt.result.as_ref().is_err_and(|error| error.kind() == SendErrorKind::NoAnswer)
}

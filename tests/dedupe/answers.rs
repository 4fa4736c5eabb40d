//! Which answers to a delivery are right, and when.
//!
//! A delivery that was handled runs again only if its commit failed, its lease was lost before (the store failed, or the
//! process came too late), or the process was killed between the two: [`crate::ledger`] checks every claim against that.

use countersign::{
    RejectionKind,
    dedupe::{Claim, LeaseState},
};

use crate::ledger::Call;

/// How a delivery was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Handled {
        is_success: bool,
    },
    Panicked,
    Duplicate,
    Rejected(RejectionKind),
    /// By a handler without a lease, which no test asks for.
    Unclaimed,
    /// Not at all.
    Killed,
}

#[derive(Default, Debug)]
pub(crate) struct Record {
    pub(crate) has_run: bool,
    pub(crate) has_succeeded: bool,
    pub(crate) answer: Option<Answer>,
}

/// Checks the answer to one delivery against the calls that were made for it.
pub(crate) fn is_right(answer: Answer, record: &Record, calls: &[Call], was_handled: bool) -> Result<(), &'static str> {
    use Claim::{Done, InFlight, New};
    let new = Some(&Call::Claim(Some(New)));
    let is_claimed = calls.first() == new;
    let holds = |condition: bool, what| if condition { Ok(()) } else { Err(what) };
    holds(is_claimed || !record.has_run, "a handler runs without a claim")?;
    match (answer, calls) {
        (Answer::Handled { is_success: true }, [_, Call::Commit(_)]) => {
            holds(is_claimed && record.has_succeeded, "I1: success without a handler")
        }
        (Answer::Handled { is_success: false } | Answer::Panicked, [_, Call::Release(_)]) => {
            holds(is_claimed && record.has_run && !record.has_succeeded, "a failure without a handler")
        }
        (Answer::Rejected(RejectionKind::HandlerTimeout), [_, Call::Release(_)]) => {
            holds(is_claimed && record.has_run && !record.has_succeeded, "a late success is rejected")
        }
        (Answer::Duplicate, [Call::Claim(Some(Done))]) => {
            holds(was_handled && !record.has_run, "I2: a duplicate of what was never handled")
        }
        (Answer::Rejected(RejectionKind::InFlight), [Call::Claim(Some(InFlight))]) => {
            holds(!record.has_run, "two handlers run at the same time")
        }
        // Failed, or answered too late.
        (Answer::Rejected(RejectionKind::StoreUnavailable), [Call::Claim(_)]) => {
            holds(!record.has_run, "I5: a handler runs without the store")
        }
        (Answer::Unclaimed, _) => Err("I5: a handler runs without the store"),
        (Answer::Killed, calls) => holds(
            record.has_succeeded || !calls.iter().any(|call| matches!(call, Call::Commit(Some(LeaseState::Held)))),
            "I2: committed without success",
        ),
        _ => Err("the store is asked for something else"),
    }
}

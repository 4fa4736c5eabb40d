//! The signed time of a delivery.

use std::time::{Duration, SystemTime};

use countersign_core::{SentAt, provider::Scheme};

use super::{
    Delivered,
    mistake::{Named, mistakes},
};
use crate::words;

mistakes! {
    STALE: "time-stale",
        "the signature is right, but the signed time is {detail}",
        "To verify an old capture, give the time at which it arrived with --at. If it has just arrived, the clock of this \
         machine or of the sender is wrong, the delivery waited on its way, or an attacker sent a recorded one again.";
    MISSING: "time-missing",
        "{detail}, the signed time, is missing",
        "Check that no proxy removes it, and that the capture is complete.";
    MALFORMED: "time-malformed",
        "{detail}, the signed time, is malformed or repeated",
        "Find what changes it on the way, or what adds another one.";
}

/// How far the signed time of a delivery that verifies is from the clock, if that is too far.
pub(super) fn stale(delivered: &Delivered<'_>, scheme: &Scheme, sent_at: Option<SentAt>) -> Option<Named> {
    let Some(SentAt::Signed(time)) = sent_at else { return None };
    let (now, tolerance) = (delivered.now(), scheme.tolerance()?);
    let away = now.duration_since(time).unwrap_or_else(|ahead| ahead.duration());
    let tolerated = words::span(tolerance);
    (away > tolerance)
        .then(|| Named::with_detail(&STALE, format!("{}, and the tolerance is {tolerated}", distance(time, now))))
}

/// `3 h 5 min before the clock`
pub(super) fn distance(time: SystemTime, now: SystemTime) -> String {
    let (distance, side) = match now.duration_since(time) {
        Ok(age) => (age, "before"),
        Err(ahead) => (ahead.duration(), "after"),
    };
    if distance < Duration::from_secs(1) {
        return "at the time of the clock".to_owned();
    }
    format!("{} {side} the clock", words::span(distance))
}

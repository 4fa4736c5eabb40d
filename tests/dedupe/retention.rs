//! F25: what was handled is remembered for as long as its provider may repeat it.

use std::{panic::catch_unwind, time::Duration};

use countersign::{
    Provider, actix,
    dedupe::{Dedupe, DedupeErrorKind, MemoryStore},
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
    tower,
};

const MINUTE: Duration = Duration::from_secs(60);

fn remembering(retention: Duration) -> Dedupe {
    Dedupe::new(MemoryStore::new()).with_retention(retention)
}

/// The message with which it is refused.
fn refusal<P: Provider>(retention: Duration) -> Option<String> {
    remembering(retention).check::<P>().err().map(|error| error.to_string())
}

fn needs<P: Provider>(span: Duration, message: &str) {
    assert_eq!(refusal::<P>(span), None, "exactly");
    assert_eq!(refusal::<P>(span * 2), None);
    assert_eq!(refusal::<P>(Duration::MAX), None);
    assert_eq!(refusal::<P>(span - Duration::from_secs(1)).as_deref(), Some(message));
    assert!(refusal::<P>(span - Duration::from_nanos(1)).is_some());
    assert!(refusal::<P>(Duration::ZERO).is_some());
}

#[test]
fn f25_a_retention_under_the_documented_span_is_refused_word_for_word() {
    needs::<ScreenScore>(
        36 * MINUTE,
        "ScreenScore AI may repeat a delivery for 2160 s, and what was handled would be forgotten after 2159 s: give \
         `Dedupe` a longer retention",
    );
    needs::<ScreenshotRun>(
        15 * MINUTE,
        "ScreenshotRun may repeat a delivery for 900 s, and what was handled would be forgotten after 899 s: give \
         `Dedupe` a longer retention",
    );
    needs::<GeoScored>(
        2 * MINUTE,
        "GeoScored may repeat a delivery for 120 s, and what was handled would be forgotten after 119 s: give `Dedupe` a \
         longer retention",
    );
}

#[test]
fn f25_where_no_span_is_documented_any_retention_is_taken() {
    for retention in [Duration::ZERO, Duration::from_secs(1), Duration::MAX] {
        assert_eq!(refusal::<Zeodyn>(retention), None);
        assert_eq!(refusal::<ScreenshotCenter>(retention), None);
    }
}

#[test]
fn f25_a_day_is_enough_for_all_five() {
    let dedupe = Dedupe::new(MemoryStore::new());
    dedupe.check::<ScreenScore>().unwrap();
    dedupe.check::<ScreenshotCenter>().unwrap();
    dedupe.check::<ScreenshotRun>().unwrap();
    dedupe.check::<Zeodyn>().unwrap();
    dedupe.check::<GeoScored>().unwrap();
}

fn message(make: impl FnOnce() + std::panic::UnwindSafe) -> Option<String> {
    let panic = catch_unwind(make).err()?;
    Some(panic.downcast::<String>().map_or_else(|_| "not a message".to_owned(), |message| *message))
}

#[test]
fn f25_both_adapters_refuse_it_at_start_up() {
    let short = 36 * MINUTE - Duration::from_millis(1);
    let expected = refusal::<ScreenScore>(short);
    assert!(expected.is_some());
    let tower =
        |retention| message(move || drop(tower::VerifyWebhook::screenscore("s").with_dedupe(remembering(retention))));
    let actix =
        |retention| message(move || drop(actix::VerifyWebhook::screenscore("s").with_dedupe(remembering(retention))));
    assert_eq!((tower(short), actix(short)), (expected.clone(), expected));
    assert_eq!((tower(36 * MINUTE), actix(36 * MINUTE)), (None, None));
}

#[test]
fn i2_a_lease_that_outlives_the_wait_for_the_last_attempt_is_refused_word_for_word() {
    let leased = |lease: u64| Dedupe::new(MemoryStore::new()).with_lease(Duration::from_secs(lease));
    assert_eq!(leased(29).check::<GeoScored>(), Ok(()));
    for lease in [30, 60] {
        let error = leased(lease).check::<GeoScored>().unwrap_err();
        assert_eq!(error.kind(), DedupeErrorKind::LeaseTooLong);
        let message = format!(
            "GeoScored makes its last attempt 30 s after the one before, and what a killed process had claimed would be \
             claimed for {lease} s: give `Dedupe` a shorter lease"
        );
        assert_eq!(error.to_string(), message);
    }
    assert_eq!(leased(60).check::<ScreenScore>(), Ok(()));
    assert_eq!(leased(3600).check::<Zeodyn>(), Ok(()), "nothing is documented");
}

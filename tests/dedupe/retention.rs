//! F25: a handled delivery is remembered for as long as its provider may retry it.

use std::{panic::catch_unwind, time::Duration};

use countersign::{
    actix,
    dedupe::{Dedupe, DedupeErrorKind, MemoryStore},
    provider::Provider,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
    tower,
};

const MINUTE: Duration = Duration::from_secs(60);
const CENTURY: Duration = Duration::from_secs(36_525 * 24 * 60 * 60);

fn remembering(retention: Duration) -> Dedupe {
    Dedupe::new(MemoryStore::new()).with_retention(retention)
}

/// The message with which it is rejected.
fn rejection<P: Provider>(retention: Duration) -> Option<String> {
    remembering(retention).check::<P>().err().map(|error| error.to_string())
}

fn needs<P: Provider>(span: Duration, message: &str) {
    assert_eq!(rejection::<P>(span), None, "exactly");
    assert_eq!(rejection::<P>(span * 2), None);
    assert_eq!(rejection::<P>(CENTURY), None);
    assert_eq!(rejection::<P>(span - Duration::from_secs(1)).as_deref(), Some(message));
    assert!(rejection::<P>(span - Duration::from_nanos(1)).is_some());
    assert!(rejection::<P>(Duration::ZERO).is_some());
}

#[test]
fn f25_a_retention_under_the_documented_span_is_rejected_word_for_word() {
    needs::<ScreenScore>(
        36 * MINUTE,
        "ScreenScore AI may retry a delivery for 2160 s, but the retention is 2159 s, so that a late retry would be handled \
         again: set a longer retention with `Dedupe::with_retention`",
    );
    needs::<ScreenshotRun>(
        15 * MINUTE,
        "ScreenshotRun may retry a delivery for 900 s, but the retention is 899 s, so that a late retry would be handled \
         again: set a longer retention with `Dedupe::with_retention`",
    );
    needs::<GeoScored>(
        2 * MINUTE,
        "GeoScored may retry a delivery for 120 s, but the retention is 119 s, so that a late retry would be handled \
         again: set a longer retention with `Dedupe::with_retention`",
    );
}

#[test]
fn f25_without_a_documented_span_any_retention_is_accepted() {
    for retention in [Duration::from_secs(1), CENTURY] {
        assert_eq!(rejection::<Zeodyn>(retention), None);
        assert_eq!(rejection::<ScreenshotCenter>(retention), None);
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
fn f25_both_adapters_reject_a_short_retention_at_start_up() {
    let short = 36 * MINUTE - Duration::from_millis(1);
    let expected = rejection::<ScreenScore>(short);
    assert!(expected.is_some());
    let tower =
        |retention| message(move || drop(tower::VerifyWebhook::screenscore("s").with_dedupe(remembering(retention))));
    let actix =
        |retention| message(move || drop(actix::VerifyWebhook::screenscore("s").with_dedupe(remembering(retention))));
    assert_eq!((tower(short), actix(short)), (expected.clone(), expected));
    assert_eq!((tower(36 * MINUTE), actix(36 * MINUTE)), (None, None));
}

#[test]
fn i2_a_lease_longer_than_the_delay_before_the_last_attempt_is_rejected_word_for_word() {
    let leased = |lease: u64| Dedupe::new(MemoryStore::new()).with_lease(Duration::from_secs(lease));
    assert_eq!(leased(29).check::<GeoScored>(), Ok(()));
    for lease in [30, 60] {
        let error = leased(lease).check::<GeoScored>().unwrap_err();
        assert_eq!(error.kind(), DedupeErrorKind::LeaseTooLong);
        let message = format!(
            "GeoScored makes its last attempt 30 s after the previous one, but the lease of a killed process lasts for \
             {lease} s: set a shorter lease with `Dedupe::with_lease`"
        );
        assert_eq!(error.to_string(), message);
    }
    assert_eq!(leased(60).check::<ScreenScore>(), Ok(()));
    assert_eq!(leased(3600).check::<Zeodyn>(), Ok(()), "nothing is documented");
}

#[test]
fn a6_durations_that_make_no_sense_are_rejected_word_for_word() {
    type Set = fn(Dedupe, Duration) -> Dedupe;
    let settings: [(&str, Duration, Set); 4] = [
        ("lease", Duration::from_millis(100), Dedupe::with_lease),
        ("retention", Duration::from_secs(1), Dedupe::with_retention),
        ("store_timeout", Duration::from_nanos(1), Dedupe::with_store_timeout),
        ("handler_timeout", Duration::from_nanos(1), Dedupe::with_handler_timeout),
    ];
    for (setting, shortest, set) in settings {
        let check = |duration| set(Dedupe::new(MemoryStore::new()), duration).check::<Zeodyn>();
        let (short, long) = (shortest - Duration::from_nanos(1), CENTURY + Duration::from_nanos(1));
        let with = format!("with `Dedupe::with_{setting}`");
        for duration in [Duration::ZERO, short] {
            let error = check(duration).unwrap_err();
            assert_eq!(error.kind(), DedupeErrorKind::TooShort);
            assert_eq!(error.to_string(), format!("{duration:?} is too short: set at least {shortest:?} {with}"));
        }
        for duration in [long, Duration::MAX] {
            let error = check(duration).unwrap_err();
            assert_eq!(error.kind(), DedupeErrorKind::TooLong);
            let message = format!("a duration of more than 100 years cannot be counted: set less {with}");
            assert_eq!(error.to_string(), message);
        }
        assert_eq!((check(shortest), check(CENTURY)), (Ok(()), Ok(())), "{setting}");
        // A lease of 1 ms was accepted, and the same delivery claimed twice at once.
        let make = |duration| set(Dedupe::new(MemoryStore::new()), duration);
        let tower = message(move || drop(tower::VerifyWebhook::zeodyn("s").with_dedupe(make(short))));
        let actix = message(move || drop(actix::VerifyWebhook::zeodyn("s").with_dedupe(make(short))));
        let expected = check(short).unwrap_err();
        assert_eq!((tower, actix), (Some(expected.to_string()), Some(expected.to_string())));
        let tower = tower::VerifyWebhook::zeodyn("s").try_with_dedupe(make(short)).map(drop);
        let actix = actix::VerifyWebhook::zeodyn("s").try_with_dedupe(make(short)).map(drop);
        assert_eq!((tower, actix), (Err(expected.clone()), Err(expected)));
    }
}

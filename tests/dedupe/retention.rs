//! F25: a handled delivery is remembered for as long as its provider may retry it.

use std::{
    convert::Infallible,
    panic::catch_unwind,
    time::{Duration, SystemTime},
};

use ::tower::{Layer, ServiceExt, service_fn};
use bytes::Bytes;
use countersign::{
    Clock, actix,
    dedupe::{DELIVERY_HEADER, Dedupe, DedupeErrorKind, MemoryStore},
    provider::Provider,
    providers::{self, GeoScored, GitHub, ScreenScore, ScreenshotCenter, ScreenshotRun, Svix, Zeodyn},
    tower,
};
use countersign_testkit::Payload;
use http_body_util::Full;

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

/// Svix retries for longer than a day, and so do the providers that use it.
#[test]
fn f25_the_default_is_enough_for_every_provider() {
    macro_rules! check {
        ($($name:ident $needs:tt => $Provider:ident [$group:ident $($feature:literal)?],)*) => {$(
            Dedupe::new(MemoryStore::new()).check::<providers::$Provider>().unwrap();
        )*};
    }
    countersign::__for_each_provider!(check);
    assert!(rejection::<Svix>(24 * 60 * MINUTE).is_some());
}

/// For as long as the provider retries, and for a day otherwise.
#[tokio::test]
async fn f25_a_record_is_kept_for_the_default() {
    async fn is_kept<P: Provider>(secret: &str, span: Duration) {
        let clock = Clock::manual(SystemTime::now());
        let handler = service_fn(async |_: http::Request<Full<Bytes>>| {
            Ok::<_, Infallible>(http::Response::<Full<Bytes>>::default())
        });
        let layer = tower::VerifyWebhook::<P>::new(secret).with_dedupe(MemoryStore::new().with_clock(clock.clone()));
        let service = layer.layer(handler);
        let request = Payload::<P>::example().signed_with(secret);
        let is_duplicate = async || {
            let response = service.clone().oneshot(request.to_http::<Full<Bytes>>()).await.unwrap();
            assert_eq!(response.status(), 200);
            response.headers().contains_key(DELIVERY_HEADER)
        };
        assert!(!is_duplicate().await);
        clock.advance(span - MINUTE);
        assert!(is_duplicate().await, "{}", P::NAME);
        clock.advance(2 * MINUTE);
        assert!(!is_duplicate().await, "{}", P::NAME);
    }
    is_kept::<GitHub>("s3cr3t", 24 * 60 * MINUTE).await;
    // 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, and 15 s for each of the 8 attempts.
    let svix = Duration::from_secs(5) + (5 + 30 + 27 * 60) * MINUTE + 8 * Duration::from_secs(15);
    is_kept::<Svix>(concat!("whs", "ec_c2VjcmV0"), svix).await;
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

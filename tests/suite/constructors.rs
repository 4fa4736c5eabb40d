//! The constructors of the verifier and of both layers: what they take, and what they say if they cannot.

use std::{
    panic::{UnwindSafe, catch_unwind},
    time::Duration,
};

use countersign::{
    Secret, SecretErrorKind, Secrets, SettingErrorKind, Verifier, actix,
    dedupe::{Dedupe, DedupeErrorKind, MemoryStore},
    provider::Provider,
    providers::{self, ScreenScore},
    tower,
};

const EMPTY: &str = "a webhook secret must not be empty";

/// The text with which a constructor panics.
#[track_caller]
fn panics<T>(make: impl FnOnce() -> T + UnwindSafe) -> String {
    let Err(panic) = catch_unwind(move || drop(make())) else { panic!("it does not panic") };
    *panic.downcast::<String>().expect("a text")
}

/// The same of `Verifier` and of each `VerifyWebhook`.
macro_rules! check {
    ($P:ty: $($Made:path),*) => {$({
        type Made<P> = $Made;
        for error in [Made::<$P>::try_new("").unwrap_err(), Made::<$P>::try_new(String::new()).unwrap_err()] {
            assert_eq!((error.kind(), &*error.to_string()), (SecretErrorKind::Empty, EMPTY));
        }
        assert_eq!(panics(|| Made::<$P>::new("")), EMPTY);
        let secret = || Secret::from_static("s");
        let texts = [Made::<$P>::try_new("s"), Made::<$P>::try_new("s".to_owned()), Made::<$P>::try_new(&"s".to_owned())];
        let secrets = [Made::<$P>::try_new(secret()), Made::<$P>::try_new(Secrets::new(secret()))];
        assert!(texts.into_iter().chain(secrets).all(|made| made.is_ok()));
    })*};
}

#[test]
fn an_empty_secret_is_an_error_and_a_panic() {
    fn all<P: Provider>() {
        check!(P: Verifier<P>, tower::VerifyWebhook<P>, actix::VerifyWebhook<P>);
    }
    macro_rules! each {
        ($($name:ident => $Provider:ident,)*) => {$(all::<providers::$Provider>();)*};
    }
    countersign::__for_each_typed_provider!(each);
}

/// Each is of its provider, and takes a URL if the provider signs one. That it verifies with its secret is shown by the
/// conformance suite's servers and by `schemes/providers.rs`.
#[test]
fn each_providers_constructor_panics_with_the_text_of_the_error() {
    macro_rules! made {
        ($adapter:ident $name:ident ($secret:ident) $with:expr) => {
            $adapter::VerifyWebhook::$name($with)
        };
        ($adapter:ident $name:ident ($secret:ident, url) $with:expr) => {
            $adapter::VerifyWebhook::$name($with, "https://example.com/hook")
        };
    }
    macro_rules! each {
        ($($name:ident $needs:tt => $Provider:ident $about:tt,)*) => {$(
            let _: fn() -> tower::VerifyWebhook<providers::$Provider> = || made!(tower $name $needs "s");
            let _: fn() -> actix::VerifyWebhook<providers::$Provider> = || made!(actix $name $needs "s");
            assert_eq!(panics(|| made!(tower $name $needs "")), EMPTY, stringify!($name));
            assert_eq!(panics(|| made!(actix $name $needs String::new())), EMPTY, stringify!($name));
        )*};
    }
    countersign::__for_each_provider!(each);
}

/// `with_dedupe`, which panics with it, is in `dedupe/retention.rs`.
#[test]
fn settings_that_do_not_suit_the_provider_are_the_error_of_try_with_dedupe() {
    let dedupe = |minutes: u64| Dedupe::new(MemoryStore::new()).with_retention(Duration::from_secs(60 * minutes));
    let expected = dedupe(1).check::<ScreenScore>().unwrap_err();
    assert_eq!(expected.kind(), DedupeErrorKind::RetentionTooShort);
    let tower = |minutes| tower::VerifyWebhook::screenscore("s").try_with_dedupe(dedupe(minutes)).map(drop);
    let actix = |minutes| actix::VerifyWebhook::screenscore("s").try_with_dedupe(dedupe(minutes)).map(drop);
    assert_eq!((tower(1), actix(1)), (Err(expected.clone()), Err(expected)));
    assert_eq!((tower(36), actix(36)), (Ok(()), Ok(())));
}

/// The same of `Verifier` and of each `VerifyWebhook`; a body timeout only of the latter.
#[test]
fn a6_a_setting_of_0_is_an_error_and_a_panic() {
    macro_rules! check {
        ($make:expr => $with:ident, $try_with:ident, $text:literal, $zero:expr) => {
            let error = $make.$try_with($zero).map(drop).unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (SettingErrorKind::Zero, $text));
            assert_eq!(panics(|| $make.$with($zero)), $text);
            assert!($make.$try_with(Shortest::SHORTEST).is_ok());
        };
    }
    macro_rules! all {
        ($make:expr) => {
            check!($make => with_body_limit, try_with_body_limit, "the body limit must not be 0", 0_usize);
            let zero = Duration::ZERO;
            check!($make => with_lookup_timeout, try_with_lookup_timeout, "the look-up timeout must not be 0", zero);
            check!($make => with_confirmation_timeout, try_with_confirmation_timeout, "the confirmation timeout must not be 0", zero);
            check!($make => with_max_event_age, try_with_max_event_age, "the maximum age of events must not be 0", zero);
        };
    }
    all!(Verifier::<ScreenScore>::new("s"));
    all!(tower::VerifyWebhook::screenscore("s"));
    all!(actix::VerifyWebhook::screenscore("s"));
    let zero = Duration::ZERO;
    check!(tower::VerifyWebhook::screenscore("s") => with_body_timeout, try_with_body_timeout, "the body timeout must not be 0", zero);
    check!(actix::VerifyWebhook::screenscore("s") => with_body_timeout, try_with_body_timeout, "the body timeout must not be 0", zero);
}

/// The shortest that is accepted.
trait Shortest {
    const SHORTEST: Self;
}

impl Shortest for Duration {
    const SHORTEST: Self = Self::from_nanos(1);
}

impl Shortest for usize {
    const SHORTEST: Self = 1;
}

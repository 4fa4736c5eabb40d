//! The providers, by name: a table with a row for each, so that the commands are compiled once.

use std::fmt;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use countersign_core::{
    __for_each_provider,
    provider::{Algorithm, Key, Page, Scheme},
    providers,
};

use crate::{
    capture::Captured,
    verification::{Answer, Terms, verify, verify_at_run_time},
};

/// A provider.
pub(crate) struct Entry {
    pub(crate) page: &'static Page,
    /// `developer_tools`
    pub(crate) group: &'static str,
    /// What the provider calls the secret: `signing_secret`.
    pub(crate) secret: &'static str,
    /// The features of the library that the page needs.
    pub(crate) features: &'static [&'static str],
    /// All that is compiled for each provider.
    verify: fn(&Page, &Terms, &Captured) -> Answer,
}

impl Entry {
    /// The entry of a page that is known at run time.
    pub(crate) fn of_file(page: &'static Page) -> Self {
        let features = features(page.scheme);
        Self { page, group: "own", secret: "secret", features, verify: verify_at_run_time }
    }

    /// Verifies a delivery as the provider's, and reads its event.
    ///
    /// # Errors
    ///
    /// Returns an error if a secret is not a key of the provider's form, or the URL is missing.
    pub(crate) fn verify(&self, terms: &Terms, captured: &Captured) -> Answer {
        (self.verify)(self.page, terms, captured)
    }
}

macro_rules! entries {
    ($($name:ident($secret:ident $(, $url:ident)?) => $Provider:ident [$group:ident $($feature:literal)?],)*) => {
        /// All providers, in the order of the README's table.
        pub(crate) static ENTRIES: &[Entry] = &[$(Entry {
            page: const { &Page::of::<providers::$Provider>() },
            group: stringify!($group),
            secret: stringify!($secret),
            features: &[$($feature)?],
            verify: verify::<providers::$Provider>,
        }),*];
    };
}
__for_each_provider!(entries);

/// The features of the library that a scheme needs.
fn features(scheme: &'static Scheme) -> &'static [&'static str] {
    let of = |scheme: &Scheme| match (scheme.__signed()?.algorithm, scheme.key()?) {
        (Algorithm::HmacSha1, _) | (_, Key::Sha1) => Some("sha1"),
        (Algorithm::Ed25519, _) => Some("ed25519"),
        (Algorithm::EcdsaP256, _) => Some("ecdsa"),
        (Algorithm::RsaSha256, _) => Some("rsa"),
        _ => None,
    };
    let mut features: Vec<_> = scheme.__each().iter().filter_map(of).collect();
    features.sort_unstable();
    features.dedup();
    features.leak()
}

/// Parses a provider's name.
pub(crate) fn names() -> impl TypedValueParser<Value = &'static Entry> {
    PossibleValuesParser::new(ENTRIES.iter().map(|entry| entry.page.name))
        .try_map(|name| ENTRIES.iter().find(|entry| entry.page.name == name).ok_or("there is no provider of this name"))
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.page.name)
    }
}

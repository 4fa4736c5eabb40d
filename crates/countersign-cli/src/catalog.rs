//! The providers, by name: a table with a row for each, so that the commands are compiled once.

use std::fmt;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use countersign_core::{__for_each_provider, provider::Page, providers};

use crate::{
    capture::Captured,
    verification::{Answer, Terms, verify},
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
    verify: fn(&Terms, &Captured) -> Answer,
}

impl Entry {
    /// Verifies a delivery as the provider's, and reads its event.
    ///
    /// # Errors
    ///
    /// Returns an error if a secret is not a key of the provider's form, or the URL is missing.
    pub(crate) fn verify(&self, terms: &Terms, captured: &Captured) -> Answer {
        (self.verify)(terms, captured)
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

//! What the worker says once, and not each second.

use std::collections::HashSet;

use crate::error::StoreError;

/// A store that fails is logged when it begins and when it ends, and not each second.
#[derive(Default)]
pub(super) struct Trouble(bool);

impl Trouble {
    pub(super) fn with(&mut self, error: &StoreError) {
        if !std::mem::replace(&mut self.0, true) {
            tracing::error!(
                target: "countersign", error = %error,
                "the store of the inbox fails: deliveries wait until it answers again"
            );
        }
    }

    pub(super) fn ended(&mut self) {
        if std::mem::take(&mut self.0) {
            tracing::info!(target: "countersign", "the store of the inbox answers again");
        }
    }
}

/// How long a delivery is due before nobody seems to handle it, in milliseconds.
const LONG: i64 = 5_000;

/// Providers whose deliveries wait for a handler are logged once each.
#[derive(Default)]
pub(super) struct Unhandled(HashSet<String>);

impl Unhandled {
    /// A delivery of this provider has been due for this many milliseconds, and there is no handler for it.
    pub(super) fn since(&mut self, provider: String, milliseconds: i64) {
        if milliseconds > LONG && !self.0.contains(&provider) {
            tracing::warn!(
                target: "countersign", provider,
                "stored deliveries of this provider wait, and the worker has no handler for them: only one process works \
                 on an inbox, so each of them needs all handlers"
            );
            self.0.insert(provider);
        }
    }
}

//! What the settings of deduplication have to be, for a provider.

use std::time::Duration;

use super::{Dedupe, settings::Settings};
use crate::{error::DedupeError, provider::Provider};

/// The handler's deadline if the provider does not document how long it waits.
const UNDOCUMENTED: Duration = Duration::from_secs(8);

/// The maximum margin between the handler's deadline and the provider's.
const MARGIN: Duration = Duration::from_secs(2);

/// A shorter lease would expire while it is renewed.
const SHORTEST_LEASE: Duration = Duration::from_millis(100);

/// The retention, unless the provider retries for longer.
const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);

const SHORTEST_RETENTION: Duration = Duration::from_secs(1);

/// 100 years, which every clock can add to its time.
const LONGEST: Duration = Duration::from_secs(36_525 * 24 * 60 * 60);

impl Dedupe {
    /// Checks the settings by themselves, and against the retries that `P` documents.
    ///
    /// # Errors
    ///
    /// Returns an error if a duration is 0, too short or longer than 100 years. Also returns an
    /// error if the retention is shorter than `P`'s retry window, or if the lease is not shorter
    /// than the delay before `P`'s last retry.
    pub fn check<P: Provider>(&self) -> Result<(), DedupeError> {
        let shortest = Duration::from_nanos(1);
        for (setting, duration, shortest) in [
            ("lease", self.0.lease, SHORTEST_LEASE),
            ("retention", self.0.retention_for::<P>(), SHORTEST_RETENTION),
            ("store_timeout", self.0.store_timeout, shortest),
            ("handler_timeout", self.0.handler_timeout.unwrap_or(UNDOCUMENTED), shortest),
        ] {
            if duration < shortest {
                return Err(DedupeError::too_short(setting, duration, shortest));
            }
            if duration > LONGEST {
                return Err(DedupeError::too_long(setting));
            }
        }
        let retention = self.0.retention_for::<P>();
        if let Some(span) = P::RETRIES.total().filter(|span| retention < *span) {
            return Err(DedupeError::retention_too_short(P::TITLE, span, retention));
        }
        if let Some(&delay) = P::RETRIES.delays.last().filter(|delay| self.0.lease >= **delay) {
            return Err(DedupeError::lease_too_long(P::TITLE, delay, self.0.lease));
        }
        Ok(())
    }
}

impl Settings {
    /// The deadline of a handler of `P`: as set, or as documented less a margin.
    pub(super) fn handler_timeout_for<P: Provider>(&self) -> Duration {
        let documented = || {
            let waits = P::RETRIES.deadline?;
            Some(waits.saturating_sub(MARGIN.min(waits.div_f64(5.0))))
        };
        self.handler_timeout.or_else(documented).unwrap_or(UNDOCUMENTED)
    }

    /// The retention of deliveries of `P`.
    pub(super) fn retention_for<P: Provider>(&self) -> Duration {
        self.retention.unwrap_or_else(|| RETENTION.max(P::RETRIES.total().unwrap_or_default()))
    }

    /// The time between two renewals.
    pub(super) fn renewal(&self) -> Duration {
        self.lease.mul_f64(0.3)
    }
}

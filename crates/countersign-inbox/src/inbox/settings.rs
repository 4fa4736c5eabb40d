//! The settings of an inbox.

use std::time::Duration;

use countersign_core::{Clock, provider::Provider};

use super::{Inbox, Registered};
use crate::{backoff::Backoff, store::Retention};

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) store_timeout: Duration,
    pub(crate) is_ordered: bool,
    pub(crate) is_fair: bool,
    pub(crate) keep_keys: Duration,
    pub(crate) keep_bodies: Option<Duration>,
    pub(crate) retention: Retention,
    pub(crate) backoff: Backoff,
    pub(crate) attempt_timeout: Duration,
    pub(crate) concurrency: usize,
    pub(crate) lease: Duration,
    pub(crate) most_deaths: u32,
    pub(crate) grace: Duration,
    pub(crate) clock: Clock,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            store_timeout: Duration::from_secs(1),
            is_ordered: false,
            is_fair: false,
            keep_keys: Duration::from_secs(24 * 60 * 60),
            keep_bodies: None,
            retention: Retention::default(),
            backoff: Backoff::default(),
            attempt_timeout: Duration::from_secs(5 * 60),
            concurrency: 16,
            lease: Duration::from_secs(30),
            most_deaths: 3,
            grace: Duration::from_secs(10),
            clock: Clock::system(),
        }
    }
}

impl Inbox {
    /// Sets how long storing may take (default: 1 s, or 60 % of the time that the provider waits if that
    /// is shorter). A delivery that is not stored in time is answered with 503.
    #[must_use]
    pub fn with_store_timeout(mut self, timeout: Duration) -> Self {
        self.settings.store_timeout = timeout;
        self
    }

    /// Handles deliveries about the same resource in the order in which they were received (default: no
    /// order). A delivery that is tried again holds back the later ones of its resource; a dead letter does
    /// not.
    #[must_use]
    pub fn in_order_by_resource(mut self) -> Self {
        self.settings.is_ordered = true;
        self
    }

    /// Lets tenants take turns, so that one with many deliveries does not hold back the others (default:
    /// the oldest delivery first).
    #[must_use]
    pub fn with_fair_tenants(mut self) -> Self {
        self.settings.is_fair = true;
        self
    }

    /// Keeps the keys of handled deliveries for this long (default: 24 h, or the provider's retry window if
    /// that is longer). An equal delivery that comes later is handled again.
    #[must_use]
    pub fn with_kept_keys(mut self, keep: Duration) -> Self {
        self.settings.keep_keys = keep;
        self
    }

    /// Keeps the bodies of handled deliveries for this long (default: not at all). Then they can be
    /// redriven.
    #[must_use]
    pub fn with_kept_bodies(mut self, keep: Duration) -> Self {
        self.settings.keep_bodies = Some(keep);
        self
    }

    /// Keeps dead letters for this long (default: 30 days).
    #[must_use]
    pub fn with_kept_dead_letters(mut self, keep: Duration) -> Self {
        self.settings.retention.dead = keep;
        self
    }

    /// Sets the attempts and the delays between them (default: see [`Backoff`]).
    #[must_use]
    pub fn with_backoff(mut self, backoff: Backoff) -> Self {
        self.settings.backoff = backoff;
        self
    }

    /// Sets the attempts and the delays of a provider, after [`on`](Self::on).
    ///
    /// # Panics
    ///
    /// Panics if the provider has no handler.
    #[must_use]
    pub fn with_backoff_of<P: Provider>(mut self, backoff: Backoff) -> Self {
        self.registered::<P>("with_backoff_of").backoff = Some(backoff);
        self
    }

    /// Sets the deadline of an attempt (default: 5 min). A handler that misses it is stopped, and the
    /// delivery is tried again.
    #[must_use]
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.settings.attempt_timeout = timeout;
        self
    }

    /// Sets how many deliveries are handled at the same time (default: 16; 0 is 1).
    #[must_use]
    pub fn with_concurrency(mut self, most: usize) -> Self {
        self.settings.concurrency = most.max(1);
        self
    }

    /// Sets how many deliveries of a provider are handled at the same time, after [`on`](Self::on)
    /// (default: no limit besides that of the inbox; 0 is 1).
    ///
    /// # Panics
    ///
    /// Panics if the provider has no handler.
    #[must_use]
    pub fn with_concurrency_of<P: Provider>(mut self, most: usize) -> Self {
        self.registered::<P>("with_concurrency_of").most = Some(most.max(1));
        self
    }

    /// Sets for how long a worker on a server has the deliveries that it handles, unless it says again that it
    /// lives (default: 30 s; at least 1 s). It says so three times as often. When a machine dies, others take
    /// over after this time. The worker on a file has them until its process ends, however it does.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.settings.lease = lease.max(Duration::from_secs(1));
        self
    }

    /// Sets how often a process may die while it handles a delivery alone, before the delivery is a dead
    /// letter (default: 3; 0 is 1).
    ///
    /// A delivery that was handled beside others when its process died is not charged: it may not be the
    /// one that killed it. It is handled alone from then on.
    #[must_use]
    pub fn with_most_deaths(mut self, most: u32) -> Self {
        self.settings.most_deaths = most.max(1);
        self
    }

    /// Sets how long [`run`](Self::run) waits for handlers when it is stopped (default: 10 s). It then
    /// stops them, and their deliveries are handled again by the next worker.
    #[must_use]
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    /// Sets the clock, for tests (default: the system's).
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    #[track_caller]
    fn registered<P: Provider>(&mut self, setter: &str) -> &mut Registered {
        match self.handlers.get_mut(P::NAME) {
            Some(registered) => registered,
            #[expect(clippy::panic, reason = "documented; at start-up, never on a request")]
            None => panic!("`{setter}` is about {}, which has no handler yet: call `on` before it", P::TITLE),
        }
    }
}

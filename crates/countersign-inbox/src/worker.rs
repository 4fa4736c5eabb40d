//! The worker: claims what is due, runs its handlers, and settles.

mod attempt;
mod running;
mod trouble;

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use countersign_core::dedupe::LeaseToken;
use tokio::{
    task::JoinSet,
    time::{Interval, MissedTickBehavior, interval, sleep, timeout},
};

use crate::{
    counters::Counting,
    error::StoreError,
    inbox::Inbox,
    received::milliseconds,
    store::{ClaimRequest, Lead, Recovery, Swept, Waiting},
};
use running::Running;
use trouble::{Trouble, Unhandled};

/// How often the worker looks, at least: another process may have stored something.
const POLL: Duration = Duration::from_secs(1);

/// How often it asks whether it may work, or whether the store answers again.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// How often it removes what is old.
const SWEEP: Duration = Duration::from_secs(60);

impl Inbox {
    /// Runs the worker until `shutdown` completes. It then lets the handlers end, for up to the
    /// [grace](Self::with_grace), and gives back the deliveries of those that do not.
    ///
    /// If another process works on the same store, it waits until that one ends or dies. A store that
    /// fails is asked again until it answers. Run it beside the server:
    ///
    /// ```ignore
    /// tokio::join!(serve(app), inbox.run(shutdown));
    /// ```
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        self.core.watch.runs(|provider| self.handles(provider));
        let mut shutdown = pin!(shutdown);
        let lead = tokio::select! {
            lead = self.lead() => lead,
            () = &mut shutdown => return,
        };
        let mut worker = Worker::new(self, lead);
        tokio::select! {
            () = worker.recover() => worker.work(shutdown.as_mut()).await,
            () = &mut shutdown => {}
        }
        worker.stop().await;
    }

    fn handles(&self, provider: &str) -> bool {
        self.any.is_some() || self.handlers.contains_key(provider)
    }

    /// Waits for the right to work.
    async fn lead(&self) -> Lead {
        let (mut trouble, mut has_waited) = (Trouble::default(), false);
        loop {
            match self.core.store.lead().await {
                Ok(Some(lead)) => return lead,
                Ok(None) => {
                    trouble.ended();
                    if !std::mem::replace(&mut has_waited, true) {
                        tracing::info!(
                            target: "countersign",
                            "another worker handles the deliveries of the inbox: this one waits until it ends"
                        );
                    }
                }
                Err(error) => trouble.with(&error),
            }
            sleep(ASK_AGAIN).await;
        }
    }
}

struct Worker<'a> {
    inbox: &'a Inbox,
    claims: Claims,
    running: Running,
    sweeping: JoinSet<Result<Swept, StoreError>>,
    trouble: Trouble,
    unhandled: Unhandled,
    /// Dropped last: until then, nobody else works.
    lead: Lead,
}

/// Under which token the worker claims.
struct Claims {
    token: LeaseToken,
    /// The token of a claim that failed. It may have been made nevertheless: then the store has rows under
    /// it that nobody handles.
    doubtful: Option<LeaseToken>,
    has_failed: bool,
}

impl<'a> Worker<'a> {
    fn new(inbox: &'a Inbox, lead: Lead) -> Self {
        tracing::info!(target: "countersign", "the worker of the inbox begins");
        let claims = Claims { token: LeaseToken::unique(), doubtful: None, has_failed: false };
        let (running, sweeping) = (Running::default(), JoinSet::new());
        Self { inbox, claims, running, sweeping, trouble: Trouble::default(), unhandled: Unhandled::default(), lead }
    }

    fn now(&self) -> i64 {
        milliseconds(self.inbox.settings.clock.now())
    }

    /// Takes back what a worker left behind that died.
    async fn recover(&mut self) {
        while !self.try_to_recover(self.lead.is_sole).await {
            sleep(ASK_AGAIN).await;
        }
    }

    async fn try_to_recover(&mut self, is_sole: bool) -> bool {
        let recovery = Recovery::new(self.claims.token, self.now(), is_sole, self.inbox.settings.most_deaths);
        match self.inbox.core.store.recover(recovery).await {
            Ok(recovered) => {
                self.trouble.ended();
                let again = recovered.suspects.saturating_add(recovered.charged);
                if again > 0 {
                    tracing::warn!(
                        target: "countersign", deliveries = again,
                        "a worker of the inbox died: what it handled is handled again, each delivery alone, before others"
                    );
                }
                for row in recovered.dead {
                    Counting::add(&self.inbox.core.counting.dead);
                    tracing::error!(
                        target: "countersign", %row,
                        "stored webhook delivery given up, because processes died while they handled it alone: it is a \
                         dead letter"
                    );
                }
                true
            }
            Err(error) => {
                self.trouble.with(&error);
                false
            }
        }
    }

    async fn work(&mut self, mut shutdown: Pin<&mut impl Future<Output = ()>>) {
        let mut renewal = interval(self.inbox.settings.lease.div_f64(3.0));
        let mut sweep = interval(SWEEP);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = self.turn(&mut renewal, &mut sweep) => {}
                // Also while the store does not answer.
                () = shutdown.as_mut() => return,
            }
        }
    }

    async fn turn(&mut self, renewal: &mut Interval, sweep: &mut Interval) {
        self.take_back().await;
        let wait = self.claim().await;
        tokio::select! {
            biased;
            // Before what may be ready each time.
            _ = renewal.tick() => self.renew().await,
            _ = sweep.tick() => self.sweep(),
            is_well = self.running.one_ended() => self.claims.has_failed |= !is_well,
            () = self.inbox.core.arrived.notified() => {}
            () = sleep(wait) => {}
        }
    }

    /// Takes back what was claimed for nobody: it is under a token that nothing runs with any more.
    async fn take_back(&mut self) {
        if self.claims.doubtful.is_none() && std::mem::take(&mut self.claims.has_failed) {
            self.claims.doubtful = Some(std::mem::replace(&mut self.claims.token, LeaseToken::unique()));
        }
        if self.claims.doubtful.is_some_and(|token| !self.running.has_token(token))
            && self.try_to_recover(self.lead.is_sole).await
        {
            self.claims.doubtful = None;
        }
    }

    /// Claims what is due and begins it, and returns for how long nothing else is due.
    async fn claim(&mut self) -> Duration {
        let settings = &self.inbox.settings;
        let free = settings.concurrency.saturating_sub(self.running.count());
        // A delivery that may have killed a process runs alone.
        if free == 0 || self.running.has_suspect() {
            return POLL;
        }
        let mut request = ClaimRequest::new(self.claims.token, self.now(), settings.lease, free);
        request.running = self.running.count();
        request.is_fair = settings.is_fair;
        request.others = self.inbox.any.is_some();
        for (provider, registered) in &self.inbox.handlers {
            let room = registered.most.map_or(free, |most| most.saturating_sub(self.running.count_of(provider)));
            request.providers.push(((*provider).to_owned(), room));
        }
        let claimed = match self.inbox.core.store.claim(request).await {
            Ok(claimed) => claimed,
            Err(error) => {
                self.trouble.with(&error);
                self.claims.has_failed = true;
                return POLL;
            }
        };
        self.trouble.ended();
        if claimed.is_empty() {
            return self.until_due().await;
        }
        for claimed in claimed {
            self.running.begin(self.inbox, claimed);
        }
        // What else is due is looked for as soon as one has ended.
        if self.running.count() < settings.concurrency { Duration::ZERO } else { POLL }
    }

    async fn until_due(&mut self) -> Duration {
        let waiting = match self.inbox.core.store.waiting().await {
            Ok(waiting) => waiting,
            Err(error) => {
                self.trouble.with(&error);
                return POLL;
            }
        };
        let now = self.now();
        let (handled, others): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|waiting| self.inbox.handles(&waiting.provider));
        for Waiting { provider, due } in others {
            self.unhandled.since(provider, now.saturating_sub(due));
        }
        // What is due now could not be claimed: there is no room for it, or another has it.
        let wait = handled.iter().map(|waiting| waiting.due.saturating_sub(now)).filter(|wait| *wait > 0).min();
        wait.map_or(POLL, |wait| Duration::from_millis(wait.unsigned_abs()).min(POLL))
    }

    async fn renew(&mut self) {
        if self.running.count() > 0 {
            let lease = i64::try_from(self.inbox.settings.lease.as_millis()).unwrap_or(i64::MAX);
            let until = self.now().saturating_add(lease);
            for token in [Some(self.claims.token), self.claims.doubtful].into_iter().flatten() {
                if let Err(error) = self.inbox.core.store.renew(token, until).await {
                    self.trouble.with(&error);
                }
            }
        }
        // Other workers may have died.
        if !self.lead.is_sole {
            self.try_to_recover(false).await;
        }
    }

    /// Sweeps beside the rest, because there may be much.
    fn sweep(&mut self) {
        match self.sweeping.try_join_next() {
            Some(Ok(Err(error))) => self.trouble.with(&error),
            Some(Ok(Ok(swept))) => {
                tracing::debug!(target: "countersign", bodies = swept.bodies, rows = swept.rows, "inbox swept");
            }
            Some(Err(_)) | None => {}
        }
        if self.sweeping.is_empty() {
            let (core, retention, now) = (Arc::clone(&self.inbox.core), self.inbox.settings.retention, self.now());
            self.sweeping.spawn(async move { core.store.sweep(now, retention).await });
        }
    }

    /// Lets the handlers end, and gives back the deliveries of those that do not.
    async fn stop(&mut self) {
        let settings = &self.inbox.settings;
        let mut renewal = interval(settings.lease.div_f64(3.0));
        let all_ended = async {
            while self.running.count() > 0 {
                tokio::select! {
                    biased;
                    _ = renewal.tick() => self.renew().await,
                    _ = self.running.one_ended() => {}
                }
            }
        };
        _ = timeout(settings.grace, all_ended).await;
        self.running.give_back(self.inbox).await;
        tracing::debug!(target: "countersign", "the worker of the inbox has ended");
    }
}

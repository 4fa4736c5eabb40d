//! The simulator.

use std::{fmt, sync::Arc, time::Duration};

use countersign_core::provider::Retries;
use futures_util::future::join_all;
use tokio::time::{Instant, timeout};

use super::{
    body::SimulatedBody,
    clock::SimulatorClock,
    report::{Attempt, NextAttempt, Report},
    sending::Sending,
    target::{Answer, SendError, SendErrorKind, Target},
};
use crate::{made::Made, request::SignedRequest};

/// A provider that sends deliveries to a receiver, and retries them with the deadline and the
/// delays on its page. It can also repeat and reorder them, send them concurrently or slowly, and
/// break them off.
///
/// ```
/// use axum::{Router, body::Body, http::StatusCode, routing::post};
/// use countersign::providers::ScreenScore;
/// use countersign::dedupe::MemoryStore;
/// use countersign_testkit::{SimulatorClock, InProcess, Payload, Simulator};
/// use countersign::axum::{VerifyWebhook, Webhook};
/// use std::{sync::atomic::{AtomicU32, Ordering}, time::Duration};
///
/// static CALLS: AtomicU32 = AtomicU32::new(0);
///
/// /// Fails twice, then succeeds.
/// async fn on_event(_: Webhook<ScreenScore>) -> StatusCode {
///     let calls = CALLS.fetch_add(1, Ordering::SeqCst);
///     if calls < 2 { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), countersign_testkit::PayloadError> {
/// let verify = VerifyWebhook::screenscore("s3cr3t").with_dedupe(MemoryStore::new());
/// let app: Router = Router::new().route("/webhooks/screenscore", post(on_event).layer(verify));
///
/// let simulator = Simulator::new(InProcess::new(app, Body::new)).with_clock(SimulatorClock::skipping());
/// let request = Payload::<ScreenScore>::documented("analysis.completed")?.signed_with("s3cr3t");
///
/// let report = simulator.deliver(&request).await;
/// assert_eq!(report.statuses(), [500, 500, 200]);
/// assert_eq!(report.attempts()[2].at, Duration::from_secs(30 + 5 * 60));
///
/// // The handler does not run again for twenty concurrent duplicates.
/// simulator.deliver_concurrently(&request, 20).await;
/// assert_eq!(CALLS.load(Ordering::SeqCst), 3);
/// # Ok(())
/// # }
/// ```
pub struct Simulator<T> {
    target: T,
    clock: SimulatorClock,
    retries: Option<Retries>,
    sending: Arc<dyn Fn(u32) -> Sending + Send + Sync>,
}

impl<T: Target> Simulator<T> {
    /// Creates a provider that sends to `target`, in real time.
    pub fn new(target: T) -> Self {
        Self { target, clock: SimulatorClock::real(), retries: None, sending: Arc::new(|_| Sending::Whole) }
    }

    /// Sets the clock for the waits between attempts.
    #[must_use]
    pub fn with_clock(mut self, clock: SimulatorClock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the retries, instead of those on the provider's page: for example, if it documents
    /// none, or to shorten the deadline.
    #[must_use]
    pub fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = Some(retries);
        self
    }

    /// Sets a function that decides how each attempt is sent. It takes the attempt's number,
    /// starting at 1: `|attempt| if attempt == 1 { … } else { … }`.
    #[must_use]
    pub fn with_sending(mut self, sending: impl Fn(u32) -> Sending + Send + Sync + 'static) -> Self {
        self.sending = Arc::new(sending);
        self
    }

    /// Returns the clock for the waits between attempts.
    pub fn clock(&self) -> &SimulatorClock {
        &self.clock
    }

    /// Delivers `request` and retries it, until it is accepted, the provider does not retry again,
    /// or its page does not say when it retries.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime with time enabled, like all methods that deliver.
    pub async fn deliver<P>(&self, request: &SignedRequest<P>) -> Report {
        self.deliver_observed(request, |_| {}).await
    }

    /// Delivers like [`deliver`](Self::deliver), and calls `observer` after each attempt.
    pub async fn deliver_observed<P>(&self, request: &SignedRequest<P>, mut observer: impl FnMut(&Attempt)) -> Report {
        self.deliver_made(request.made(), &mut observer).await
    }

    async fn deliver_made(&self, request: &Made, mut observer: impl FnMut(&Attempt)) -> Report {
        let retries = self.retries.unwrap_or(request.page.retries);
        let began = self.clock.elapsed();
        let mut attempts = Vec::new();
        for number in 1.. {
            let attempt = self.attempt(request, number, began, &retries).await;
            observer(&attempt);
            let next = attempt.next;
            attempts.push(attempt);
            let NextAttempt::After(delay) = next else { break };
            self.clock.sleep(delay).await;
        }
        Report::new(attempts)
    }

    /// Delivers `copies` copies of `request`, one after the other, each with its retries.
    pub async fn deliver_repeatedly<P>(&self, request: &SignedRequest<P>, copies: usize) -> Vec<Report> {
        let mut reports = Vec::new();
        for _ in 0..copies {
            reports.push(self.deliver(request).await);
        }
        reports
    }

    /// Delivers `copies` copies of `request` concurrently, each with its retries.
    pub async fn deliver_concurrently<P>(&self, request: &SignedRequest<P>, copies: usize) -> Vec<Report> {
        join_all((0..copies).map(|_| self.deliver(request))).await
    }

    /// Delivers all `requests` one after the other, in an order that depends on `seed`. The reports
    /// are in the order of `requests`.
    pub async fn deliver_reordered<P>(&self, requests: &[SignedRequest<P>], seed: u64) -> Vec<Report> {
        let mut order: Vec<_> = requests.iter().enumerate().collect();
        fastrand::Rng::with_seed(seed).shuffle(&mut order);
        let mut reports = Vec::new();
        for (index, request) in order {
            reports.push((index, self.deliver(request).await));
        }
        reports.sort_by_key(|(index, _)| *index);
        reports.into_iter().map(|(_, report)| report).collect()
    }

    async fn attempt(&self, request: &Made, number: u32, began: Duration, retries: &Retries) -> Attempt {
        let sending = (self.sending)(number);
        let at = self.clock.elapsed().saturating_sub(began);
        let started = Instant::now();
        let result = self.send(request, sending, retries.deadline).await;
        let is_accepted = result.as_ref().is_ok_and(|answer| answer.status.is_success());
        let next = if is_accepted { NextAttempt::None } else { NextAttempt::of(retries, number) };
        Attempt { number, at, took: started.elapsed(), result, next }
    }

    async fn send(&self, request: &Made, sending: Sending, deadline: Option<Duration>) -> Result<Answer, SendError> {
        let body = SimulatedBody::new(request.body.clone(), sending);
        #[cfg_attr(not(feature = "reqwest"), expect(unused_mut, reason = "only an endpoint has its own query"))]
        let mut sent = request.to_http_with(body);
        #[cfg(feature = "reqwest")]
        if let Some(query) = &request.query {
            sent.extensions_mut().insert(super::target::ProofInQuery(query.clone()));
        }
        let sent = self.target.send(sent);
        let (limit, kind) = match (sending, deadline) {
            (Sending::HangingUp { after }, deadline) if deadline.is_none_or(|deadline| after < deadline) => {
                (Some(after), SendErrorKind::HungUp)
            }
            (_, deadline) => (deadline, SendErrorKind::DeadlineExceeded),
        };
        match limit {
            Some(limit) => timeout(limit, sent).await.unwrap_or_else(|_| Err(SendError::of_kind(kind))),
            None => sent.await,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Simulator<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").field("target", &self.target).field("clock", &self.clock).finish_non_exhaustive()
    }
}

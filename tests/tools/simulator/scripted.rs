//! The plainest receiver there is, and the deliveries that it gets.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use countersign::providers::ScreenScore;
use countersign_testkit::{Documented, InProcess, Payload, Report, SignedRequest, SimulatedBody, SimulatorClock};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::Service;

use crate::simulator::{sites::SECRET, work::lock};

/// Answers at once as it is told, the number of the request given, and notes when it was asked. It verifies nothing.
#[derive(Clone)]
pub(crate) struct Scripted {
    answer: Arc<dyn Fn(usize) -> u16 + Send + Sync>,
    clock: SimulatorClock,
    asked: Arc<Mutex<Vec<(String, Duration)>>>,
}

impl Scripted {
    pub(crate) fn new(answer: impl Fn(usize) -> u16 + Send + Sync + 'static) -> Self {
        Self::by(&SimulatorClock::manual(), answer)
    }

    pub(crate) fn by(clock: &SimulatorClock, answer: impl Fn(usize) -> u16 + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), clock: clock.clone(), asked: Arc::default() }
    }

    pub(crate) fn target(&self) -> InProcess<Self, fn(SimulatedBody) -> SimulatedBody> {
        InProcess::new(self.clone(), std::convert::identity)
    }

    pub(crate) fn calls(&self) -> usize {
        lock(&self.asked).len()
    }

    /// The path and the time of every request, in their order.
    pub(crate) fn asked(&self) -> Vec<(String, Duration)> {
        lock(&self.asked).clone()
    }
}

impl Service<Request<SimulatedBody>> for Scripted {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<SimulatedBody>) -> Self::Future {
        lock(&self.asked).push((request.uri().path().to_owned(), self.clock.elapsed()));
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::from_u16((self.answer)(self.calls())).expect("a status");
        ready(Ok(response))
    }
}

pub(crate) fn documented<P: Documented>() -> SignedRequest<P> {
    Payload::all().next().expect("a documented event").signed_with(SECRET)
}

pub(crate) fn delivery() -> SignedRequest<ScreenScore> {
    documented()
}

/// A delivery about this id.
pub(crate) fn about(id: &str) -> SignedRequest<ScreenScore> {
    let payload = Payload::<ScreenScore>::documented("analysis.completed").expect("it is documented");
    payload.with_field("/data/id", id).expect("it has an id").signed_with(SECRET)
}

/// When each attempt began, in milliseconds.
pub(crate) fn millis(report: &Report) -> Vec<u128> {
    report.attempts().iter().map(|attempt| attempt.at.as_millis()).collect()
}

pub(crate) const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Moves a clock on by `wait`, as soon as that is what the first who waits has to wait.
pub(crate) async fn pass(clock: &SimulatorClock, wait: Duration) {
    // Who may go on may still be among those who wait.
    while clock.next_wait().await != wait {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    clock.advance(wait);
}

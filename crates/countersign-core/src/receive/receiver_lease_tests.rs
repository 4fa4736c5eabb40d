//! What happens around a handler: its deadline, its end, and its context.

use std::{
    future::{Future, pending},
    panic::resume_unwind,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    task::{consume_budget, yield_now},
    time::Instant,
};

use super::{
    claims::{Down, Memory, TEST, leased, once},
    *,
};
use crate::{
    dedupe::{Dedupe, Lease, Outcome, WhenUnavailable},
    provider::{Retries, Scheme},
    providers::{ScreenScore, ScreenshotCenter},
};

const SCORE: &str = r#"{"event":"analysis.completed","data":{"id":"abc"}}"#;

pub(super) async fn hang(lease: Lease) -> RejectionKind {
    lease.hold(pending::<()>(), |()| Outcome::Done, sleep).await.unwrap_err().kind()
}

/// A page of a user that says 1 s.
enum Hasty {}

impl Provider for Hasty {
    type Event = <Zeodyn as Provider>::Event;
    const NAME: &'static str = "hasty";
    const TITLE: &'static str = "Hasty";
    const DOCS: &'static str = "https://hasty.example";
    const SCHEME: Scheme = Zeodyn::SCHEME;
    const RETRIES: Retries = Retries::new().deadline(Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn c27_a_handler_has_the_time_that_its_provider_waits_less_a_margin() {
    async fn deadline<P: Provider>(body: &str, set: impl FnOnce(Dedupe) -> Dedupe) -> u128 {
        let receiver = plain::<P>().with_dedupe(set(Dedupe::new(Memory::default())));
        let lease = leased(genuine(&receiver, body).await);
        let start = Instant::now();
        assert_eq!(hang(lease).await, RejectionKind::HandlerTimeout);
        // It is released, so that the retry runs.
        drop(leased(genuine(&receiver, body).await));
        start.elapsed().as_millis()
    }
    let default = |dedupe| dedupe;
    assert_eq!(deadline::<ScreenshotRun>(RUN, default).await, 28_000, "it waits 30 s");
    assert_eq!(deadline::<GeoScored>(SCAN, default).await, 8000, "it waits 10 s");
    assert_eq!(deadline::<ScreenScore>(SCORE, default).await, 8000, "it waits 10 s");
    assert_eq!(deadline::<ScreenshotCenter>(SCORE, default).await, 8000, "nothing is documented");
    assert_eq!(deadline::<Hasty>(SCORE, default).await, 800, "it waits 1 s");
    let set = |dedupe: Dedupe| dedupe.with_handler_timeout(Duration::from_millis(70));
    assert_eq!(deadline::<ScreenshotRun>(RUN, set).await, 70);
}

/// With a timer that shares the budget of the task, and a budget that is used up at each poll.
#[tokio::test]
async fn a1_a_handler_that_uses_up_the_budget_does_not_escape_its_deadline() {
    let dedupe = Dedupe::new(Memory::default()).with_handler_timeout(Duration::from_millis(20));
    let receiver = plain::<GeoScored>().with_dedupe(dedupe);
    for body in [SCAN, TEST] {
        let handler = async {
            loop {
                consume_budget().await;
            }
        };
        let held = leased(genuine(&receiver, body).await).hold(handler, |()| Outcome::Done, sleep).await;
        assert_eq!(held.unwrap_err().kind(), RejectionKind::HandlerTimeout);
    }
}

#[tokio::test]
async fn a1_a_look_up_or_a_confirmation_that_uses_up_the_budget_is_given_up() {
    let look_up = |_: UnverifiedDelivery<'_>| async {
        loop {
            consume_budget().await;
        }
        #[expect(unreachable_code, reason = "the type of the answer")]
        Ok::<Option<Secret>, Rejection>(None)
    };
    let receiver: Receiver<GeoScored> =
        Verifier::from_lookup(look_up).with_lookup_timeout(Duration::from_millis(20)).into();
    assert_eq!(kind(&answered(genuine(&receiver, SCAN).await)), RejectionKind::LookupTimeout);

    let confirmation = |_: UnconfirmedDelivery<GeoScored>| async {
        loop {
            consume_budget().await;
        }
        #[expect(unreachable_code, reason = "the type of the answer")]
        Ok::<_, Rejection>(Verdict::Denied)
    };
    let verifier = Verifier::<GeoScored>::new("s3cr3t").with_confirmation(confirmation);
    let receiver: Receiver<_> = verifier.with_confirmation_timeout(Duration::from_millis(20)).into();
    assert_eq!(kind(&answered(genuine(&receiver, SCAN).await)), RejectionKind::ConfirmationTimeout);
}

#[tokio::test]
async fn a1_a_body_that_uses_up_the_budget_does_not_escape_its_deadline() {
    fn poll_frame(_: Pin<&mut ()>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, RejectionKind>>> {
        while std::pin::pin!(consume_budget()).poll(cx).is_ready() {}
        Poll::Pending
    }
    let mut receiver = plain::<GeoScored>();
    receiver.settings_mut().body_timeout = Duration::from_millis(20);
    let next = receiver.begin(&head::<GeoScored>(SCAN)).unwrap().decide((), poll_frame, 2, sleep).await;
    assert_eq!(kind(&answered(next)), RejectionKind::BodyTimeout);
}

/// A handler that panics when it is dropped.
struct PanicsInDrop(Poll<Result<(), &'static str>>);

impl Future for PanicsInDrop {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.0.map(|end| end.unwrap_or_else(|panic| resume_unwind(Box::new(panic))))
    }
}

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        resume_unwind(Box::new("in drop"));
    }
}

#[tokio::test(start_paused = true)]
async fn a5_whatever_the_drop_of_a_handler_does_its_delivery_is_released() {
    let receiver = once::<GeoScored>();
    for (end, expected) in [
        (Poll::Pending, Ok(RejectionKind::HandlerTimeout)),
        (Poll::Ready(Err("mine")), Err("mine")),
        (Poll::Ready(Ok(())), Err("in drop")),
    ] {
        let lease = leased(genuine(&receiver, SCAN).await);
        let held = tokio::spawn(lease.hold(PanicsInDrop(end), |()| Outcome::Done, sleep)).await;
        let held = held.map_err(|panic| *panic.into_panic().downcast::<&str>().unwrap());
        assert_eq!(held.map(|held| held.unwrap_err().kind()), expected);
    }
    let lease = leased(genuine(&receiver, SCAN).await);
    let held = tokio::spawn(lease.hold(async {}, |()| resume_unwind(Box::new("in outcome")), sleep)).await;
    assert!(held.unwrap_err().is_panic());
    leased(genuine(&receiver, SCAN).await).hold(async {}, |()| Outcome::Done, sleep).await.unwrap();
}

tokio::task_local! { static REQUEST: Arc<AtomicUsize>; }

/// Returns the number of the request, and counts this call.
fn counted() -> Option<usize> {
    REQUEST.try_with(|calls| calls.fetch_add(1, Ordering::SeqCst)).ok()
}

struct CountsInDrop;

impl Drop for CountsInDrop {
    fn drop(&mut self) {
        counted();
    }
}

/// Spawns the handler of a delivery that comes in a request with a task-local. Returns what the
/// handler saw of it, and how often it was counted.
async fn in_task(dedupe: Dedupe, body: &str) -> (Option<usize>, usize) {
    let receiver = plain::<GeoScored>().with_dedupe(dedupe.with_handler_timeout(Duration::from_secs(1)));
    let calls = Arc::new(AtomicUsize::new(0));
    let request = async {
        let lease = leased(genuine(&receiver, body).await);
        let (seen, sees) = tokio::sync::oneshot::channel();
        let handler = async move {
            let _counts = CountsInDrop;
            yield_now().await;
            seen.send(counted()).unwrap();
            pending::<()>().await;
        };
        let held = tokio::spawn(lease.hold(handler, |()| Outcome::Done, sleep)).await.unwrap();
        assert_eq!(held.unwrap_err().kind(), RejectionKind::HandlerTimeout);
        sees.await.unwrap()
    };
    (REQUEST.scope(Arc::clone(&calls), request).await, calls.load(Ordering::SeqCst))
}

#[tokio::test(start_paused = true)]
async fn c14_a_handler_runs_and_ends_in_the_context_of_its_request() {
    let within = |dedupe: Dedupe| {
        dedupe.with_context(|| {
            let request = REQUEST.get();
            move |run: &mut dyn FnMut()| REQUEST.sync_scope(Arc::clone(&request), run)
        })
    };
    let risks = Dedupe::new(Down).with_unavailable_store(WhenUnavailable::RiskHandlingTwice);
    for (dedupe, body) in
        [(Dedupe::new(Memory::default()), SCAN), (Dedupe::new(Memory::default()), TEST), (risks, SCAN)]
    {
        assert_eq!(in_task(dedupe.clone(), body).await, (None, 0), "without a context, it is lost");
        assert_eq!(in_task(within(dedupe), body).await, (Some(0), 2), "polled and dropped in it");
    }
}

/// Nothing is claimed then, so that a retry runs.
#[tokio::test]
async fn c14_a_context_that_cannot_be_captured_claims_nothing() {
    let captures = Arc::new(AtomicUsize::new(0));
    let its = Arc::clone(&captures);
    let dedupe = Dedupe::new(Memory::default()).with_context(move || {
        if its.fetch_add(1, Ordering::SeqCst) == 0 {
            resume_unwind(Box::new("there is no request"));
        }
        |run: &mut dyn FnMut()| run()
    });
    let receiver = plain::<GeoScored>().with_dedupe(dedupe);
    let first = receiver.clone();
    assert!(tokio::spawn(async move { genuine(&first, SCAN).await }).await.unwrap_err().is_panic());
    leased(genuine(&receiver, SCAN).await).hold(async {}, |()| Outcome::Done, sleep).await.unwrap();
    // A context that panics is a handler that panics.
    let dedupe = Dedupe::new(Memory::default()).with_context(|| |_: &mut dyn FnMut()| resume_unwind(Box::new("no")));
    let receiver = plain::<GeoScored>().with_dedupe(dedupe);
    for _ in 0..2 {
        let held = leased(genuine(&receiver, SCAN).await).hold(async {}, |()| Outcome::Done, sleep);
        assert!(tokio::spawn(held).await.unwrap_err().is_panic());
    }
}

#[tokio::test]
async fn c14_a_context_may_call_twice() {
    let dedupe = Dedupe::new(Memory::default()).with_context(|| {
        |run: &mut dyn FnMut()| {
            run();
            run();
        }
    });
    let receiver = plain::<GeoScored>().with_dedupe(dedupe);
    let held = leased(genuine(&receiver, SCAN).await).hold(async { 7 }, |_| Outcome::Done, sleep);
    assert_eq!(held.await.unwrap(), 7);
}

//! A body that arrives: its frames, its turns, its deadline and its failures.

use std::{
    collections::VecDeque,
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, Wake},
};

use tokio::time::{Instant, Sleep};

use super::*;
use crate::adapter::Deciding;

/// The answers of a body, one a poll. A body without answers is not ready.
type Script = VecDeque<Result<&'static str, RejectionKind>>;

struct Arriving {
    frames: Script,
    ends: bool,
}

fn poll_frame(mut body: Pin<&mut Arriving>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, RejectionKind>>> {
    match body.frames.pop_front() {
        Some(frame) => Poll::Ready(Some(frame.map(Bytes::from))),
        None if body.ends => Poll::Ready(None),
        None => Poll::Pending,
    }
}

fn decide<P: Provider, S>(
    receiver: &Receiver<P>,
    frames: &[Result<&'static str, RejectionKind>],
    ends: bool,
    sleep: fn(Duration) -> S,
) -> Deciding<P, Arriving, S> {
    let body = Arriving { frames: frames.iter().copied().collect(), ends };
    receiver.begin(&head::<P>(SCAN)).unwrap().decide(body, poll_frame, 2, sleep)
}

/// [`SCAN`] in three frames. An empty one is what trailers become.
const FRAMES: [Result<&str, RejectionKind>; 4] =
    [Ok(r#"{"event":"scan."#), Ok(r#"completed","#), Ok(r#""scan_id":"abc"}"#), Ok("")];

fn no_timer(_: Duration) -> Sleep {
    unreachable!("a body that is ready costs no timer")
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_body_that_is_ready_costs_no_timer() {
    let next = decide(&plain::<GeoScored>(), &FRAMES[3..], true, no_timer).await;
    assert_eq!(kind(&answered(next)), RejectionKind::SignatureMismatch, "it is an empty body");
    let next = decide(&plain::<GeoScored>(), &[Ok(SCAN)], true, no_timer).await;
    assert_eq!(handled(next).body(), SCAN);
}

#[tokio::test]
async fn after_a_turn_other_tasks_run() {
    let wakes = Arc::new(Wakes::default());
    let waker = Arc::clone(&wakes).into();
    let mut deciding = pin!(decide(&plain::<GeoScored>(), &FRAMES, true, sleep));
    for turn in 1..=2 {
        assert!(deciding.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        assert_eq!(wakes.0.load(Ordering::Relaxed), turn, "it asks to be polled again");
    }
    assert_eq!(handled(deciding.await).body(), SCAN);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_a_body_that_does_not() {
    let start = Instant::now();
    let next = decide(&plain::<GeoScored>(), &FRAMES, false, sleep).await;
    assert_eq!(kind(&answered(next)), RejectionKind::BodyTimeout);
    assert_eq!(start.elapsed().as_secs(), 5);
}

#[tokio::test]
async fn a_body_fails_for_the_reason_that_the_adapter_gives() {
    for reason in [RejectionKind::BodyIncomplete, RejectionKind::BodyTooLarge] {
        let next = decide(&plain::<GeoScored>(), &[FRAMES[0], Err(reason)], true, no_timer).await;
        assert_eq!(kind(&answered(next)), reason);
    }
    let mut small = plain::<GeoScored>();
    small.settings_mut().body_limit = SCAN.len() - 1;
    let next = decide(&small, &[Ok(SCAN)], false, no_timer).await;
    assert_eq!(kind(&answered(next)), RejectionKind::BodyTooLarge, "it is not read to its end");
}

#[tokio::test]
async fn a_look_up_is_awaited_once_the_body_is_complete() {
    let receiver: Receiver<_> = looked_up::<GeoScored>().into();
    assert_eq!(handled(decide(&receiver, &FRAMES, true, sleep).await).body(), SCAN);
}

//! Time that stands still until the test moves it.

use std::{sync::Arc, time::Duration};

use countersign::{
    dedupe::{Dedupe, MemoryStore},
    providers::{GeoScored, ScreenScore},
};
use countersign_testkit::{Documented, InProcess, Report, Simulator, SimulatorClock};
use tokio::{
    task::{JoinHandle, yield_now},
    time::timeout,
};

use crate::simulator::{
    scripted::{Scripted, delivery, documented, millis, seconds},
    sites::{Kind, Receiver, Settings},
    work::{Work, wait_until},
};

/// Delivers in a task of its own, by `clock`.
fn deliver<P: Documented>(receiver: &Scripted, clock: &SimulatorClock) -> JoinHandle<Report> {
    let simulator = Simulator::new(receiver.target()).with_clock(clock.clone());
    tokio::spawn(async move { simulator.deliver(&documented::<P>()).await })
}

/// Lets every task go on as far as it can: they are on the same thread, and wait for nothing but the clock.
async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

#[tokio::test]
async fn nothing_is_sent_again_before_the_clock_was_moved_by_the_whole_wait() {
    let clock = SimulatorClock::manual();
    let receiver = Scripted::by(&clock, |_| 500);
    let delivered = deliver::<ScreenScore>(&receiver, &clock);
    assert_eq!(clock.next_wait().await, seconds(30));
    settle().await;
    assert_eq!(receiver.calls(), 1);
    clock.advance(seconds(29));
    settle().await;
    assert_eq!((receiver.calls(), clock.next_wait().await), (1, seconds(1)));
    clock.advance(Duration::from_nanos(999_999_999));
    settle().await;
    assert_eq!((receiver.calls(), clock.next_wait().await), (1, Duration::from_nanos(1)));
    clock.advance(Duration::from_nanos(1));
    settle().await;
    assert_eq!((receiver.calls(), clock.next_wait().await), (2, seconds(5 * 60)));
    // Further than the next attempt: it is late, and the one after it waits its whole time.
    clock.advance(seconds(6 * 60));
    settle().await;
    assert_eq!((receiver.calls(), clock.next_wait().await), (3, seconds(30 * 60)));
    clock.advance(seconds(30 * 60));
    let report = delivered.await.unwrap();
    assert_eq!(millis(&report), [0, 30_000, 390_000, 2_190_000]);
}

#[tokio::test]
async fn who_may_go_on_is_waited_for_no_longer() {
    let clock = SimulatorClock::manual();
    let receiver = Scripted::by(&clock, |_| 500);
    let delivered = deliver::<ScreenScore>(&receiver, &clock);
    let mut waits = Vec::new();
    for _ in 0..3 {
        let wait = timeout(seconds(30), clock.next_wait()).await.expect("somebody waits");
        clock.advance(wait);
        waits.push(wait.as_secs());
    }
    assert_eq!(waits, [30, 5 * 60, 30 * 60]);
    assert_eq!(timeout(seconds(30), delivered).await.expect("it is given up").unwrap().attempts().len(), 4);
}

#[tokio::test]
async fn those_who_wait_for_different_times_go_on_in_their_order() {
    let clock = SimulatorClock::manual();
    let receiver = Scripted::by(&clock, |_| 500);
    let screenscore = deliver::<ScreenScore>(&receiver, &clock);
    let geoscored = deliver::<GeoScored>(&receiver, &clock);
    // Those of GeoScored at 5 and 35 s, those of ScreenScore at 30, 330 and 2130 s.
    for (wait, next) in [(5, 25), (25, 5), (5, 295), (295, 1800)] {
        settle().await;
        assert_eq!(clock.next_wait().await, seconds(wait));
        clock.advance(seconds(wait));
        settle().await;
        assert_eq!(clock.next_wait().await, seconds(next));
    }
    assert_eq!(geoscored.await.unwrap().attempts().len(), 3);
    clock.advance(seconds(1800));
    assert_eq!(screenscore.await.unwrap().attempts().len(), 4);
    let asked = receiver.asked();
    let order: Vec<_> =
        asked.iter().map(|(path, at)| (path.strip_prefix("/webhooks/").unwrap(), at.as_secs())).collect();
    let (s, g) = ("screenscore", "geoscored");
    assert_eq!(order, [(s, 0), (g, 0), (g, 5), (s, 30), (g, 35), (s, 330), (s, 2130)]);
}

#[tokio::test]
async fn a_delivery_that_is_dropped_frees_its_place() {
    let clock = SimulatorClock::manual();
    let receiver = Scripted::by(&clock, |_| 500);
    let sooner = deliver::<GeoScored>(&receiver, &clock);
    let twin = deliver::<GeoScored>(&receiver, &clock);
    let later = deliver::<ScreenScore>(&receiver, &clock);
    settle().await;
    for (dropped, next) in [(sooner, 5), (twin, 30)] {
        assert_eq!(clock.next_wait().await, seconds(5));
        dropped.abort();
        assert!(dropped.await.unwrap_err().is_cancelled());
        assert_eq!(clock.next_wait().await, seconds(next), "who waits as long keeps its place");
    }
    clock.advance(seconds(30));
    settle().await;
    assert_eq!(receiver.calls(), 4);
    later.abort();
}

#[tokio::test]
async fn who_asks_for_the_next_wait_waits_until_there_is_one() {
    let clock = SimulatorClock::manual();
    let asked = tokio::spawn({
        let clock = clock.clone();
        async move { clock.next_wait().await }
    });
    settle().await;
    assert!(!asked.is_finished(), "nobody waits");
    let delivered = deliver::<GeoScored>(&Scripted::new(|_| 500), &clock);
    assert_eq!(asked.await.unwrap(), seconds(5));
    delivered.abort();
}

#[tokio::test]
async fn a_store_by_the_same_clock_forgets_when_the_test_says_so() {
    let (clock, work) = (SimulatorClock::manual(), Work::willing());
    let store = MemoryStore::new().with_clock(clock.for_receiver());
    let settings = Settings::once(Dedupe::new(store).with_retention(seconds(3600)));
    let target = Receiver::of::<ScreenScore>(Kind::AxumInProcess, &settings, &work);
    let simulator = Simulator::new(target).with_clock(clock.clone());
    let is_duplicate = async || {
        let report = simulator.deliver(&delivery()).await;
        report.attempts()[0].result.as_ref().expect("an answer").is_duplicate()
    };
    assert!(!is_duplicate().await);
    clock.advance(seconds(3599));
    assert!(is_duplicate().await);
    clock.advance(seconds(1));
    assert!(!is_duplicate().await);
    assert_eq!(work.times("start"), 2);
}

#[test]
fn who_waits_on_one_thread_is_moved_on_by_another() {
    let clock = SimulatorClock::manual();
    let receiver = Scripted::by(&clock, |_| 500);
    let simulator = Arc::new(Simulator::new(receiver.target()).with_clock(clock.clone()));
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let report = std::thread::scope(|scope| {
        let sending = scope.spawn(|| runtime().block_on(simulator.deliver(&delivery())));
        runtime().block_on(async {
            for (calls, wait) in [(1, 30), (2, 300), (3, 1800)] {
                wait_until("the attempt", || receiver.calls() == calls).await;
                // The attempt before may still stand among those who wait.
                while clock.next_wait().await.is_zero() {
                    yield_now().await;
                }
                assert_eq!(clock.next_wait().await, seconds(wait));
                clock.advance(seconds(wait));
            }
        });
        sending.join().unwrap()
    });
    assert_eq!(millis(&report), [0, 30_000, 330_000, 2_130_000]);
}

#[tokio::test]
async fn a_simulator_gives_the_clock_it_waits_by() {
    let clock = SimulatorClock::manual();
    let simulator = Simulator::new(InProcess::new(Scripted::new(|_| 500), std::convert::identity));
    let simulator = simulator.with_clock(clock.clone());
    simulator.clock().advance(seconds(7));
    assert_eq!(clock.elapsed(), seconds(7));
}

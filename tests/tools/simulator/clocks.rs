//! Time that passes by itself, faster or not, or is skipped.

use std::time::{Duration, Instant};

use countersign::{provider::Retries, providers::ScreenScore};
use countersign_testkit::{Report, Simulator, SimulatorClock};
use tokio::time::timeout;

use crate::simulator::scripted::{Scripted, delivery, millis, seconds};

/// Far more than any of it takes: so that what hangs fails.
const GUARD: Duration = Duration::from_secs(25);

static ZERO: [Duration; 3] = [Duration::ZERO; 3];
static SHORT: [Duration; 2] = [Duration::from_millis(20); 2];
static ENDLESS: [Duration; 2] = [Duration::MAX; 2];

async fn delivered(clock: &SimulatorClock, retries: Retries) -> Report {
    let simulator = Simulator::new(Scripted::new(|_| 500).target()).with_clock(clock.clone()).with_retries(retries);
    timeout(GUARD, simulator.deliver(&delivery())).await.expect("it is given up")
}

const DOCUMENTED: Retries = <ScreenScore as countersign::provider::Provider>::RETRIES;

#[tokio::test]
async fn a_faster_clock_waits_less() {
    // 2130 s.
    let started = Instant::now();
    let report = delivered(&SimulatorClock::faster(10_000), DOCUMENTED).await;
    let real = started.elapsed();
    let at = millis(&report);
    assert!(at.is_sorted() && at[1] >= 30_000 && at[2] >= at[1] + 300_000 && at[3] >= at[2] + 1_800_000, "{at:?}");
    assert!(real >= Duration::from_millis(213), "no faster than it was told to be: {real:?}");
}

#[tokio::test]
async fn a_real_clock_waits_the_whole_time() {
    for clock in [SimulatorClock::real(), SimulatorClock::faster(1), SimulatorClock::faster(0)] {
        let started = Instant::now();
        let report = delivered(&clock, Retries::new().delays(&SHORT)).await;
        assert!(started.elapsed() >= Duration::from_millis(40));
        assert!(millis(&report)[1] >= 20 && millis(&report)[2] >= 40);
        assert!(clock.elapsed() <= started.elapsed() + GUARD);
    }
}

#[tokio::test]
async fn a_simulator_that_is_told_nothing_waits_in_real_time() {
    let simulator = Simulator::new(Scripted::new(|_| 500).target()).with_retries(Retries::new().delays(&SHORT));
    let started = Instant::now();
    timeout(GUARD, simulator.deliver(&delivery())).await.expect("it is given up");
    assert!(started.elapsed() >= Duration::from_millis(40));
}

#[tokio::test]
async fn a_clock_that_passes_by_itself_can_be_moved_on_too() {
    for clock in [SimulatorClock::real(), SimulatorClock::faster(2)] {
        let receiver = Scripted::by(&clock, |_| 500);
        let simulator = Simulator::new(receiver.target()).with_clock(clock.clone());
        let request = delivery();
        let drive = async {
            for (calls, wait) in [(1, 30), (2, 300), (3, 1800)] {
                crate::simulator::work::wait_until("the attempt", || receiver.calls() == calls).await;
                clock.advance(seconds(wait));
            }
        };
        let both = async { tokio::join!(simulator.deliver(&request), drive) };
        let (report, ()) = timeout(GUARD, both).await.expect("it is moved on");
        let at = millis(&report);
        assert!(at[1] >= 30_000 && at[2] >= 330_000 && at[3] >= 2_130_000, "{at:?}");
    }
}

#[tokio::test]
async fn a_clock_that_skips_can_be_moved_on_between() {
    let clock = SimulatorClock::skipping();
    clock.advance(seconds(10));
    delivered(&clock, DOCUMENTED).await;
    assert_eq!(clock.elapsed(), seconds(10 + 2130));
}

#[tokio::test]
async fn waits_of_nothing_are_no_waits() {
    for clock in
        [SimulatorClock::manual(), SimulatorClock::skipping(), SimulatorClock::real(), SimulatorClock::faster(u32::MAX)]
    {
        let report = delivered(&clock, Retries::new().delays(&ZERO)).await;
        assert_eq!(report.attempts().len(), 4, "{clock:?}");
    }
}

#[tokio::test]
async fn waits_without_end_are_skipped_and_overflow_nothing() {
    let clock = SimulatorClock::skipping();
    clock.advance(seconds(1));
    assert_eq!(delivered(&clock, Retries::new().delays(&ENDLESS)).await.attempts().len(), 3);
    assert_eq!(clock.elapsed(), Duration::MAX);
    let _ = clock.for_receiver().instant();
}

#[tokio::test]
async fn waits_without_end_end_when_the_clock_is_moved_as_far() {
    for clock in [SimulatorClock::manual(), SimulatorClock::real(), SimulatorClock::faster(u32::MAX)] {
        let simulator = Simulator::new(Scripted::new(|_| 500).target())
            .with_clock(clock.clone())
            .with_retries(Retries::new().delays(&ENDLESS));
        let request = delivery();
        let drive = async {
            assert!(clock.next_wait().await > seconds(1_000_000_000));
            clock.advance(Duration::MAX);
        };
        let both = async { tokio::join!(simulator.deliver(&request), drive) };
        let (report, ()) = timeout(GUARD, both).await.expect("it is moved on");
        assert_eq!(report.attempts().len(), 3);
    }
}

#[test]
fn the_receivers_clock_is_as_far_on_as_what_has_passed() {
    for clock in [SimulatorClock::manual(), SimulatorClock::skipping()] {
        let receiver = clock.for_receiver();
        let (start, day, other) = (receiver.instant(), receiver.now(), clock.clone());
        other.advance(seconds(90));
        assert_eq!(clock.elapsed(), seconds(90), "clones are the same clock");
        assert_eq!(receiver.instant().duration_since(start), seconds(90));
        assert_eq!(receiver.now(), day + seconds(90));
        assert_eq!(clock.for_receiver().now(), day + seconds(90), "the second follows it from the same time");
    }
    let clock = SimulatorClock::faster(1000);
    let (receiver, before) = (clock.for_receiver(), clock.elapsed());
    let start = receiver.instant();
    std::thread::sleep(Duration::from_millis(5));
    assert!(clock.elapsed() >= before + seconds(5));
    assert!(receiver.instant() >= start + seconds(5));
}

#[test]
fn the_receivers_clock_never_goes_back() {
    let clock = SimulatorClock::manual();
    let receiver = clock.for_receiver();
    clock.advance(seconds(90));
    let before = receiver.instant();
    clock.advance(Duration::MAX);
    assert!(receiver.instant() >= before);
}

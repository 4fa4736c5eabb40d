//! The attempts that each provider's page documents, as they stand there.

use countersign::providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn};
use countersign_testkit::{Documented, NextAttempt, Simulator, SimulatorClock};

use crate::simulator::scripted::{Scripted, delivery, documented, millis, seconds};

/// Sends to a receiver that always fails: when the attempts were made, and what came after each.
async fn assert_attempts<P: Documented>(at: &[u128], next: &[NextAttempt]) {
    let clock = SimulatorClock::skipping();
    let receiver = Scripted::by(&clock, |_| 500);
    let report = Simulator::new(receiver.target()).with_clock(clock.clone()).deliver(&documented::<P>()).await;
    assert_eq!(millis(&report), at);
    assert_eq!(report.attempts().iter().map(|attempt| attempt.next).collect::<Vec<_>>(), next);
    assert_eq!(
        report.attempts().iter().map(|attempt| attempt.number).collect::<Vec<_>>(),
        (1..).take(at.len()).collect::<Vec<_>>()
    );
    assert_eq!(receiver.asked().iter().map(|(_, time)| time.as_millis()).collect::<Vec<_>>(), at);
    assert_eq!(clock.elapsed().as_millis(), *at.last().expect("an attempt"), "nobody waits after the last");
    assert!(!report.is_accepted());
    assert_eq!(report.statuses(), vec![500; at.len()]);
}

#[tokio::test]
async fn screenscore_retries_after_half_a_minute_five_minutes_and_half_an_hour_and_gives_up() {
    let next = [30, 5 * 60, 30 * 60].map(|delay| NextAttempt::After(seconds(delay)));
    assert_attempts::<ScreenScore>(&[0, 30_000, 330_000, 2_130_000], &[&next[..], &[NextAttempt::GivenUp]].concat())
        .await;
}

#[tokio::test]
async fn geoscored_retries_after_5_and_30_seconds_and_drops_it() {
    let next = [5, 30].map(|delay| NextAttempt::After(seconds(delay)));
    assert_attempts::<GeoScored>(&[0, 5_000, 35_000], &[&next[..], &[NextAttempt::GivenUp]].concat()).await;
}

#[tokio::test]
async fn screenshotrun_retries_after_half_a_minute_two_and_ten_minutes_and_gives_up() {
    let next = [30, 2 * 60, 10 * 60].map(|delay| NextAttempt::After(seconds(delay)));
    assert_attempts::<ScreenshotRun>(&[0, 30_000, 150_000, 750_000], &[&next[..], &[NextAttempt::GivenUp]].concat())
        .await;
}

#[tokio::test]
async fn screenshotcenter_does_not_say_when_it_retries() {
    assert_attempts::<ScreenshotCenter>(&[0], &[NextAttempt::Undocumented]).await;
}

#[tokio::test]
async fn zeodyn_does_not_say_whether_it_retries() {
    assert_attempts::<Zeodyn>(&[0], &[NextAttempt::Unknown]).await;
}

#[tokio::test]
async fn what_is_accepted_is_not_sent_again_whichever_attempt_it_was() {
    for accepted in 1..=4 {
        let receiver = Scripted::new(move |call| if call < accepted { 500 } else { 200 });
        let simulator = Simulator::new(receiver.target()).with_clock(SimulatorClock::skipping());
        let report = simulator.deliver(&delivery()).await;
        assert!(report.is_accepted());
        assert_eq!((report.attempts().len(), receiver.calls()), (accepted, accepted));
        let (last, before) = report.attempts().split_last().unwrap();
        assert_eq!((last.next, last.is_accepted(), last.status().unwrap().as_u16()), (NextAttempt::None, true, 200));
        assert!(before.iter().all(|attempt| matches!(attempt.next, NextAttempt::After(_)) && !attempt.is_accepted()));
    }
}

#[tokio::test]
async fn a_later_delivery_counts_its_time_from_its_own_first_attempt() {
    let clock = SimulatorClock::skipping();
    clock.advance(seconds(1000));
    let receiver = Scripted::by(&clock, |_| 500);
    let simulator = Simulator::new(receiver.target()).with_clock(clock);
    for began in [1_000, 1_035] {
        let report = simulator.deliver(&documented::<GeoScored>()).await;
        assert_eq!(millis(&report), [0, 5_000, 35_000]);
        let (_, first) = receiver.asked()[receiver.calls() - 3];
        assert_eq!(first, seconds(began));
    }
}

#[tokio::test]
async fn an_observer_is_told_of_each_attempt_before_the_next() {
    let receiver = Scripted::new(|_| 503);
    let simulator = Simulator::new(receiver.target()).with_clock(SimulatorClock::skipping());
    let mut seen = Vec::new();
    let report = simulator
        .deliver_observed(&delivery(), |attempt| {
            seen.push((attempt.number, attempt.at, attempt.next));
            assert_eq!(receiver.calls(), seen.len(), "the next one has not begun");
        })
        .await;
    let reported: Vec<_> = report.attempts().iter().map(|attempt| (attempt.number, attempt.at, attempt.next)).collect();
    assert_eq!(seen, reported);
}

//! Schedules that replace the provider's own.

use std::time::Duration;

use countersign::{provider::Retries, providers::Zeodyn};
use countersign_testkit::{NextAttempt, Simulator, SimulatorClock};

use crate::simulator::scripted::{Scripted, delivery, documented, millis, seconds};

static DELAYS: [Duration; 4] = [seconds(1), seconds(10), seconds(100), seconds(1000)];

async fn attempts(retries: Retries) -> (Vec<u128>, NextAttempt) {
    let receiver = Scripted::new(|_| 500);
    let simulator = Simulator::new(receiver.target()).with_clock(SimulatorClock::skipping()).with_retries(retries);
    let report = simulator.deliver(&delivery()).await;
    assert_eq!(receiver.calls(), report.attempts().len());
    (millis(&report), report.attempts().last().unwrap().next)
}

fn schedule(attempts: Option<u8>, delays: usize) -> Retries {
    let retries = Retries::new().delays(&DELAYS[..delays]);
    attempts.map_or(retries, |attempts| retries.attempts(attempts))
}

#[tokio::test]
async fn delays_without_a_number_of_attempts_are_all_made_and_then_it_gives_up() {
    assert_eq!(attempts(schedule(None, 3)).await, (vec![0, 1_000, 11_000, 111_000], NextAttempt::GivenUp));
}

#[tokio::test]
async fn a_number_of_attempts_without_delays_is_undocumented_after_the_first() {
    assert_eq!(attempts(schedule(Some(5), 0)).await, (vec![0], NextAttempt::Undocumented));
}

#[tokio::test]
async fn a_single_attempt_is_given_up_at_once() {
    for delays in 0..4 {
        assert_eq!(attempts(schedule(Some(1), delays)).await, (vec![0], NextAttempt::GivenUp));
        assert_eq!(attempts(schedule(Some(0), delays)).await, (vec![0], NextAttempt::GivenUp), "there is always one");
    }
}

#[tokio::test]
async fn fewer_attempts_than_delays_cut_them_off() {
    assert_eq!(attempts(schedule(Some(3), 4)).await, (vec![0, 1_000, 11_000], NextAttempt::GivenUp));
}

#[tokio::test]
async fn more_attempts_than_delays_end_where_the_delays_do() {
    assert_eq!(attempts(schedule(Some(9), 2)).await, (vec![0, 1_000, 11_000], NextAttempt::Undocumented));
}

#[tokio::test]
async fn as_many_attempts_as_delays_and_one_more_are_a_whole_schedule() {
    assert_eq!(attempts(schedule(Some(3), 2)).await, (vec![0, 1_000, 11_000], NextAttempt::GivenUp));
}

#[tokio::test]
async fn nothing_at_all_is_unknown() {
    assert_eq!(attempts(schedule(None, 0)).await, (vec![0], NextAttempt::Unknown));
}

#[tokio::test]
async fn a_provider_that_documents_none_can_be_given_retries() {
    let receiver = Scripted::new(|call| if call < 3 { 500 } else { 204 });
    let simulator =
        Simulator::new(receiver.target()).with_clock(SimulatorClock::skipping()).with_retries(schedule(None, 4));
    let report = simulator.deliver(&documented::<Zeodyn>()).await;
    assert_eq!((report.statuses(), millis(&report)), (vec![500, 500, 204], vec![0, 1_000, 11_000]));
}

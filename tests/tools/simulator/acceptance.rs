//! Which answers a provider is content with.

use std::time::Duration;

use countersign::provider::Retries;
use countersign_testkit::{NextAttempt, Simulator, SimulatorClock};

use crate::simulator::scripted::{Scripted, delivery, seconds};

static ONCE_MORE: [Duration; 1] = [seconds(1)];

#[tokio::test]
async fn every_2xx_is_accepted_and_nothing_else_is() {
    let retries = Retries::new().attempts(2).delays(&ONCE_MORE);
    for status in 200..=599 {
        let receiver = Scripted::new(move |_| status);
        let simulator = Simulator::new(receiver.target()).with_clock(SimulatorClock::skipping()).with_retries(retries);
        let report = simulator.deliver(&delivery()).await;
        let is_success = (200..300).contains(&status);
        assert_eq!(report.is_accepted(), is_success, "{status}");
        assert_eq!(report.statuses(), vec![status; if is_success { 1 } else { 2 }]);
        let next = report.attempts().last().unwrap().next;
        assert_eq!(next, if is_success { NextAttempt::None } else { NextAttempt::GivenUp }, "{status}");
    }
}

#[tokio::test]
async fn not_now_is_a_failure_as_any_other_and_is_sent_again() {
    for status in [409, 429, 503] {
        let receiver = Scripted::new(move |call| if call < 4 { status } else { 200 });
        let report =
            Simulator::new(receiver.target()).with_clock(SimulatorClock::skipping()).deliver(&delivery()).await;
        assert_eq!(report.statuses(), [status, status, status, 200]);
        assert!(report.is_accepted());
    }
}

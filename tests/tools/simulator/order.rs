//! Deliveries by one clock that skips every wait.

use std::time::Duration;

use countersign::{provider::Retries, providers::GeoScored};
use countersign_testkit::{Simulator, SimulatorClock};
use futures_util::future::join_all;
use proptest::{collection::vec, prelude::*};

use crate::simulator::scripted::{Scripted, delivery, documented, millis, seconds};

/// A window of these is a schedule.
static DELAYS: [Duration; 12] = [
    seconds(3),
    seconds(1),
    seconds(4),
    seconds(1),
    seconds(5),
    seconds(9),
    seconds(2),
    seconds(6),
    seconds(5),
    seconds(3),
    seconds(0),
    seconds(8),
];

/// The deliveries of all schedules at the same time, each a path of its own: when each was asked, in the order in which
/// it was, and the times that the reports tell.
fn run(schedules: &[(usize, usize)]) -> (Vec<(String, Duration)>, Vec<Vec<u128>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let clock = SimulatorClock::skipping();
    let receiver = Scripted::by(&clock, |_| 500);
    let reports = runtime.block_on(join_all(schedules.iter().enumerate().map(|(index, &(start, length))| {
        let retries = Retries::new().delays(&DELAYS[start..(start + length).min(DELAYS.len())]);
        let simulator = Simulator::new(receiver.target()).with_clock(clock.clone()).with_retries(retries);
        let request = delivery().with_path(format!("/{index}"));
        async move { millis(&simulator.deliver(&request).await) }
    })));
    (receiver.asked(), reports)
}

fn added_up(&(start, length): &(usize, usize)) -> Vec<u128> {
    let delays = DELAYS.iter().skip(start).take(length).map(Duration::as_millis);
    let sums = delays.scan(0, |at, delay| {
        *at += delay;
        Some(*at)
    });
    std::iter::once(0).chain(sums).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_delivery_keeps_its_schedule_and_time_never_goes_back(schedules in vec((0..12_usize, 0..6_usize), 1..8)) {
        let (asked, reports) = run(&schedules);
        prop_assert!(asked.is_sorted_by_key(|(_, at)| *at), "{asked:?}");
        for (schedule, report) in schedules.iter().zip(&reports) {
            prop_assert_eq!(report, &added_up(schedule));
        }
        prop_assert_eq!(asked.len(), reports.iter().map(Vec::len).sum::<usize>());
    }

    #[test]
    fn what_is_delivered_at_the_same_time_is_sent_in_the_order_of_its_times(
        schedules in vec((0..12_usize, 0..6_usize), 1..8),
    ) {
        let (asked, reports) = run(&schedules);
        let mut expected: Vec<_> = reports.into_iter().flatten().collect();
        expected.sort_unstable();
        prop_assert_eq!(asked.iter().map(|(_, at)| at.as_millis()).collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn copies_at_the_same_time_are_at_the_same_time_whatever_the_clock() {
    let clock = SimulatorClock::skipping();
    let receiver = Scripted::by(&clock, |_| 500);
    let simulator = Simulator::new(receiver.target()).with_clock(clock);
    for report in simulator.deliver_concurrently(&documented::<GeoScored>(), 3).await {
        assert_eq!(millis(&report), [0, 5_000, 35_000]);
    }
    let at: Vec<_> = receiver.asked().iter().map(|(_, at)| at.as_secs()).collect();
    assert_eq!(at, [0, 0, 0, 5, 5, 5, 35, 35, 35]);
}

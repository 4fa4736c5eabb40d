//! Several deliveries: of one, at the same time or one after the other, and of several in another order.

use std::collections::HashSet;

use countersign::{
    dedupe::{Dedupe, MemoryStore},
    providers::ScreenScore,
};
use countersign_testkit::{Simulator, SimulatorClock};
use tokio::time::{Duration, sleep};

use crate::simulator::{
    scripted::{Scripted, about, delivery},
    sites::{Kind, Receiver, Settings, for_all},
    work::{Step, Work, wait_until},
};

const COPIES: usize = 20;

for_all![copies_at_the_same_time_are_handled_once_and_all_accepted, copies_at_the_same_time_are_under_way_together,];

async fn copies_at_the_same_time_are_handled_once_and_all_accepted(kind: Kind) {
    let work = Work::told([Step::Wait(200)]);
    let dedupe = Dedupe::new(MemoryStore::new());
    let (counters, clock, request) = (dedupe.counters(), SimulatorClock::manual(), delivery());
    let target = Receiver::of::<ScreenScore>(kind, &Settings::once(dedupe), &work);
    let simulator = Simulator::new(target).with_clock(clock.clone());
    let drive = async {
        wait_until("all others are put off", || counters.in_flight() == COPIES as u64 - 1).await;
        work.let_go();
        wait_until("it is handled", || counters.committed() == 1).await;
        loop {
            clock.advance(clock.next_wait().await);
            sleep(Duration::from_millis(1)).await;
        }
    };
    let reports = tokio::select! {
        reports = simulator.deliver_concurrently(&request, COPIES) => reports,
        () = drive => unreachable!("it goes on"),
    };
    assert_eq!(reports.len(), COPIES);
    assert_eq!(reports.iter().filter(|report| report.statuses() == [200]).count(), 1);
    for report in reports.iter().filter(|report| report.statuses() != [200]) {
        assert_eq!(report.statuses(), [409, 200]);
        assert!(report.attempts()[1].result.as_ref().expect("an answer").is_duplicate());
        assert!(report.attempts()[0].result.as_ref().expect("an answer").headers.contains_key("retry-after"));
    }
    assert_eq!(work.times("start"), 1);
}

async fn copies_at_the_same_time_are_under_way_together(kind: Kind) {
    let work = Work::told([Step::Wait(200); 5]);
    let target = Receiver::of::<ScreenScore>(kind, &Settings::default(), &work);
    let (simulator, request) = (Simulator::new(target), delivery());
    let drive = async {
        work.wait_for("start", 5).await;
        (0..5).for_each(|_| work.let_go());
    };
    let (reports, ()) = tokio::join!(simulator.deliver_concurrently(&request, 5), drive);
    assert!(reports.iter().all(|report| report.statuses() == [200]));
}

#[tokio::test]
async fn one_after_the_other_begins_when_the_one_before_is_accepted_or_given_up() {
    let clock = SimulatorClock::skipping();
    let receiver = Scripted::by(&clock, |call| if call <= 4 || call == 5 { 500 } else { 200 });
    let simulator = Simulator::new(receiver.target()).with_clock(clock);
    let reports = simulator.deliver_repeatedly(&delivery(), 3).await;
    let statuses: Vec<_> = reports.iter().map(|report| report.statuses()).collect();
    assert_eq!(statuses, [vec![500; 4], vec![500, 200], vec![200]]);
}

#[tokio::test]
async fn no_copies_are_no_deliveries() {
    let receiver = Scripted::new(|_| 200);
    let simulator = Simulator::new(receiver.target());
    assert!(simulator.deliver_repeatedly(&delivery(), 0).await.is_empty());
    assert!(simulator.deliver_concurrently(&delivery(), 0).await.is_empty());
    assert!(simulator.deliver_reordered::<ScreenScore>(&[], 7).await.is_empty());
    assert_eq!(receiver.calls(), 0);
}

/// The order in which ten requests are sent, whose reports are in the order of the requests.
async fn order(seed: u64) -> Vec<String> {
    let receiver = Scripted::new(|call| if call % 3 == 0 { 202 } else { 200 });
    let requests: Vec<_> = (0..10).map(|index| delivery().with_path(format!("/{index}"))).collect();
    let reports = Simulator::new(receiver.target()).deliver_reordered(&requests, seed).await;
    let sent: Vec<_> = receiver.asked().into_iter().map(|(path, _)| path).collect();
    let reported: Vec<_> = reports.iter().map(|report| report.statuses()).collect();
    for (index, statuses) in reported.iter().enumerate() {
        let place = sent.iter().position(|path| *path == format!("/{index}")).expect("it is sent") + 1;
        assert_eq!(statuses, &[if place % 3 == 0 { 202 } else { 200 }], "the report of request {index}");
    }
    sent
}

#[tokio::test]
async fn a_seed_is_an_order_in_which_each_is_sent_once() {
    let mut orders = HashSet::new();
    for seed in 0..20 {
        let sent = order(seed).await;
        assert_eq!(sent, order(seed).await, "the same again");
        assert_eq!(sent.iter().collect::<HashSet<_>>().len(), 10, "{sent:?}");
        assert_eq!(sent.len(), 10);
        orders.insert(sent);
    }
    assert!(orders.len() > 15, "twenty seeds gave {} orders", orders.len());
}

#[tokio::test]
async fn in_another_order_each_is_handled_once() {
    let work = Work::told([Step::Answer(500)]);
    let settings = Settings::once(MemoryStore::new());
    let target = Receiver::of::<ScreenScore>(Kind::AxumInProcess, &settings, &work);
    let simulator = Simulator::new(target).with_clock(SimulatorClock::skipping());
    let requests: Vec<_> = ["a", "b", "c", "d"].into_iter().map(about).collect();
    let reports = simulator.deliver_reordered(&requests, 42).await;
    assert!(reports.iter().all(|report| report.is_accepted()));
    assert_eq!(reports.iter().filter(|report| report.statuses() == [500, 200]).count(), 1);
    for id in ["a", "b", "c", "d"] {
        let failed = usize::from(work.log()[0] == format!("start {id}"));
        assert_eq!(work.times(&format!("start {id}")), 1 + failed);
    }
}

//! The same deliveries in process and over the wire.

use countersign::{
    dedupe::{DELIVERY_HEADER, DUPLICATE, MemoryStore},
    providers::{self, ScreenScore},
};
use countersign_testkit::{Answer, Documented, NextAttempt, Report, Simulator, SimulatorClock};

use crate::simulator::{
    scripted::{delivery, documented},
    sites::{Kind, Receiver, Settings, for_all},
    work::{Step, Work},
};

for_all![
    what_is_handled_is_accepted,
    what_is_forged_is_rejected_at_every_attempt,
    what_fails_is_sent_until_it_works,
    what_was_handled_is_a_duplicate_when_it_comes_again,
    every_provider_is_accepted,
];

fn answer(report: &Report, attempt: usize) -> &Answer {
    report.attempts()[attempt].result.as_ref().expect("an answer")
}

async fn what_is_handled_is_accepted(kind: Kind) {
    let work = Work::willing();
    let target = Receiver::of::<ScreenScore>(kind, &Settings::default(), &work);
    let report = Simulator::new(target).deliver(&delivery()).await;
    assert!(report.is_accepted());
    assert_eq!(report.statuses(), [200]);
    assert!(!answer(&report, 0).is_duplicate());
    assert_eq!((work.times("start"), work.times("end")), (1, 1));
}

async fn what_is_forged_is_rejected_at_every_attempt(kind: Kind) {
    let work = Work::willing();
    let target = Receiver::of::<ScreenScore>(kind, &Settings::default(), &work);
    let simulator = Simulator::new(target).with_clock(SimulatorClock::skipping());
    let report = simulator.deliver(&delivery().with_body("{}")).await;
    assert_eq!(report.statuses(), [401; 4]);
    assert_eq!(report.attempts()[3].next, NextAttempt::GivenUp);
    assert_eq!(answer(&report, 0).headers["content-type"], "application/problem+json");
    assert!(answer(&report, 0).body.starts_with(b"{"), "the problem");
    assert_eq!(work.log(), Vec::<String>::new());
}

async fn what_fails_is_sent_until_it_works(kind: Kind) {
    let work = Work::told([Step::Answer(500), Step::Answer(302), Step::Answer(204)]);
    let target = Receiver::of::<ScreenScore>(kind, &Settings::once(MemoryStore::new()), &work);
    let report = Simulator::new(target).with_clock(SimulatorClock::skipping()).deliver(&delivery()).await;
    assert_eq!(report.statuses(), [500, 302, 204]);
    assert!(report.is_accepted());
    assert_eq!(work.times("start"), 3);
}

async fn what_was_handled_is_a_duplicate_when_it_comes_again(kind: Kind) {
    let work = Work::willing();
    let target = Receiver::of::<ScreenScore>(kind, &Settings::once(MemoryStore::new()), &work);
    let reports = Simulator::new(target).deliver_repeatedly(&delivery(), 4).await;
    let duplicates: Vec<_> = reports.iter().map(|report| answer(report, 0).is_duplicate()).collect();
    assert_eq!(duplicates, [false, true, true, true]);
    for report in &reports {
        assert_eq!(report.statuses(), [200]);
    }
    assert_eq!(answer(&reports[1], 0).headers[DELIVERY_HEADER], DUPLICATE);
    assert_eq!(work.times("start"), 1);
}

async fn every_provider_is_accepted(kind: Kind) {
    async fn is_accepted<P: Documented>(kind: Kind) {
        let work = Work::willing();
        let target = Receiver::of::<P>(kind, &Settings::default(), &work);
        let report = Simulator::new(target).deliver(&documented::<P>()).await;
        assert_eq!((report.statuses(), work.times("end")), (vec![200], 1), "{}", P::NAME);
    }
    macro_rules! each {
        ($($name:ident => $Provider:ident,)*) => {$(
            is_accepted::<providers::$Provider>(kind).await;
        )*};
    }
    countersign::__for_each_typed_provider!(each);
}

//! Senders that do not wait for the answer.

use countersign::{
    dedupe::{Dedupe, MemoryStore},
    providers::ScreenScore,
};
use countersign_testkit::{SendErrorKind, Sending, Simulator, SimulatorClock};

use crate::simulator::{
    scripted::{delivery, pass, seconds},
    sites::{Kind, Receiver, Settings, for_all},
    work::{Step, Work, wait_until},
};

for_all![
    a_claimed_handler_runs_to_its_end_though_the_sender_is_gone,
    an_unclaimed_handler_is_stopped_and_runs_again,
    who_is_answered_before_does_not_hang_up,
];

async fn a_claimed_handler_runs_to_its_end_though_the_sender_is_gone(kind: Kind) {
    let work = Work::told([Step::Wait(200)]);
    let dedupe = Dedupe::new(MemoryStore::new());
    let (counters, clock, request) = (dedupe.counters(), SimulatorClock::manual(), delivery());
    let target = Receiver::of::<ScreenScore>(kind, &Settings::once(dedupe), &work);
    let simulator = Simulator::new(target)
        .with_clock(clock.clone())
        .with_sending(|attempt| if attempt == 1 { Sending::hanging_up(seconds(2)) } else { Sending::Whole });
    let drive = async {
        work.wait_for("start", 1).await;
        pass(&clock, seconds(30)).await;
        wait_until("the retry is put off", || counters.in_flight() == 1).await;
        work.let_go();
        wait_until("it is handled", || counters.committed() == 1).await;
        pass(&clock, seconds(300)).await;
    };
    let (report, ()) = tokio::join!(simulator.deliver(&request), drive);
    assert_eq!(report.statuses(), [0, 409, 200]);
    let error = report.attempts()[0].result.as_ref().expect_err("nobody waited for it");
    assert_eq!(error.kind(), SendErrorKind::HungUp);
    assert!(report.attempts()[2].result.as_ref().expect("an answer").is_duplicate());
    assert_eq!((work.log().len(), work.times("start"), work.times("end")), (2, 1, 1));
}

async fn an_unclaimed_handler_is_stopped_and_runs_again(kind: Kind) {
    let (work, clock, request) = (Work::told([Step::Hang]), SimulatorClock::manual(), delivery());
    let target = Receiver::of::<ScreenScore>(kind, &Settings::default(), &work);
    let simulator = Simulator::new(target)
        .with_clock(clock.clone())
        .with_sending(|attempt| if attempt == 1 { Sending::hanging_up(seconds(2)) } else { Sending::Whole });
    let drive = async {
        work.wait_for("start", 1).await;
        work.wait_for("drop", 1).await;
        pass(&clock, seconds(30)).await;
    };
    let (report, ()) = tokio::join!(simulator.deliver(&request), drive);
    assert_eq!(report.statuses(), [0, 200]);
    assert_eq!((work.times("start"), work.times("drop"), work.times("end")), (2, 1, 1));
}

async fn who_is_answered_before_does_not_hang_up(kind: Kind) {
    let work = Work::willing();
    let target = Receiver::of::<ScreenScore>(kind, &Settings::default(), &work);
    let simulator = Simulator::new(target).with_sending(|_| Sending::hanging_up(seconds(9)));
    assert_eq!(simulator.deliver(&delivery()).await.statuses(), [200]);
}

//! Bodies that break off.

use countersign::{
    dedupe::{Dedupe, MemoryStore},
    providers::ScreenScore,
};
use countersign_testkit::{Payload, SendErrorKind, Sending, Simulator, SimulatorClock};

use crate::simulator::{
    scripted::delivery,
    sites::{Kind, Receiver, SECRET, Settings, for_all},
    work::Work,
};

for_all![what_breaks_off_is_not_handled_and_the_whole_is_once,];

async fn what_breaks_off_is_not_handled_and_the_whole_is_once(kind: Kind) {
    let whole = delivery().body().len();
    for after in [0, 1, whole / 2, whole - 1] {
        let (work, dedupe) = (Work::willing(), Dedupe::new(MemoryStore::new()));
        let counters = dedupe.counters();
        let target = Receiver::of::<ScreenScore>(kind, &Settings::once(dedupe), &work);
        let simulator = Simulator::new(target)
            .with_clock(SimulatorClock::skipping())
            .with_sending(move |attempt| if attempt < 3 { Sending::broken_off(after) } else { Sending::Whole });
        let report = simulator.deliver(&delivery()).await;
        if kind.is_in_process() {
            assert_eq!(report.statuses(), [400, 400, 200], "who is in the same process hears the answer");
        } else {
            assert_eq!(report.statuses(), [0, 0, 200]);
            let error = report.attempts()[0].result.as_ref().expect_err("no answer");
            assert_eq!(error.kind(), SendErrorKind::NoAnswer);
        }
        assert_eq!((work.times("start"), work.times("end")), (1, 1), "after {after} bytes");
        assert_eq!((counters.committed(), counters.released()), (1, 0));
    }
}

mod of_all_there_is {
    use super::*;

    /// How often the handler ran for a body that breaks off after this many bytes.
    async fn runs(kind: Kind, after: usize) -> usize {
        let work = Work::willing();
        let target = Receiver::of::<ScreenScore>(kind, &Settings::default(), &work);
        let once = countersign::provider::Retries::new();
        let simulator = Simulator::new(target).with_retries(once).with_sending(move |_| Sending::broken_off(after));
        simulator.deliver(&delivery()).await;
        work.times("start")
    }

    #[tokio::test]
    async fn it_is_the_same_in_process_and_over_the_wire() {
        let whole = delivery().body().len();
        for after in [whole, whole + 1, usize::MAX] {
            let in_process = runs(Kind::AxumInProcess, after).await;
            assert_eq!(in_process, runs(Kind::AxumServer, after).await, "after {after} bytes");
            assert_eq!(in_process, runs(Kind::ActixServer, after).await, "after {after} bytes");
        }
    }

    #[tokio::test]
    async fn so_it_is_with_an_empty_body() {
        let mut statuses = Vec::new();
        for kind in [Kind::AxumInProcess, Kind::AxumServer] {
            let target = Receiver::of::<ScreenScore>(kind, &Settings::default(), &Work::willing());
            let once = countersign::provider::Retries::new();
            let simulator = Simulator::new(target).with_retries(once).with_sending(|_| Sending::broken_off(0));
            let empty = Payload::<ScreenScore>::new("").signed_with(SECRET);
            statuses.push(simulator.deliver(&empty).await.statuses());
        }
        assert_eq!(statuses[0], statuses[1]);
    }
}

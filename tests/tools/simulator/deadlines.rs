//! How long a provider waits for an answer.

use std::time::Duration;

use countersign::{
    provider::Retries,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};
use countersign_testkit::{Documented, Report, SendErrorKind, Sending, Simulator, SimulatorClock};
use tokio::time::{Instant, timeout};

use crate::simulator::{
    scripted::{delivery, documented, millis, seconds},
    sites::{Kind, Receiver, Settings, for_all},
    work::{Step, Work},
};

static ONCE_MORE: [Duration; 1] = [seconds(60)];

fn kinds(report: &Report) -> Vec<Option<SendErrorKind>> {
    report.attempts().iter().map(|attempt| attempt.result.as_ref().err().map(|error| error.kind())).collect()
}

for_all![who_does_not_answer_in_time_is_sent_it_again,];

async fn who_does_not_answer_in_time_is_sent_it_again(kind: Kind) {
    let work = Work::told([Step::Hang]);
    let target = Receiver::of::<ScreenScore>(kind, &Settings::default(), &work);
    // The second attempt has far more time than it takes.
    let sent = |within| Retries::new().deadline(within).delays(&ONCE_MORE);
    let simulator = Simulator::new(target).with_clock(SimulatorClock::skipping()).with_retries(sent(seconds(2)));
    let report = simulator.deliver(&delivery()).await;
    assert_eq!(report.statuses(), [0, 200]);
    assert_eq!(kinds(&report), [Some(SendErrorKind::DeadlineExceeded), None]);
    assert!(report.attempts()[0].took >= seconds(2));
    assert_eq!(millis(&report), [0, 60_000]);
    assert_eq!(report.attempts()[0].status(), None);
    work.wait_for("drop", 1).await;
    assert_eq!(work.times("start"), 2);
}

/// How long a provider waited for a receiver that never answers; the time is tokio's, and stands still otherwise.
async fn waited<P: Documented>() -> Duration {
    let work = Work::told([Step::Hang; 5]);
    let target = Receiver::of::<P>(Kind::AxumInProcess, &Settings::default(), &work);
    let report = Simulator::new(target).with_clock(SimulatorClock::skipping()).deliver(&documented::<P>()).await;
    for attempt in report.attempts() {
        let error = attempt.result.as_ref().expect_err("no answer");
        assert_eq!(error.kind(), SendErrorKind::DeadlineExceeded);
        assert_eq!(attempt.took.as_secs(), report.attempts()[0].took.as_secs());
    }
    assert_eq!(work.times("drop"), report.attempts().len());
    report.attempts()[0].took
}

#[tokio::test(start_paused = true)]
async fn every_provider_waits_as_long_as_its_page_says() {
    assert_eq!(waited::<ScreenScore>().await.as_secs(), 10);
    assert_eq!(waited::<GeoScored>().await.as_secs(), 10);
    assert_eq!(waited::<Zeodyn>().await.as_secs(), 10);
    assert_eq!(waited::<ScreenshotRun>().await.as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_documents_no_deadline_waits_for_ever() {
    let work = Work::told([Step::Hang]);
    let target = Receiver::of::<ScreenshotCenter>(Kind::AxumInProcess, &Settings::default(), &work);
    let simulator = Simulator::new(target).with_clock(SimulatorClock::skipping());
    let delivered = timeout(seconds(1_000_000), simulator.deliver(&documented::<ScreenshotCenter>())).await;
    assert!(delivered.is_err(), "it waits still");
}

/// Sends to a receiver that never answers, hanging up `after`.
async fn hung_up(after: Duration, retries: Retries) -> (SendErrorKind, Duration) {
    let work = Work::told([Step::Hang]);
    let target = Receiver::of::<Zeodyn>(Kind::TowerInProcess, &Settings::default(), &work);
    let simulator = Simulator::new(target).with_retries(retries).with_sending(move |_| Sending::hanging_up(after));
    let started = Instant::now();
    let report = simulator.deliver(&documented::<Zeodyn>()).await;
    let kind = report.attempts()[0].result.as_ref().expect_err("no answer").kind();
    (kind, Duration::from_secs(started.elapsed().as_secs()))
}

#[tokio::test(start_paused = true)]
async fn who_would_hang_up_after_the_deadline_does_not_wait_so_long() {
    let retries = Retries::new().deadline(seconds(10));
    assert_eq!(hung_up(seconds(9), retries).await, (SendErrorKind::HungUp, seconds(9)));
    assert_eq!(hung_up(seconds(10), retries).await, (SendErrorKind::DeadlineExceeded, seconds(10)));
    assert_eq!(hung_up(seconds(11), retries).await, (SendErrorKind::DeadlineExceeded, seconds(10)));
    assert_eq!(hung_up(seconds(90), Retries::new()).await, (SendErrorKind::HungUp, seconds(90)));
}

#[tokio::test(start_paused = true)]
async fn a_body_sent_too_slowly_is_over_the_deadline_too() {
    let work = Work::willing();
    let patient = Settings { body_timeout: Some(seconds(1000)), ..Settings::default() };
    let target = Receiver::of::<ScreenScore>(Kind::AxumInProcess, &patient, &work);
    let simulator = Simulator::new(target)
        .with_clock(SimulatorClock::skipping())
        .with_sending(|attempt| if attempt == 1 { Sending::slowly(1, seconds(1)) } else { Sending::Whole });
    let report = simulator.deliver(&delivery()).await;
    assert_eq!(kinds(&report), [Some(SendErrorKind::DeadlineExceeded), None]);
    assert_eq!(work.times("start"), 1);
}

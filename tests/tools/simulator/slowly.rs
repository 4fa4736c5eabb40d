//! Bodies that come in pieces.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::State, routing::post};
use countersign::{dedupe::MemoryStore, providers::ScreenScore};
use countersign_testkit::{Endpoint, InProcess, Sending, Simulator, SimulatorClock, Target};
use http::HeaderMap;
use http_body::Body as _;
use http_body_util::BodyExt;

use crate::simulator::{
    scripted::{delivery, seconds},
    sites::{Kind, Receiver, Settings, for_all, serve, url},
    work::{Work, lock},
};

for_all![
    a_body_that_takes_longer_than_the_receiver_waits_is_a_timeout_and_then_sent_whole,
    a_body_in_pieces_is_accepted,
];

async fn a_body_that_takes_longer_than_the_receiver_waits_is_a_timeout_and_then_sent_whole(kind: Kind) {
    let work = Work::willing();
    let impatient = Settings { body_timeout: Some(seconds(1)), ..Settings::once(MemoryStore::new()) };
    let target = Receiver::of::<ScreenScore>(kind, &impatient, &work);
    let slowly = Sending::slowly(100, Duration::from_millis(500));
    let simulator = Simulator::new(target)
        .with_clock(SimulatorClock::skipping())
        .with_sending(move |attempt| if attempt == 1 { slowly } else { Sending::Whole });
    let report = simulator.deliver(&delivery()).await;
    assert_eq!(report.statuses(), [408, 200]);
    assert_eq!((work.times("start"), work.times("end")), (1, 1));
}

async fn a_body_in_pieces_is_accepted(kind: Kind) {
    for piece in [0, 100, usize::MAX] {
        let work = Work::willing();
        let target = Receiver::of::<ScreenScore>(kind, &Settings::default(), &work);
        let simulator = Simulator::new(target).with_sending(move |_| Sending::slowly(piece, Duration::ZERO));
        assert_eq!((simulator.deliver(&delivery()).await.statuses(), work.times("end")), (vec![200], 1));
    }
}

#[test]
fn a_piece_has_at_least_one_byte() {
    assert_eq!(Sending::slowly(0, seconds(1)), Sending::slowly(1, seconds(1)));
    assert_ne!(Sending::slowly(1, seconds(1)), Sending::slowly(2, seconds(1)));
}

type Seen = Arc<std::sync::Mutex<Vec<(Option<u64>, Option<String>, Vec<usize>)>>>;

/// The length that the body says it has, the one in the header, and the frames.
fn reading(seen: &Seen) -> Router {
    async fn read(State(seen): State<Seen>, headers: HeaderMap, mut body: Body) {
        let length = headers.get("content-length").map(|length| length.to_str().expect("digits").to_owned());
        let said = body.size_hint().exact();
        let mut frames = Vec::new();
        while let Some(frame) = body.frame().await {
            frames.push(frame.expect("a frame").into_data().expect("data").len());
        }
        lock(&seen).push((said, length, frames));
    }
    Router::new().fallback(post(read)).with_state(Arc::clone(seen))
}

async fn frames_of(target: impl Target, seen: &Seen, sending: Sending) -> (Option<u64>, Option<String>, Vec<usize>) {
    let report = Simulator::new(target).with_sending(move |_| sending).deliver(&delivery()).await;
    assert_eq!(report.statuses(), [200]);
    lock(seen).pop().expect("it was read")
}

#[tokio::test]
async fn pieces_come_one_by_one_with_the_length_of_the_whole() {
    let (seen, whole) = (Seen::default(), delivery().body().len());
    let router = reading(&seen);
    let address = serve(router.clone());
    let pause = Duration::from_millis(20);
    for (sending, pieces) in [
        (Sending::Whole, vec![whole]),
        (Sending::slowly(250, pause), vec![250, 250, 250, whole - 750]),
        (Sending::slowly(whole, pause), vec![whole]),
    ] {
        let (said, _, frames) = frames_of(InProcess::new(router.clone(), Body::new), &seen, sending).await;
        assert_eq!((said, frames), (Some(whole as u64), pieces.clone()), "in process");
        // Sender and receiver are on one thread: what is sent is read before the next pause is over.
        let (_, header, frames) = frames_of(Endpoint::new(url(address, "/")), &seen, sending).await;
        assert_eq!((header, frames), (Some(whole.to_string()), pieces), "over the wire");
    }
}

#[tokio::test(start_paused = true)]
async fn before_each_piece_is_a_pause() {
    let seen = Seen::default();
    let target = InProcess::new(reading(&seen), Body::new);
    let simulator = Simulator::new(target).with_retries(countersign::provider::Retries::new());
    let simulator = simulator.with_sending(|_| Sending::slowly(250, seconds(100)));
    let report = simulator.deliver(&delivery()).await;
    assert_eq!(report.attempts()[0].took.as_secs(), 400);
}

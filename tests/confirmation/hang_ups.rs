//! Senders that go away while the API is asked.

use std::{
    io::Write,
    net::Shutdown,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    api::Api,
    deliveries::genuine,
    raw::{self, Stream},
    receivers::Adapter,
    support::http::{connect, read_answer},
    until,
};

for_both![
    a_sender_that_is_gone_leaves_no_question_behind,
    a_sender_that_stopped_sending_leaves_no_question_behind_once_its_time_is_over,
];

fn hanging() -> (Api, Arc<AtomicBool>) {
    let is_asked = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&is_asked);
    let api = Api::raw(move |mut stream: Stream| {
        let asked = Arc::clone(&asked);
        async move {
            raw::take_request(&mut stream).await;
            asked.store(true, Ordering::SeqCst);
            raw::wait_for_the_end(&mut stream).await;
        }
    });
    (api, is_asked)
}

/// Long before the time for an answer is over.
fn a_sender_that_is_gone_leaves_no_question_behind(adapter: Adapter) {
    let (api, is_asked) = hanging();
    let client = api.client().with_timeout(Duration::from_secs(60)).build().unwrap();
    let receiver = adapter.receiver_waiting(client, Duration::from_secs(60));
    // The `100 Continue` is never read, so that the connection is reset.
    let stream = connect(receiver.address);
    let request = genuine().with_header("expect", "100-continue");
    (&stream).write_all(&request.head()).unwrap();
    assert!(stream.peek(&mut [0]).is_ok_and(|count| count == 1));
    (&stream).write_all(&request.body).unwrap();
    assert!(until(|| is_asked.load(Ordering::SeqCst)));
    drop(stream);
    assert!(api.is_left_alone());
    assert!(receiver.take_handled().is_empty());
}

/// Whether it went away or waits for its answer cannot be told. axum takes it for the one, actix-web for the other.
fn a_sender_that_stopped_sending_leaves_no_question_behind_once_its_time_is_over(adapter: Adapter) {
    let (api, is_asked) = hanging();
    let (timeout, start) = (Duration::from_millis(500), Instant::now());
    let receiver = adapter.receiver(api.client().with_timeout(timeout));
    let stream = connect(receiver.address);
    (&stream).write_all(&genuine().bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let status = read_answer(&stream).map(|answer| answer.status);
    assert!(status.is_none_or(|status| status == 503), "{status:?}");
    assert!(until(|| is_asked.load(Ordering::SeqCst) || status.is_none()));
    assert!(api.is_left_alone());
    assert!(start.elapsed() < timeout + Duration::from_secs(2));
    assert!(receiver.take_handled().is_empty());
}

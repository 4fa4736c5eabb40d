//! Answers that do not come, or never end.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use crate::{
    api::Api,
    deliveries::{completed, genuine},
    raw::{self, Stream, chunk, head_of},
    receivers::{Adapter, Receiver},
};

for_both![t21_whatever_hangs_or_dribbles_is_given_up_in_time,];

for_all![unless_told_otherwise_a_connection_may_take_2_seconds_and_an_answer_4,];

/// Long enough for a connection on a busy machine.
const TIMEOUT: Duration = Duration::from_millis(600);
/// With some leisure, for machines that have other things to do.
const GIVEN_UP: std::ops::Range<Duration> = Duration::from_millis(590)..Duration::from_secs(3);

#[track_caller]
fn assert_is_given_up(receiver: &Receiver, expected: &std::ops::Range<Duration>) {
    let start = Instant::now();
    receiver.is_undecided(&genuine());
    let took = start.elapsed();
    assert!(expected.contains(&took), "{took:?}");
}

/// Sends these pieces, and then nothing.
fn hanging_after(pieces: Vec<u8>) -> Api {
    let pieces = Arc::new(pieces);
    Api::raw(move |mut stream: Stream| {
        let pieces = Arc::clone(&pieces);
        async move {
            raw::take_request(&mut stream).await;
            raw::write(&mut stream, pieces.as_slice()).await;
            raw::wait_for_the_end(&mut stream).await;
        }
    })
}

fn t21_whatever_hangs_or_dribbles_is_given_up_in_time(adapter: Adapter) {
    thread::scope(|scope| {
        for api in hanging().into_iter().chain(DRIBBLING.map(dribbling)) {
            scope.spawn(move || {
                let receiver = adapter.receiver(api.client().with_timeout(TIMEOUT));
                assert_is_given_up(&receiver, &GIVEN_UP);
                assert!(api.is_left_alone());
                assert!(api.connections() <= 1);
            });
        }
        scope.spawn(move || {
            let (_listener, base) = silent();
            let client = Api::answering(200, "").client().with_base_url(base);
            assert_is_given_up(&adapter.receiver(client.with_timeout(TIMEOUT)), &GIVEN_UP);
        });
    });
}

fn hanging() -> Vec<Api> {
    let body = completed().to_string();
    let answers = [
        Vec::new(),
        b"HTTP/1.1 200 OK\r\nContent-Le".to_vec(),
        head_of(body.len() as u64).into_bytes(),
        [head_of(body.len() as u64 + 1).as_bytes(), body.as_bytes()].concat(),
        [raw::CHUNKED.as_bytes(), &chunk(body.as_bytes())].concat(),
        b"HTTP/1.1 102 Processing\r\n\r\n".to_vec(),
        // Without a length, the body ends with the connection.
        format!("HTTP/1.1 200 OK\r\n\r\n{body}").into_bytes(),
    ];
    answers.map(hanging_after).into()
}

/// What it starts with, and what comes again and again.
const DRIBBLING: [(&str, &[u8]); 4] = [
    ("", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ("HTTP/1.1 200 OK\r\n", b"x-more: and more\r\n"),
    (raw::CHUNKED, b"1\r\n \r\n"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n", b" "),
];

fn dribbling((start, again): (&'static str, &'static [u8])) -> Api {
    Api::raw(move |mut stream: Stream| async move {
        raw::take_request(&mut stream).await;
        raw::write(&mut stream, start).await;
        raw::write_for_ever(&mut stream, again, Duration::from_millis(20)).await;
    })
}

/// Takes connections, and says nothing.
fn silent() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    (listener, base)
}

fn unless_told_otherwise_a_connection_may_take_2_seconds_and_an_answer_4() {
    let about =
        |milliseconds: u64| Duration::from_millis(milliseconds - 100)..Duration::from_millis(milliseconds + 900);
    thread::scope(|scope| {
        for adapter in [Adapter::Axum, Adapter::Actix] {
            scope.spawn(move || {
                let (_listener, base) = silent();
                let client = Api::answering(200, "").client().with_base_url(base);
                assert_is_given_up(&adapter.receiver(client), &about(2000));
            });
            scope.spawn(move || {
                let api = hanging_after(Vec::new());
                assert_is_given_up(&adapter.receiver(api.client()), &about(4000));
                assert!(api.is_left_alone());
            });
        }
    });
}

//! How much of an answer is read.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use countersign::providers::ScreenshotRunEvent;
use serde_json::json;

use crate::{
    api::Api,
    deliveries::{completed, genuine, with},
    raw::{self, Stream, chunk, head_of},
    receivers::Adapter,
};

for_both![
    an_answer_may_have_64_kib_and_no_byte_more,
    t21_ten_gigabytes_are_not_read,
    t21_ten_gigabytes_that_decide_nothing_are_not_read,
];

const LIMIT: usize = 64 * 1024;
const TEN_GIB: u64 = 10 * 1024 * 1024 * 1024;
/// What the sockets and TLS hold of bytes that nobody reads: a few MiB at the most.
const IN_BUFFERS: u64 = 16 * 1024 * 1024;

/// An answer that agrees, of this many bytes.
fn agreeing(bytes: usize) -> Vec<u8> {
    let around = with(completed(), "more", json!("")).to_string().len();
    let body = with(completed(), "more", json!("x".repeat(bytes - around))).to_string();
    assert_eq!(body.len(), bytes);
    body.into_bytes()
}

fn an_answer_may_have_64_kib_and_no_byte_more(adapter: Adapter) {
    let chunked = |body: &[u8], size: usize| {
        let chunks: Vec<u8> = body.chunks(size).flat_map(chunk).collect();
        [raw::CHUNKED.as_bytes(), &chunks, b"0\r\n\r\n"].concat()
    };
    for (bytes, is_accepted) in [(LIMIT - 1, true), (LIMIT, true), (LIMIT + 1, false), (2 * LIMIT, false)] {
        let body = agreeing(bytes);
        let spaces = [completed().to_string().into_bytes(), vec![b' '; bytes - completed().to_string().len()]].concat();
        for answer in [
            [head_of(bytes as u64).into_bytes(), body.clone()].concat(),
            [head_of(bytes as u64).into_bytes(), spaces].concat(),
            chunked(&body, usize::MAX),
            chunked(&body, 1000),
            chunked(&body, 16),
        ] {
            let api = Api::raw(move |mut stream: Stream| {
                let answer = answer.clone();
                async move {
                    raw::take_request(&mut stream).await;
                    raw::write(&mut stream, answer).await;
                    raw::wait_for_the_end(&mut stream).await;
                }
            });
            let receiver = adapter.receiver(api.client());
            if is_accepted {
                let handled = receiver.accepts(&genuine());
                assert!(matches!(handled.event, ScreenshotRunEvent::ScreenshotCompleted(_)));
            } else {
                receiver.is_undecided(&genuine());
            }
        }
    }
}

/// Starts with `head` and an answer that agrees, goes on for ten gigabytes or until the client hangs up, and counts.
fn endless(head: String, is_chunked: bool) -> (Api, Arc<AtomicU64>) {
    let written = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&written);
    let api = Api::raw(move |mut stream: Stream| {
        let (head, count) = (head.clone(), Arc::clone(&count));
        async move {
            let frame = |bytes: &[u8]| if is_chunked { chunk(bytes) } else { bytes.to_vec() };
            raw::take_request(&mut stream).await;
            raw::write(&mut stream, head).await;
            raw::write(&mut stream, frame(completed().to_string().as_bytes())).await;
            let bytes = raw::write_for_ever(&mut stream, &frame(&[b' '; 32 * 1024]), Duration::ZERO).await;
            count.fetch_add(bytes, Ordering::SeqCst);
        }
    });
    (api, written)
}

#[track_caller]
fn assert_is_not_read(api: &Api, written: &AtomicU64) {
    assert!(api.is_left_alone(), "the connection is closed");
    let written = written.load(Ordering::SeqCst);
    println!("{written} bytes were written");
    assert!(written < IN_BUFFERS, "{written}");
}

fn t21_ten_gigabytes_are_not_read(adapter: Adapter) {
    for (head, is_chunked) in [
        (head_of(TEN_GIB), false),
        (raw::CHUNKED.to_owned(), true),
        ("HTTP/1.1 200 OK\r\n\r\n".to_owned(), false),
        // Endless before the body.
        ("HTTP/1.1 200 OK\r\nx-more: ".to_owned(), false),
    ] {
        let (api, written) = endless(head, is_chunked);
        adapter.receiver(api.client()).is_undecided(&genuine());
        assert_is_not_read(&api, &written);
    }
}

fn t21_ten_gigabytes_that_decide_nothing_are_not_read(adapter: Adapter) {
    for status in ["500 Internal Server Error", "302 Found\r\nLocation: /", "429 Too Many Requests", "404 Not Found"] {
        for (framing, is_chunked) in
            [(format!("Content-Length: {TEN_GIB}"), false), ("Transfer-Encoding: chunked".to_owned(), true)]
        {
            let (api, written) = endless(format!("HTTP/1.1 {status}\r\n{framing}\r\n\r\n"), is_chunked);
            let receiver = adapter.receiver(api.client());
            if status.starts_with("404") {
                receiver.denies(&genuine())
            } else {
                receiver.is_undecided(&genuine())
            }
            assert_is_not_read(&api, &written);
        }
    }
}

//! Limits: how long an answer may take, how large it may be, and how many requests are in flight. Where it takes time, the
//! clock of tokio is paused, and then jumps to the end of the limit.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use countersign::confirmation::ApiErrorKind;
use serde_json::json;
use tokio::{
    sync::Semaphore,
    time::{Instant, advance, pause, resume},
};

use crate::{
    api::{Answer, Api, CHUNKED, answer, builder, chunk, raw},
    deliveries::{completed, genuine, with},
    inside::{confirmed, undecided, verify},
    until,
};

for_all![
    t21_an_answer_that_hangs_or_dribbles_ends_after_4_seconds,
    t21_a_connection_that_hangs_ends_after_2_seconds,
    an_answer_may_have_64_kib_and_no_byte_more,
    t21_ten_gigabytes_are_not_read,
    no_more_requests_than_allowed_are_in_flight_and_all_get_their_turn,
    t17_the_wait_for_a_turn_counts,
    a_request_that_failed_returns_its_permit,
];

/// What passed before the clock was paused does not count: at most a second more, however busy the machine is.
#[track_caller]
fn assert_took(start: Instant, limit: Duration) {
    let took = start.elapsed();
    assert!((limit..limit + Duration::from_secs(1)).contains(&took), "{took:?}");
}

async fn t21_an_answer_that_hangs_or_dribbles_ends_after_4_seconds() {
    let body = completed().to_string();
    let (api, tell) = Api::told().await;
    let by_default = builder().with_base_url(api.base());
    let longer = builder().with_base_url(api.base()).with_timeout(Duration::from_secs(77));
    let (by_default, longer) = (by_default.build().unwrap(), longer.build().unwrap());
    for (first, again, client, limit) in [
        (Vec::new(), "", &by_default, 4),
        (Vec::new(), "", &longer, 77),
        (b"HTTP/1.1 200 OK\r\nContent-Le".to_vec(), "", &by_default, 4),
        ([CHUNKED.as_bytes(), &chunk(body.as_bytes())].concat(), "", &by_default, 4),
        (b"HTTP/1.1 200 OK\r\n".to_vec(), "x: and more\r\n", &by_default, 4),
        (CHUNKED.into(), "1\r\n \r\n", &by_default, 4),
    ] {
        let again = (!again.is_empty()).then(|| (again.into(), Duration::from_millis(100)));
        tell(Answer { again, ..raw(first) });
        let (request, limit) = (genuine(), Duration::from_secs(limit));
        let paused = async {
            api.state.has_written.notified().await;
            pause();
        };
        let start = Instant::now();
        let (error, ()) = tokio::join!(undecided(client, &request), paused);
        assert_eq!((error.kind(), error.status()), (ApiErrorKind::Timeout, None));
        assert_took(start, limit);
        resume();
        assert_eq!(api.take_seen().len(), 1);
        api.is_left_alone().await;
    }
}

async fn t21_a_connection_that_hangs_ends_after_2_seconds() {
    // Takes connections, and says nothing.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let client = builder().with_base_url(base).build().unwrap();
    pause();
    let start = Instant::now();
    assert_eq!(undecided(&client, &genuine()).await.kind(), ApiErrorKind::Unreachable);
    assert_took(start, Duration::from_secs(2));
}

async fn an_answer_may_have_64_kib_and_no_byte_more() {
    let around = with(completed(), "more", json!("")).to_string().len();
    let (api, tell) = Api::told().await;
    for (bytes, is_accepted) in [(64 * 1024, true), (64 * 1024 + 1, false)] {
        let body = with(completed(), "more", json!("x".repeat(bytes - around))).to_string();
        let chunks: Vec<u8> = body.as_bytes().chunks(1000).flat_map(chunk).collect();
        for answer in [answer(200, &body), raw([CHUNKED.as_bytes(), &chunks, b"0\r\n\r\n"].concat())] {
            tell(answer);
            if is_accepted {
                confirmed(&api.client(), &genuine()).await;
            } else {
                assert_eq!(undecided(&api.client(), &genuine()).await.kind(), ApiErrorKind::TooLarge);
            }
        }
    }
}

/// Whether they would agree, decide nothing, or deny.
async fn t21_ten_gigabytes_are_not_read() {
    /// What the sockets and TLS hold of bytes that are not read: a few MiB at the most.
    const IN_BUFFERS: usize = 16 * 1024 * 1024;

    let spaces = vec![b' '; 32 * 1024];
    let of_length = |status: u16| format!("HTTP/1.1 {status} Status\r\nContent-Length: 10737418240\r\n\r\n");
    for (head, again) in [
        (of_length(200), spaces.clone()),
        (CHUNKED.to_owned(), chunk(&spaces)),
        // Endless before the body.
        ("HTTP/1.1 200 OK\r\nx-more: ".to_owned(), spaces.clone()),
        (of_length(500), spaces.clone()),
        (of_length(404), spaces.clone()),
    ] {
        let api = Api::giving(Answer { again: Some((again, Duration::ZERO)), ..raw(head) }).await;
        assert!(verify(&api.client(), &genuine()).await.is_err());
        api.is_left_alone().await;
        let written = api.state.written_again.load(Ordering::SeqCst);
        assert!(written < IN_BUFFERS, "{written}");
    }
}

/// Each by its own clone of the client: they share their permits.
async fn no_more_requests_than_allowed_are_in_flight_and_all_get_their_turn() {
    let leave = Arc::new(Semaphore::new(0));
    let may = Arc::clone(&leave);
    let api = Api::serving(move |_| {
        let may = Arc::clone(&may);
        async move {
            may.acquire().await.unwrap().forget();
            answer(200, completed().to_string())
        }
    })
    .await;
    let client = api.builder().with_concurrency(2).build().unwrap();
    let confirm = |_| {
        let client = client.clone();
        actix_web::rt::spawn(async move { confirmed(&client, &genuine()).await })
    };
    let asked: Vec<_> = (0..6).map(confirm).collect();
    for in_flight_or_done in [2, 3, 4] {
        until("two are in flight", || api.connections() == in_flight_or_done).await;
        // The others would arrive meanwhile.
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(api.connections(), in_flight_or_done);
        leave.add_permits(1);
    }
    leave.add_permits(3);
    for asked in asked {
        asked.await.unwrap();
    }
    assert_eq!(api.take_seen().len(), 6);
}

async fn t17_the_wait_for_a_turn_counts() {
    let (api, tell) = Api::told().await;
    let timeout = Duration::from_secs(3);
    let client = api.builder().with_concurrency(1).with_timeout(timeout).build().unwrap();
    let first = client.clone();
    let first = actix_web::rt::spawn(async move { undecided(&first, &genuine()).await });
    api.state.has_written.notified().await;
    // The second gets its turn when the first has timed out, and has no more than what is left of its own time.
    pause();
    advance(timeout / 2).await;
    let start = Instant::now();
    assert_eq!(undecided(&client, &genuine()).await.kind(), ApiErrorKind::Timeout);
    assert_took(start, timeout);
    assert_eq!(first.await.unwrap().kind(), ApiErrorKind::Timeout);
    // Neither has kept its permit.
    resume();
    tell(answer(200, completed().to_string()));
    confirmed(&client, &genuine()).await;
}

async fn a_request_that_failed_returns_its_permit() {
    let api = Api::answering(500, "").await;
    let client = api.builder().with_concurrency(1).build().unwrap();
    for _ in 0..3 {
        undecided(&client, &genuine()).await;
    }
    assert_eq!(api.take_seen().len(), 3);
    // None is understood as one: otherwise no request could ever be sent.
    let api = Api::answering(200, completed().to_string()).await;
    for concurrency in [0, usize::MAX] {
        confirmed(&api.builder().with_concurrency(concurrency).build().unwrap(), &genuine()).await;
    }
}

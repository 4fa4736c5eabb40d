//! No secret, token, signature or body in anything that is shown.

use std::{error::Error, fmt::Debug, net::SocketAddr, time::Duration};

use axum::{Router, routing::post};
use countersign::{
    provider::Retries,
    providers::{ScreenScore, ScreenshotRun},
};
use countersign_testkit::{Documented, Endpoint, SendErrorKind, Sending, Simulator, SimulatorClock};
use tokio::{io::AsyncReadExt, net::TcpListener};

use crate::simulator::{
    scripted::documented,
    sites::{SECRET, serve, url},
};

/// In the URL's own query.
const OWN: &str = "0wn-qu3ry-s3cr3t";

/// In the body of the answer and in a header of it.
const ANSWERED: &str = "th3-answ3r";

/// Whatever must not be shown of this delivery.
fn needles<P: Documented>() -> Vec<String> {
    let request = documented::<P>();
    let mut needles = vec![SECRET.to_owned(), OWN.to_owned(), ANSWERED.to_owned()];
    needles.extend(request.query().map(|query| query.trim_start_matches("token=").to_owned()));
    for value in request.headers().values().filter(|value| value.is_sensitive()) {
        needles.push(value.to_str().expect("text").to_owned());
    }
    assert_eq!(needles.len(), 4, "a token or a signature");
    needles.push("https://example.com".to_owned());
    assert!(String::from_utf8_lossy(request.body()).contains("https://example.com"), "it is in the body");
    needles
}

#[track_caller]
fn assert_hides<P: Documented>(shown: &str) {
    for needle in needles::<P>() {
        assert!(!shown.contains(&needle), "{needle:?} in {shown}");
    }
}

fn debug(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

/// Everything that a delivery to `address` has to show.
async fn shown<P: Documented>(address: SocketAddr, sending: Sending, kind: Option<SendErrorKind>) {
    let target = Endpoint::new(url(address, &format!("/?own={OWN}")));
    let retries = Retries::new().deadline(Duration::from_secs(1));
    let simulator = Simulator::new(target).with_clock(SimulatorClock::skipping()).with_retries(retries);
    let simulator = simulator.with_sending(move |_| sending);
    let report = simulator.deliver(&documented::<P>()).await;
    let attempt = &report.attempts()[0];
    assert_eq!(attempt.result.as_ref().err().map(|error| error.kind()), kind);
    let mut text = debug(&report) + &debug(attempt) + &debug(&attempt.result) + &attempt.next.to_string();
    if let Err(error) = &attempt.result {
        text += &error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            text += &(error.to_string() + &debug(&error));
            source = error.source();
        }
    }
    assert_hides::<P>(&text);
}

async fn shown_by_both(address: SocketAddr, sending: Sending, kind: Option<SendErrorKind>) {
    shown::<ScreenScore>(address, sending, kind).await;
    shown::<ScreenshotRun>(address, sending, kind).await;
}

#[tokio::test]
async fn an_answer_shows_nothing() {
    let answer = || async { ([("x-more", ANSWERED)], ANSWERED) };
    shown_by_both(serve(Router::new().fallback(post(answer))), Sending::Whole, None).await;
}

#[tokio::test]
async fn a_refused_connection_shows_nothing() {
    // Bound, and not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    shown_by_both(socket.local_addr().unwrap(), Sending::Whole, Some(SendErrorKind::NoConnection)).await;
}

#[tokio::test]
async fn a_connection_that_is_reset_or_closed_shows_nothing() {
    for bytes_read in [0, 10] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                // Who closes a socket with something in it unread resets the connection.
                let _ = stream.read(&mut vec![0; bytes_read]).await;
            }
        });
        shown_by_both(address, Sending::Whole, Some(SendErrorKind::NoAnswer)).await;
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_shows_nothing() {
    let body = || async {
        let frames = [Ok(http_body::Frame::data(bytes::Bytes::from(ANSWERED))), Err(std::io::Error::other("told to"))];
        axum::body::Body::new(http_body_util::StreamBody::new(futures_util::stream::iter(frames)))
    };
    shown_by_both(serve(Router::new().fallback(post(body))), Sending::Whole, Some(SendErrorKind::NoAnswer)).await;
}

#[tokio::test]
async fn a_deadline_a_body_that_breaks_off_and_a_sender_that_hangs_up_show_nothing() {
    let address = serve(Router::new().fallback(post(|_: bytes::Bytes| std::future::pending::<()>())));
    shown_by_both(address, Sending::Whole, Some(SendErrorKind::DeadlineExceeded)).await;
    shown_by_both(address, Sending::broken_off(20), Some(SendErrorKind::NoAnswer)).await;
    shown_by_both(address, Sending::hanging_up(Duration::ZERO), Some(SendErrorKind::HungUp)).await;
}

#[test]
fn what_is_to_be_sent_shows_nothing() {
    let whole = countersign_testkit::SimulatedBody::from(documented::<ScreenScore>().body().clone());
    let shown = debug(&documented::<ScreenScore>()) + &debug(&documented::<ScreenshotRun>());
    assert_hides::<ScreenScore>(&shown);
    assert_hides::<ScreenshotRun>(&shown);
    drop(whole);
}

#[test]
fn the_body_that_a_target_sends_shows_nothing() {
    let whole = countersign_testkit::SimulatedBody::from(documented::<ScreenScore>().body().clone());
    assert_hides::<ScreenScore>(&debug(&whole));
}

#[test]
fn an_endpoint_and_its_simulator_show_neither_query_nor_password() {
    let endpoint = || {
        let url = format!("http://user:{ANSWERED}@127.0.0.1:1/hooks?own={OWN}");
        Endpoint::new(url.parse().unwrap())
    };
    assert_hides::<ScreenScore>(&debug(&endpoint()));
    let simulator = Simulator::new(endpoint());
    assert_hides::<ScreenScore>(&debug(&simulator));
    assert!(debug(&simulator).contains("/hooks"), "its path is not secret");
}

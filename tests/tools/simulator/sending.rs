//! How each attempt is sent.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, routing::post};
use bytes::Bytes;
use countersign::providers::{ScreenScore, Zeodyn};
use countersign_testkit::{Endpoint, InProcess, Payload, Sending, Simulator, SimulatorClock};

use crate::simulator::{
    scripted::{Scripted, delivery, seconds},
    sites::{SECRET, serve, url},
    work::lock,
};

#[tokio::test]
async fn each_attempt_is_sent_as_it_is_told() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let simulator =
        Simulator::new(Scripted::new(|_| 500).target()).with_clock(SimulatorClock::skipping()).with_sending({
            let asked = Arc::clone(&asked);
            move |attempt| {
                lock(&asked).push(attempt);
                Sending::Whole
            }
        });
    simulator.deliver(&delivery()).await;
    simulator.deliver_repeatedly(&delivery(), 1).await;
    assert_eq!(*lock(&asked), [1, 2, 3, 4, 1, 2, 3, 4], "each delivery counts its own");
}

/// Tells what it was sent.
fn echo() -> Router {
    Router::new().fallback(post(|body: Bytes| async { body }))
}

#[tokio::test]
async fn a_body_arrives_as_it_is_however_it_is_sent() {
    let address = serve(echo());
    let large = "0123456789abcdef".repeat(2_000);
    for body in ["", "x", &large] {
        let request = Payload::<Zeodyn>::new(body.to_owned()).signed_with(SECRET);
        let ways = [Sending::Whole, Sending::slowly(7_000, Duration::from_millis(1)), Sending::hanging_up(seconds(9))];
        for sending in ways {
            let here = Simulator::new(InProcess::new(echo(), Body::new)).with_sending(move |_| sending);
            let there = Simulator::new(Endpoint::new(url(address, "/"))).with_sending(move |_| sending);
            for report in [here.deliver(&request).await, there.deliver(&request).await] {
                let answer = report.attempts()[0].result.as_ref().expect("an answer");
                assert_eq!((answer.status.as_u16(), answer.body.len()), (200, body.len()), "{sending:?}");
                assert!(answer.body == body);
            }
        }
    }
}

#[tokio::test]
async fn headers_and_method_are_those_of_the_delivery() {
    async fn show(method: http::Method, headers: http::HeaderMap) -> String {
        let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().expect("text")).to_owned();
        format!("{method} {} {} {}", header("content-type"), header("x-screenscore-signature"), header("x-more"))
    }
    let router = Router::new().fallback(axum::routing::any(show));
    let more = (http::HeaderName::from_static("x-more"), http::HeaderValue::from_static("of it"));
    let request = Payload::<ScreenScore>::new("{}").signed_with("s3cr3t").with_header(more.0, more.1);
    // printf '{}' | openssl dgst -sha256 -hmac s3cr3t
    let tag = "608b0c406f3dda19702d71a048483b8c331283106d80a208e3cf43dbde505286";
    let expected = format!("POST application/json {tag} of it");
    let address = serve(router.clone());
    let here = Simulator::new(InProcess::new(router, Body::new)).deliver(&request).await;
    let there = Simulator::new(Endpoint::new(url(address, "/"))).deliver(&request).await;
    for report in [here, there] {
        assert_eq!(report.attempts()[0].result.as_ref().expect("an answer").body, expected);
    }
}

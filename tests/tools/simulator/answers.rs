//! What is kept of an answer.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, body::Body, response::IntoResponse, routing::post};
use bytes::Bytes;
use countersign::provider::Retries;
use countersign_testkit::{Answer, Endpoint, InProcess, SendError, SendErrorKind, SimulatedBody, Simulator, Target};
use http_body::Frame;
use tokio::time::timeout;
use tower::service_fn;

use crate::simulator::{
    scripted::{delivery, seconds},
    sites::{serve, serve_actix_with, url},
};

const KEPT: usize = 64 * 1024;

/// Frames of so many bytes, and then this.
#[derive(Clone, Copy)]
struct Long {
    frame: usize,
    frames: usize,
    then: Then,
}

#[derive(Clone, Copy)]
enum Then {
    End,
    Stall,
    Fail,
}

impl http_body::Body for Long {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
        match (self.frames.checked_sub(1), self.then) {
            (Some(left), _) => {
                self.frames = left;
                Poll::Ready(Some(Ok(Frame::data(vec![b'x'; self.frame].into()))))
            }
            (None, Then::End) => Poll::Ready(None),
            (None, Then::Stall) => Poll::Pending,
            (None, Then::Fail) => Poll::Ready(Some(Err(std::io::Error::other("told to")))),
        }
    }
}

async fn sent(target: impl Target, deadline: Option<Duration>) -> Result<Answer, SendErrorKind> {
    let retries = deadline.map_or(Retries::new(), |deadline| Retries::new().deadline(deadline));
    let simulator = Simulator::new(target).with_retries(retries);
    let request = delivery();
    let report = timeout(seconds(60), simulator.deliver(&request)).await.expect("it does not hang");
    report.attempts()[0].result.as_ref().map(Answer::clone).map_err(SendError::kind)
}

/// The answer in process, and that over the wire.
async fn both(long: Long, deadline: Option<Duration>) -> [Result<Answer, SendErrorKind>; 2] {
    let router = Router::new().fallback(post(move || async move { Body::new(long).into_response() }));
    let address = serve(router.clone());
    let bare =
        service_fn(
            move |_: http::Request<SimulatedBody>| async move { Ok::<_, Infallible>(http::Response::new(long)) },
        );
    [
        sent(InProcess::new(bare, std::convert::identity), deadline).await,
        sent(Endpoint::new(url(address, "/")), deadline).await,
    ]
}

#[tokio::test]
async fn no_more_than_64_kib_of_a_body_are_kept() {
    for (frame, frames, kept) in [
        (0, 0, 0),
        (1, 1, 1),
        (KEPT, 1, KEPT),
        (KEPT - 1, 1, KEPT - 1),
        (KEPT + 1, 1, KEPT),
        (8 << 20, 1, KEPT),
        (1000, 65, 65_000),
        (1000, 66, KEPT),
    ] {
        for answer in both(Long { frame, frames, then: Then::End }, None).await {
            let answer = answer.expect("an answer");
            assert_eq!((answer.status.as_u16(), answer.body.len()), (200, kept));
            assert!(answer.body.iter().all(|&byte| byte == b'x'));
        }
    }
}

#[tokio::test]
async fn of_an_endless_body_the_beginning_is_read_and_then_the_sender_is_content() {
    for frame in [1, 1000, 1 << 20] {
        for answer in both(Long { frame, frames: usize::MAX, then: Then::End }, None).await {
            assert_eq!(answer.expect("an answer").body.len(), KEPT);
        }
    }
    // What comes after as much as is kept is not waited for.
    for answer in both(Long { frame: KEPT, frames: 1, then: Then::Stall }, None).await {
        assert_eq!(answer.expect("an answer").body.len(), KEPT);
    }
}

#[tokio::test]
async fn an_endless_body_of_actix_is_cut_off_too() {
    let address = serve_actix_with(|config| {
        let endless = || async {
            let chunks = futures_util::stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 1000])));
            actix_web::HttpResponse::Ok().streaming(chunks)
        };
        config.default_service(actix_web::web::post().to(endless));
    });
    let answer = sent(Endpoint::new(url(address, "/")), None).await.expect("an answer");
    assert_eq!(answer.body.len(), KEPT);
}

#[tokio::test]
async fn an_answer_that_does_not_end_in_time_is_none() {
    for answer in both(Long { frame: 10, frames: 3, then: Then::Stall }, Some(seconds(1))).await {
        assert_eq!(answer.expect_err("no whole answer"), SendErrorKind::DeadlineExceeded);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    for answer in both(Long { frame: 10, frames: 3, then: Then::Fail }, None).await {
        assert_eq!(answer.expect_err("no whole answer"), SendErrorKind::NoAnswer);
    }
}

#[tokio::test]
async fn all_headers_of_the_answer_are_there() {
    let answer = || async {
        let headers = [("x-one", "1"), ("x-two", "2")];
        let mut response = (http::StatusCode::ACCEPTED, headers, "as you wish").into_response();
        response.headers_mut().append("x-one", http::HeaderValue::from_static("once more"));
        response
    };
    let router = Router::new().fallback(post(answer));
    let address = serve(router.clone());
    let here = sent(InProcess::new(router, Body::new), None).await;
    let there = sent(Endpoint::new(url(address, "/")), None).await;
    for answer in [here, there].map(|answer| answer.expect("an answer")) {
        assert_eq!(answer.headers.get_all("x-one").iter().collect::<Vec<_>>(), ["1", "once more"]);
        assert_eq!((&answer.headers["x-two"], answer.status.as_u16()), (&http::HeaderValue::from_static("2"), 202));
        assert_eq!(answer.body, "as you wish");
        assert!(!answer.is_duplicate());
    }
}

#[test]
fn a_duplicate_is_what_the_header_says_and_nothing_else() {
    let answer = |headers: &[(&'static str, &'static str)]| {
        let headers = headers
            .iter()
            .map(|&(name, value)| (http::HeaderName::from_static(name), http::HeaderValue::from_static(value)));
        Answer::new(http::StatusCode::OK, headers.collect(), Bytes::new())
    };
    assert!(answer(&[("countersign-delivery", "duplicate")]).is_duplicate());
    assert!(!answer(&[("countersign-delivery", "new")]).is_duplicate());
    assert!(!answer(&[("x-delivery", "duplicate")]).is_duplicate());
}

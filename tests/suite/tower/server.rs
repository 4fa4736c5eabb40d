//! hyper without a framework, on a real socket, by the recipe of the tower crate's README.

use std::{
    convert::Infallible,
    io::Write,
    net::{Shutdown, SocketAddr},
    time::Duration,
};

use bytes::Bytes;
use countersign::{
    providers::{ScreenshotRun, Zeodyn},
    tower::{VerifyWebhook, Webhook},
};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, ServiceExt};

use crate::tower::{
    Response,
    convert::{documented, odd, of},
    support::http::{Answer, Framing, Request, connect, read_answer},
};

/// A body that can hold any other, and bytes.
pub(crate) struct AnyBody(pub(crate) UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>);

impl From<Bytes> for AnyBody {
    fn from(bytes: Bytes) -> Self {
        Self(Full::new(bytes).map_err(Into::into).boxed_unsync())
    }
}

impl http_body::Body for AnyBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::pin::Pin::new(&mut self.0).poll_frame(cx)
    }
}

/// Answers with the body it was given.
async fn echo(request: http::Request<AnyBody>) -> Result<Response, Infallible> {
    Webhook::<Zeodyn>::from_extensions(request.extensions()).expect("a delivery");
    let body = request.into_body().collect().await.expect("a body").to_bytes();
    Ok(Response::new(body.into()))
}

/// Answers with the target it was given.
async fn show(request: http::Request<AnyBody>) -> Result<Response, Infallible> {
    Ok(Response::new(request.uri().to_string().into()))
}

async fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let recipe =
        |request: http::Request<Incoming>| request.map(|body| AnyBody(body.map_err(Into::into).boxed_unsync()));
    let zeodyn = ServiceBuilder::new()
        .map_request(recipe)
        .layer(VerifyWebhook::zeodyn(of::<Zeodyn>().secret()).with_body_timeout(Duration::from_millis(1500)))
        .service_fn(echo);
    let run = ServiceBuilder::new()
        .map_request(recipe)
        .layer(VerifyWebhook::screenshotrun(of::<ScreenshotRun>().secret()))
        .service_fn(show);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let (zeodyn, run) = (zeodyn.clone(), run.clone());
            let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
                let (zeodyn, run) = (zeodyn.clone(), run.clone());
                async move {
                    if request.uri().path() == "/webhooks/zeodyn" {
                        zeodyn.oneshot(request).await
                    } else {
                        run.oneshot(request).await
                    }
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

async fn send(address: SocketAddr, request: Request) -> Answer {
    tokio::task::spawn_blocking(move || request.send(address)).await.expect("an answer")
}

#[tokio::test]
async fn hyper_serves_genuine_deliveries_byte_for_byte() {
    let address = serve().await;
    let request = of::<Zeodyn>().genuine(odd::<Zeodyn>(10_000));
    for framing in [Framing::Length, Framing::Chunked(1000), Framing::Chunked(usize::MAX)] {
        let answer = send(address, request.clone().framed(framing)).await;
        assert_eq!((answer.status, answer.body.as_bytes()), (200, &*request.body), "{framing:?}");
    }
}

#[tokio::test]
async fn hyper_answers_what_is_rejected() {
    let address = serve().await;
    let genuine = documented::<Zeodyn>();
    let over = of::<Zeodyn>().genuine(vec![b' '; countersign::adapter::DEFAULT_BODY_LIMIT + 1]);
    for (request, status) in [
        (of::<Zeodyn>().proven_with(b"guessed", genuine.body.clone()), 401),
        (genuine.clone().with_method("PUT"), 405),
        (over.clone(), 413),
        (over.framed(Framing::Chunked(10_000)), 413),
        (genuine.clone().with_header("content-encoding", "gzip"), 415),
        (genuine.clone().framed(Framing::Unfinished), 400),
        (genuine.clone().framed(Framing::Declared(100_000)), 400),
    ] {
        let answer = send(address, request).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
    let stalled = tokio::task::spawn_blocking(move || {
        let stream = connect(address);
        (&stream).write_all(&genuine.head()).expect("a connection");
        let answer = read_answer(&stream);
        let _ = stream.shutdown(Shutdown::Both);
        answer
    });
    assert_eq!(stalled.await.unwrap().expect("an answer").status, 408);
}

#[tokio::test]
async fn t19_hypers_service_does_not_see_the_token() {
    let address = serve().await;
    let genuine = documented::<ScreenshotRun>();
    let answer = send(address, genuine.clone()).await;
    assert_eq!((answer.status, &*answer.body), (200, "/webhooks/screenshotrun"));
    let (path, token) = genuine.target.split_once('?').unwrap();
    let answer = send(address, genuine.clone().with_target(format!("{path}?a=%20&{token}&b"))).await;
    assert_eq!((answer.status, &*answer.body), (200, "/webhooks/screenshotrun?a=%20&b"));
}

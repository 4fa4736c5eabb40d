//! Receivers that are not there, or say nothing.

use std::{
    error::Error,
    future::{Ready, ready},
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    task::{Context, Poll},
    thread,
};

use axum::{Router, routing::post};
use bytes::Bytes;
use countersign_testkit::{
    Endpoint, InProcess, NextAttempt, Report, SendErrorKind, Sending, Simulator, SimulatorClock,
};
use http::{Request, Response};
use http_body_util::Full;
use tokio::net::TcpSocket;
use tower::Service;

use crate::simulator::{
    scripted::{Scripted, delivery, seconds},
    sites::url,
    work::lock,
};

fn kinds(report: &Report) -> Vec<Option<SendErrorKind>> {
    report.attempts().iter().map(|attempt| attempt.result.as_ref().err().map(|error| error.kind())).collect()
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_tried_again_until_it_is() {
    // Connections are refused until it listens, and nothing else uses the port.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let target = Endpoint::new(url(socket.local_addr().unwrap(), "/"));
    let socket = Mutex::new(Some(socket));
    let simulator = Simulator::new(target).with_clock(SimulatorClock::skipping()).with_sending(move |attempt| {
        if attempt == 3 {
            let listener = lock(&socket).take().expect("once").listen(8).expect("it listens");
            let router = Router::new().fallback(post(|| async {}));
            tokio::spawn(async move { axum::serve(listener, router).await });
        }
        Sending::Whole
    });
    let report = simulator.deliver(&delivery()).await;
    assert_eq!(kinds(&report), [Some(SendErrorKind::NoConnection), Some(SendErrorKind::NoConnection), None]);
    assert_eq!(report.statuses(), [0, 0, 200]);
    assert_eq!(report.attempts()[0].next, NextAttempt::After(seconds(30)));
}

/// Does this with every connection.
fn rudely(treat: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || listener.incoming().map_while(Result::ok).for_each(treat));
    address
}

/// Head and body.
fn read(stream: &mut TcpStream) {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    let whole = delivery().body().len();
    while request.windows(4).position(|end| end == b"\r\n\r\n").is_none_or(|end| request.len() < end + 4 + whole) {
        match stream.read(&mut buffer) {
            Ok(read @ 1..) => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
}

#[tokio::test]
async fn a_server_that_closes_or_answers_rubbish_gives_no_answer() {
    for (what, treat) in [
        ("closes at once", drop as fn(TcpStream)),
        ("closes after the request", |mut stream| read(&mut stream)),
        ("says something else", |mut stream| {
            read(&mut stream);
            let _ = stream.write_all(b"220 mail.example ESMTP\r\n");
        }),
        ("closes in the head", |mut stream| {
            read(&mut stream);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Le");
        }),
        ("closes in the body", |mut stream| {
            read(&mut stream);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
        }),
    ] {
        let simulator = Simulator::new(Endpoint::new(url(rudely(treat), "/"))).with_clock(SimulatorClock::skipping());
        let report = simulator.deliver(&delivery()).await;
        assert_eq!(kinds(&report), [Some(SendErrorKind::NoAnswer); 4], "it {what}");
        assert_eq!(report.statuses(), [0; 4], "it {what}");
        assert_eq!(report.attempts()[3].next, NextAttempt::GivenUp);
    }
}

/// A service that fails, or is not ready at first.
#[derive(Clone)]
struct Failing {
    when: When,
    polls: Arc<Mutex<u32>>,
}

#[derive(Clone, Copy, PartialEq)]
enum When {
    Ready,
    Call,
    Never,
}

impl<B> Service<Request<B>> for Failing {
    type Response = Response<Full<Bytes>>;
    type Error = &'static str;
    type Future = Ready<Result<Self::Response, &'static str>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        *lock(&self.polls) += 1;
        if *lock(&self.polls) < 3 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(if self.when == When::Ready { Err("not today") } else { Ok(()) })
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        assert!(*lock(&self.polls) >= 3, "called before it was ready");
        ready(if self.when == When::Call { Err("not today") } else { Ok(Response::default()) })
    }
}

#[tokio::test]
async fn a_service_that_fails_gives_no_answer_and_is_tried_again() {
    for when in [When::Ready, When::Call] {
        let service = Failing { when, polls: Arc::default() };
        let target = InProcess::new::<countersign_testkit::SimulatedBody>(service, std::convert::identity);
        let report = Simulator::new(target).with_clock(SimulatorClock::skipping()).deliver(&delivery()).await;
        assert_eq!(kinds(&report), [Some(SendErrorKind::NoAnswer); 4]);
        let error = report.attempts()[0].result.as_ref().expect_err("no answer");
        assert_eq!(error.source().expect("a source").to_string(), "not today");
    }
}

#[tokio::test]
async fn a_service_is_waited_for_until_it_is_ready() {
    let service = Failing { when: When::Never, polls: Arc::default() };
    let polls = Arc::clone(&service.polls);
    let target = InProcess::new::<countersign_testkit::SimulatedBody>(service, std::convert::identity);
    assert_eq!(Simulator::new(target).deliver(&delivery()).await.statuses(), [200]);
    assert_eq!(*lock(&polls), 3);
}

#[tokio::test]
async fn a_simulator_of_either_target_can_be_sent_to_another_task() {
    let here = Simulator::new(Scripted::new(|_| 200).target());
    assert!(tokio::spawn(async move { here.deliver(&delivery()).await.is_accepted() }).await.unwrap());
    let there = Simulator::new(Endpoint::new(url(rudely(drop), "/"))).with_clock(SimulatorClock::skipping());
    let reports = tokio::spawn(async move { there.deliver_concurrently(&delivery(), 2).await });
    assert!(reports.await.unwrap().iter().all(|report| !report.is_accepted()));
}

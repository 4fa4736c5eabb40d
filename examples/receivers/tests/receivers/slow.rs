//! Bodies that stall or arrive slowly.

use std::{
    io::{ErrorKind, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use crate::{
    process::{Process, is_so_within},
    support::{
        http::{Answer, Framing, Request, connect, read_answer},
        sender,
    },
};

for_both![
    t17_a_body_that_stalls_is_answered_408,
    t17_a_body_that_arrives_slowly_is_answered_408,
    t17_the_connection_of_a_rejected_sender_of_a_length_is_closed,
    t17_the_connection_of_a_rejected_sender_of_chunks_is_closed,
];

const DEADLINE: std::ops::Range<Duration> = Duration::from_millis(4500)..Duration::from_secs(18);

/// Returns requests in both framings, and how many bytes of the body are sent: none, half, and all but one.
fn cases() -> Vec<(Request, usize)> {
    let mut cases = Vec::new();
    for provider in ["zeodyn", "screenshotrun"] {
        let sender = sender(provider);
        for framing in [Framing::Length, Framing::Chunked(64)] {
            let request = sender.genuine(sender.fixture().body).framed(framing);
            let all = request.bytes().len() - request.head().len();
            cases.extend([0, all / 2, all - 1].map(|sent| (request.clone(), sent)));
        }
    }
    cases
}

fn t17_a_body_that_stalls_is_answered_408(name: &str) {
    let mut process = Process::start(name);
    let address = process.address;
    thread::scope(|scope| {
        for (request, sent) in cases() {
            scope.spawn(move || assert_times_out(&start(address, &request, sent), &request, sent));
        }
    });
    process.assert_well_and_printed(&[]);
}

fn t17_a_body_that_arrives_slowly_is_answered_408(name: &str) {
    let mut process = Process::start(name);
    let address = process.address;
    thread::scope(|scope| {
        for (request, _) in cases().into_iter().step_by(3) {
            scope.spawn(move || {
                let stream = start(address, &request, 0);
                let is_answered = AtomicBool::new(false);
                let body = &request.bytes()[request.head().len()..];
                assert!(body.len() > 50, "it takes more than 10 s");
                thread::scope(|scope| {
                    scope.spawn(|| {
                        for byte in body {
                            if is_answered.load(Ordering::Relaxed) || (&stream).write_all(&[*byte]).is_err() {
                                break;
                            }
                            thread::sleep(Duration::from_millis(200));
                        }
                    });
                    assert_times_out(&stream, &request, 0);
                    is_answered.store(true, Ordering::Relaxed);
                });
            });
        }
    });
    process.assert_well_and_printed(&[]);
}

fn t17_the_connection_of_a_rejected_sender_of_a_length_is_closed(name: &str) {
    assert_closes_after_a_rejection(name, Framing::Length);
}

fn t17_the_connection_of_a_rejected_sender_of_chunks_is_closed(name: &str) {
    assert_closes_after_a_rejection(name, Framing::Chunked(64));
}

/// Otherwise an attacker who sends a bad request, and never the end of its body, could use up all connections.
fn assert_closes_after_a_rejection(name: &str, framing: Framing) {
    let process = Process::start(name);
    let sender = sender("zeodyn");
    let genuine = sender.genuine(sender.fixture().body).framed(framing);
    let rejected = [
        (408, genuine.clone()),
        (405, genuine.clone().with_method("PUT")),
        (415, genuine.clone().with_header("Content-Encoding", "gzip")),
        (401, sender.unproven(genuine.body).framed(framing)),
    ];
    let mut kept: Vec<(u16, TcpStream)> = Vec::new();
    for (status, request) in rejected {
        let stream = start(process.address, &request, request.body.len() / 2);
        assert_eq!(read_answer(&stream).expect("an answer").status, status);
        kept.push((status, stream));
    }
    is_so_within(Duration::from_secs(20), || {
        kept.retain(|(_, stream)| {
            stream.set_nonblocking(true).expect("a socket");
            stream.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
        });
        kept.is_empty()
    });
    let open: Vec<u16> = kept.iter().map(|(status, _)| *status).collect();
    assert_eq!(open, [0; 0], "these answers left their connections open for 20 s");
}

/// Sends a request's head and the first bytes of its framed body.
fn start(address: SocketAddr, request: &Request, sent: usize) -> TcpStream {
    let stream = connect(address);
    (&stream).write_all(&request.bytes()[..request.head().len() + sent]).expect("a server that reads");
    stream
}

#[track_caller]
fn assert_times_out(stream: &TcpStream, request: &Request, sent: usize) {
    let start = Instant::now();
    let answer: Option<Answer> = read_answer(stream);
    let took = start.elapsed();
    let answer = answer.unwrap_or_else(|| panic!("{:?}, {sent} bytes: no answer", request.framing));
    let essentials = (answer.status, answer.header("content-type"));
    assert_eq!(essentials, (408, Some("application/problem+json")), "{:?}, {sent} bytes", request.framing);
    assert!(DEADLINE.contains(&took), "{:?}, {sent} bytes: it took {took:?}", request.framing);
}

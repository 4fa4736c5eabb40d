//! SIGTERM: no new delivery is accepted, those in flight are finished, and no connection delays the end.

use std::{
    io::Write,
    net::TcpStream,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{
    process::{Process, is_so_within, line, zeodyn},
    support::{
        http::{Framing, connect, read_answer},
        receiver,
        redis::Redis,
        sender,
    },
};

for_both![
    an_idle_receiver_ends_at_once,
    f20_a_connection_that_is_kept_alive_does_not_delay_the_end,
    f20_a_delivery_in_flight_is_finished_and_new_connections_are_rejected,
    f20_stalled_connections_do_not_delay_the_end,
    c16_a_handler_whose_sender_hung_up_ends_within_the_grace,
    c16_a_handler_that_outlasts_the_grace_is_stopped_and_its_retry_runs,
];

/// A little more than the receivers' grace of 9 s.
const LIMIT: Duration = Duration::from_secs(11);

/// More than a busy machine takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn an_idle_receiver_ends_at_once(name: &str) {
    let mut process = Process::start(name);
    assert_eq!(zeodyn("x").send(process.address).status, 200);
    process.assert_ends_within(Duration::from_secs(8));
    assert_eq!(process.printed(), line("zeodyn", "scan_complete", "x"));
}

fn f20_a_connection_that_is_kept_alive_does_not_delay_the_end(name: &str) {
    let mut process = Process::start(name);
    let kept_alive = String::from_utf8(zeodyn("x").bytes()).expect("ASCII").replace("Connection: close\r\n", "");
    let mut stream = connect(process.address);
    stream.write_all(kept_alive.as_bytes()).expect("a server that reads");
    assert_eq!(read_answer(&stream).expect("an answer").status, 200);
    let took = process.assert_ends_within(LIMIT);
    println!("{name} ends within {took:?} with a connection that is kept alive");
    assert_eq!(process.printed(), line("zeodyn", "scan_complete", "x"));
}

fn f20_a_delivery_in_flight_is_finished_and_new_connections_are_rejected(name: &str) {
    for framing in [Framing::Length, Framing::Chunked(30)] {
        let mut process = Process::start(name);
        let zeodyn = sender("zeodyn");
        let request = zeodyn.genuine(zeodyn.fixture().body).framed(framing);
        let bytes = request.bytes();
        let (first, second) = bytes.split_at(request.head().len() + request.body.len() / 2);
        let mut stream = connect(process.address);
        stream.write_all(first).expect("a server that reads");
        thread::sleep(Duration::from_millis(300));

        let start = Instant::now();
        process.signal("TERM");
        let address = process.address;
        let is_closed = is_so_within(Duration::from_secs(5), || TcpStream::connect(address).is_err());
        assert!(is_closed, "new connections are still accepted");
        assert_eq!(process.child.try_wait().expect("a child"), None, "it waits for the delivery");
        thread::sleep(Duration::from_secs(1).saturating_sub(start.elapsed()));

        stream.write_all(second).expect("a server that still reads");
        assert_eq!(read_answer(&stream).expect("an answer").status, 200);
        let took = process.assert_ended_by(start, LIMIT);
        println!("{name} ends within {took:?} with a delivery in flight");
        assert_eq!(process.printed(), line("zeodyn", "score_change", "https://example.com"));
    }
}

fn f20_stalled_connections_do_not_delay_the_end(name: &str) {
    let mut process = Process::start(name);
    let mut kept = Vec::new();
    for framing in [Framing::Length, Framing::Chunked(20)] {
        let request = zeodyn("x").framed(framing);
        let bytes = request.bytes();
        let (head, body) = (request.head().len(), request.body.len());
        // Five connections with half a body, two with half a head, two with nothing.
        for sent in [[head + body / 2; 5].as_slice(), &[head / 2; 2], &[0; 2]].concat() {
            let mut stream = connect(process.address);
            stream.write_all(&bytes[..sent]).expect("a server that reads");
            kept.push(stream);
        }
    }
    thread::sleep(Duration::from_millis(300));
    let took = process.assert_ends_within(LIMIT);
    println!("{name} ends within {took:?} with stalled connections");
    assert_eq!(process.printed(), "");
    drop(kept);
}

/// Starts a receiver, and a handler that takes this many seconds. Its sender resets the connection.
fn start_slow_handler(name: &str, set: impl FnOnce(&mut Command), seconds: u64) -> Process {
    let mut command = receiver::command(name);
    command.env("COUNTERSIGN_TEST_SLOW", format!("slow={seconds}"));
    set(&mut command);
    let process = Process::spawn(&command);
    let mut stream = connect(process.address);
    // The answer to `Expect` stays unread.
    stream.write_all(&zeodyn("slow").with_header("Expect", "100-continue").bytes()).expect("a server that reads");
    let is_running = || process.log().contains("COUNTERSIGN_TEST_SLOW");
    assert!(is_so_within(Duration::from_secs(20), is_running), "the handler runs");
    assert_eq!(zeodyn("slow").send(process.address).status, 409);
    drop(stream);
    process
}

fn c16_a_handler_whose_sender_hung_up_ends_within_the_grace(name: &str) {
    let mut process = start_slow_handler(name, |_| {}, 3);
    process.signal("TERM");
    let status = process.wait(PATIENCE).expect("it ends");
    assert_eq!(status.code(), Some(0), "{}", process.log());
    assert_eq!(process.printed(), line("zeodyn", "scan_complete", "slow"));
}

fn c16_a_handler_that_outlasts_the_grace_is_stopped_and_its_retry_runs(name: &str) {
    let redis = Redis::start();
    let set = |command: &mut Command| {
        command.env("COUNTERSIGN_REDIS_URL", &redis.url).env("COUNTERSIGN_GRACE", "1");
    };
    let mut command = receiver::command(name);
    set(&mut command);
    let other = Process::spawn(&command);
    let mut stopped = start_slow_handler(name, set, 100);
    assert_eq!(zeodyn("slow").send(other.address).status, 409);
    stopped.signal("TERM");
    let status = stopped.wait(PATIENCE).expect("it ends");
    assert_eq!(status.code(), Some(0), "{}", stopped.log());
    // Long before the lease of 10 s has expired.
    let answer = zeodyn("slow").send(other.address);
    assert_eq!((answer.status, answer.header("countersign-delivery")), (200, None), "{}", stopped.log());
    assert_eq!((&*stopped.printed(), &*other.printed()), ("", &*line("zeodyn", "scan_complete", "slow")));
    assert!(stopped.log().contains("handlers=1"), "{}", stopped.log());
}

//! SIGTERM: no new delivery is accepted, those in flight are finished, and no connection delays the end.

use std::{
    io::Write,
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use crate::{
    process::{Process, is_so_within, line, zeodyn},
    support::{
        http::{Framing, connect, read_answer},
        sender,
    },
};

for_both![
    an_idle_receiver_ends_at_once,
    f20_a_connection_that_is_kept_alive_does_not_delay_the_end,
    f20_a_delivery_in_flight_is_finished_and_new_connections_are_rejected,
    f20_stalled_connections_do_not_delay_the_end,
];

/// A little more than the receivers' grace of 9 s.
const LIMIT: Duration = Duration::from_secs(11);

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

//! Bodies: their size, their pieces, their pace, their end.

use std::{
    io::Write,
    thread,
    time::{Duration, Instant},
};

use crate::{
    support::{
        Sender,
        http::{Framing, connect, read_answer},
    },
    surfaces::Surface,
};

const LIMIT: usize = countersign::adapter::DEFAULT_BODY_LIMIT;

/// A genuine body of exactly this many bytes.
fn padded(sender: &Sender, length: usize) -> Vec<u8> {
    let mut body = sender.fixture().body;
    body.resize(length, b' ');
    body
}

pub(crate) fn t15_the_limit_is_inclusive(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let id = sender.id_of(&fixture.event, &fixture.body);
    for framing in [Framing::Length, Framing::Chunked(16 * 1024), Framing::Chunked(LIMIT + 1)] {
        let within = sender.genuine(padded(sender, LIMIT)).framed(framing);
        surface.accepts(sender, &within, &fixture.event, &id);
        let over = sender.genuine(padded(sender, LIMIT + 1)).framed(framing);
        surface.rejects(&over, 413);
    }
}

pub(crate) fn bodies_may_come_in_pieces(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let id = sender.id_of(&fixture.event, &fixture.body);
    for size in [1, 2, 63, 64, 65, 1000] {
        let request = sender.genuine(fixture.body.clone()).framed(Framing::Chunked(size));
        surface.accepts(sender, &request, &fixture.event, &id);
    }
    for size in [1000, 2047, 2048, 2049, 40_000] {
        let request = sender.genuine(padded(sender, 100_000)).framed(Framing::Chunked(size));
        surface.accepts(sender, &request, &fixture.event, &id);
    }
}

pub(crate) fn bodies_that_end_early_are_rejected(sender: &Sender, surface: &Surface) {
    let body = sender.fixture().body;
    let length = body.len() as u128;
    surface.rejects(&sender.genuine(body.clone()).framed(Framing::Declared(length + 1)), 400);
    surface.rejects(&sender.genuine(body.clone()).framed(Framing::Declared(LIMIT as u128)), 400);
    surface.rejects(&sender.genuine(body).framed(Framing::Unfinished), 400);
}

pub(crate) fn malformed_chunks_are_rejected(sender: &Sender, surface: &Surface) {
    let request = sender.genuine(sender.fixture().body).framed(Framing::Chunked(10));
    for chunks in
        ["zz\r\n{}\r\n0\r\n\r\n", "2\r\n{}xx0\r\n\r\n", "-2\r\n{}\r\n0\r\n\r\n", "fffffffffffffffff\r\n{}\r\n"]
    {
        let stream = connect(surface.address());
        (&stream).write_all(&request.head()).expect("a connection");
        (&stream).write_all(chunks.as_bytes()).expect("a connection");
        let answer = read_answer(&stream).unwrap_or_else(|| panic!("no answer to {chunks:?}"));
        assert_eq!(answer.status, 400, "{chunks:?}");
    }
}

/// The deadline is for the whole body: a sender of a byte now and then does not outrun it.
pub(crate) fn t17_slow_bodies_are_rejected(sender: &Sender, surface: &Surface) {
    let request = sender.genuine(sender.fixture().body);
    let start = Instant::now();
    let stalled = connect(surface.address());
    (&stalled).write_all(&request.head()).expect("a connection");
    let dribbled = connect(surface.address());
    (&dribbled).write_all(&request.head()).expect("a connection");
    let dribbler = dribbled.try_clone().expect("a connection");
    thread::spawn(move || {
        for byte in request.body {
            if (&dribbler).write_all(&[byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(250));
        }
    });
    for (what, stream) in [("stalled", &stalled), ("dribbled", &dribbled)] {
        let answer = read_answer(stream).unwrap_or_else(|| panic!("no answer to the {what} body"));
        assert_eq!(answer.status, 408, "{what}");
        // It waits for 20 s: a deadline for each byte would not have ended by then.
        assert!(start.elapsed().as_secs() >= 4, "{what}: {:?}", start.elapsed());
    }
}

//! Wrong lengths, and framings that two readers could read in two ways.

use std::{io::Write, time::Duration};

use crate::{
    process::{Process, answer_to, line, zeodyn},
    support::http::{Framing, Request, connect, read_answer},
};

for_both![
    t15_a_declared_length_over_the_limit_is_rejected_before_the_body_is_sent,
    t18_a_request_with_an_ambiguous_length_is_rejected,
    t18_a_length_and_chunks_never_turn_one_request_into_two,
];

fn t15_a_declared_length_over_the_limit_is_rejected_before_the_body_is_sent(name: &str) {
    let mut process = Process::start(name);
    for length in [1024 * 1024 + 1, 9_000_000_000_000_000, 1 << 63] {
        let mut stream = connect(process.address);
        stream.write_all(&zeodyn("x").framed(Framing::Declared(length)).head()).expect("a server that reads");
        let answer = read_answer(&stream).unwrap_or_else(|| panic!("{length}: no answer"));
        assert_eq!((answer.status, answer.header("content-type")), (413, Some("application/problem+json")), "{length}");
    }
    process.assert_well_and_printed(&[]);
}

fn t18_a_request_with_an_ambiguous_length_is_rejected(name: &str) {
    let mut process = Process::start(name);
    let request = zeodyn("x");
    let body = request.body.as_slice();
    let n = body.len();
    let digits = "9".repeat(40);
    for length in [
        &digits,
        "18446744073709551615",
        "18446744073709551616",
        "-1",
        "+58",
        "0x3a",
        "5 8",
        "58,",
        "58, 57",
        "NaN",
        "",
    ] {
        assert_rejected(&process, &request, &format!("Content-Length: {length}\r\n"), body);
    }
    for other in [n - 1, n + 1, 0] {
        let lengths = [format!("Content-Length: {n}\r\n"), format!("Content-Length: {other}\r\n")];
        assert_rejected(&process, &request, &lengths.concat(), body);
        assert_rejected(&process, &request, &[&*lengths[1], &*lengths[0]].concat(), body);
    }
    for size in ["zz", "-1", &format!("+{n:x}"), &format!("0x{n:x}"), &format!("-{n:x}"), "", ";", &"f".repeat(17)] {
        let chunked = [size.as_bytes(), b"\r\n", body, b"\r\n0\r\n\r\n"].concat();
        assert_rejected(&process, &request, "Transfer-Encoding: chunked\r\n", &chunked);
    }
    // A chunk that is one byte longer, or one byte shorter, than its declared size.
    for size in [n - 1, n + 1] {
        let chunked = [format!("{size:x}\r\n").as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
        assert_rejected(&process, &request, "Transfer-Encoding: chunked\r\n", &chunked);
    }
    let chunked = [format!("{n:x}\r\n").as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
    for coding in ["chunked, gzip", "chunked, identity", "xchunked", "identity"] {
        assert_rejected(&process, &request, &format!("Transfer-Encoding: {coding}\r\n"), &chunked);
    }
    process.assert_well_and_printed(&[]);
}

/// RFC 9112, section 6.1: a server may reject such a request (actix-web does), or ignore the length and read the chunks.
/// (hyper does that, and removes the length before a service sees it.) Either way it closes the connection, so that the bytes
/// behind the request are never read as another request.
fn t18_a_length_and_chunks_never_turn_one_request_into_two(name: &str) {
    let mut process = Process::start(name);
    let smuggled = String::from_utf8(zeodyn("smuggled").bytes()).expect("ASCII").replace("Connection: close\r\n", "");
    let mut lines = Vec::new();
    for case in 0..5 {
        let mut ids = ["a", "b"].map(|order| format!("{case}-{order}")).into_iter();
        let request = zeodyn("0-a");
        let n = request.body.len();
        let length_of_chunks = n + format!("{n:x}\r\n\r\n0\r\n\r\n").len();
        let length = [0, 4, n, length_of_chunks, length_of_chunks + smuggled.len()][case];
        let [one, other] = [format!("Content-Length: {length}\r\n"), "Transfer-Encoding: chunked\r\n".to_owned()];
        for framing in [one.clone() + &other, other + &one] {
            let id = ids.next().expect("an ID for each");
            let request = zeodyn(&id);
            let chunks = [format!("{n:x}\r\n").as_bytes(), request.body.as_slice(), b"\r\n0\r\n\r\n"].concat();
            let with_more = [chunks.as_slice(), smuggled.as_bytes()].concat();
            let bytes = raw(&request, &framing, &with_more);
            let answer = answer_to(process.address, &bytes, Duration::from_secs(2));
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{framing:?}: {answer:?}");
            match status(&answer) {
                Some(200) if answer.to_ascii_lowercase().contains("connection: close") => {
                    lines.push(line("zeodyn", "scan_complete", &id));
                }
                Some(400..500) => {}
                _ => panic!("{framing:?}: {answer:?}"),
            }
        }
    }
    process.assert_well_and_printed(&lines);
}

/// Returns the request with these header lines for its framing, and without `Connection: close`.
fn raw(request: &Request, framing: &str, body: &[u8]) -> Vec<u8> {
    let head = String::from_utf8(request.head()).expect("ASCII");
    let head = head.replace("Connection: close\r\n", "");
    let length = format!("Content-Length: {}\r\n", request.body.len());
    assert!(head.contains(&length));
    [head.replace(&length, framing).as_bytes(), body].concat()
}

#[track_caller]
fn assert_rejected(process: &Process, request: &Request, framing: &str, body: &[u8]) {
    let bytes = raw(request, framing, body);
    let answer = answer_to(process.address, &bytes, Duration::from_secs(7));
    let is_rejected = answer.is_empty() || status(&answer).is_some_and(|status| (400..500).contains(&status));
    assert!(is_rejected, "{framing:?}: {answer:?}");
    assert_eq!(process.printed(), "", "{framing:?}");
}

fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

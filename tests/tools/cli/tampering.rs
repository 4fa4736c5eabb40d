//! Deliveries that were tampered with, and receivers that notice.

use countersign_testkit::Tampering;

use crate::cli::{
    command::{run_command, send},
    support::{Sender, receiver::Receiver, senders},
};

for_both![every_tampering_is_answered_as_expected, what_is_not_possible_is_reported,];

/// What cannot be done, and why not.
fn impossible(sender: &Sender, tampering: Tampering) -> Option<&'static str> {
    match (sender.name, tampering) {
        ("screenshotrun", Tampering::WrongPrefix) => Some("its proof is not a signature"),
        ("screenshotrun" | "geoscored", Tampering::Stale) => Some("its proof covers no time of the event"),
        (_, Tampering::StaleTime | Tampering::WrongTime) => Some("its proof covers no time of sending"),
        (_, Tampering::SwappedId) => Some("its proof covers no ID of a delivery"),
        (_, Tampering::OtherUrl) => Some("its proof covers no URL"),
        _ => None,
    }
}

/// The status, and the end of the line.
fn expected(sender: &Sender, tampering: Tampering) -> (&'static str, &'static str) {
    match tampering {
        Tampering::FlippedBody | Tampering::Reserialised if !sender.is_signed() => {
            ("200 OK", "NOT PROTECTED: the proof does not cover the body")
        }
        Tampering::UnknownEvent => ("200 OK", "as expected"),
        Tampering::Duplicate => ("200 OK", "as expected: accepted as a duplicate"),
        Tampering::Stale => ("200 OK", "accepted: the server sets no maximum age"),
        // Or cut off, by a server that does not wait until the sender is done.
        Tampering::Oversized => ("", "as expected"),
        _ => ("401 Unauthorized", "as expected"),
    }
}

fn every_tampering_is_answered_as_expected(name: &str) {
    let receiver = Receiver::start(name);
    for sender in senders() {
        // The original is sent before each. It is handled here, so that later only what was tampered with can be handled.
        assert_eq!(send(&sender, &receiver, &[]).code, 0);
        assert_eq!(receiver.lines().len(), 1);
        for &tampering in Tampering::ALL.iter().filter(|tampering| impossible(&sender, **tampering).is_none()) {
            let outcome = send(&sender, &receiver, &["--tamper", tampering.name()]);
            assert_eq!(outcome.code, 0, "{outcome:?}");
            let lines: Vec<_> = outcome.stdout.lines().rev().collect();
            assert!(
                lines[2].starts_with(sender.events[0]) && lines[2].ends_with("  accepted: not tampered with"),
                "{outcome:?}"
            );
            let (status, end) = expected(&sender, tampering);
            let label = format!("{}, {tampering}  ", sender.events[0]);
            assert!(
                lines[1].starts_with(&label) && lines[1].contains(status) && lines[1].ends_with(end),
                "{outcome:?}"
            );
            assert!(lines[0].contains("; all as expected; "), "{outcome:?}");
            let handled = receiver.lines().len();
            match status {
                "200 OK" => assert!(handled <= 1, "{sender:?} {tampering}: {handled}"),
                _ => assert_eq!(handled, 0, "{sender:?} {tampering}"),
            }
        }
    }
}

fn what_is_not_possible_is_reported(name: &str) {
    let receiver = Receiver::start(name);
    for sender in senders() {
        for &tampering in Tampering::ALL {
            if let Some(why) = impossible(&sender, tampering) {
                let outcome = send(&sender, &receiver, &["--tamper", tampering.name()]);
                assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
                let start = format!("error: {tampering} is not possible for ");
                assert!(outcome.stderr.starts_with(&start), "{outcome:?}");
                assert!(outcome.stderr.ends_with(&format!(": {why}\n")), "{outcome:?}");
            }
        }
    }
}

/// A server that takes everything is found out.
#[test]
fn a_server_that_does_not_verify_is_found_out() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let answer = |request: &mut tiny::Request| request.answer("200 OK");
        tiny::serve(&listener, 4, answer);
    });
    for (tampering, code) in [("flipped-tag", 1), ("unknown-event", 0)] {
        let arguments = ["send", "zeodyn", "--to", &to, "--secret-env", "ZEODYN_WEBHOOK_SECRET", "--tamper", tampering];
        let outcome = run_command(&mut crate::cli::command::command(&arguments), b"");
        assert_eq!(outcome.code, code, "{outcome:?}");
        assert_eq!(outcome.stdout.contains("  NOT AS EXPECTED\n"), code == 1, "{outcome:?}");
        assert_eq!(outcome.stdout.contains("; 1 NOT as expected; "), code == 1, "{outcome:?}");
    }
    server.join().unwrap();
}

/// A server that rejects everything shows nothing by rejecting what was tampered with.
#[test]
fn a_server_with_another_secret_is_found_out() {
    let receiver = Receiver::start("axum_receiver");
    for sender in senders() {
        let to = format!("http://{}{}", receiver.address, sender.path());
        for &tampering in Tampering::ALL.iter().filter(|tampering| impossible(&sender, **tampering).is_none()) {
            let arguments = ["send", sender.name, "--to", &to, "--secret-env", "ANOTHER", "--tamper", tampering.name()];
            let outcome = run_command(crate::cli::command::command(&arguments).env("ANOTHER", "another"), b"");
            assert_eq!(outcome.code, 1, "{outcome:?}");
            let remark =
                "NOT AS EXPECTED: a server that rejects the original as well proves nothing about the tampered one";
            assert!(outcome.stdout.lines().next().is_some_and(|line| line.ends_with(remark)), "{outcome:?}");
        }
    }
}

/// The least of a server, for what no framework would do.
pub(crate) mod tiny {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::{TcpListener, TcpStream},
    };

    pub(crate) struct Request {
        stream: TcpStream,
        /// All of it, as it came.
        pub(crate) bytes: Vec<u8>,
    }

    impl Request {
        pub(crate) fn answer(&mut self, status: &str) {
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            self.stream.write_all(answer.as_bytes()).unwrap();
        }
    }

    /// Reads so many requests, each on a connection of its own, and has them answered.
    pub(crate) fn serve(listener: &TcpListener, count: usize, answer: impl Fn(&mut Request)) {
        for _ in 0..count {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut length, mut bytes) = (0, Vec::new());
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                bytes.extend_from_slice(line.as_bytes());
                let line = line.trim_end().to_ascii_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.is_empty() {
                    break;
                }
            }
            reader.take(length).read_to_end(&mut bytes).unwrap();
            answer(&mut Request { stream, bytes });
        }
    }
}

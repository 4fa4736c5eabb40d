//! The answer to a delivery, and the line that is printed.

use std::time::Duration;

use crate::{
    process::{Process, answer_to, line, zeodyn},
    support::{
        http::Framing,
        receiver::{Line, command},
        sender, senders,
    },
};

for_both![
    every_documented_delivery_prints_its_line_once_and_nothing_else,
    a_line_has_a_fixed_format,
    other_methods_and_paths_print_nothing,
    t12_a_handler_that_fails_is_answered_500_and_its_retry_is_handled,
    t27_a_handler_that_panics_is_answered_500_and_its_retry_is_handled,
    t24_an_id_with_any_characters_is_printed_in_one_json_line,
];

fn every_documented_delivery_prints_its_line_once_and_nothing_else(name: &str) {
    let mut process = Process::start(name);
    let mut lines = Vec::new();
    for sender in senders() {
        for fixture in sender.fixtures() {
            let (event, body) = (&fixture.event, &fixture.body);
            // Signed by openssl, with the current secret and with the previous one.
            let requests = match [&fixture.tag, &fixture.previous_tag] {
                [Some(current), Some(previous)] => [current, previous].map(|tag| sender.with_tag(tag, body.as_slice())),
                _ => [sender.secret(), sender.previous_secret()]
                    .map(|token| sender.proven_with(token.as_bytes(), body.as_slice())),
            };
            let attempts =
                requests.into_iter().flat_map(|request| [request.clone(), request.framed(Framing::Chunked(100))]);
            for (attempt, request) in attempts.enumerate() {
                let answer = request.send(process.address);
                assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{} {event}", sender.name);
                // Test events look alike, so they are never duplicates.
                let is_duplicate = attempt > 0 && event != "scan.test";
                assert_eq!(answer.header("countersign-delivery"), is_duplicate.then_some("duplicate"), "{event}");
                if !is_duplicate {
                    lines.push(line(sender.name, event, &sender.id_of(event, body)));
                }
                assert_eq!(process.printed(), lines.concat());
            }
        }
    }
    process.assert_well_and_printed(&lines);
}

fn a_line_has_a_fixed_format(name: &str) {
    let process = Process::start(name);
    for (provider, event) in [("zeodyn", "scan_complete"), ("screenshotrun", "screenshot.failed")] {
        let sender = sender(provider);
        let fixture = sender.fixtures().into_iter().find(|fixture| fixture.event == event).expect("documented");
        assert_eq!(sender.genuine(fixture.body).send(process.address).status, 200);
    }
    let expected = concat!(
        r#"{"provider":"zeodyn","event":"scan_complete","id":"a1b2c3d4-e5f6-7890-abcd-ef1234567890"}"#,
        "\n",
        r#"{"provider":"screenshotrun","event":"screenshot.failed","id":"550e8400-e29b-41d4-a716-446655440000"}"#,
        "\n",
    );
    assert_eq!(process.printed(), expected);
}

fn other_methods_and_paths_print_nothing(name: &str) {
    let mut process = Process::start(name);
    for sender in senders() {
        let genuine = sender.genuine(sender.fixture().body);
        for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "post"] {
            let answer = genuine.clone().with_method(method).send(process.address);
            let essentials = (answer.status, answer.header("allow"), answer.header("content-type"));
            assert_eq!(essentials, (405, Some("POST"), Some("application/problem+json")), "{method} {}", sender.name);
        }
        let head = genuine.clone().with_method("HEAD").bytes();
        let answer = answer_to(process.address, &head, Duration::from_secs(10));
        assert!(answer.starts_with("HTTP/1.1 405 ") && answer.ends_with("\r\n\r\n"), "HEAD: {answer:?}");

        let path = sender.path();
        for target in [
            "/".to_owned(),
            "/webhooks".to_owned(),
            "/webhooks/".to_owned(),
            format!("/{}", sender.name),
            format!("{path}/"),
            format!("{path}x"),
            format!("{path}/x"),
            format!("/{path}"),
            format!("/x/..{path}"),
            path.to_uppercase(),
            format!("/v1{path}?token=x"),
        ] {
            for method in ["POST", "GET"] {
                let request = genuine.clone().with_target(target.as_str()).with_method(method);
                assert_eq!(request.send(process.address).status, 404, "{method} {target}");
            }
        }
    }
    process.assert_well_and_printed(&[]);
}

fn t12_a_handler_that_fails_is_answered_500_and_its_retry_is_handled(name: &str) {
    fails_once(name, "COUNTERSIGN_TEST_FAIL_ONCE");
}

fn t27_a_handler_that_panics_is_answered_500_and_its_retry_is_handled(name: &str) {
    fails_once(name, "COUNTERSIGN_TEST_PANIC_ONCE");
}

fn fails_once(name: &str, variable: &str) {
    let mut command = command(name);
    command.env(variable, "poison-1,poison-2");
    let mut process = Process::spawn(&command);
    let mut lines = Vec::new();
    for id in ["poison-1", "poison-2"] {
        let request = zeodyn(id);
        assert_eq!(request.send(process.address).status, 500);
        assert_eq!(process.printed(), lines.concat(), "the delivery was not handled");
        lines.push(line("zeodyn", "scan_complete", id));
        for _ in 0..2 {
            assert_eq!(request.send(process.address).status, 200);
            assert_eq!(process.printed(), lines.concat(), "the retry was handled, once");
        }
    }
    process.assert_well_and_printed(&lines);
}

fn t24_an_id_with_any_characters_is_printed_in_one_json_line(name: &str) {
    let mut process = Process::start(name);
    let ids = [
        "two\nlines",
        "a \"quoted\" \\ one\\n",
        "x\"}\n{\"provider\":\"zeodyn\",\"event\":\"scan_complete\",\"id\":\"forged\"}\n",
        "x\r\n2026-01-01T00:00:00.000000Z  INFO axum_receiver: listening on 127.0.0.1:1\r\n",
        "\u{1b}[2K\u{1b}[1Aerased\u{8}\u{7}\0",
        "\u{2028}\u{85}\u{202e}naïve 🦀",
    ];
    let mut lines = Vec::new();
    for id in ids {
        for sender in senders() {
            // The event's name is printed, too, and can be any text if the event is unknown.
            for event in [sender.events[0], id] {
                let data = serde_json::json!({"id": id});
                let body = serde_json::json!({
                    "event": event, "url": id, "screenshot_id": id, "scan_id": id, "data": data,
                });
                let status = sender.genuine(body.to_string()).send(process.address).status;
                assert_eq!(status, 200, "{} {id:?}", sender.name);
                lines.push(Line { provider: sender.name.to_owned(), event: event.to_owned(), id: id.to_owned() });
            }
        }
    }
    let printed = process.printed();
    let parsed: Vec<Line> = printed.split_terminator('\n').map(|text| serde_json::from_str(text).unwrap()).collect();
    assert_eq!(parsed, lines);
    let log = process.log();
    assert!(!log.contains("forged") && !log.contains("127.0.0.1:1\n") && !log.contains("erased"), "{log}");
    let lines: Vec<String> = printed.split_inclusive('\n').map(str::to_owned).collect();
    process.assert_well_and_printed(&lines);
}

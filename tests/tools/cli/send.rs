//! Deliveries that a receiver takes, and does not take.

use crate::cli::{
    command::{command, run_command, send},
    support::{
        receiver::{Line, Receiver},
        senders,
    },
};

for_both![
    every_documented_event_is_accepted_and_handled,
    a_repeated_delivery_is_handled_once,
    copies_at_the_same_time_are_handled_once,
    fields_that_are_set_arrive,
    a_body_from_a_file_arrives_as_it_is,
    every_attempt_is_a_document,
    a_secret_in_a_file_counts_to_its_last_byte,
    another_secret_is_rejected_and_reported,
];

fn every_documented_event_is_accepted_and_handled(name: &str) {
    let receiver = Receiver::start(name);
    for sender in senders() {
        let outcome = send(&sender, &receiver, &["--all-events"]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
        let lines: Vec<_> = outcome.stdout.lines().collect();
        assert_eq!(lines.len(), sender.events.len() + 1, "{outcome:?}");
        for (line, event) in lines.iter().zip(sender.events) {
            assert!(line.starts_with(event) && line.contains("  200 OK  ") && line.ends_with("  accepted"), "{line}");
        }
        let count = sender.events.len();
        let summary = format!("{count} deliveries: {count} accepted; ");
        assert!(lines[count].starts_with(&summary), "{outcome:?}");
        let handled: Vec<_> = receiver.lines().into_iter().map(|line| (line.provider, line.event)).collect();
        let expected: Vec<_> =
            sender.events.iter().map(|event| (sender.name.to_owned(), (*event).to_owned())).collect();
        assert_eq!(handled, expected);
    }
}

fn a_repeated_delivery_is_handled_once(name: &str) {
    let receiver = Receiver::start(name);
    for sender in senders() {
        let outcome = send(&sender, &receiver, &["--repeat", "5"]);
        assert_eq!(outcome.code, 0, "{outcome:?}");
        assert!(outcome.stdout.lines().next().unwrap().contains(" #1 "), "{outcome:?}");
        assert!(outcome.stdout.contains("5 deliveries: 5 accepted, 4 duplicates; "), "{outcome:?}");
        assert_eq!(receiver.lines().len(), 1, "{}", sender.name);
    }
}

fn copies_at_the_same_time_are_handled_once(name: &str) {
    let receiver = Receiver::start(name);
    let sender = crate::cli::support::sender("geoscored");
    // What comes while the first is being handled is answered 409: its provider sends it again.
    let outcome = send(&sender, &receiver, &["--repeat", "200", "--concurrency", "20", "--retry", "--speed", "50"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("200 accepted, 199 duplicates; "), "{outcome:?}");
    assert_eq!(receiver.lines().len(), 1);
    // Without that, it is no error.
    let arguments = ["--event", "scan.failed", "--repeat", "200", "--concurrency", "20"];
    let outcome = send(&sender, &receiver, &arguments);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let is_known = |line: &str| {
        let ends = ["accepted", "accepted as a duplicate", "another copy is being handled"];
        ends.iter().any(|end| line.ends_with(&format!("  {end}")))
    };
    assert!(outcome.stdout.lines().take(200).all(is_known), "{outcome:?}");
    assert_eq!(receiver.lines().len(), 1);
}

fn fields_that_are_set_arrive(name: &str) {
    let receiver = Receiver::start(name);
    let sender = crate::cli::support::sender("zeodyn");
    let outcome =
        send(&sender, &receiver, &["--event", "scan_complete", "--set", "/scanId=42=x", "--set", "/score=72.0"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let line = Line { provider: "zeodyn".to_owned(), event: "scan_complete".to_owned(), id: "42=x".to_owned() };
    assert_eq!(receiver.lines(), [line]);
}

fn a_body_from_a_file_arrives_as_it_is(name: &str) {
    let receiver = Receiver::start(name);
    let body = " {\"event\" : \"unheard_of\",\r\n\t\"scan_id\": \"s 1\"}\n\n";
    for sender in senders() {
        let to = format!("http://{}{}", receiver.address, sender.path());
        let variable = sender.variable();
        let arguments = ["send", sender.name, "--to", &to, "--secret-env", &variable, "--body", "-"];
        let outcome = run_command(&mut command(&arguments), body.as_bytes());
        assert_eq!(outcome.code, 0, "{outcome:?}");
        let lines = receiver.lines();
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].provider.as_str(), lines[0].event.as_str()), (sender.name, "unheard_of"));
    }
}

fn every_attempt_is_a_document(name: &str) {
    let receiver = Receiver::start(name);
    for sender in senders() {
        let outcome = send(&sender, &receiver, &["--all-events", "--json"]);
        assert_eq!(outcome.code, 0, "{outcome:?}");
        let documents = outcome.documents();
        let (summary, attempts) = documents.split_last().expect("documents");
        for (attempt, event) in attempts.iter().zip(sender.events) {
            assert_eq!(attempt["delivery"], **event);
            assert_eq!((&attempt["attempt"], &attempt["status"]), (&1.into(), &200.into()));
            assert_eq!((&attempt["error"], &attempt["next"]), (&serde_json::Value::Null, &"none".into()));
            assert_eq!(attempt["as_expected"], true);
            assert!(attempt["took_ms"].as_f64().is_some_and(|took| took > 0.0));
        }
        let count = sender.events.len();
        let expected = serde_json::json!({"summary": {
            "deliveries": count, "attempts": count, "accepted": count, "duplicates": 0, "rejected": 0, "unanswered": 0,
            "unexpected": 0,
        }});
        assert_eq!(*summary, expected);
    }
}

fn a_secret_in_a_file_counts_to_its_last_byte(name: &str) {
    let receiver = Receiver::start(name);
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    for sender in senders() {
        let to = format!("http://{}{}", receiver.address, sender.path());
        for (end, code) in [("", 0), ("\n", 1)] {
            let file = directory.join(format!("cli-secret-{name}-{}-{code}", sender.name));
            std::fs::write(&file, sender.secret() + end).unwrap();
            let file = file.to_str().unwrap();
            let outcome = run_command(&mut command(&["send", sender.name, "--to", &to, "--secret-file", file]), b"");
            assert_eq!(outcome.code, code, "{outcome:?}");
            let warning = format!(
                "warning: the secret in {file} begins or ends with white space, a line break or an invisible character. It is used byte for byte\n"
            );
            assert_eq!(outcome.stderr, if end.is_empty() { String::new() } else { warning });
        }
    }
}

fn another_secret_is_rejected_and_reported(name: &str) {
    let receiver = Receiver::start(name);
    let next = |provider: &str| match provider {
        "screenscore" => "ScreenScore AI would retry after 30 s: attempt 2 of 4",
        "screenshotcenter" => "ScreenshotCenter would retry; its page does not say when",
        "screenshotrun" => "ScreenshotRun would retry after 30 s: attempt 2 of 4",
        "zeodyn" => "countersign does not know when Zeodyn retries",
        "geoscored" => "GeoScored would retry after 5 s: attempt 2 of 3",
        other => panic!("{other}"),
    };
    for sender in senders() {
        let to = format!("http://{}{}", receiver.address, sender.path());
        let arguments = ["send", sender.name, "--to", &to, "--secret-env", "ANOTHER"];
        let outcome = run_command(command(&arguments).env("ANOTHER", "another secret"), b"");
        let lines: Vec<_> = outcome.stdout.lines().collect();
        assert_eq!((outcome.code, lines.len()), (1, 3), "{outcome:?}");
        assert!(lines[0].contains("  401 Unauthorized  ") && lines[0].ends_with(next(sender.name)), "{outcome:?}");
        assert!(lines[1].starts_with("1 delivery: 0 accepted, 1 rejected; "), "{outcome:?}");
        let hint = "A 401 does not say why. The server's log does, and `countersign verify` for a captured request.";
        assert_eq!(lines[2], hint);
    }
    assert_eq!(receiver.lines(), []);
}

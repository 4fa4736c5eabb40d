//! The README's first command, and the other example that judges itself.

#![allow(clippy::expect_used)]

mod support;

use std::process::Command;

use support::{receiver::example, sender};

#[test]
fn the_quickstart_finds_everything_as_it_should_be() {
    let output = Command::new(example("quickstart")).output().expect("a program that starts");
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{table}{}", String::from_utf8_lossy(&output.stderr));
    assert!(table.ends_with("everything was answered as it should be\n"), "{table}");
    for name in ["screenscore", "screenshotcenter", "screenshotrun", "zeodyn", "geoscored"] {
        let sender = sender(name);
        let rows: Vec<&str> = table.lines().filter(|row| row.split(' ').next() == Some(name)).collect();
        for event in sender.events {
            assert!(rows.iter().any(|row| row.contains(&format!(" {event} ")) && row.contains(" 200 ")), "{event}");
        }
        for what in [
            "unknown",
            "first one again",
            "handler fails",
            "comes again",
            "forged",
            "truncated",
            "tampered",
            "oversized",
        ] {
            assert!(rows.iter().any(|row| row.contains(what)), "{name} {what}");
        }
    }
}

#[test]
fn secrets_per_scan_are_kept_from_the_first_to_the_last_delivery() {
    let output = Command::new(example("geoscored_per_scan")).output().expect("a program that starts");
    let lines = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{lines}{}", String::from_utf8_lossy(&output.stderr));
    assert!(lines.ends_with("\nhandled 4 deliveries, 2 secrets are kept for another hour\n"), "{lines}");
    for (start, count) in [("created ", 2), ("received scan.completed ", 4), ("answered 200 ", 4), ("answered 401 ", 2)]
    {
        assert_eq!(lines.lines().filter(|line| line.starts_with(start)).count(), count, "{start}in {lines}");
    }
}

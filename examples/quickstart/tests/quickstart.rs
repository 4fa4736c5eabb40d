//! The README's first command.

#![allow(clippy::expect_used)]

use std::process::Command;

use countersign_test_support::sender;

#[test]
fn the_quickstart_gets_every_answer_it_expects() {
    let output = Command::new(env!("CARGO_BIN_EXE_quickstart")).output().expect("a program that starts");
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{table}{}", String::from_utf8_lossy(&output.stderr));
    assert!(table.ends_with("every delivery was answered and handled as expected\n"), "{table}");
    for line in [
        "attempt 3 of difficult: done",
        "attempt 1 of broken: given up: a bug in the handler",
        "attempt 1 of broken: done",
    ] {
        assert!(table.contains(line), "{line}: {table}");
    }
    for name in ["screenscore", "screenshotcenter", "screenshotrun", "zeodyn", "geoscored"] {
        let sender = sender(name);
        let rows: Vec<&str> = table.lines().filter(|row| row.split(' ').next() == Some(name)).collect();
        for event in sender.events {
            assert!(rows.iter().any(|row| row.contains(&format!(" {event} ")) && row.contains(" 200 ")), "{event}");
        }
        for what in
            ["unknown", "first one again", "handler fails", "retried", "forged", "truncated", "tampered", "oversized"]
        {
            assert!(rows.iter().any(|row| row.contains(what)), "{name} {what}");
        }
    }
}

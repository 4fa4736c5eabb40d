//! The example checks itself: it succeeds, and prints the expected numbers.

#![allow(clippy::expect_used)]

use std::process::Command;

#[test]
fn secrets_per_scan_are_kept_from_the_first_to_the_last_delivery() {
    let output = Command::new(env!("CARGO_BIN_EXE_geoscored-per-scan")).output().expect("a program that starts");
    let lines = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{lines}{}", String::from_utf8_lossy(&output.stderr));
    assert!(lines.ends_with("\nhandled 4 deliveries; 2 secrets are kept for another hour\n"), "{lines}");
    for (start, count) in [("created ", 2), ("received scan.completed ", 4), ("answered 200 ", 4), ("answered 401 ", 2)]
    {
        assert_eq!(lines.lines().filter(|line| line.starts_with(start)).count(), count, "{start}in {lines}");
    }
}

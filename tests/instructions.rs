//! `scripts/instructions` fails where it has to, and says why: with a compiler, a program and a valgrind that are not real.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]
#![allow(clippy::expect_used, reason = "tests fail by panicking")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

const PROGRAM: &str = r#"#!/bin/sh
case "$*" in
'') printf 'one: a\ntwo: b\n' ;;
calls) echo 10 ;;
'whole one: a') echo '==1== Collected : 25000' ;;
'whole two: b') echo '==1== Collected : 17005' ;;
'floor one: a' | 'floor two: b') echo '==1== Collected : 5000' ;;
*) exit 1 ;;
esac
"#;

/// A call of `one: a` takes 2,000 instructions, of `two: b` 1,200.
struct Machine {
    directory: PathBuf,
}

impl Machine {
    fn new(name: &str) -> Self {
        let machine = Self { directory: Path::new(env!("CARGO_TARGET_TMPDIR")).join("instructions").join(name) };
        machine.has("bin/cargo", "#!/bin/sh\n");
        machine.has("bin/rustc", "#!/bin/sh\necho 'rustc 1.95.0 (59807616e 2026-04-14)'\n");
        machine.has("bin/valgrind", "#!/bin/sh\nshift 2\nexec \"$@\"\n");
        machine.has("target/instructions/release/countersign-instructions", PROGRAM);
        machine
    }

    fn has(&self, path: &str, text: &str) {
        let path = self.directory.join(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(&path, text).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("an executable");
    }

    /// Whether it succeeds, and what it says on stderr.
    fn run(&self, arguments: &[&str]) -> (bool, String) {
        let path = std::env::var("PATH").expect("a PATH");
        let output = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/instructions"))
            .args(arguments)
            .env("PATH", format!("{}:{path}", self.directory.join("bin").display()))
            .env("CARGO_TARGET_DIR", self.directory.join("target"))
            .env("COUNTERSIGN_LIMITS", self.directory.join("limits.txt"))
            .output()
            .expect("the script");
        (output.status.success(), String::from_utf8(output.stderr).expect("UTF-8"))
    }

    fn run_with_limits(&self, limits: &str) -> (bool, String) {
        self.has("limits.txt", limits);
        self.run(&[])
    }
}

#[track_caller]
fn is((succeeds, said): (bool, String), should_succeed: bool, lines: &[&str]) {
    let lines: String = lines.iter().map(|line| format!("scripts/instructions: {line}\n")).collect();
    assert_eq!(said, lines);
    assert_eq!(succeeds, should_succeed);
}

const LIMITS: &str = "# A comment.\nrustc 1.95.0\n2000 one: a\n1201 two: b\n";

#[test]
fn within_the_limits_nothing_is_said() {
    is(Machine::new("within").run_with_limits(LIMITS), true, &[]);
}

#[test]
fn a_limit_that_is_exceeded_fails() {
    is(
        Machine::new("exceeded").run_with_limits(&LIMITS.replace("1201", "1000")),
        false,
        &[
            "two: b takes 1,200 instructions: its limit, 1,000, is exceeded by 20.0 %",
            "1 of 2 operations are not within their limits. If it is worth what it costs: scripts/instructions --update, \
             and say in the commit what for",
        ],
    );
}

#[test]
fn every_operation_has_a_limit_and_every_limit_an_operation() {
    let (succeeds, said) = Machine::new("renamed").run_with_limits(&LIMITS.replace("two", "three"));
    assert!(!succeeds);
    assert!(said.contains("two: b has no limit, and takes 1,200 instructions\n"), "{said}");
    assert!(said.contains("three: b has a limit, and is no operation\n"), "{said}");
}

#[test]
fn a_limit_that_is_much_too_high_is_noticed() {
    is(
        Machine::new("high").run_with_limits(&LIMITS.replace("2000", "2500")),
        true,
        &["notice: one: a takes 2,000 instructions: its limit, 2,500, is 25.0 % over that and should be lowered"],
    );
}

#[test]
fn another_compiler_may_take_a_little_more() {
    let limits = LIMITS.replace("1.95.0", "1.94.0");
    let notice = "the limits are those of rustc 1.94.0, and this is 1.95.0: 10 % more are let pass";
    let machine = Machine::new("compiler");
    is(machine.run_with_limits(&limits.replace("1201", "1100")), true, &[notice]);
    let (succeeds, said) = machine.run_with_limits(&limits.replace("1201", "1080"));
    assert!(!succeeds, "{said}");
    assert!(said.contains(notice) && said.contains("two: b takes 1,200 instructions"), "{said}");
}

#[test]
fn an_update_writes_the_limits() {
    let machine = Machine::new("update");
    machine.has("limits.txt", "");
    let (succeeds, said) = machine.run(&["--update"]);
    assert!(succeeds, "{said}");
    let limits = fs::read_to_string(machine.directory.join("limits.txt")).expect("the limits");
    assert!(limits.ends_with("rustc 1.95.0\n   2240 one: a\n   1344 two: b\n"), "{limits}");
    is(machine.run(&[]), true, &[]);
}

#[test]
fn what_cannot_be_counted_fails() {
    let machine = Machine::new("broken");
    machine.has("bin/valgrind", "#!/bin/sh\necho 'it crashed'\nexit 1\n");
    let (succeeds, said) = machine.run_with_limits(LIMITS);
    assert!(!succeeds);
    assert!(
        said.contains("it crashed") && said.contains("scripts/instructions: not everything could be counted"),
        "{said}"
    );

    let silent = Machine::new("silent");
    silent.has("bin/valgrind", "#!/bin/sh\n");
    assert!(!silent.run_with_limits(LIMITS).0, "no count is not a count of 0");
    assert!(!Machine::new("arguments").run(&["--updat"]).0);
}

//! The program, and what it says.

use std::{
    env,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::cli::support::{Sender, escape, receiver::Receiver, senders};

/// What the program did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// The documents of `--json`.
    pub(crate) fn documents(&self) -> Vec<Value> {
        let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.stdout.lines().map(parse).collect()
    }
}

/// The binary, which `cargo test` builds beside the tests.
pub(crate) fn program() -> PathBuf {
    let test = env::current_exe().expect("a path");
    let target = test.parent().and_then(|deps| deps.parent()).expect("target/<profile>/deps");
    let path = target.join("countersign");
    assert!(
        path.is_file(),
        "{} is missing: run `cargo test`, or `cargo build -p countersign-cli` first",
        path.display()
    );
    path
}

/// The program with every provider's secret in the environment, as the receivers have them.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).stdin(Stdio::null());
    for sender in senders() {
        command.env(sender.variable(), sender.secret());
    }
    command
}

/// Runs it, and sees to it that no secret is in what it prints, in whatever spelling.
pub(crate) fn run(arguments: &[&str]) -> Outcome {
    run_command(&mut command(arguments), b"")
}

pub(crate) fn run_command(command: &mut Command, stdin: &[u8]) -> Outcome {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    // One that does not read its input may be gone.
    let _ = child.stdin.take().expect("stdin").write_all(stdin);
    let output = child.wait_with_output().expect("an end");
    let outcome = Outcome {
        code: output.status.code().expect("no signal"),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    };
    for sender in senders() {
        for secret in [sender.secret(), escape(sender.secret().as_bytes())] {
            let is_shown = outcome.stdout.contains(&secret) || outcome.stderr.contains(&secret);
            assert!(!is_shown, "{} is shown: {outcome:?}", sender.variable());
        }
    }
    assert!(!outcome.stdout.contains('\u{1b}') && !outcome.stderr.contains('\u{1b}'), "no colours: {outcome:?}");
    outcome
}

/// `countersign send` of a provider's deliveries to a receiver.
pub(crate) fn send(sender: &Sender, receiver: &Receiver, arguments: &[&str]) -> Outcome {
    let to = format!("http://{}{}", receiver.address, sender.path());
    let variable = sender.variable();
    run(&[&["send", sender.name, "--to", &to, "--secret-env", &variable], arguments].concat())
}

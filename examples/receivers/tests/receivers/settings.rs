//! Required settings, and the errors if they are missing or invalid.

use std::{
    ffi::OsStr,
    io::Read,
    os::unix::ffi::OsStrExt,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    process::{Process, line},
    support::{Sender, escape, receiver::command, senders},
};

for_both![
    t5_it_does_not_start_without_a_secret,
    t5_it_does_not_start_with_an_empty_secret,
    t5_it_does_not_start_with_an_empty_previous_secret,
    it_does_not_start_with_a_secret_that_is_not_unicode,
    it_does_not_start_with_an_invalid_address,
    it_starts_without_previous_secrets_and_rejects_deliveries_signed_with_them,
];

fn t5_it_does_not_start_without_a_secret(name: &str) {
    for variable in variables() {
        let mut command = command(name);
        command.env_remove(&variable);
        assert_does_not_start(command, &format!("the environment variable {variable} is not set"));
    }
}

fn t5_it_does_not_start_with_an_empty_secret(name: &str) {
    for variable in variables() {
        let mut command = command(name);
        command.env(&variable, "");
        assert_does_not_start(command, &format!("the environment variable {variable} is empty"));
    }
}

fn t5_it_does_not_start_with_an_empty_previous_secret(name: &str) {
    for variable in variables() {
        let mut command = command(name);
        command.env(format!("{variable}_PREVIOUS"), "");
        assert_does_not_start(command, &format!("the environment variable {variable}_PREVIOUS is empty"));
    }
}

fn it_does_not_start_with_a_secret_that_is_not_unicode(name: &str) {
    for variable in variables() {
        let mut command = command(name);
        command.env(&variable, OsStr::from_bytes(b"fixture-\xff"));
        assert_does_not_start(command, &format!("the environment variable {variable} is not Unicode"));
    }
}

fn it_does_not_start_with_an_invalid_address(name: &str) {
    for address in ["", "garbage", "localhost", "127.0.0.1", "127.0.0.1:99999", ":3000"] {
        let mut command = command(name);
        command.env("COUNTERSIGN_ADDR", address);
        assert_does_not_start(command, "COUNTERSIGN_ADDR");
    }
}

fn it_starts_without_previous_secrets_and_rejects_deliveries_signed_with_them(name: &str) {
    let mut command = command(name);
    for variable in variables() {
        command.env_remove(format!("{variable}_PREVIOUS"));
    }
    let mut process = Process::spawn(&command);
    let mut lines = Vec::new();
    for sender in senders() {
        let fixture = sender.fixture();
        let with_previous = sender.proven_with(sender.previous_secret().as_bytes(), fixture.body.as_slice());
        assert_eq!(with_previous.send(process.address).status, 401, "{}", sender.name);
        let id = sender.id_of(&fixture.event, &fixture.body);
        assert_eq!(sender.genuine(fixture.body).send(process.address).status, 200, "{}", sender.name);
        lines.push(line(sender.name, &fixture.event, &id));
    }
    process.assert_well_and_printed(&lines);
}

fn variables() -> Vec<String> {
    senders().iter().map(Sender::variable).collect()
}

#[track_caller]
fn assert_does_not_start(mut command: Command, complaint: &str) {
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a start");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        if start.elapsed() > Duration::from_secs(5) {
            let _ = child.kill();
            panic!("it runs, but should end with: {complaint}");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let (mut stdout, mut stderr) = (String::new(), String::new());
    child.stdout.take().expect("stdout").read_to_string(&mut stdout).expect("UTF-8");
    child.stderr.take().expect("stderr").read_to_string(&mut stderr).expect("UTF-8");

    assert!(status.code().is_some_and(|code| code != 0), "{status}");
    assert!(stderr.contains(complaint), "{stderr:?} does not say: {complaint}");
    assert_eq!(stdout, "");
    for sender in senders() {
        for secret in [sender.secret(), sender.previous_secret()] {
            assert!(!stderr.contains(&secret) && !stderr.contains(&escape(secret.as_bytes())), "{stderr}");
        }
    }
    // The part of the value before the byte that is not Unicode.
    assert!(!stderr.contains("fixture-"), "{stderr}");
}

//! At a terminal: a secret is prompted for and not shown, and there are colours, unless `NO_COLOR` is set.

use std::{
    io::{Read, Write},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::cli::{command::program, support::receiver::Receiver};

/// What is seen on a terminal at which the program runs and this is typed.
fn at_a_terminal(arguments: &str, typed: &str, variables: &[(&str, &str)]) -> String {
    let line = format!("{} {arguments}", program().display());
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).env("TERM", "xterm").env_remove("NO_COLOR");
    command.envs(variables.iter().copied());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("util-linux's `script`");
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut seen = Vec::new();
    if !typed.is_empty() {
        // What is typed before somebody asks for it, the terminal shows.
        while !seen.ends_with(b": ") {
            let mut byte = [0];
            stdout.read_exact(&mut byte).unwrap();
            seen.extend(byte);
        }
        // The prompt comes a moment before the terminal is told to show nothing: a person takes longer to type.
        thread::sleep(Duration::from_secs(1));
        stdin.write_all(typed.as_bytes()).unwrap();
    }
    stdout.read_to_end(&mut seen).unwrap();
    child.wait().unwrap();
    String::from_utf8(seen).unwrap()
}

#[test]
fn a_secret_is_asked_for_and_not_shown() {
    let seen = at_a_terminal("sign zeodyn", "typed-s3cr3t\n", &[]);
    assert!(seen.starts_with("secret (not shown): \r\n"), "{seen}");
    let body = &crate::cli::support::sender("zeodyn").fixture().body;
    assert!(
        seen.contains(&format!("x-zeodyn-signature: {}", crate::cli::support::tag(b"typed-s3cr3t", body))),
        "{seen}"
    );
    assert!(!seen.contains("typed-s3cr3t"), "{seen}");
    let seen = at_a_terminal("sign zeodyn", "\n", &[]);
    assert!(seen.contains("error: the secret that was typed is empty"), "{seen}");
}

#[test]
fn there_are_colours_at_a_terminal_unless_no_color_is_set() {
    let receiver = Receiver::start("axum_receiver");
    let to = format!("http://{}/webhooks/zeodyn", receiver.address);
    let arguments = format!("send zeodyn --to {to} --secret-env SECRET");
    let sender = crate::cli::support::sender("zeodyn").secret();
    let seen = at_a_terminal(&arguments, "", &[("SECRET", &sender)]);
    assert!(seen.contains("\u{1b}[32m200 OK\u{1b}"), "{seen:?}");
    let seen = at_a_terminal(&arguments, "", &[("SECRET", "another")]);
    assert!(seen.contains("\u{1b}[31m401 Unauthorized\u{1b}"), "{seen:?}");
    let seen = at_a_terminal(&arguments, "", &[("SECRET", &sender), ("NO_COLOR", "1")]);
    assert!(seen.contains("  200 OK  ") && !seen.contains('\u{1b}'), "{seen:?}");
}

//! What cannot be sent, and what is not answered.

use countersign_test_support::ports;

use crate::cli::{
    command::{command, run, run_command},
    tampering::tiny,
};

/// A port at which nobody listens.
fn nobody() -> String {
    format!("http://127.0.0.1:{}/hook", ports::free())
}

#[test]
fn where_nobody_listens_is_said_without_the_token() {
    let to = nobody();
    let outcome = run(&["send", "screenshotrun", "--to", &to, "--secret-env", "SCREENSHOTRUN_WEBHOOK_TOKEN"]);
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.stdout.contains("  no answer  ")
            && outcome.stdout.contains("  cannot connect to the receiver: Connection refused (os error 111); ")
            && outcome.stdout.contains("; ScreenshotRun would retry after 30 s: attempt 2 of 4\n"),
        "{outcome:?}"
    );
    assert!(outcome.stdout.contains("\n1 delivery: 0 accepted, 1 not answered; "), "{outcome:?}");
}

#[test]
fn a_server_that_says_nothing_is_said() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || tiny::serve(&listener, 1, |_| {}));
    let outcome = run(&["send", "zeodyn", "--to", &to, "--secret-env", "ZEODYN_WEBHOOK_SECRET", "--json"]);
    server.join().unwrap();
    assert_eq!(outcome.code, 1, "{outcome:?}");
    let error = outcome.documents()[0]["error"].as_str().unwrap().to_owned();
    assert!(error.starts_with("the connection ended before an answer: "), "{error}");
}

#[test]
fn a_redirect_is_no_acceptance_and_is_not_followed() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("http://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        tiny::serve(&listener, 1, |request| request.answer("307 Temporary Redirect\r\nlocation: /elsewhere"));
    });
    let outcome = run(&["send", "zeodyn", "--to", &to, "--secret-env", "ZEODYN_WEBHOOK_SECRET"]);
    server.join().unwrap();
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.contains("  307 Temporary Redirect  "), "{outcome:?}");
}

#[test]
fn what_is_wrong_with_the_arguments_is_said_and_nothing_is_sent() {
    let to = nobody();
    let secret = ["--secret-env", "ZEODYN_WEBHOOK_SECRET"];
    let with = |arguments: &[&str]| [&["send", "zeodyn", "--to", &to][..], &secret, arguments].concat().join("\u{1f}");
    let events = "score_change, scan_complete, threshold_alert, batch_complete";
    for (arguments, error) in [
        (with(&["--event", "scan"]), format!("Zeodyn does not document an event `scan`, only {events}")),
        (
            with(&["--set", "a=1"]),
            "--set: `a` is not a JSON pointer: it must start with `/`, as in `/data/id`".to_owned(),
        ),
        (with(&["--set", "/a/b=1"]), "--set: `/a/b` leads to nothing in this payload".to_owned()),
        (
            with(&["--body", "no-such-file"]),
            "the body in no-such-file cannot be read: No such file or directory (os error 2)".to_owned(),
        ),
    ] {
        let outcome = run(&arguments.split('\u{1f}').collect::<Vec<_>>());
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
        assert_eq!(outcome.stderr, format!("error: {error}\n"));
    }
    for (arguments, error) in [
        (
            vec!["send", "zeodyn", "--to", "ftp://localhost/", secret[0], secret[1]],
            "--to takes an http or https URL, such as http://localhost:3000/webhooks/zeodyn",
        ),
        (
            vec!["send", "zeodyn", "--to", "http://user:passw0rd@[bad/x", secret[0], secret[1]],
            "--to is not a URL such as http://localhost:3000/webhooks/zeodyn: invalid IPv6 address",
        ),
        (
            vec![
                "send",
                "screenshotrun",
                "--to",
                "http://localhost/?token=x",
                "--secret-env",
                "SCREENSHOTRUN_WEBHOOK_TOKEN",
            ],
            "--to takes the URL without ScreenshotRun's `token`, which is a secret: give it with --secret-env or --secret-file",
        ),
        (
            vec!["send", "zeodyn", "--to", &to],
            "no secret given: use --secret-env with the name of an environment variable, or --secret-file with a file (on a \
             terminal, it is prompted for)",
        ),
        (
            vec!["send", "zeodyn", "--to", &to, "--secret-env", "NO_SUCH_VARIABLE"],
            "the environment variable that --secret-env names is not set: give the name of an exported variable, not the \
             secret itself",
        ),
        (
            vec!["send", "zeodyn", "--to", &to, "--secret-file", "no-such-file"],
            "the secret in no-such-file cannot be read: No such file or directory (os error 2)",
        ),
        (
            vec!["send", "zeodyn", "--to", &to, "--secret-file", "/dev/zero"],
            "the secret in /dev/zero cannot be read: it is longer than 65536 bytes",
        ),
        (
            vec!["send", "zeodyn", "--to", &to, secret[0], secret[1], "--body", "/dev/zero"],
            "the body in /dev/zero cannot be read: it is longer than 16777216 bytes",
        ),
        (
            vec![
                "verify",
                "zeodyn",
                secret[0],
                secret[1],
                "--previous-secret-env",
                "NO_SUCH",
                "--request",
                "/dev/zero",
            ],
            "the environment variable that --previous-secret-env names is not set: give the name of an exported variable, \
             not the secret itself",
        ),
    ] {
        let outcome = run(&arguments);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
        assert_eq!(outcome.stderr, format!("error: {error}\n"));
    }
}

#[test]
fn a_secret_given_as_a_name_is_not_shown() {
    let outcome = run(&["send", "zeodyn", "--to", &nobody(), "--secret-env", "fixture-zeodyn"]);
    assert_eq!(outcome.code, 2);
    let error = "the environment variable that --secret-env names is not set: give the name of an exported variable, \
                 not the secret itself";
    assert_eq!(outcome.stderr, format!("error: {error}\n"));
}

#[test]
fn an_empty_secret_is_none() {
    let arguments = ["send", "zeodyn", "--to", &nobody(), "--secret-env", "EMPTY"];
    let outcome = run_command(command(&arguments).env("EMPTY", ""), b"");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (2, "error: the secret in EMPTY is empty\n"));
}

/// What is on this machine no proxy finds; and it would see the token.
#[test]
fn no_proxy_is_asked_for_what_is_on_this_machine() {
    let proxy = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let to = nobody();
    for to in [to.clone(), to.replace("127.0.0.1", "localhost"), to.replace("127.0.0.1", "[::1]")] {
        let arguments = ["send", "screenshotrun", "--to", &to, "--secret-env", "SCREENSHOTRUN_WEBHOOK_TOKEN"];
        let address = format!("http://{}", proxy.local_addr().unwrap());
        let mut command = command(&arguments);
        command.envs([("http_proxy", &address), ("ALL_PROXY", &address)]).env_remove("NO_PROXY").env_remove("no_proxy");
        let outcome = run_command(&mut command, b"");
        assert!(outcome.stdout.contains("  no answer  "), "{outcome:?}");
    }
    assert!(proxy.accept().is_err());
}

/// `countersign … | head`
#[test]
fn a_closed_pipe_is_not_an_error() {
    use std::process::Stdio;
    let mut child = command(&["providers", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

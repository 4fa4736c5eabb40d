//! What `countersign sign` prints is what the provider would send.

use base64::Engine as _;
use serde_json::Value;

use crate::cli::{
    command::{command, run, run_command},
    support::{http::Request, receiver::Receiver, senders},
};

for_both![what_is_signed_as_json_is_accepted,];

fn what_is_signed_as_json_is_accepted(name: &str) {
    let receiver = Receiver::start(name);
    for sender in senders() {
        for fixture in sender.fixtures() {
            let variable = sender.variable();
            let outcome = run(&["sign", sender.name, "--secret-env", &variable, "--event", &fixture.event, "--json"]);
            assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
            let document = &outcome.documents()[0];
            assert_eq!((&document["provider"], &document["method"]), (&sender.name.into(), &"POST".into()));
            assert_eq!(document["body"].as_str().map(str::as_bytes), Some(&fixture.body[..]));
            let path = document["path"].as_str().unwrap();
            let target = match document["token_parameter"].as_str() {
                Some(parameter) => {
                    format!("{path}?{parameter}={}", crate::cli::support::escape(sender.secret().as_bytes()))
                }
                None => path.to_owned(),
            };
            let headers = document["headers"].as_object().unwrap();
            let request = headers.iter().fold(Request::post(target, fixture.body.clone()), |request, (name, value)| {
                request.with_header(name, value.as_str().unwrap())
            });
            assert_eq!(request.send(receiver.address).status, 200, "{document}");
            if let Some(tag) = &fixture.tag {
                let (header, prefix) = sender.header();
                assert_eq!(headers[header], format!("{prefix}{tag}"), "openssl signed it so");
            }
        }
    }
}

#[test]
fn a_body_that_is_no_text_is_printed_as_it_is_and_as_base64() {
    let body = b"\x1b[31m\xff\x00\r\n";
    let arguments = ["sign", "zeodyn", "--secret-env", "ZEODYN_WEBHOOK_SECRET", "--body", "-"];
    let output = {
        let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-body");
        std::fs::write(&file, body).unwrap();
        let mut command = command(&arguments[..5]);
        command.arg(&file).output().unwrap()
    };
    assert!(output.stdout.ends_with(b"content-length: 9\n\n\x1b[31m\xff\x00\r\n\n"), "{output:?}");
    let outcome = run_command(&mut command(&[&arguments[..], &["--json"]].concat()), body);
    let document = &outcome.documents()[0];
    assert_eq!(document["body"], Value::Null);
    let decoded = base64::engine::general_purpose::STANDARD.decode(document["body_base64"].as_str().unwrap());
    assert_eq!(decoded.unwrap(), body);
    let outcome = run_command(&mut command(&[&arguments[..], &["--curl"]].concat()), body);
    let error = "error: the body is not text: give it as a file, with --body FILE, from which `curl` can read it\n";
    assert_eq!((outcome.code, outcome.stderr.as_str()), (2, error));
}

/// What looks like a command to a terminal is data, and signed with.
#[test]
fn escape_sequences_in_a_body_are_neither_lost_nor_obeyed() {
    let body = "{\"event\":\"a\",\"x\":\"del\u{7f} csi\u{9b}31m bidi\u{202e}\"} \u{1b}[31mred\u{1b}[0m";
    let arguments = ["sign", "zeodyn", "--secret-env", "ZEODYN_WEBHOOK_SECRET", "--body", "-"];
    let tag = crate::cli::support::tag(crate::cli::support::sender("zeodyn").secret().as_bytes(), body.as_bytes());
    let outcome = run_command(&mut command(&[&arguments[..], &["--json"]].concat()), body.as_bytes());
    assert!(!outcome.stdout.trim_end().contains(char::is_control), "{outcome:?}");
    let document = &outcome.documents()[0];
    assert_eq!(
        (document["body"].as_str(), &document["headers"]["x-zeodyn-signature"]),
        (Some(body), &tag.as_str().into())
    );
    let output = {
        let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-body-of-escapes");
        std::fs::write(&file, body).unwrap();
        let line = [&arguments[..5], &[file.to_str().unwrap(), "--set", "/x=1", "--curl"]].concat();
        command(&line).output().unwrap()
    };
    assert_eq!(output.status.code(), Some(2), "it is not JSON: {output:?}");
    let output = {
        use std::io::Write as _;
        let mut child = command(&[&arguments[..], &["--curl"]].concat());
        let mut child = child.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    assert!(String::from_utf8(output.stdout).unwrap().contains(&format!("--data-raw '{body}' ")));
}

#[test]
fn a_token_that_curl_cannot_write_or_name_is_said() {
    for (arguments, token, error) in [
        (
            vec!["--secret-env", "TOKEN"],
            "with a space",
            "`curl` cannot write a token with a space into a URL: use `countersign send`",
        ),
        (
            vec!["--secret-env", "TO.KEN"],
            "token",
            "a `curl` line does not show the token: give it in an environment variable or a file, with --secret-env or \
             --secret-file",
        ),
    ] {
        let arguments = [&["sign", "screenshotrun", "--curl"], &arguments[..]].concat();
        let outcome = run_command(command(&arguments).env("TOKEN", token).env("TO.KEN", token), b"");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
        assert_eq!(outcome.stderr, format!("error: {error}\n"));
    }
}

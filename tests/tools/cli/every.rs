//! Every provider's deliveries, signed, sent and verified by the program.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::Value;

use crate::cli::{
    command::{command, run, run_command},
    support,
    tampering::tiny,
};

const AT: &str = "2026-03-09T10:30:00Z";
const URL: &str = "https://example.com/hooks?tenant=1";

/// A secret of a provider's form, for `sign`.
pub(crate) fn secret(page: &Value) -> String {
    let (form, proof) = (page["secret"].as_str().unwrap(), page["proof"].as_str().unwrap());
    let keys = ["ed25519", "p256", "rsa"].into_iter().zip(["Ed25519", "ECDSA", "RSA"]);
    let private = keys.into_iter().find(|(_, word)| proof.contains(word));
    if let Some((file, _)) = private {
        let base64 = fs::read_to_string(support::root().join(format!("tests/fixtures/keys/{file}.pk8.b64"))).unwrap();
        return format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", base64.trim());
    }
    if form.contains("base64") {
        concat!("whsec", "_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").to_owned()
    } else if form.contains("hex") {
        "00c5d2".repeat(8)
    } else {
        // HTTP basic authentication takes it, too.
        "user:Kq7vRw2-mN_4tZ8x".to_owned()
    }
}

fn pages() -> Vec<Value> {
    let pages = run(&["providers", "--json"]).documents();
    assert_eq!(pages.len(), 89, "every page is tested");
    pages
}

/// A new file: tests run side by side.
fn file(name: &str, bytes: &str) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);

    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("every-{name}-{process}-{count}"));
    fs::write(&file, bytes).unwrap();
    file
}

/// Signs with a secret in a variable, and returns what is printed. It never has the secret in it.
fn sign(name: &str, secret: &str, arguments: &[&str]) -> String {
    let mut command = command(&[&["sign", name, "--secret-env", "KEY"], arguments].concat());
    let outcome = run_command(command.env("KEY", secret), b"");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{name}: {outcome:?}");
    assert!(!outcome.stdout.contains(secret) && !outcome.stdout.contains("Kq7vRw2"), "{name}: {outcome:?}");
    outcome.stdout
}

/// Verifies a request; the receiver's key is the public one, if there is one.
fn verify(page: &Value, signed: &Value, secret: &str, request: &[u8], url: Option<&str>) -> Value {
    let name = page["name"].as_str().unwrap();
    let key = file(name, signed["public_key"].as_str().unwrap_or(secret));
    let mut command = command(&["verify", name, "--request", "-", "--json", "--at", AT]);
    command.arg("--secret-file").arg(&key);
    command.args(url.filter(|_| page["signs_url"] == true).into_iter().flat_map(|url| ["--url", url]));
    let outcome = run_command(&mut command, request);
    fs::remove_file(key).unwrap();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{name}: {outcome:?}");
    outcome.documents().remove(0)
}

/// The arguments for what a page signs.
fn circumstances(page: &Value) -> Vec<&'static str> {
    let url = if page["signs_url"] == true { vec!["--url", URL] } else { vec![] };
    [vec!["--at", AT], url].concat()
}

#[test]
fn what_is_signed_is_verified() {
    for page in pages() {
        let (name, secret) = (page["name"].as_str().unwrap(), secret(&page));
        let printed = sign(name, &secret, &[circumstances(&page), vec!["--json"]].concat());
        let signed: Value = serde_json::from_str(&printed).unwrap();
        let mut request = format!("POST {}", signed["path"].as_str().unwrap());
        if let Some(parameter) = signed["token_parameter"].as_str() {
            request += &format!("?{parameter}={}", secret.replace(':', "%3A"));
        }
        request += " HTTP/1.1\r\n";
        for (name, value) in signed["headers"].as_object().unwrap() {
            request += &format!("{name}: {}\r\n", value.as_str().unwrap());
        }
        if let Some(header) = signed["token_header"].as_str() {
            let value = match signed["token_form"].as_str().unwrap().split(' ').next().unwrap() {
                "Basic" => "Basic dXNlcjpLcTd2UncyLW1OXzR0Wjh4".to_owned(),
                "Bearer" => format!("Bearer {secret}"),
                _ => secret.clone(),
            };
            request += &format!("{header}: {value}\r\n");
        }
        let body = signed["body"].as_str().unwrap();
        assert_eq!(body.contains("[the secret]"), signed["token_field"].is_string(), "{name}: {body}");
        request += &format!("\r\n{}", body.replace("[the secret]", &secret));
        let verified = verify(&page, &signed, &secret, request.as_bytes(), Some(URL));
        assert_eq!(verified["trust"], page["trust"], "{name}: {verified}");
        assert_eq!(signed["url"].is_string(), page["signs_url"] == true, "{name}: {signed}");
        // The text is the same request, without a token.
        let text = sign(name, &secret, &circumstances(&page));
        assert!(text.starts_with("POST /"), "{text}");
    }
}

/// What is sent, and what the `curl` line sends, is what arrives.
#[test]
fn what_is_sent_is_verified() {
    for page in pages() {
        let (name, secret) = (page["name"].as_str().unwrap(), secret(&page));
        let signed: Value = serde_json::from_str(&sign(name, &secret, &["--json"])).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = format!("http://{}/hooks?tenant=1", listener.local_addr().unwrap());
        // A line would show a token that is in the body.
        let has_line = signed["token_field"].is_null();
        let server = std::thread::spawn(move || {
            let requests = std::cell::RefCell::new(Vec::new());
            tiny::serve(&listener, if has_line { 2 } else { 1 }, |request| {
                requests.borrow_mut().push(std::mem::take(&mut request.bytes));
                request.answer("200 OK");
            });
            requests.into_inner()
        });
        let mut send = command(&["send", name, "--to", &to, "--secret-env", "KEY", "--at", AT]);
        let outcome = run_command(send.env("KEY", &secret), b"");
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{name}: {outcome:?}");
        if has_line {
            let line = sign(name, &secret, &["--at", AT, "--curl", "--to", &to]);
            let shell = Command::new("sh").args(["-c", line.trim_end()]).env("KEY", &secret).output().unwrap();
            assert!(shell.status.success(), "{name}: {line}: {shell:?}");
        }
        for request in server.join().unwrap() {
            let verified = verify(&page, &signed, &secret, &request, Some(&to));
            assert_eq!(verified["trust"], page["trust"], "{name}: {verified}");
        }
    }
}

#[test]
fn an_events_name_is_set_where_the_provider_sends_it() {
    let event = |name: &str, arguments: &[&str]| {
        let secret = secret(&run(&["providers", name, "--json"]).documents()[0]);
        let printed = sign(name, &secret, &[arguments, &["--json"]].concat());
        serde_json::from_str::<Value>(&printed).unwrap()
    };
    assert_eq!(event("github", &["--event", "push"])["headers"]["x-github-event"], "push");
    let body = event("stripe", &["--event", "invoice.paid", "--set", "/data=7"])["body"].as_str().unwrap().to_owned();
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&body["type"], &body["data"]), (&"invoice.paid".into(), &7.into()));
    let recorded = file("recorded", r#"{"ref":"refs/heads/main"}"#);
    let pushed = event("github", &["--event", "push", "--body", recorded.to_str().unwrap()]);
    assert_eq!(pushed["headers"]["x-github-event"], "push");
    assert_eq!(pushed["body"], r#"{"ref":"refs/heads/main"}"#);
    let form = event("twilio", &["--set", "/MessageStatus=delivered", "--set", "/To=+1 555"]);
    assert!(form["body"].as_str().unwrap().contains("MessageStatus=delivered&To=%2B1"), "{form}");
    assert_eq!(form["headers"]["content-type"], "application/x-www-form-urlencoded");
}

#[test]
fn what_is_wrong_with_the_arguments_is_said() {
    let body = file("body", "{}");
    let body = body.to_str().unwrap();
    for (arguments, error) in [
        (
            vec!["verify", "twilio", "--body", body],
            "Twilio signs the public URL of the endpoint: give the URL as registered with Twilio, with --url",
        ),
        (
            vec!["key", "square", "--body", body],
            "Square signs the public URL of the endpoint: give the URL as registered with Square, with --url",
        ),
        (
            vec!["verify", "twilio", "--body", body, "--url", "user:passw0rd@example.com"],
            "--url: a public URL begins with `https://` or `http://`",
        ),
        (
            vec!["sign", "twilio", "--url", "https://example.com/{id}"],
            "--url: a URL to be sent to has none of \" < > \\ ^ ` { | }: percent-encode them",
        ),
        (
            vec!["sign", "discord"],
            "the secret in KEY is not a key that signs as Discord does: that is a private key: PKCS#8 in PEM, or for \
             Ed25519 also the 32 bytes of its seed, written like the public key",
        ),
        (
            vec!["sign", "resend"],
            "the secret in KEY is not a key that signs as Resend does: that is base64 behind whsec_, or without it",
        ),
        (
            vec!["sign", "stripe", "--event", "x", "--body", body],
            "--event cannot be used with --body: Stripe does not send the event's name in a header",
        ),
        (
            vec!["send", "stripe", "--to", "http://localhost:1/", "--all-events"],
            "--all-events: countersign has no documented payloads of Stripe: send one event with --event, or a recorded \
             body with --body",
        ),
        (
            vec!["sign", "figma", "--curl"],
            "a `curl` line does not show the secret, and Figma sends it in the body: use `countersign send`",
        ),
        (vec!["sign", "twilio", "--set", "a=b"], "--set: in a form, it takes /name=value"),
        (vec!["sign", "github", "--event", "a\nb"], "--event: `a\\nb` cannot be the value of a header"),
    ] {
        let mut command = command(&[&arguments[..], &["--secret-env", "KEY"]].concat());
        let outcome = run_command(command.env("KEY", "s3cr3t!"), b"");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{arguments:?}");
        assert_eq!(outcome.stderr, format!("error: {error}\n"));
    }
    // A time that is none.
    for at in ["yesterday", "1614265330123", "-1", "2026-03-09T10:30:00"] {
        let outcome = run(&["verify", "stripe", "--body", body, "--at", at]);
        let error = format!(
            "error: invalid value '{at}' for '--at <TIME>': expected seconds since 1970 or an RFC 3339 time with a zone, \
             such as 1773052200 or 2026-03-09T10:30:00Z\n\nFor more information, try '--help'.\n"
        );
        let is_taken_for_an_option = at == "-1";
        assert_eq!((outcome.code, outcome.stderr == error), (2, !is_taken_for_an_option), "{outcome:?}");
    }
    // A secret that no header can carry.
    let mut token = command(&["sign", "gitlab-token", "--secret-env", "KEY"]);
    let outcome = run_command(token.env("KEY", "s3cr3t!\n"), b"");
    let error =
        "error: the secret in KEY has a line break or another control character, and a header cannot: remove it\n";
    assert_eq!((outcome.code, outcome.stderr.ends_with(error)), (2, true), "{outcome:?}");
    // What is not needed is no error.
    let mut verify =
        command(&["verify", "stripe", "--body", body, "--url", "https://example.com/", "--secret-env", "KEY"]);
    let outcome = run_command(verify.env("KEY", "s3cr3t!"), b"");
    let warning = "warning: Stripe does not sign the URL: --url is not used\n";
    assert_eq!((outcome.code, outcome.stderr.as_str()), (1, warning));
}

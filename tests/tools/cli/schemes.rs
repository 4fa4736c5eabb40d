//! Providers of one's own: what is signed by a file is what receivers of that scheme take.

use std::{fs, net::TcpListener, path::PathBuf, process::Command, thread};

use axum::routing::{MethodRouter, post};
use countersign::{
    PublicUrl, Secret, Verifier,
    axum::VerifyWebhook,
    provider::{Provider, Scheme},
    providers,
};
use serde_json::Value;

use crate::cli::{
    command::{Outcome, command, run, run_command},
    every::secret,
    support,
};

/// The pages that `providers --scheme` prints for the files.
#[allow(dead_code, unreachable_pub, reason = "those of the whole grammar are for the tests of the crate")]
mod pages {
    include!("../../../crates/countersign-cli/tests/schemes/pages.rs");
}

/// The file with the scheme of a provider, if there is one.
pub(crate) fn file(name: &str) -> Option<PathBuf> {
    let file = support::root().join(format!("crates/countersign-cli/tests/schemes/{name}.toml"));
    file.exists().then_some(file)
}

type Route = fn(&str, &str) -> MethodRouter;

struct Row {
    file: &'static str,
    /// Receivers of the page that is printed, and of the provider's own.
    routes: [Route; 2],
    schemes: [Scheme; 2],
}

fn route<P: Provider>(key: &str, url: &str) -> MethodRouter {
    let url = P::SCHEME.signs_url().then(|| PublicUrl::new(url).unwrap());
    let verifier = Verifier::<P>::try_new_with(Secret::new(key).unwrap(), url).unwrap();
    post(async || {}).layer(VerifyWebhook::from(verifier))
}

macro_rules! rows {
    ($($file:literal: $module:ident, $Provider:ident;)*) => {
        [$(Row {
            file: $file,
            routes: [route::<pages::$module::Own>, route::<providers::$Provider>],
            schemes: [pages::$module::Own::SCHEME, providers::$Provider::SCHEME],
        }),*]
    };
}

const ROWS: [Row; 15] = rows![
    "stripe": stripe, Stripe;
    "slack": slack, Slack;
    "github": github, GitHub;
    "standard-webhooks": standard_webhooks, StandardWebhooks;
    "svix": svix, Svix;
    "twilio": twilio, Twilio;
    "mailgun": mailgun, Mailgun;
    "sendgrid": sendgrid, SendGrid;
    "discord": discord, Discord;
    "postmark": postmark, Postmark;
    "gitlab-token": gitlab_token, GitLabToken;
    "hubspot": hubspot, HubSpot;
    "square": square, Square;
    "box": box_, BoxPlatform;
    "wise": wise, Wise;
];

fn with_key(arguments: &[&str], secret: &str) -> Outcome {
    let mut command = command(&[arguments, &["--secret-env", "KEY"]].concat());
    let outcome = run_command(command.env("KEY", secret), b"");
    assert!(!outcome.stdout.contains(secret) && !outcome.stderr.contains(secret), "{outcome:?}");
    outcome
}

#[test]
fn receivers_of_the_same_scheme_accept_what_is_sent_and_nothing_else() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let to = |row: &Row, index: usize| format!("http://{address}/{}/{index}", row.file);
    let mut app = axum::Router::new();
    let mut sent = Vec::new();
    for row in &ROWS {
        assert_eq!(row.schemes[0], row.schemes[1], "{}", row.file);
        let scheme = file(row.file).unwrap().to_str().unwrap().to_owned();
        let secret = secret(&run(&["providers", "--scheme", &scheme, "--json"]).documents()[0]);
        let signed = with_key(&["sign", "--scheme", &scheme, "--json"], &secret);
        let public: Value = signed.documents().remove(0);
        let key = public["public_key"].as_str().unwrap_or(&secret).to_owned();
        for (index, route) in row.routes.iter().enumerate() {
            let url = to(row, index);
            app = app.route(&format!("/{}/{index}", row.file), route(&key, &url));
            sent.push((row.file, scheme.clone(), secret.clone(), url));
        }
    }
    listener.set_nonblocking(true).unwrap();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), app).await.unwrap();
        });
    });
    for (name, scheme, secret, to) in sent {
        let send = |more: &[&str]| with_key(&[&["send", "--scheme", &scheme, "--to", &to], more].concat(), &secret);
        for tampering in ["flipped-tag", "flipped-body", "stale-time", "retired-secret"] {
            let outcome = send(&["--tamper", tampering]);
            // No time, and a key of more than bytes.
            let may_be_impossible = tampering == "stale-time" || ["sendgrid", "wise"].contains(&name);
            let does_not_apply = may_be_impossible && outcome.stderr.contains(" is not possible for your provider: ");
            let is_expected = outcome.code == 0 && outcome.stdout.contains("; all as expected; ");
            assert!(is_expected || does_not_apply, "{name}, {tampering}: {outcome:?}");
        }
        let outcome = send(&[]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{name}: {outcome:?}");
    }
}

/// A list signs with its first scheme, and shows its signature: only a token is not shown.
#[test]
fn a_signature_or_a_token_is_signed_as_a_signature() {
    let scheme = file("grammar-tokens").unwrap();
    let body = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("either-{}", std::process::id()));
    fs::write(&body, "{}").unwrap();
    let arguments = ["--scheme", scheme.to_str().unwrap(), "--body", body.to_str().unwrap()];
    let sign = |more: &[&str]| with_key(&[&["sign"], &arguments[..], more].concat(), "s3cr3t");
    // printf '{}' | openssl dgst -sha256 -hmac s3cr3t
    let tag = "608b0c406f3dda19702d71a048483b8c331283106d80a208e3cf43dbde505286";
    let outcome = sign(&[]);
    let request =
        format!("POST /webhooks/own HTTP/1.1\ncontent-type: application/json\nx-a: {tag}\ncontent-length: 2\n\n{{}}\n");
    assert_eq!((outcome.code, outcome.stdout), (0, request));
    let signed = sign(&["--json"]).documents().remove(0);
    assert_eq!((&signed["headers"]["x-a"], &signed["token_header"]), (&tag.into(), &Value::Null));
    assert!(sign(&["--curl"]).stdout.contains(&format!("--header 'x-a: {tag}'")));
    // It verifies as either.
    for header in [format!("x-a: {tag}"), "authorization: Bearer s3cr3t".to_owned()] {
        let outcome = with_key(&[&["verify", "--header", &header, "--json"], &arguments[..]].concat(), "s3cr3t!");
        assert_eq!(outcome.code, 1, "{outcome:?}");
        let mut verify = command(&[&["verify", "--header", &header, "--json"], &arguments[..]].concat());
        let outcome = run_command(verify.args(["--secret-env", "KEY"]).env("KEY", "s3cr3t"), b"");
        let trust = if header.starts_with('x') { "signed" } else { "token_only" };
        assert_eq!((outcome.code, &outcome.documents()[0]["trust"]), (0, &trust.into()), "{outcome:?}");
    }
    fs::remove_file(body).unwrap();
}

#[test]
fn a_signature_in_the_url_is_shown() {
    let name = |what: &str| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{what}-{}", std::process::id()));
    let (scheme, body, request) = (name("in-url.toml"), name("in-url.json"), name("in-url.http"));
    let toml = "signature = { algorithm = 'hmac-sha256', at = { query = 'sig' }, coding = 'hex', over = ['body'] }";
    fs::write(&scheme, toml).unwrap();
    fs::write(&body, "{}").unwrap();
    let (scheme, body) = (scheme.to_str().unwrap(), body.to_str().unwrap());
    let sign = |more: &[&str]| with_key(&[&["sign", "--scheme", scheme, "--body", body], more].concat(), "s3cr3t");
    let tag = "608b0c406f3dda19702d71a048483b8c331283106d80a208e3cf43dbde505286";
    let signed = sign(&[]).stdout;
    assert!(signed.starts_with(&format!("POST /webhooks/own?sig={tag} HTTP/1.1\n")), "{signed}");
    assert_eq!(sign(&["--json"]).documents()[0]["path"], format!("/webhooks/own?sig={tag}"));
    for (to, line) in [
        ("http://localhost:3000/a", format!("'http://localhost:3000/a?sig={tag}'\n")),
        ("http://localhost:3000/a?b#c", format!("'http://localhost:3000/a?b&sig={tag}#c'\n")),
    ] {
        assert!(sign(&["--curl", "--to", to]).stdout.ends_with(&line));
    }
    assert!(sign(&["--curl"]).stdout.ends_with(&format!("'http://localhost:3000/webhooks/own?sig={tag}'\n")));
    fs::write(&request, signed.trim_end()).unwrap();
    let verified = with_key(&["verify", "--scheme", scheme, "--request", request.to_str().unwrap()], "s3cr3t");
    assert_eq!(verified.code, 0, "{verified:?}");
}

/// What stands in a file is never a command for the shell that runs the line.
#[test]
fn a_curl_line_runs_nothing_of_a_file() {
    let scheme = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("shell-{}.toml", std::process::id()));
    for at in [
        "{ header = 'x-`id`' }",
        "{ member = 'x-$a', delimiters = '=,', key = '$(id)' }",
        "{ member = 'x', delimiters = '$,', key = \"'\\\"`id`;\" }",
    ] {
        for table in [
            format!("token = {{ at = {at} }}"),
            format!(
                "signature = {{ algorithm = 'hmac-sha256', at = {at}, coding = 'hex', prefix = '\"`id`$(id)', over = ['body'] }}"
            ),
        ] {
            fs::write(&scheme, &table).unwrap();
            let line = with_key(&["sign", "--scheme", scheme.to_str().unwrap(), "--curl"], "s3cr3t");
            assert_eq!((line.code, line.stderr.as_str()), (0, ""), "{table}");
            // The shell shows the words that `curl` would be given.
            let shown = format!("printf '%s\\n' {}", line.stdout);
            let shell = Command::new("sh").args(["-c", &shown]).env("KEY", "s3cr3t").output().unwrap();
            let words = String::from_utf8(shell.stdout).unwrap();
            assert_eq!((shell.status.code(), shell.stderr.as_slice()), (Some(0), &b""[..]), "{line:?}");
            assert!(words.contains("id`") || words.contains("$(id)"), "{table}: {words}");
            assert!(!words.contains("uid="), "{table}: {words}");
            assert!(table.starts_with("signature") || words.contains("s3cr3t\n"), "{table}: {words}");
        }
    }
    fs::remove_file(scheme).unwrap();
}

#[test]
fn standard_input_has_one_use() {
    let toml = fs::read(file("grammar-tokens").unwrap()).unwrap();
    let run = |arguments: &[&str]| run_command(command(arguments).env("KEY", "s3cr3t"), &toml);
    let shown = run(&["providers", "--scheme", "-"]);
    assert_eq!((shown.code, shown.stdout.starts_with("your provider (own)\n")), (0, true), "{shown:?}");
    let outcome = run(&["verify", "--scheme", "-", "--request", "-", "--secret-env", "KEY"]);
    let error = "error: the request cannot be standard input, which is read already: give a file\n";
    assert_eq!((outcome.code, outcome.stderr.as_str()), (2, error));
}

#[test]
fn a_file_that_is_not_a_scheme_is_said() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("broken-{}.toml", std::process::id()));
    let shown = path.display().to_string();
    for (bytes, error) in [
        (
            b"[token]\nat = {}".to_vec(),
            "the scheme in FILE, line 2, column 6: `at` must be a place, such as".to_owned(),
        ),
        (vec![0xff, 0, 1], "the scheme in FILE is not UTF-8 at byte 0\n".to_owned()),
        (vec![b'a'; 100_000], "the scheme in FILE cannot be read: it is longer than 16384 bytes\n".to_owned()),
    ] {
        fs::write(&path, bytes).unwrap();
        for name in ["providers", "sign", "verify"] {
            let mut arguments = vec![name, "--scheme", &shown];
            if name != "providers" {
                arguments.extend(["--secret-env", "KEY", "--body", "-"]);
            }
            let outcome = run_command(command(&arguments).env("KEY", "s3cr3t"), b"{}");
            let expected = format!("error: {}", error.replace("FILE", &shown));
            assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
            assert!(outcome.stderr.starts_with(&expected), "{outcome:?}");
        }
    }
    fs::remove_file(path).unwrap();
}

//! Captures as servers, proxies, browsers and editors write them; and what cannot be read.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output},
};

use countersign_core::providers::{ScreenshotRun, Zeodyn};
use flate2::{Compression, write::GzEncoder};

use crate::support::{Case, Request, SECRET, VARIABLE, body, header, temporary};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.arg("verify").args(arguments).env(VARIABLE, SECRET).output().unwrap()
}

fn first_line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned()
}

/// Signed by openssl: see `make.sh`.
#[test]
fn what_openssl_signed() {
    for (name, code, expected) in [
        ("genuine.http", 0, "verified: scan_complete of Zeodyn, with the secret in COUNTERSIGN_TEST_SECRET"),
        ("base64.http", 1, "not verified: the header `x-zeodyn-signature` has the signature in base64 instead of hex"),
    ] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/captured").join(name);
        let output = run(&["zeodyn", "--secret-env", VARIABLE, "--request", file.to_str().unwrap()]);
        assert_eq!((output.status.code(), first_line(&output).as_str()), (Some(code), expected), "{name}");
        assert!(output.stderr.is_empty());
    }
}

/// The same delivery as a capture of each kind.
#[test]
fn captures_of_every_kind_are_read() {
    let (body, request) = (body::<Zeodyn>(), Request::genuine::<Zeodyn>(SECRET, body::<Zeodyn>()));
    let tag = request.signature::<Zeodyn>();
    let length = body.len();
    let head = format!("Host: a\nX-ZEODYN-Signature:{tag} \t\nContent-Length: {length}");
    let chunked = format!("POST /h HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\nx-zeodyn-signature: {tag}\r\n\r\n");
    let longer = format!("POST /h HTTP/1.1\nContent-Length: {}\nx-zeodyn-signature: {tag}\n\n{body}", length + 5);
    for (what, capture, note) in [
        ("LF", format!("POST /h HTTP/1.1\n{head}\n\n{body}"), None),
        ("CRLF", format!("POST /h HTTP/1.1\n{head}\n\n").replace('\n', "\r\n") + body, None),
        ("absolute", format!("POST https://a.example/h?x=1 HTTP/1.1\n{head}\n\n{body}"), None),
        ("HTTP/2", format!("POST /h HTTP/2\n{head}\n\n{body}"), None),
        ("no version", format!("POST /h\n{head}\n\n{body}"), None),
        ("byte order mark", format!("\u{feff}POST /h HTTP/1.1\n{head}\n\n{body}"), None),
        ("empty lines before", format!("\r\n\nPOST /h HTTP/1.1\n{head}\n\n{body}"), None),
        ("pseudo headers", format!(":method: POST\n:scheme: https\n:path: /h\n{head}\n\n{body}"), None),
        ("a line break behind", format!("POST /h HTTP/1.1\n{head}\n\n{body}\n"), Some("were captured: the first")),
        ("chunked", format!("{chunked}{body}"), Some("Transfer-Encoding says chunked")),
        (
            "two lengths",
            format!("POST /h HTTP/1.1\n{head}\nContent-Length: 1\n\n{body}"),
            Some("Content-Length is repeated or not a number"),
        ),
        ("a longer length", longer, Some("the capture is incomplete")),
    ] {
        let case = Case { capture: capture.into_bytes(), ..Case::new(what, SECRET, &request) };
        let (document, code) = case.verify::<Zeodyn>();
        assert_eq!(code, 0, "{what}: {document}");
        let notes: Vec<_> = document["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
        assert_eq!(notes.len(), usize::from(note.is_some()), "{what}: {notes:?}");
        assert!(notes.iter().all(|found| found.contains(note.unwrap())), "{what}: {notes:?}");
    }
}

/// A log shows the JSON in lines, with the length of what was sent.
#[test]
fn json_that_became_longer_is_recognised_behind_its_old_length() {
    let sent = r#"{"event":"scan_complete","scanId":"1","score":7}"#;
    let request = Request::genuine::<Zeodyn>(SECRET, sent);
    let json: serde_json::Value = serde_json::from_str(sent).unwrap();
    let head = format!("POST /h HTTP/1.1\r\ncontent-length: {}", sent.len());
    let tag = format!("{}: {}", header::<Zeodyn>(), request.signature::<Zeodyn>());
    let capture = format!("{head}\r\n{tag}\r\n\r\n{json:#}").into_bytes();
    let (document, code) = Case { capture, ..Case::new("longer", SECRET, &request) }.verify::<Zeodyn>();
    assert_eq!((code, document["causes"][0]["code"].as_str()), (1, Some("body-reserialised")), "{document}");
}

#[test]
fn incomplete_captures_are_named() {
    // A documented payload would be recognised.
    let body = &body::<Zeodyn>().replace("65", "66");
    let request = Request::genuine::<Zeodyn>(SECRET, body);
    let tag = request.signature::<Zeodyn>();
    let head = |more: &str| format!("POST /h HTTP/1.1\r\n{}: {tag}{more}\r\n\r\n", header::<Zeodyn>());
    let (length, half) = (body.len(), &body[..body.len() / 2]);
    for (what, capture, code) in [
        ("length", head(&format!("\r\nContent-Length: {length}")) + half, "capture-incomplete"),
        ("no empty line", head("").trim_end().to_owned(), "body-empty"),
        ("uncut", head(&format!("\r\nContent-Length: {}", length - 1)) + body, "body-longer-than-declared"),
    ] {
        let case = Case { capture: capture.into_bytes(), ..Case::new(what, SECRET, &request) };
        let (document, _) = case.verify::<Zeodyn>();
        assert_eq!(document["causes"][0]["code"], code, "{what}: {document}");
    }
}

#[test]
fn a_long_body_is_verified_and_noted() {
    let long = format!("{{\"event\":\"scan_complete\",\"x\":\"{}\"}}", "x".repeat(1024 * 1024));
    let mut request = Request::genuine::<Zeodyn>(SECRET, &long);
    let (document, code) = Case::new("long", SECRET, &request).verify::<Zeodyn>();
    assert_eq!(code, 0);
    assert!(document["notes"][0].as_str().unwrap().contains("with the default limit of 1048576 answers 413"));
    request.body.push(b'\n');
    Case::new("long", SECRET, &request)
        .rejected::<Zeodyn>(&["body-white-space-added"], "starts or ends with white space");
    Case::new("long", format!("{SECRET}\n"), &request)
        .rejected::<Zeodyn>(&["secret-not-trimmed", "body-white-space-added"], "that is not part of it");
    // Its JSON is not written again.
    let (document, _) = Case::new("long", "another", &request).verify::<Zeodyn>();
    assert_eq!(document["causes"][0]["code"], "unexplained");
    assert_eq!(document["notes"][0], "the request is long: not every known mistake was tried");
}

/// None of them takes long, and none verifies.
#[test]
fn hostile_bodies_end() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    (0..32).for_each(|_| bomb.write_all(&[b' '; 1024 * 1024]).unwrap());
    let nested = format!("{}{}0{}", "[".repeat(120), "0,".repeat(10_000), "]".repeat(120));
    let keys: String = (0..10_000).map(|number| format!("\"{number}\":{number}.0,")).collect();
    for (what, body) in [
        ("brackets", b"[".repeat(1024 * 1024)),
        ("nested", nested.into_bytes()),
        ("depth", ["[".repeat(120_000), "]".repeat(120_000)].concat().into_bytes()),
        ("keys", format!("{{{keys}\"event\":\"scan_complete\"}}").into_bytes()),
        ("bomb", bomb.finish().unwrap()),
        ("line breaks", b"\r\n".repeat(128 * 1024)),
    ] {
        let request = Request { body, ..Request::genuine::<Zeodyn>(SECRET, "another body") };
        let case = Case { hidden: Vec::new(), ..Case::new(what, SECRET, &request) };
        case.rejected::<Zeodyn>(&["unexplained"], "the body was changed");
    }
}

#[test]
fn headers_and_body_can_be_given_apart() {
    let tag = Request::genuine::<Zeodyn>(SECRET, body::<Zeodyn>()).signature::<Zeodyn>();
    let file = temporary("body", body::<Zeodyn>().as_bytes());
    let body = file.to_str().unwrap();
    let signature = format!("X-Zeodyn-Signature:  {tag}");
    let with = |headers: &[&str]| {
        let headers = headers.iter().flat_map(|header| ["--header", header]);
        run(&["zeodyn", "--secret-env", VARIABLE, "--body", body].into_iter().chain(headers).collect::<Vec<_>>())
    };
    assert_eq!(with(&[&signature, "A: b"]).status.code(), Some(0));
    assert_eq!(first_line(&with(&["A: b"])), "not verified: the header `x-zeodyn-signature` is missing");
    let token = run(&["screenshotrun", "--secret-env", VARIABLE, "--body", body]);
    for (output, error) in [
        (with(&["no header"]), "--header takes a header such as `Content-Type: application/json`"),
        (token, "ScreenshotRun's proof is in the URL: give the complete request with --request"),
    ] {
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        assert_eq!(String::from_utf8_lossy(&output.stderr), format!("error: {error}\n"));
    }
}

#[test]
fn what_cannot_be_read_is_not_quoted() {
    for (capture, why) in [
        ("", "it is empty"),
        ("X-Zeodyn-Signature: Kq7vRw2-mN_4tZ8x\n\n{}", "its first line is not a request line"),
        ("{\"token\":\"Kq7vRw2-mN_4tZ8x\"}", "its first line is not a request line"),
        ("POST /?token=Kq7vRw2-mN_4tZ8x HTTP/1.1\nHost: a\nKq7vRw2-mN_4tZ8x\n\n", "its line 3 is not a header"),
        ("POST /?token=Kq7vRw2-mN_4tZ8x HTTP/1.1\n continued: a\n\n", "its line 2 is not a header"),
    ] {
        let file = temporary("request", capture.as_bytes());
        let output = run(&["screenshotrun", "--secret-env", VARIABLE, "--request", file.to_str().unwrap()]);
        fs::remove_file(file).unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{capture}");
        assert!(error.starts_with("error: the request in ") && error.contains(why), "{error}");
        assert!(!error.contains(SECRET), "{error}");
    }
}

#[test]
fn a_path_with_a_token_is_never_shown() {
    let mut request = Request::genuine::<ScreenshotRun>(SECRET, "{}");
    request.method = "PUT".to_owned();
    Case::new("PUT", SECRET, &request).rejected::<ScreenshotRun>(&["not-post"], "the request is not a POST");
}

//! Captures as servers, proxies, browsers and editors write them; and what cannot be read.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use countersign_core::providers::{GeoScored, ScreenshotRun, Zeodyn};

use crate::support::{Case, Request, SECRET, VARIABLE, body, header, tempdir};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/captured").join(name)
}

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
        ("genuine.http", 0, "genuine: scan_complete of Zeodyn, verified with the secret in COUNTERSIGN_TEST_SECRET"),
        ("sha1.http", 1, "not genuine: the signature was made with HMAC-SHA1, and not with HMAC-SHA256"),
        ("sha512.http", 1, "not genuine: the signature was made with HMAC-SHA512, and not with HMAC-SHA256"),
        ("plain-sha256.http", 1, "not genuine: the signature is a plain SHA-256 digest, and not an HMAC"),
        ("base64.http", 1, "not genuine: the signature in x-zeodyn-signature is in base64, and not in hex"),
    ] {
        let output = run(&["zeodyn", "--secret-env", VARIABLE, "--request", file(name).to_str().unwrap()]);
        assert_eq!((output.status.code(), first_line(&output).as_str()), (Some(code), expected), "{name}");
        assert!(output.stderr.is_empty());
    }
}

#[test]
fn other_algorithms_in_every_provider_s_form() {
    let of = |name: &str| {
        let text = String::from_utf8(fs::read(file(name)).unwrap()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.split_once("X-Zeodyn-Signature: ").unwrap().1.to_owned(), body.to_owned())
    };
    for (name, code, algorithm) in
        [("sha1.http", "signature-hmac-sha1", "sha1="), ("sha512.http", "signature-hmac-sha512", "sha512=")]
    {
        let (digits, body) = of(name);
        for prefix in ["v1=", algorithm] {
            let mut request = Request::genuine::<GeoScored>(SECRET, &body);
            *request.signature::<GeoScored>() = format!("{prefix}{digits}").into();
            Case::new(name, SECRET, &request).refused::<GeoScored>(&[code], "and not with HMAC-SHA256");
        }
    }
}

/// The same delivery as a capture of each kind.
#[test]
fn captures_of_every_kind_are_read() {
    let request = Request::genuine::<Zeodyn>(SECRET, body::<Zeodyn>());
    let body = String::from_utf8(request.body.clone()).unwrap();
    let tag = String::from_utf8(request.clone().signature::<Zeodyn>().clone()).unwrap();
    let length = body.len();
    let head = format!("Host: a\nX-ZEODYN-Signature:{tag} \t\nContent-Length: {length}");
    let chunks = format!("10\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n", &body[..16], length - 16, &body[16..]);
    let chunked = format!("POST /h HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\nx-zeodyn-signature: {tag}\r\n\r\n");
    let captures = [
        ("LF", format!("POST /h HTTP/1.1\n{head}\n\n{body}"), None),
        ("CRLF", format!("POST /h HTTP/1.1\n{head}\n\n").replace('\n', "\r\n") + &body, None),
        ("1.0", format!("POST /h HTTP/1.0\n{head}\n\n{body}"), None),
        ("absolute", format!("POST https://a.example/h?x=1 HTTP/1.1\n{head}\n\n{body}"), None),
        ("HTTP/2", format!("POST /h HTTP/2\n{head}\n\n{body}"), None),
        ("HTTP/2.0", format!("POST /h HTTP/2.0\n{head}\n\n{body}"), None),
        ("no version", format!("POST /h\n{head}\n\n{body}"), None),
        ("byte order mark", format!("\u{feff}POST /h HTTP/1.1\n{head}\n\n{body}"), None),
        ("empty lines before", format!("\r\n\nPOST /h HTTP/1.1\n{head}\n\n{body}"), None),
        ("pseudo headers", format!(":method: POST\n:scheme: https\n:path: /h\n{head}\n\n{body}"), None),
        ("a line break behind", format!("POST /h HTTP/1.1\n{head}\n\n{body}\n"), Some("the rest was cut off")),
        ("chunks", format!("{chunked}{chunks}"), Some("the body came in chunks")),
        ("a line break behind chunks", format!("{chunked}{chunks}\n"), Some("the body came in chunks")),
        ("chunks with LF", format!("{chunked}{chunks}").replace("\r\n", "\n"), Some("the body came in chunks")),
        ("not in chunks", format!("{chunked}{body}"), Some("the body has none")),
        (
            "two lengths",
            format!("POST /h HTTP/1.1\n{head}\nContent-Length: 1\n\n{body}"),
            Some("no one Content-Length"),
        ),
        (
            "a longer length",
            format!("POST /h HTTP/1.1\nContent-Length: {}\nx-zeodyn-signature: {tag}\n\n{body}", length + 5),
            Some("the capture is incomplete"),
        ),
    ];
    for (what, capture, note) in captures {
        let case = Case { capture: capture.into_bytes(), ..Case::new(what, SECRET, &request) };
        let (document, first_line, code) = case.verify::<Zeodyn>();
        assert_eq!(code, 0, "{what}: {first_line}");
        let notes = document["notes"].as_array().unwrap();
        assert_eq!(notes.len(), usize::from(note.is_some()), "{what}: {notes:?}");
        if let Some(expected) = note {
            assert!(notes[0].as_str().unwrap().contains(expected), "{what}: {notes:?}");
        }
    }
}

#[test]
fn incomplete_captures_are_named() {
    let request = Request::genuine::<Zeodyn>(SECRET, body::<Zeodyn>());
    let head = |more: &str| {
        let tag = String::from_utf8(request.clone().signature::<Zeodyn>().clone()).unwrap();
        format!("POST /h HTTP/1.1\r\n{}: {tag}{more}\r\n\r\n", header::<Zeodyn>())
    };
    let body = String::from_utf8(request.body.clone()).unwrap();
    let (length, half) = (body.len(), &body[..body.len() / 2]);
    for (what, capture, codes) in [
        ("length", head(&format!("\r\nContent-Length: {length}")) + half, ["capture-incomplete"]),
        (
            "in a chunk",
            head("\r\nTransfer-Encoding: chunked") + &format!("{length:x}\r\n{half}"),
            ["capture-incomplete"],
        ),
        (
            "after a chunk",
            head("\r\nTransfer-Encoding: chunked") + &format!("{:x}\r\n{half}\r\n", half.len()),
            ["capture-incomplete"],
        ),
        ("nothing", head(&format!("\r\nContent-Length: {length}")), ["body-empty"]),
        ("no empty line", head("").trim_end().to_owned(), ["body-empty"]),
        ("uncut", head(&format!("\r\nContent-Length: {}", length - 1)) + &body, ["body-longer-than-declared"]),
    ] {
        let case = Case { capture: capture.into_bytes(), ..Case::new(what, SECRET, &request) };
        case.refused::<Zeodyn>(&codes, "body");
    }
}

#[test]
fn a_long_body_is_verified_and_noted() {
    let long = format!("{{\"event\":\"scan_complete\",\"x\":\"{}\"}}", "x".repeat(1024 * 1024));
    let request = Request::genuine::<Zeodyn>(SECRET, &long);
    let (document, _, code) = Case::new("long", SECRET, &request).verify::<Zeodyn>();
    assert_eq!((code, &document["genuine"]), (0, &true.into()));
    assert!(
        document["notes"][0].as_str().unwrap().contains("a receiver with the default limit of 1048576 answers 413")
    );
    // A single mistake is found in it, and for two it is too long.
    let padded = format!("{SECRET}\n");
    Case::new("long", &padded, &request).refused::<Zeodyn>(&["secret-line-break"], "ends with a line break");
    let mut request = request;
    request.body.push(b'\n');
    Case::new("long", SECRET, &request).refused::<Zeodyn>(&["body-line-break-added"], "ends with a line break");
    let (document, _, _) = Case::new("long", &padded, &request).verify::<Zeodyn>();
    assert_eq!(document["causes"][0]["code"], "unexplained");
    assert!(document["notes"][0].as_str().unwrap().starts_with("not every combination"), "{document}");
}

/// None of them takes long, and none is genuine.
#[test]
fn hostile_bodies_end() {
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    (0..64).for_each(|_| bomb.write_all(&[b' '; 1024 * 1024]).unwrap());
    let deep = format!("{}{}{}", "[".repeat(120), "0,".repeat(500_000), "0");
    let nested = deep + &"]".repeat(120);
    let keys: String = (0..50_000).map(|number| format!("\"{number}\":{number}.0,")).collect();
    for (what, body) in [
        ("brackets", b"[".repeat(1024 * 1024)),
        ("nested", nested.into_bytes()),
        ("keys", format!("{{{keys}\"event\":\"scan_complete\"}}").into_bytes()),
        ("bomb", bomb.finish().unwrap()),
        ("line breaks", b"\r\n".repeat(512 * 1024)),
        ("escapes", b"%25".repeat(350_000)),
        ("nothing", vec![0; 1024 * 1024]),
    ] {
        let mut request = Request::genuine::<Zeodyn>(SECRET, "another body");
        request.body = body;
        let started = std::time::Instant::now();
        let case = Case { hidden: Vec::new(), ..Case::new(what, SECRET, &request) };
        case.refused::<Zeodyn>(&["unexplained"], "another body");
        let elapsed = started.elapsed();
        assert!(elapsed.as_secs() < 60, "{what}: {elapsed:?}");
    }
}

#[test]
fn a_huge_secret_ends() {
    let request = Request::genuine::<Zeodyn>(SECRET, body::<Zeodyn>());
    let case = Case::new("huge", [0xff; 64 * 1024], &request);
    case.refused::<Zeodyn>(&["unexplained"], "wrong secret");
}

#[test]
fn headers_and_body_can_be_given_apart() {
    let request = Request::genuine::<Zeodyn>(SECRET, body::<Zeodyn>());
    let tag = String::from_utf8(request.clone().signature::<Zeodyn>().clone()).unwrap();
    let folder = tempdir();
    let body = folder.0.join("body.json");
    fs::write(&body, &request.body).unwrap();
    let body = body.to_str().unwrap();
    let signature = format!("X-Zeodyn-Signature:  {tag}");
    let arguments = ["zeodyn", "--secret-env", VARIABLE, "--body", body, "--header"];
    let output = run(&[arguments.as_slice(), &[&signature, "--header", "A: b"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", first_line(&output));
    let output = run(&[&arguments[..5], &["--header", "A: b"]].concat());
    assert_eq!(first_line(&output), "not genuine: the header x-zeodyn-signature is missing");
    let output = run(&[&arguments[..5], &["--header", "no header"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: a --header is no header, such as `Content-Type: application/json`\n"
    );
    let output = run(&["screenshotrun", "--secret-env", VARIABLE, "--body", body]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: ScreenshotRun's proof is in the URL: give the whole request with --request\n"
    );
}

#[test]
fn what_cannot_be_read_is_said_without_quoting_it() {
    let folder = tempdir();
    for (capture, why) in [
        ("", "it is empty"),
        ("\n\n", "it is empty"),
        ("X-Zeodyn-Signature: Kq7vRw2-mN_4tZ8x\n\n{}", "its first line is no request line"),
        ("{\"token\":\"Kq7vRw2-mN_4tZ8x\"}", "its first line is no request line"),
        ("POST /?token=Kq7vRw2-mN_4tZ8x HTTP/1.1\nHost: a\nKq7vRw2-mN_4tZ8x\n\n", "its line 3 is no header"),
        ("POST /?token=Kq7vRw2-mN_4tZ8x HTTP/1.1\n continued: a\n\n", "its line 2 is no header"),
    ] {
        let file = folder.0.join("request.http");
        fs::write(&file, capture).unwrap();
        let output = run(&["screenshotrun", "--secret-env", VARIABLE, "--request", file.to_str().unwrap()]);
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
    Case::new("PUT", SECRET, &request).refused::<ScreenshotRun>(&["not-post"], "the request is no POST");
}

//! Two mistakes at once.

use std::io::Write;

use countersign_core::providers::{GeoScored, ScreenshotRun, Zeodyn};
use flate2::{Compression, write::GzEncoder};

use crate::support::{Case, Request, SECRET, body};

#[test]
fn secret_and_body() {
    let body = body::<Zeodyn>();
    let sorted: serde_json::Value = serde_json::from_str(body).unwrap();
    for (secret_code, given) in
        [("secret-not-trimmed", format!("{SECRET}\n")), ("secret-quoted", format!("'{SECRET}'"))]
    {
        for (body_code, captured) in [
            ("body-white-space-added", format!("{body}\n")),
            ("body-reserialised", serde_json::to_string_pretty(&sorted).unwrap()),
            ("body-in-json-string", serde_json::to_string(body).unwrap()),
        ] {
            let signed = if body_code == "body-reserialised" { sorted.to_string() } else { body.to_owned() };
            let request = Request { body: captured.into(), ..Request::genuine::<Zeodyn>(SECRET, signed) };
            let case = Case::new(body_code, &given, &request);
            case.rejected::<Zeodyn>(&[secret_code, body_code], "the captured body");
        }
    }
}

#[test]
fn proof_and_secret_or_body() {
    let mut request = Request::genuine::<GeoScored>(SECRET, body::<GeoScored>());
    let quoted = format!("\"{}\"", request.signature::<GeoScored>());
    request = request.with_signatures::<GeoScored>(&[quoted]);
    let case = Case::new("secret", format!("{SECRET}\n"), &request);
    case.rejected::<GeoScored>(&["secret-not-trimmed", "signature-not-alone"], "with other text");
    request.body.extend(b"\r\n");
    let case = Case::new("body", SECRET, &request);
    case.rejected::<GeoScored>(&["body-white-space-added", "signature-not-alone"], "with other text");
    // Three are not searched for.
    let case = Case::new("three", format!("{SECRET}\n"), &request);
    case.rejected::<GeoScored>(&["proof-malformed"], "is malformed: it must be `v1=` and 64 hex digits");

    let genuine = Request::genuine::<ScreenshotRun>(SECRET, body::<ScreenshotRun>());
    let request = Request { target: format!("/hook?key={SECRET}"), ..genuine };
    let case = Case::new("token", format!("{SECRET}\n"), &request);
    case.rejected::<ScreenshotRun>(&["secret-not-trimmed", "proof-elsewhere"], "another parameter");
}

#[test]
fn method_and_coding_come_first() {
    let mut request = Request::genuine::<Zeodyn>(SECRET, body::<Zeodyn>());
    request.method = "GET".to_owned();
    Case::new("GET", SECRET, &request).rejected::<Zeodyn>(&["not-post"], "the request is not a POST");
    let case = Case::new("GET and secret", format!("{SECRET}\n"), &request);
    case.rejected::<Zeodyn>(&["not-post", "secret-not-trimmed"], "not part of it");
    let first_line = "not verified: the request is not a POST; and the secret in COUNTERSIGN_TEST_SECRET starts or ends with white space";
    assert!(case.text::<Zeodyn>().starts_with(first_line), "{}", case.text::<Zeodyn>());
    request.method = "POST".to_owned();
    request.headers.push(("Content-Encoding".to_owned(), b"identity".to_vec()));
    assert_eq!(Case::new("identity", SECRET, &request).verify::<Zeodyn>().1, 0);
    request.headers.last_mut().unwrap().1 = b"gzip".to_vec();
    Case::new("gzip", SECRET, &request).rejected::<Zeodyn>(&["content-coding"], "has a content coding");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&request.body).unwrap();
    request.body = gzip.finish().unwrap();
    let case = Case::new("gzip, compressed", SECRET, &request);
    case.rejected::<Zeodyn>(&["content-coding", "body-compressed"], "the captured body is compressed");
    request.headers.last_mut().unwrap().1 = b"identity".to_vec();
    request.headers.push(("Content-Length".to_owned(), b"99999999999999999999999".to_vec()));
    request.body = body::<Zeodyn>().into();
    Case::new("length", SECRET, &request).rejected::<Zeodyn>(&["rejected"], "larger than the limit");
}

//! Mistakes with the body.

use std::{fs, io::Write, path::Path};

use base64::{Engine, engine::general_purpose as b64};
use countersign_core::providers::{GeoScored, ScreenshotRun, Zeodyn};
use flate2::{Compression, write};

use crate::support::{Case, Request, SECRET, body};

/// The code, what was signed, what was captured instead, and words of the message.
type Row = (&'static str, Vec<u8>, Vec<u8>, &'static str);

fn table(body: &str) -> Vec<Row> {
    let row = |code, signed: &dyn AsRef<[u8]>, captured: &dyn AsRef<[u8]>, words| {
        (code, signed.as_ref().to_vec(), captured.as_ref().to_vec(), words)
    };
    let crlf = body.replace('\n', "\r\n");
    let mut gzip = write::GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(body.as_bytes()).unwrap();
    let mut zlib = write::ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(body.as_bytes()).unwrap();
    let quoted = serde_json::to_string(body).unwrap();
    let encoded = b64::STANDARD.encode(body);
    let envelope = serde_json::json!({"httpMethod": "POST", "body": body, "isBase64Encoded": false}).to_string();
    let base64_envelope = serde_json::json!({"body": encoded, "isBase64Encoded": true}).to_string();
    vec![
        row("body-white-space-added", &body, &format!("{body}\n"), "starts or ends with white space"),
        row("body-white-space-added", &body, &format!("{body}\r\n"), "starts or ends with white space"),
        row("body-white-space-added", &format!("{body}\n"), &format!("{body}\n\n"), "starts or ends with white space"),
        row("body-white-space-added", &body, &format!(" {body}"), "starts or ends with white space"),
        row("body-line-break-removed", &format!("{body}\n"), &body, "lacks the line break"),
        row("body-line-breaks-to-lf", &crlf, &body, "has LF where CRLF was signed"),
        row("body-line-breaks-to-crlf", &body, &crlf, "has CRLF where LF was signed"),
        row("body-compressed", &body, &gzip.finish().unwrap(), "is compressed"),
        row("body-compressed", &body, &zlib.finish().unwrap(), "is compressed"),
        row("body-in-json-string", &body, &quoted, "is a JSON string that holds the signed body"),
        row("body-base64", &body, &encoded, "is the signed body in base64"),
        row("body-base64", &body, &format!("\"{encoded}\"\n"), "is the signed body in base64"),
        row("body-in-envelope", &body, &envelope, "API gateway"),
        row("body-in-envelope", &body, &base64_envelope, "API gateway"),
        row("body-documented-payload", &body, &r#"{"event":"other"}"#, "documented payload of `score_change`"),
        row("body-not-signed", &"", &body, "is that of an empty body"),
        row("body-empty", &"{}", &"", "the captured body is empty"),
        row("body-is-object", &"{}", &"[object Object]", "`[object Object]`"),
        row("unexplained", &r#"{"event":"a"}"#, &r#"{"event":"b"}"#, "the secret is wrong, or the body was changed"),
    ]
}

#[test]
fn every_mistake_is_named() {
    for (code, signed, captured, words) in table(body::<Zeodyn>()) {
        let request = Request { body: captured, ..Request::genuine::<Zeodyn>(SECRET, &signed) };
        let mut case = Case::new(code, SECRET, &request);
        case.hidden.push(signed);
        case.rejected::<Zeodyn>(&[code], words);
    }
}

#[test]
fn a_token_says_nothing_of_the_body() {
    let request = Request::genuine::<ScreenshotRun>(SECRET, r#"{"event":"screenshot.failed","x":1}"#);
    assert_eq!(Case::new("any body", SECRET, &request).verify::<ScreenshotRun>().1, 0);
}

/// JSON as Node and Python wrote it, and as PHP would: see `make.sh`.
#[test]
fn json_that_was_written_again_is_recognised() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/written");
    let described = [
        ("node", "without white space, as `JSON.stringify` writes it"),
        ("node-indented-2", "in lines indented by 2 spaces"),
        ("node-indented-tab", "in lines indented by tabs"),
        ("php", "as PHP writes it"),
        ("python", "with `, ` and `: `, as Python's `json.dumps` writes it, with `\\u` escapes"),
        ("python-utf-8", "with `, ` and `: `, as Python's `json.dumps` writes it"),
        ("python-sorted", "its members sorted by name"),
    ];
    let written = described.map(|(name, words)| (name, words, fs::read(folder.join(format!("{name}.json"))).unwrap()));
    for (signed_as, words, signed) in &written {
        for (captured_as, _, captured) in written.iter().filter(|(_, _, captured)| captured != signed) {
            // A captured body does not show the order before it was sorted, or that 72 was 72.0.
            let is_lost = *captured_as == "python-sorted"
                || signed_as.starts_with("python") && !captured_as.starts_with("python");
            let request = Request { body: captured.clone(), ..Request::genuine::<Zeodyn>(SECRET, signed) };
            let case = Case::new(format!("{signed_as} as {captured_as}"), SECRET, &request);
            if is_lost {
                case.rejected::<Zeodyn>(&["unexplained"], "no known mistake");
            } else if signed_as.starts_with("python") || !captured_as.starts_with("python") {
                case.rejected::<Zeodyn>(&["body-reserialised"], words);
            }
        }
    }
}

#[test]
fn documented_members_are_put_in_order_again() {
    let signed = body::<GeoScored>().replacen("abc", "xyz", 1);
    assert_ne!(signed, body::<GeoScored>());
    // `serde_json` sorts.
    let value: serde_json::Value = serde_json::from_str(&signed).unwrap();
    let request = Request { body: value.to_string().into(), ..Request::genuine::<GeoScored>(SECRET, &signed) };
    let words = "in lines that are not indented, with its members in the documented order";
    Case::new("sorted", SECRET, &request).rejected::<GeoScored>(&["body-reserialised"], words);
}

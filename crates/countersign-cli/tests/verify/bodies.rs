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
        row(
            "unexplained",
            &r#"{"event":"a"}"#,
            &r#"{"event":"b"}"#,
            "the secret is wrong, the body was changed, or the sender",
        ),
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

/// `iconv`'s and Python's bytes of one text, signed by `openssl dgst -sha256 -hmac s3cr3t -r`.
const QUESTION_MARKS: &str = "b54ba3692a90350fa149f507b60fd3ce55ff854f26d7613509893b41db3fb727";
const QUESTION_MARKS_OF_UNITS: &str = "04b531b674495127f4cde257eb374fce6ca01bebd7fc7466e687f7d61763f542";
const QUESTION_MARKS_OF_BYTES: &str = "4570506148fa19a7fd265bb8f03a130e2a3b81447e6009d3ae1c5875662caf33";
const UTF_16: &str = "1441fad325f2274c26695faa12eb99596d9594d4df732aa0dbca7fff75f6e765";
const LOW_BYTES: &str = "b441176200bc1100176754ac95e57acd61d64525e49c23d23e07c1521ff90105";

/// C33: one side lost the emoji.
#[test]
fn c33_a_charset_that_loses_characters_is_named() {
    let body = "{\"event\":\"scan_complete\",\"scanId\":\"42\",\"band\":\"St\u{e4}rke \u{1f525}\"}";
    for (tag, words) in [
        (QUESTION_MARKS, "with `?` for every character that is not ASCII"),
        (QUESTION_MARKS_OF_UNITS, "with `?` for every character that is not ASCII"),
        (QUESTION_MARKS_OF_BYTES, "with `?` for every character that is not ASCII"),
        (UTF_16, "in UTF-16-LE"),
        (LOW_BYTES, "with every UTF-16 unit cut to its low byte"),
    ] {
        let request = Request::genuine::<Zeodyn>("s3cr3t", body).with_signatures::<Zeodyn>(&[tag.to_owned()]);
        let case = Case::new(words, "s3cr3t", &request);
        case.rejected::<Zeodyn>(&["body-lossy-charset"], words);
    }
    // Nothing known explains it: what would tell the two apart?
    for (body, is_told) in [(body, true), (r#"{"event":"scan_complete"}"#, false)] {
        let request = Request { body: body.into(), ..Request::genuine::<Zeodyn>("s3cr3t", "another body") };
        let case = Case::new("unexplained", "s3cr3t", &request);
        case.rejected::<Zeodyn>(&["unexplained"], "or the sender signed other bytes than it sent");
        let text = case.text::<Zeodyn>();
        assert_eq!(
            text.contains("If deliveries without such characters verify, the secret is right"),
            is_told,
            "{text}"
        );
        assert!(
            text.contains("`curl -d` strips line breaks") && text.contains("did something change it on its way here"),
            "{text}"
        );
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

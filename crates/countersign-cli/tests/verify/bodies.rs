//! Mistakes with the body, of every provider that signs it.

use std::{fs, io::Write, path::Path};

use base64::{Engine, engine::general_purpose as b64};
use countersign_core::providers::Zeodyn;
use countersign_testkit::Documented;
use flate2::{Compression, write};

use crate::support::{Case, Request, SECRET, is_token};

/// What was signed, and what was captured instead.
type Row = (&'static str, Vec<u8>, Vec<u8>, &'static str);

fn row(code: &'static str, signed: impl AsRef<[u8]>, captured: impl AsRef<[u8]>, words: &'static str) -> Row {
    (code, signed.as_ref().to_vec(), captured.as_ref().to_vec(), words)
}

fn compressed<W: Write>(mut encoder: W, body: &[u8]) -> W {
    encoder.write_all(body).unwrap();
    encoder
}

fn utf_16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
}

/// `body` is JSON of several lines.
fn table(body: &str) -> Vec<Row> {
    let crlf = body.replace('\n', "\r\n");
    let special = r#"{"event":"e","name":"Café Zoë €5 – naïve"}"#;
    let windows_1252 = special.replace('€', "\u{80}").replace('–', "\u{96}");
    let latin_1: Vec<u8> = windows_1252.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect();
    let mojibake = "{\"event\":\"e\",\"name\":\"CafÃ© ZoÃ« â‚¬5 â€“ naÃ¯ve\"}";
    let small = r#"{"event":"e","name":"Café"}"#;
    let gzip = compressed(write::GzEncoder::new(Vec::new(), Compression::default()), body.as_bytes()).finish().unwrap();
    let zlib = compressed(write::ZlibEncoder::new(Vec::new(), Compression::fast()), body.as_bytes()).finish().unwrap();
    let deflate =
        compressed(write::DeflateEncoder::new(Vec::new(), Compression::best()), body.as_bytes()).finish().unwrap();
    let chunked = format!("10\r\n{}\r\n{:X};x=y\r\n{}\r\n0\r\n\r\n", &body[..16], body.len() - 16, &body[16..]);
    let quoted = serde_json::to_string(body).unwrap();
    let encoded = b64::STANDARD.encode(body);
    let percent = percent_encoding::utf8_percent_encode(body, percent_encoding::NON_ALPHANUMERIC).to_string();
    let envelope = serde_json::json!({"httpMethod": "POST", "body": body, "isBase64Encoded": false}).to_string();
    let base64_envelope = serde_json::json!({"body": encoded, "isBase64Encoded": true}).to_string();
    vec![
        row("body-line-break-added", body, format!("{body}\n"), "ends with a line break that was not signed"),
        row("body-line-break-added", body, format!("{body}\r\n"), "ends with a line break that was not signed"),
        row("body-line-break-removed", format!("{body}\n"), body, "lacks the line break"),
        row("body-line-break-removed", format!("{body}\r\n"), body, "lacks the line break"),
        row("body-white-space-added", body, format!(" {body}"), "white space at its ends"),
        row("body-white-space-added", body, format!("{body}\n\n"), "white space at its ends"),
        row("body-line-breaks-to-lf", &crlf, body, "has LF where CRLF was signed"),
        row("body-line-breaks-to-crlf", body, &crlf, "has CRLF where LF was signed"),
        row("body-byte-order-mark-added", body, format!("\u{feff}{body}"), "begins with a byte order mark"),
        row("body-byte-order-mark-removed", format!("\u{feff}{body}"), body, "lacks the byte order mark"),
        row("body-in-chunks", body, &chunked, "has the framing of chunks"),
        row("body-in-chunks", body, chunked.replace("\r\n", "\n"), "has the framing of chunks"),
        row("body-compressed", body, gzip, "is compressed"),
        row("body-compressed", body, zlib, "is compressed"),
        row("body-compressed", body, deflate, "is compressed"),
        row("body-utf-16", body, utf_16(body, u16::to_le_bytes), "UTF-16"),
        row("body-utf-16", body, utf_16(body, u16::to_be_bytes), "UTF-16"),
        row("body-character-set", special, mojibake, "another character set"),
        row("body-character-set", small, small.replace('é', "Ã©"), "another character set"),
        row("body-character-set", special, latin_1, "another character set"),
        row("body-in-json-string", body, quoted, "is a JSON string that holds what was signed"),
        row("body-base64", body, &encoded, "is the base64 of what was signed"),
        row("body-base64", body, format!("\"{encoded}\"\n"), "is the base64 of what was signed"),
        row("body-base64", body, b64::URL_SAFE_NO_PAD.encode(body), "is the base64 of what was signed"),
        row("body-in-envelope", body, envelope, "API gateway"),
        row("body-in-envelope", body, base64_envelope, "API gateway"),
        row("body-form-encoded", body, format!("payload={percent}"), "form-encoded"),
        row("body-form-encoded", body, format!("payload={percent}&v=1"), "form-encoded"),
        row("body-form-encoded", body, format!("{percent}="), "form-encoded"),
        row("body-form-encoded", r#"{"a b":1}"#, "%7B%22a+b%22%3A1%7D=", "form-encoded"),
        row("body-not-signed", "", body, "it is the signature of an empty body"),
        row("body-empty", body, "", "the captured body is empty"),
        row("body-is-object", body, "[object Object]", "`[object Object]`"),
        row("unexplained", body, body.replace(':', "  :"), "another body"),
    ]
}

#[test]
fn every_mistake_is_named() {
    fn test<P: Documented>() {
        if is_token::<P>() {
            return;
        }
        for (code, signed, captured, words) in table(P::PAYLOADS[0].1) {
            let mut request = Request::genuine::<P>(SECRET, &signed);
            request.body = captured;
            let words = if code == "unexplained" { "wrong secret, or another body" } else { words };
            Case::new(code, SECRET, &request).hiding(signed).refused::<P>(&[code], words);
        }
    }
    crate::for_every_provider!(test);
}

#[test]
fn a_token_says_nothing_of_the_body() {
    use countersign_core::providers::ScreenshotRun;
    let request = Request::genuine::<ScreenshotRun>(SECRET, r#"{"event":"screenshot.failed","x":1}"#);
    assert_eq!(Case::new("any body", SECRET, &request).verify::<ScreenshotRun>().2, 0);
}

#[test]
fn a_time_that_was_signed_is_named() {
    fn test<P: Documented>() {
        if is_token::<P>() {
            return;
        }
        let body = P::PAYLOADS[0].1;
        for start in ["1768473000.", "1768473000", "1768473000:", "v0:1768473000:"] {
            let mut request = Request::genuine::<P>(SECRET, format!("{start}{body}"));
            request.body = body.as_bytes().to_vec();
            let case = Case::new("no header", SECRET, &request);
            case.refused::<P>(&["unexplained"], "no known mistake explains it");
            request.headers.push(("X-Request-Timestamp".to_owned(), b"1768473000".to_vec()));
            let words = format!("{} does not sign the time", P::TITLE);
            Case::new(start, SECRET, &request).refused::<P>(&["body-with-timestamp-signed"], &words);
        }
    }
    crate::for_every_provider!(test);
}

/// JSON as Node, Python and Go wrote it, and as PHP would: see `make.sh`.
fn written() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/written");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut written: Vec<_> =
        files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect();
    written.sort();
    assert_eq!(written.len(), 11);
    written
}

#[test]
fn json_that_was_written_again_is_recognised() {
    let described = [
        ("go.json", "as Go writes it"),
        ("node.json", "without white space, as `JSON.stringify` writes it"),
        ("node-indented-2.json", "in lines indented by 2 spaces"),
        ("node-indented-4.json", "in lines indented by 4 spaces"),
        ("node-indented-tab.json", "in lines indented by tabs"),
        ("php.json", "as PHP writes it"),
        ("python.json", "with `, ` and `: `, as Python's `json.dumps` writes it, with `\\u` escapes"),
        ("python-utf-8.json", "with `, ` and `: `, as Python's `json.dumps` writes it"),
        ("python-indented-4.json", "in lines indented by 4 spaces, with `\\u` escapes"),
        ("python-compact.json", "without white space"),
        ("python-sorted.json", "its members sorted by name"),
    ];
    let written = written();
    for (signed_as, signed) in &written {
        let words = described.iter().find(|(name, _)| name == signed_as).unwrap().1;
        for (captured_as, captured) in written.iter().filter(|(_, captured)| captured != signed) {
            // What is gone does not come back: the order, or that 72 was 72.0.
            let is_ordered = |name: &str| !name.contains("sorted") && name != "go.json";
            let has_fraction = |name: &str| name.starts_with("python");
            let is_lost = is_ordered(signed_as) && !is_ordered(captured_as)
                || has_fraction(signed_as) && !has_fraction(captured_as);
            let mut request = Request::genuine::<Zeodyn>(SECRET, signed);
            request.body.clone_from(captured);
            let case = Case::new(format!("{signed_as} as {captured_as}"), SECRET, &request).hiding(signed);
            if is_lost {
                case.refused::<Zeodyn>(&["unexplained"], "no known mistake");
            } else {
                case.refused::<Zeodyn>(&["body-reserialised"], words);
            }
        }
    }
}

#[test]
fn documented_members_are_put_in_order_again() {
    fn test<P: Documented>() {
        for (_, payload) in P::PAYLOADS.iter().filter(|_| !is_token::<P>()) {
            let value: serde_json::Value = serde_json::from_str(payload).unwrap();
            // serde_json sorts, here; what is sorted and in one line as it is stays the same.
            let sorted = value.to_string();
            if sorted == *payload {
                continue;
            }
            let request = Request { body: sorted.into(), ..Request::genuine::<P>(SECRET, payload) };
            let case = Case::new("sorted", SECRET, &request).hiding(payload);
            case.refused::<P>(&["body-reserialised"], "the same JSON in lines that are not indented");
        }
    }
    crate::for_every_provider!(test);
}

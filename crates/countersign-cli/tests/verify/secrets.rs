//! Mistakes with the secret.

use base64::{Engine, engine::general_purpose as b64};
use countersign_core::providers::{GeoScored, ScreenshotRun};
use countersign_testkit::Documented;

use crate::support::{Case, Request, SECRET, body};

const PREFIXED: &str = concat!("whsec", "_c2VjcmV0IG9mIGEgc2Nhbg");
const BEHIND_PREFIX: &str = "c2VjcmV0IG9mIGEgc2Nhbg";
const DECODED: &str = "secret of a scan";
const HEX: &str = "6b65792d6f662d61637469766532ff";

/// The code, what signed, what is given, and words of the message.
type Row = (&'static str, Vec<u8>, Vec<u8>, &'static str);

fn table() -> Vec<Row> {
    let row = |code, right: &dyn AsRef<[u8]>, given: &dyn AsRef<[u8]>, words| {
        (code, right.as_ref().to_vec(), given.as_ref().to_vec(), words)
    };
    let bytes = hex::decode(HEX).unwrap();
    let odd = [0xfb, 0xff, 0xbe, 0x00, 0x80, 0xc1, 0x9f, 0x33, 0x71, 0xfe];
    let mut rows = vec![
        row("secret-with-name", &SECRET, &format!("export SECRET={SECRET}"), "starts with a name and `=`"),
        row("secret-prefix-stripped", &PREFIXED, &BEHIND_PREFIX, "lacks its prefix `whsec_`"),
        row("secret-base64-decoded", &PREFIXED, &DECODED, "was base64-decoded: it must be used as it was issued"),
        row("secret-base64-decoded", &BEHIND_PREFIX, &DECODED, "was base64-decoded"),
        row("secret-is-base64", &DECODED, &BEHIND_PREFIX, "the base64-decoded form of the secret in"),
        row("secret-as-standard-webhooks", &BEHIND_PREFIX, &PREFIXED, "what follows `whsec_` in the secret in"),
        row("secret-as-standard-webhooks", &DECODED, &PREFIXED, "what follows `whsec_` in the secret in"),
        row("secret-hex-decoded", &HEX, &bytes, "was hex-decoded"),
        row("secret-hex-decoded", &HEX.to_uppercase(), &bytes, "was hex-decoded"),
        row("secret-is-hex", &bytes, &HEX, "the hex-decoded form of the secret in"),
    ];
    for given in ["\n", "\r\n", " ", "\u{a0}", "\n\n"].map(|end| format!("{SECRET}{end}")) {
        rows.push(row("secret-not-trimmed", &SECRET, &given, "a line break that is not part of it"));
    }
    for given in [format!("\u{feff}{SECRET}"), format!("\u{200b}{SECRET}"), format!("\t{SECRET}\n")] {
        rows.push(row("secret-not-trimmed", &SECRET, &given, "a line break that is not part of it"));
    }
    for given in [format!("\"{SECRET}\""), format!("'{SECRET}'"), format!("`{SECRET}`")] {
        rows.push(row("secret-quoted", &SECRET, &given, "has quotes around it"));
    }
    for right in [format!("{SECRET}\n"), format!("{SECRET}\r\n"), format!("{SECRET} "), format!(" {SECRET}")] {
        rows.push(row("secret-trimmed", &right, &SECRET, "was trimmed"));
    }
    for text in [b64::STANDARD.encode(odd), b64::URL_SAFE.encode(odd), b64::URL_SAFE_NO_PAD.encode(odd)] {
        rows.push(row("secret-base64-decoded", &text, &odd, "was base64-decoded"));
        rows.push(row("secret-is-base64", &odd, &text, "base64-decoded"));
    }
    let wrapped = format!("{}\n{}", &PREFIXED[..10], &PREFIXED[10..]);
    rows.push(row("secret-wrapped", &PREFIXED, &wrapped, "has line breaks or white space inside"));
    for given in [format!(r#"{{"ZEODYN_SECRET":"{SECRET}","port":3000}}"#), format!(r#"["other","{SECRET}"]"#)] {
        rows.push(row("secret-in-json", &SECRET, &given, "is JSON, and only a text in it is the secret"));
    }
    rows
}

#[test]
fn every_mistake_is_named() {
    for (code, right, given, words) in table() {
        let request = Request::genuine::<GeoScored>(&right, body::<GeoScored>());
        Case::new(code, &given, &request).rejected::<GeoScored>(&[code], words);
        // Of a token that is not trimmed, the URL may be wrong as well.
        let (code, words) =
            if code == "secret-trimmed" { ("token-padded", "white space or quotes") } else { (code, words) };
        let request = Request::genuine::<ScreenshotRun>(&right, body::<ScreenshotRun>());
        Case::new(code, &given, &request).rejected::<ScreenshotRun>(&[code], words);
    }
}

#[test]
fn a_previous_secret_is_named() {
    fn test<P: Documented>() {
        let request = Request::genuine::<P>("the one before", body::<P>());
        let case = Case::new("previous", SECRET, &request).with_previous("the one before");
        case.rejected::<P>(&["previous-secret"], "the previous secret, in COUNTERSIGN_TEST_PREVIOUS");
    }
    test::<GeoScored>();
    test::<ScreenshotRun>();
}

#[test]
fn an_empty_secret_is_named() {
    let request = Request::genuine::<GeoScored>("", body::<GeoScored>());
    Case::new("empty", SECRET, &request).rejected::<GeoScored>(&["secret-empty"], "an empty secret");
}

#[test]
fn another_secret_is_not_explained() {
    let words = "no known mistake explains it";
    let case = |request: &Request| Case::new("another", "Xy5-gLm0_pQ2wEr7", request).with_previous("Hn3-bVc8_zAs1");
    let request = Request::genuine::<ScreenshotRun>(SECRET, body::<ScreenshotRun>());
    case(&request).rejected::<ScreenshotRun>(&["token-unexplained"], words);
    let request = Request::genuine::<GeoScored>(SECRET, body::<GeoScored>());
    case(&request).rejected::<GeoScored>(&["unexplained"], words);
    assert!(case(&request).text::<GeoScored>().contains(" Every resource has its own secret. Give previous"));
}

#[test]
fn a_huge_secret_ends() {
    let request = Request::genuine::<GeoScored>(SECRET, body::<GeoScored>());
    Case::new("huge", [0xff; 64 * 1024], &request).rejected::<GeoScored>(&["unexplained"], "the secret is wrong");
}

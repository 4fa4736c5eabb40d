//! Mistakes with the secret, of every provider.

use base64::{Engine, engine::general_purpose as b64};
use countersign_testkit::Documented;

use crate::support::{Case, Request, SECRET, body, is_token};

const PREFIXED: &str = concat!("whsec", "_c2VjcmV0IG9mIGEgc2Nhbg");
const BEHIND_PREFIX: &str = "c2VjcmV0IG9mIGEgc2Nhbg";
const DECODED: &str = "secret of a scan";
const HEX: &str = "6b65792d6f662d61637469766532ff";

/// The code, what signed, what is given, and what is said.
type Row = (&'static str, Vec<u8>, Vec<u8>, &'static str);

fn table() -> Vec<Row> {
    let text = |code, right: &str, given: &str, words| (code, right.into(), given.into(), words);
    let mut rows = vec![
        text("secret-line-break", SECRET, &format!("{SECRET}\n"), "ends with a line break that is not part of it"),
        text("secret-line-break", SECRET, &format!("{SECRET}\r\n"), "ends with a line break"),
        text("secret-white-space", SECRET, &format!("{SECRET} "), "white space at its ends that is not part of it"),
        text("secret-white-space", SECRET, &format!("\t{SECRET}\n"), "trimmed"),
        text("secret-white-space", SECRET, &format!("{SECRET}\u{a0}"), "white space"),
        text("secret-white-space", SECRET, &format!("\u{200b}{SECRET}"), "white space"),
        text("secret-byte-order-mark", SECRET, &format!("\u{feff}{SECRET}"), "begins with a byte order mark"),
        text("secret-literal-line-break", SECRET, &format!("{SECRET}\\n"), "ends with a literal `\\n`"),
        text("secret-literal-line-break", SECRET, &format!("{SECRET}\\r\\n"), "ends with a literal `\\n`"),
        text("secret-quoted", SECRET, &format!("\"{SECRET}\""), "has quotes around it"),
        text("secret-quoted", SECRET, &format!("'{SECRET}'"), "has quotes around it"),
        text("secret-quoted", SECRET, &format!("“{SECRET}”"), "has quotes around it"),
        text("secret-with-name", SECRET, &format!("WEBHOOK_SECRET={SECRET}"), "begins with a name and `=`"),
        text("secret-with-name", SECRET, &format!("export SECRET={SECRET}"), "begins with a name and `=`"),
        text("secret-doubled", SECRET, &format!("{SECRET}{SECRET}"), "is there twice"),
        text("secret-trimmed", &format!("{SECRET}\n"), SECRET, "was trimmed: white space or a line break"),
        text("secret-trimmed", &format!("{SECRET}\r\n"), SECRET, "was trimmed"),
        text("secret-trimmed", &format!(" {SECRET}"), SECRET, "was trimmed"),
        text("secret-trimmed", &format!("{SECRET} "), SECRET, "was trimmed"),
        text("secret-prefix-stripped", PREFIXED, BEHIND_PREFIX, "has to be used as it is, \"whsec_\" included"),
        text(
            "secret-prefix-stripped-and-base64-decoded",
            PREFIXED,
            DECODED,
            "was base64-decoded: it has to be used as it is",
        ),
        text("secret-base64-decoded", "c2VjcmV0IG9mIGEgc2Nhbg==", DECODED, "was base64-decoded"),
        text("secret-base64-decoded", BEHIND_PREFIX, DECODED, "was base64-decoded"),
        text("secret-is-base64", DECODED, BEHIND_PREFIX, "the base64-decoded form of the secret in"),
        text("secret-is-base64", DECODED, "c2VjcmV0IG9mIGEgc2Nhbg==", "the base64-decoded form of the secret in"),
        text("secret-without-prefix", BEHIND_PREFIX, PREFIXED, "what follows \"whsec_\" in the secret in"),
        text(
            "secret-without-prefix-base64-decoded",
            DECODED,
            PREFIXED,
            "the base64-decoded form of what follows \"whsec_\"",
        ),
        text("secret-percent-encoded", "Kq7v/Rw2+mN 4", "Kq7v%2FRw2%2BmN%204", "is percent-encoded"),
        text("secret-percent-encoded", "Kq7v/Rw2 mN4", "Kq7v%2FRw2+mN4", "is percent-encoded"),
        text("secret-percent-decoded", "Kq7v%2FRw2%2BmN4", "Kq7v/Rw2+mN4", "was percent-decoded"),
        text("secret-letter-case", "0123456789abcdef-key", "0123456789ABCDEF-KEY", "in another case"),
        text("secret-letter-case", "0123456789ABCDEF-KEY", "0123456789abcdef-key", "in another case"),
        text("secret-character-set", "Schlüssel-für-Tür", "SchlÃ¼ssel-fÃ¼r-TÃ¼r", "another character set"),
    ];
    let bytes = hex::decode(HEX).unwrap();
    let odd = vec![0xfb, 0xff, 0xbe, 0x00, 0x80, 0xc1, 0x9f, 0x33, 0x71, 0xfe];
    let both = |code, right: &[u8], given: &[u8], words| (code, right.to_vec(), given.to_vec(), words);
    rows.push(both("secret-hex-decoded", HEX.as_bytes(), &bytes, "was hex-decoded"));
    rows.push(both("secret-hex-decoded", HEX.to_uppercase().as_bytes(), &bytes, "was hex-decoded"));
    rows.push(both("secret-is-hex", &bytes, HEX.as_bytes(), "the hex-decoded form of the secret in"));
    rows.push(both("secret-character-set", "Schlüssel".as_bytes(), b"Schl\xfcssel", "another character set"));
    for text in [b64::STANDARD.encode(&odd), b64::URL_SAFE.encode(&odd), b64::URL_SAFE_NO_PAD.encode(&odd)] {
        rows.push(both("secret-base64-decoded", text.as_bytes(), &odd, "was base64-decoded"));
        rows.push(both("secret-is-base64", &odd, text.as_bytes(), "base64-decoded"));
    }
    rows
}

/// What is wrong with one of two texts is told of the URL where both may be meant.
fn of_token(code: &'static str, given: &[u8], words: &'static str) -> (&'static str, &'static str) {
    match code {
        "secret-trimmed" => ("token-white-space", "white space or a line break"),
        // With `+` for a space it is not the URL's spelling.
        "secret-percent-encoded" if !given.contains(&b'+') => {
            ("token-not-escaped", "is not percent-encoded in the URL")
        }
        "secret-percent-decoded" => ("token-escaped-twice", "is percent-encoded twice"),
        _ => (code, words),
    }
}

#[test]
fn every_mistake_is_named() {
    fn test<P: Documented>() {
        for (code, right, given, words) in table() {
            let request = Request::genuine::<P>(&right, body::<P>());
            let (code, words) = if is_token::<P>() { of_token(code, &given, words) } else { (code, words) };
            Case::new(code, given, &request).hiding(right).refused::<P>(&[code], words);
        }
    }
    crate::for_every_provider!(test);
}

#[test]
fn a_previous_secret_is_named() {
    fn test<P: Documented>() {
        let request = Request::genuine::<P>("the one before", body::<P>());
        let case = Case::new("previous", SECRET, &request).with_previous("the one before");
        case.refused::<P>(&["previous-secret"], "the previous secret, in COUNTERSIGN_TEST_PREVIOUS");
        // And it is still found if that one is badly kept.
        let case = Case::new("previous", SECRET, &request).with_previous("the one before\n");
        case.refused::<P>(&["previous-secret", "secret-line-break"], "the previous secret");
    }
    crate::for_every_provider!(test);
}

#[test]
fn an_empty_secret_is_named() {
    fn test<P: Documented>() {
        let request = Request::genuine::<P>("", body::<P>());
        let code = if is_token::<P>() { "token-empty" } else { "secret-empty" };
        Case::new("empty", SECRET, &request).refused::<P>(&[code], "empty");
    }
    crate::for_every_provider!(test);
}

#[test]
fn another_secret_is_told_honestly() {
    fn test<P: Documented>() {
        let request = Request::genuine::<P>(SECRET, body::<P>());
        let code = if is_token::<P>() { "token-unexplained" } else { "unexplained" };
        Case::new("another", "Xy5-gLm0_pQ2wEr7", &request).refused::<P>(&[code], "wrong");
        Case::new("another", "Xy5-gLm0_pQ2wEr7", &request)
            .with_previous("Hn3-bVc8_zAs1dFg")
            .refused::<P>(&[code], "no known mistake explains it");
    }
    crate::for_every_provider!(test);
}

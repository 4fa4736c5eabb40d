//! Mistakes with the form and the place of a signature or a token.

use base64::{Engine, engine::general_purpose as b64};
use countersign_core::providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn};
use countersign_testkit::Documented;

use crate::support::{Case, Request, SECRET, body, header};

/// The signature headers that mistakes make of the digits and the prefix.
fn signatures(digits: &str, prefix: &str) -> Vec<(&'static str, Vec<String>, &'static str)> {
    let one = |code, value: String, words| (code, vec![value], words);
    let bytes = hex::decode(digits).unwrap();
    let zeros = "0".repeat(64);
    let mut rows = vec![
        one("signature-white-space", format!("{prefix}{}\u{b}{}", &digits[..32], &digits[32..]), "white space"),
        one("signature-white-space", format!("{prefix}{} {}", &digits[..32], &digits[32..]), "white space"),
        one("signature-coding", format!("{prefix}{}", b64::STANDARD.encode(&bytes)), "in base64 instead of hex"),
        one("signature-coding", format!("{prefix}{}", b64::URL_SAFE_NO_PAD.encode(&bytes)), "in base64"),
        ("proof-repeated", vec![format!("{prefix}{digits}"); 2], "is repeated"),
        ("proof-repeated", vec![format!("{prefix}{zeros}"), format!("{prefix}{digits}")], "is repeated"),
    ];
    for other in [
        format!("\"{prefix}{digits}\""),
        format!("0x{digits}"),
        format!("{prefix}{zeros}, {prefix}{digits}"),
        format!("t=1768473000,{prefix}{digits}"),
        format!("{prefix}{digits}="),
    ] {
        rows.push(one("signature-not-alone", other, "with other text around it"));
    }
    for other in [format!("v0={digits}"), format!("HMAC-SHA256 {digits}")] {
        rows.push(one("signature-prefix", other, "behind another prefix"));
    }
    if !prefix.is_empty() {
        rows.push(one("signature-prefix-missing", digits.to_owned(), "without its prefix"));
        rows.push(one("signature-white-space", format!("{prefix} {digits}"), "white space"));
        rows.push(one("signature-not-alone", format!("{prefix}{prefix}{digits}"), "with other text"));
        rows.push(one("signature-prefix", format!("{}{digits}", prefix.to_uppercase()), "behind another prefix"));
    }
    rows
}

fn genuine<P: Documented>() -> (Request, String, &'static str) {
    let request = Request::genuine::<P>(SECRET, body::<P>());
    let prefix = P::SCHEME.signature_prefix().unwrap();
    let digits = request.signature::<P>().strip_prefix(prefix).unwrap().to_owned();
    (request, digits, prefix)
}

#[test]
fn every_form_of_a_signature_is_named() {
    fn test<P: Documented>() {
        let (request, digits, prefix) = genuine::<P>();
        for (code, values, words) in signatures(&digits, prefix) {
            let mut case = Case::new(values.join(" | "), SECRET, &request.with_signatures::<P>(&values));
            case.hidden.push(digits.clone().into());
            case.rejected::<P>(&[code], words);
        }
        // Digits in upper case are right.
        let changed = request.with_signatures::<P>(&[format!("{prefix}{}", digits.to_uppercase())]);
        assert_eq!(Case::new("upper case", SECRET, &changed).verify::<P>().1, 0);
    }
    test::<Zeodyn>();
    test::<GeoScored>();
}

#[test]
fn a_signature_that_is_not_explained_is_described() {
    let request = Request::genuine::<GeoScored>("another secret", body::<GeoScored>());
    let value = request.signature::<GeoScored>();
    for (codes, values) in [
        (vec!["proof-malformed"], vec!["bogus"]),
        (vec!["proof-malformed"], vec!["\u{e9}\u{20ac}"]),
        (vec!["proof-malformed"], vec![&value[..60]]),
        (vec!["proof-empty"], vec![""]),
        (vec!["signature-is-secret"], vec![SECRET]),
        (vec!["proof-repeated", "unexplained"], vec![&value, &value]),
        (vec!["proof-missing"], vec![]),
    ] {
        let values: Vec<_> = values.into_iter().map(str::to_owned).collect();
        let changed = request.with_signatures::<GeoScored>(&values);
        Case::new(values.join(" | "), SECRET, &changed).rejected::<GeoScored>(&codes, header::<GeoScored>());
    }
}

#[test]
fn the_place_of_a_signature_is_named() {
    let (request, digits, prefix) = genuine::<GeoScored>();
    let value = format!("{prefix}{digits}");
    let missing = request.with_signatures::<GeoScored>(&[]);
    for name in ["X-Hub-Signature-256", "HTTP_X_GEOSCORED_SIGNATURE"] {
        let mut renamed = missing.clone();
        renamed.headers.push((name.to_owned(), value.clone().into()));
        let words = format!("is in the header `{}`, and the header `x-geoscored", name.to_lowercase());
        Case::new(name, SECRET, &renamed).rejected::<GeoScored>(&["proof-elsewhere"], &words);
    }
    let target = format!("/hook?a=1&signature={}", value.replace('=', "%3D"));
    let in_query = Request { target, ..missing };
    Case::new("query", SECRET, &in_query).rejected::<GeoScored>(&["proof-elsewhere"], "another parameter of the URL");
}

fn with_target(target: &str) -> Request {
    let genuine = Request::genuine::<ScreenshotRun>(SECRET, body::<ScreenshotRun>());
    Request { target: target.to_owned(), ..genuine }
}

#[test]
fn every_form_and_place_of_a_token_is_named() {
    for (codes, secret, target, words) in [
        (&["proof-missing"][..], SECRET, "/hook", "`?token=` in the URL is missing"),
        (&["proof-missing"], SECRET, "/hook#?token=Kq7vRw2-mN_4tZ8x", "is missing"),
        (&["proof-empty"], SECRET, "/hook?token=", "is empty"),
        (&["proof-empty"], SECRET, "/hook?token=&token=", "is empty"),
        (&["proof-repeated"], SECRET, "/hook?token=Kq7vRw2-mN_4tZ8x&token=Kq7vRw2-mN_4tZ8x", "is repeated"),
        (&["proof-repeated"], SECRET, "/hook?token=other-token&token=Kq7vRw2-mN_4tZ8x", "is repeated"),
        (&["proof-repeated", "token-unexplained"], SECRET, "/hook?token=a-a-a&token=b-b-b", "is repeated"),
        (&["rejected"], SECRET, "/hook?%74oken=Kq7vRw2-mN_4tZ8x", "its name is escaped"),
        (&["proof-elsewhere"], SECRET, "/hook?Token=Kq7vRw2-mN_4tZ8x", "is in another parameter of the URL"),
        (&["proof-elsewhere"], SECRET, "/hook?Kq7vRw2-mN_4tZ8x", "is in another parameter of the URL"),
        (&["proof-elsewhere"], SECRET, "/hook/Kq7vRw2-mN_4tZ8x", "is in the path of the URL"),
        (&["token-coding"], "pass%41word-1", "/hook?token=pass%41word-1", "percent-encoded exactly once"),
        (&["token-coding"], "pass+word/1", "/hook?token=pass%252Bword%252F1", "percent-encoded exactly once"),
        (&["token-coding"], "pass word 1", "/hook?token=pass+word+1", "percent-encoded exactly once"),
        (&["token-coding"], "pass+word+1", "/hook?token=pass%20word%201", "percent-encoded exactly once"),
        (&["token-padded"], SECRET, "/hook?token=Kq7vRw2-mN_4tZ8x%0A", "white space or quotes"),
        (&["token-padded"], SECRET, "/hook?token=%22Kq7vRw2-mN_4tZ8x%22", "white space or quotes"),
        (&["token-unexplained"], "passwo&rd-1", "/hook?token=passwo&rd-1", "one of them is wrong"),
    ] {
        Case::new(target, secret, &with_target(target)).rejected::<ScreenshotRun>(codes, words);
    }
    for (name, value) in [("X-Token", SECRET.to_owned()), ("Authorization", format!("Bearer {SECRET}"))] {
        let mut request = with_target("/hook");
        request.headers.push((name.to_owned(), value.into_bytes()));
        let words = format!("the token is in the header `{}`", name.to_lowercase());
        Case::new(name, SECRET, &request).rejected::<ScreenshotRun>(&["proof-elsewhere"], &words);
    }
}

#[test]
fn another_provider_is_named() {
    fn of<P: Documented, Q: Documented>() {
        if P::NAME == Q::NAME {
            return;
        }
        let request = Request::genuine::<Q>(SECRET, body::<Q>());
        let words = format!("it is a delivery of {}, not of {}", Q::TITLE, P::TITLE);
        Case::new("other's", SECRET, &request).rejected::<P>(&["wrong-provider"], &words);
        let request = Request::genuine::<Q>("another secret", body::<Q>());
        let case = Case::new("other's, with another secret", SECRET, &request);
        if Q::SCHEME.covers_body() {
            case.rejected::<P>(&["other-provider-header"], &format!("the header of a {} delivery", Q::TITLE));
        } else {
            case.rejected::<P>(&["proof-missing"], "is missing");
        }
    }
    fn test<P: Documented>() {
        of::<P, ScreenScore>();
        of::<P, ScreenshotCenter>();
        of::<P, ScreenshotRun>();
        of::<P, Zeodyn>();
        of::<P, GeoScored>();
    }
    test::<Zeodyn>();
    test::<ScreenshotRun>();
}

//! Mistakes with the form and the place of a signature.

use base64::{Engine, engine::general_purpose as b64};
use countersign_core::providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn};
use countersign_testkit::Documented;

use crate::support::{Case, Request, SECRET, body, header, is_token, prefix};

/// What makes the captured header of the tag's digits and of the prefix.
type Change = fn(&str, &str) -> Vec<String>;

fn bytes(digits: &str) -> Vec<u8> {
    hex::decode(digits).unwrap()
}

/// Of a provider with a prefix, and of one without.
const TABLE: &[(&str, Change, &str)] = &[
    (
        "signature-white-space",
        |digits, prefix| vec![format!("{prefix}{}\u{b}{}", &digits[..32], &digits[32..])],
        "white space",
    ),
    (
        "signature-white-space",
        |digits, prefix| vec![format!("{prefix}{} {}", &digits[..32], &digits[32..])],
        "white space",
    ),
    ("signature-quoted", |digits, prefix| vec![format!("\"{prefix}{digits}\"")], "quotes"),
    ("signature-quoted", |digits, prefix| vec![format!("{prefix}'{digits}'")], "quotes"),
    ("signature-other-prefix", |digits, _| vec![format!("v0={digits}")], "another provider's or algorithm's prefix"),
    ("signature-other-prefix", |digits, _| vec![format!("HMAC-SHA256 {digits}")], "algorithm's prefix"),
    ("signature-other-prefix", |digits, _| vec![format!("hmac:{digits}")], "algorithm's prefix"),
    ("signature-other-prefix", |digits, _| vec![format!("0x{digits}")], "prefix"),
    (
        "signature-base64",
        |digits, prefix| vec![format!("{prefix}{}", b64::STANDARD.encode(bytes(digits)))],
        "is in base64",
    ),
    (
        "signature-base64",
        |digits, prefix| vec![format!("{prefix}{}", b64::STANDARD_NO_PAD.encode(bytes(digits)))],
        "base64",
    ),
    ("signature-base64", |digits, prefix| vec![format!("{prefix}{}", b64::URL_SAFE.encode(bytes(digits)))], "base64"),
    (
        "signature-base64",
        |digits, prefix| vec![format!("{prefix}{}", b64::URL_SAFE_NO_PAD.encode(bytes(digits)))],
        "base64",
    ),
    (
        "signature-base64-of-hex",
        |digits, prefix| vec![format!("{prefix}{}", b64::STANDARD.encode(digits))],
        "on top of hex",
    ),
    ("signature-in-list", |digits, prefix| vec![format!("{prefix}{}, {prefix}{digits}", "0".repeat(64))], "list"),
    ("signature-in-list", |digits, prefix| vec![format!("{prefix}{digits},{prefix}{digits}")], "list"),
    ("signature-in-list", |digits, prefix| vec![format!("t=1768473000,{prefix}{digits}")], "list"),
    (
        "signature-rubbish-behind",
        |digits, prefix| vec![format!("{prefix}{digits}=")],
        "something behind its 64 hex digits",
    ),
    ("signature-rubbish-behind", |digits, prefix| vec![format!("{prefix}{digits}00")], "something behind"),
    ("signature-rubbish-behind", |digits, prefix| vec![format!("{prefix}{digits}zz")], "something behind"),
    ("signature-truncated", |digits, prefix| vec![format!("{prefix}{}", &digits[..62])], "cut off"),
    ("signature-truncated", |digits, prefix| vec![format!("{prefix}{}", &digits[..63])], "cut off"),
    ("signature-truncated", |digits, prefix| vec![format!("{prefix}{}", &digits[..40])], "cut off"),
    ("signature-truncated", |digits, prefix| vec![format!("{prefix}{}", &digits[..16])], "cut off"),
    ("signature-repeated", |digits, prefix| vec![format!("{prefix}{digits}"); 2], "more than once, with the same"),
    ("signature-contradictory", |digits, prefix| vec![format!("{prefix}{digits}"), prefix.to_owned()], "different"),
    (
        "signature-contradictory",
        |digits, prefix| vec![format!("{prefix}{}", "0".repeat(64)), format!("{prefix}{digits}")],
        "different",
    ),
];

const WITH_PREFIX: &[(&str, Change, &str)] = &[
    ("signature-prefix-missing", |digits, _| vec![digits.to_owned()], "lacks what stands before its digits"),
    ("signature-prefix-doubled", |digits, prefix| vec![format!("{prefix}{prefix}{digits}")], "has its prefix twice"),
    (
        "signature-prefix-letter-case",
        |digits, prefix| vec![format!("{}{digits}", prefix.to_uppercase())],
        "letter case",
    ),
    ("signature-white-space", |digits, prefix| vec![format!("{prefix} {digits}")], "white space"),
    (
        "signature-percent-encoded",
        |digits, prefix| vec![format!("{}{digits}", prefix.replace('=', "%3D"))],
        "percent-encoded",
    ),
    (
        "signature-percent-encoded",
        |digits, prefix| vec![format!("{}{digits}", prefix.replace('=', "%3d"))],
        "percent-encoded",
    ),
];

/// `request` with these signature headers instead of its own.
fn with<P: Documented>(request: &Request, values: Vec<String>) -> Request {
    let mut changed = request.clone();
    changed.without_signature::<P>();
    changed.headers.extend(values.into_iter().map(|value| (header::<P>().to_uppercase(), value.into_bytes())));
    changed
}

fn digits<P: Documented>(request: &Request) -> String {
    let value = String::from_utf8(request.clone().signature::<P>().clone()).unwrap();
    value.strip_prefix(prefix::<P>()).unwrap().to_owned()
}

#[test]
fn every_mistake_is_named() {
    fn test<P: Documented>() {
        if is_token::<P>() {
            return;
        }
        let request = Request::genuine::<P>(SECRET, body::<P>());
        let digits = digits::<P>(&request);
        let with_prefix = WITH_PREFIX.iter().filter(|_| !prefix::<P>().is_empty());
        for (code, change, words) in TABLE.iter().chain(with_prefix) {
            let changed = with::<P>(&request, change(&digits, prefix::<P>()));
            Case::new(*code, SECRET, &changed).hiding(&digits).refused::<P>(&[code], words);
        }
        // Digits in upper case are right.
        let changed = with::<P>(&request, vec![format!("{}{}", prefix::<P>(), digits.to_uppercase())]);
        assert_eq!(Case::new("upper case", SECRET, &changed).verify::<P>().2, 0);
    }
    crate::for_every_provider!(test);
}

#[test]
fn a_form_that_is_named_may_hide_another_mistake() {
    fn test<P: Documented>() {
        if is_token::<P>() {
            return;
        }
        let request = Request::genuine::<P>("another secret", body::<P>());
        let digits = digits::<P>(&request);
        for (code, value) in [
            ("signature-base64", format!("{}{}", prefix::<P>(), b64::STANDARD.encode(bytes(&digits)))),
            ("signature-truncated", format!("{}{}", prefix::<P>(), &digits[..60])),
        ] {
            let changed = with::<P>(&request, vec![value]);
            Case::new(code, SECRET, &changed)
                .refused::<P>(&[code, "unexplained"], "; and the signature does not match");
        }
        for (code, value) in [
            ("signature-malformed", "bogus"),
            ("signature-malformed", "deadbeef"),
            ("signature-malformed", "\u{e9}\u{20ac}"),
            ("signature-empty", ""),
            ("signature-is-secret", SECRET),
        ] {
            let changed = with::<P>(&request, vec![value.to_owned()]);
            Case::new(value, SECRET, &changed).refused::<P>(&[code], header::<P>());
        }
        let twice = with::<P>(&request, vec![format!("{}{digits}", prefix::<P>()); 2]);
        Case::new("twice", SECRET, &twice).refused::<P>(&["signature-repeated", "unexplained"], "more than once");
        let different = with::<P>(&request, vec!["a".to_owned(), "b".to_owned()]);
        Case::new("different", SECRET, &different)
            .refused::<P>(&["signature-contradictory", "unexplained"], "different");
    }
    crate::for_every_provider!(test);
}

#[test]
fn the_place_is_named() {
    fn test<P: Documented>() {
        if is_token::<P>() {
            return;
        }
        let request = Request::genuine::<P>(SECRET, body::<P>());
        let mut missing = request.clone();
        let value = missing.without_signature::<P>();
        Case::new("missing", SECRET, &missing).refused::<P>(&["signature-missing"], "is missing");

        let mut renamed = missing.clone();
        renamed.headers.push(("X-Hub-Signature-256".to_owned(), value.clone()));
        let words = "stands in the header x-hub-signature-256";
        Case::new("renamed", SECRET, &renamed).refused::<P>(&["signature-in-another-header"], words);
        let mut underscores = missing.clone();
        underscores.headers.push((format!("HTTP_{}", header::<P>().replace('-', "_")), value.clone()));
        Case::new("CGI", SECRET, &underscores).refused::<P>(&["signature-in-another-header"], "http_x_");

        let mut in_query = missing.clone();
        let text = String::from_utf8(value.clone()).unwrap();
        in_query.target.push_str(&format!("?a=1&signature={}", text.replace('=', "%3D")));
        Case::new("query", SECRET, &in_query).refused::<P>(&["signature-in-query"], "URL's query");
    }
    crate::for_every_provider!(test);
}

#[test]
fn another_provider_is_named() {
    fn of<P: Documented, Q: Documented>() {
        if P::NAME == Q::NAME {
            return;
        }
        let request = Request::genuine::<Q>(SECRET, body::<Q>());
        let words = format!("it is a delivery of {}, and not of {}", Q::TITLE, P::TITLE);
        Case::new("other's", SECRET, &request).refused::<P>(&["wrong-provider"], &words);
        let request = Request::genuine::<Q>("another secret", body::<Q>());
        let case = Case::new("other's, with another secret", SECRET, &request);
        if is_token::<Q>() {
            case.refused::<P>(&["signature-missing"], "is missing");
        } else {
            case.refused::<P>(&["other-provider-header"], &format!("the signature header of {} is there", Q::TITLE));
        }
    }
    fn test<P: Documented>() {
        of::<P, ScreenScore>();
        of::<P, ScreenshotCenter>();
        of::<P, ScreenshotRun>();
        of::<P, Zeodyn>();
        of::<P, GeoScored>();
    }
    crate::for_every_provider!(test);
}

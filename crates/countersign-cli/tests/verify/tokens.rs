//! Mistakes with the token in the URL.

use countersign_core::providers::ScreenshotRun;

use crate::support::{Case, Request, SECRET, body};

fn request(target: &str) -> Request {
    let genuine = Request::genuine::<ScreenshotRun>(SECRET, body::<ScreenshotRun>());
    Request { target: target.to_owned(), ..genuine }
}

#[test]
fn every_mistake_is_named() {
    for (code, secret, target, words) in [
        ("token-missing", SECRET, "/hook", "has no parameter `token`"),
        ("token-missing", SECRET, "/hook?a=1", "has no parameter `token`"),
        ("token-missing", SECRET, "/hook#?token=Kq7vRw2-mN_4tZ8x", "has no parameter `token`"),
        ("token-empty", SECRET, "/hook?token=", "is empty"),
        ("token-empty", SECRET, "/hook?token", "is empty"),
        ("token-empty", SECRET, "/hook?token=&token=", "is empty"),
        (
            "token-repeated",
            SECRET,
            "/hook?token=Kq7vRw2-mN_4tZ8x&token=Kq7vRw2-mN_4tZ8x",
            "more than once, with the same",
        ),
        ("token-contradictory", SECRET, "/hook?token=Kq7vRw2-mN_4tZ8x&token=other-token", "with different values"),
        ("token-contradictory", SECRET, "/hook?token=other-token&token=Kq7vRw2-mN_4tZ8x", "with different values"),
        ("token-name-escaped", SECRET, "/hook?%74oken=Kq7vRw2-mN_4tZ8x", "is percent-encoded"),
        ("token-in-another-parameter", SECRET, "/hook?Token=Kq7vRw2-mN_4tZ8x", "in another parameter"),
        ("token-in-another-parameter", SECRET, "/hook?secret=Kq7vRw2-mN_4tZ8x", "in another parameter"),
        ("token-in-another-parameter", SECRET, "/hook?Kq7vRw2-mN_4tZ8x", "in another parameter"),
        ("token-in-path", SECRET, "/hook/Kq7vRw2-mN_4tZ8x", "in the URL's path"),
        ("token-in-path", SECRET, "https://example.com/Kq7vRw2-mN_4tZ8x/hook", "in the URL's path"),
        ("token-not-escaped", "pass%41word-1", "/hook?token=pass%41word-1", "is not percent-encoded"),
        ("token-escaped-twice", "pass+word/1", "/hook?token=pass%252Bword%252F1", "percent-encoded twice"),
        (
            "token-plus-for-space",
            "pass word 1",
            "/hook?token=pass+word+1",
            "has `+` in the URL where the secret has a space",
        ),
        ("token-space-for-plus", "pass+word+1", "/hook?token=pass%20word%201", "has a space in the URL where"),
        ("token-white-space", SECRET, "/hook?token=Kq7vRw2-mN_4tZ8x%0A", "white space or a line break"),
        ("token-white-space", SECRET, "/hook?token=%20Kq7vRw2-mN_4tZ8x", "white space or a line break"),
        ("token-quoted", SECRET, "/hook?token=%22Kq7vRw2-mN_4tZ8x%22", "quotes around it"),
        ("token-cut-off", "passwo&rd-1", "/hook?token=passwo&rd-1", "cut off where the secret has `&` or `#`"),
        ("token-cut-off", "passwo#rd-1", "/hook?token=passwo", "cut off where the secret has `&` or `#`"),
        ("token-cut-off", "passwo#rd-1", "/hook?token=passwo#rd-1", "cut off where the secret has `&` or `#`"),
        ("token-unexplained", "password-1", "/hook?token=passwo", "one of them is wrong"),
    ] {
        let case = Case::new(target, secret, &request(target));
        case.refused::<ScreenshotRun>(&[code], words);
    }
}

#[test]
fn a_token_in_a_header_is_named() {
    for (name, value) in [("X-Token", SECRET.to_owned()), ("Authorization", format!("Bearer {SECRET}"))] {
        let mut request = request("/hook");
        request.headers.push((name.to_owned(), value.into_bytes()));
        Case::new(name, SECRET, &request).refused::<ScreenshotRun>(&["token-in-header"], "stands in a header");
    }
}

#[test]
fn what_is_unexplained_is_still_described() {
    for (target, code) in [
        ("/hook?token=a-a-a-a&token=a-a-a-a", "token-repeated"),
        ("/hook?token=a-a-a-a&token=b-b-b-b", "token-contradictory"),
        ("/hook?%74oken=a-a-a-a", "token-name-escaped"),
    ] {
        let case = Case::new(target, SECRET, &request(target));
        case.refused::<ScreenshotRun>(&[code, "token-unexplained"], "; and the token in the URL is not the secret in");
    }
}

/// A secret of any bytes is genuine when it is percent-encoded, in any form of target.
#[test]
fn odd_secrets_are_genuine() {
    for secret in ["a&b#c+d e%f", "ünïcödé", "=?/\\\"'"] {
        let mut request = Request::genuine::<ScreenshotRun>(secret, body::<ScreenshotRun>());
        assert_eq!(Case::new(secret, secret, &request).verify::<ScreenshotRun>().2, 0);
        request.target.insert_str(0, "https://example.com:8443");
        assert_eq!(Case::new(secret, secret, &request).verify::<ScreenshotRun>().2, 0);
    }
}

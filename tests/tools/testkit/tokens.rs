//! Tokens with everything that a URL has to escape.

use countersign::{Secret, Verifier, providers::ScreenshotRun};
use countersign_testkit::{Payload, sign};
use proptest::{collection::vec, prelude::*};

use crate::testkit::{sent::Sent, wait_for};

const TOKENS: [&[u8]; 14] = [
    "fixture+token/\u{e9} &=%".as_bytes(),
    b" ",
    b"a b",
    b"#",
    b"a#b?c&token=d",
    b"?",
    b"a\nb\r\n",
    b"\0",
    b"\xff\xfe\x80",
    b"%41%zz%",
    b"+",
    b"<>\"'`{}|\\^[]:;@!$()*,/",
    "\u{1f4f8}".as_bytes(),
    b"token=",
];

/// What stands behind `token=`, decoded by hand: `+` is a plus.
fn decoded(query: &str) -> Vec<u8> {
    let value = query.strip_prefix("token=").expect("the parameter");
    let mut bytes = value.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().expect("a digit"), bytes.next().expect("a digit")];
            let digits = std::str::from_utf8(&digits).expect("ASCII");
            decoded.push(u8::from_str_radix(digits, 16).expect("hex"));
        } else {
            // RFC 3986, 2.3: everything else means itself nowhere.
            assert!(byte.is_ascii_alphanumeric() || b"-._~".contains(&byte), "{byte:?} in {query}");
            decoded.push(byte);
        }
    }
    decoded
}

#[test]
fn a_token_is_escaped_so_that_it_arrives() {
    for token in TOKENS {
        let request = Payload::<ScreenshotRun>::documented("screenshot.completed").unwrap().signed_with(token);
        assert_eq!(decoded(request.query().unwrap()), token);
        let path = "/webhooks/screenshotrun";
        wait_for(async {
            let sent = Sent::by_http(&request);
            assert_eq!((sent.path.as_str(), sent.query.as_deref()), (path, request.query()));
            assert_eq!(Sent::by_actix(&request).await, sent);
            assert_eq!(Sent::by_reqwest(&request, path).await, sent);
        });
        assert_eq!(request.delivery().unwrap().body(), request.body());
    }
}

/// As most servers do, for whom `+` is a space.
#[test]
fn a_form_decoder_reads_the_token_as_well() {
    for token in TOKENS {
        let Ok(token) = std::str::from_utf8(token) else { continue };
        let proof = sign::<ScreenshotRun>(token, "");
        let url = reqwest::Url::parse(&format!("http://localhost/?a=1&{}&b=2", proof.query().unwrap())).unwrap();
        let pairs: Vec<_> = url.query_pairs().into_owned().collect();
        let expected = [("a", "1"), ("token", token), ("b", "2")];
        assert_eq!(pairs, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}

#[test]
fn the_unreserved_characters_stay_as_they_are() {
    let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    let proof = sign::<ScreenshotRun>(unreserved, "");
    assert_eq!(proof.query(), Some(&*format!("token={unreserved}")));
    let proof = sign::<ScreenshotRun>("fixture+token/\u{e9} &=%", "");
    assert_eq!(proof.query(), Some("token=fixture%2Btoken%2F%C3%A9%20%26%3D%25"));
    assert_eq!(proof.headers().count(), 0);
}

/// An attacker would send it; no verifier has it.
#[test]
fn an_empty_token_can_be_sent_and_is_rejected() {
    let request = Payload::<ScreenshotRun>::documented("screenshot.completed").unwrap().signed_with("");
    assert_eq!(request.path_and_query(), "/webhooks/screenshotrun?token=");
    let error = Verifier::<ScreenshotRun>::new("t0ken").verify(&request.to_http::<bytes::Bytes>(), "{}").unwrap_err();
    assert_eq!(error.status(), 401);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(countersign_test_support::cases(300)) })]

    #[test]
    fn any_bytes_are_a_token(token in vec(any::<u8>(), 1..40)) {
        let request = Payload::<ScreenshotRun>::new("{}").signed_with(token.clone());
        prop_assert_eq!(decoded(request.query().unwrap()), token.clone());
        let verifier = Verifier::<ScreenshotRun>::new(Secret::new(token).unwrap());
        let verified = verifier.verify_only(&request.to_http::<bytes::Bytes>(), request.body().clone());
        prop_assert!(verified.is_ok());
    }
}

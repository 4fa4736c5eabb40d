//! Proofs as the providers make them.

use super::*;

/// `printf %s "$BODY" | openssl dgst -sha256 -hmac "$SECRET"`, and
/// `-mac HMAC -macopt hexkey:00ff0a` for bytes.
#[test]
fn a_signature_is_the_one_that_openssl_makes() {
    let long = "0123456789".repeat(7);
    let cases: [(&[u8], &[u8], &str); 5] = [
        (b"s3cr3t", b"{}", "608b0c406f3dda19702d71a048483b8c331283106d80a208e3cf43dbde505286"),
        (
            b"whsec_a+b/c=",
            r#"{"event":"scan_complete","scanId":"é"}"#.as_bytes(),
            "09f2bb0505821b4d6a90c0183b06bcba8507104ac659f0996a1fad5a27152376",
        ),
        (b"key", b"", "5d5d139563c95b5967b9bd9a8c9b233a9dedb45072794cd232dc1b74832607d0"),
        (b"\x00\xff\x0a", b"body", "95f8fde8714281fa17b96d0e4a1029995a9bf0f73de19ed4ada3bf416800dc53"),
        (long.as_bytes(), b"\xff\x00x", "3ef88acda93d5f9281111ffa06c71bcbcbc14c92b6cccf57b67270c667af9428"),
    ];
    for (secret, body, expected) in cases {
        for prefix in ["", "sha256="] {
            let proof = Scheme::hmac_sha256("x-acme-signature", prefix).sign(secret, body).unwrap();
            assert_eq!(proof.value(), format!("{prefix}{expected}"));
            assert_eq!(proof.place(), Place::header("x-acme-signature"));
        }
    }
}

/// `urllib.parse.quote(secret, safe='')` of Python.
#[test]
fn a_token_is_percent_encoded_whatever_the_body() {
    let token = Scheme::url_token("token");
    for (secret, expected) in [
        ("t+k n/é&=%~-._A9".as_bytes(), "t%2Bk%20n%2F%C3%A9%26%3D%25~-._A9"),
        (b"\xff\x00a", "%FF%00a"),
        (b"plain", "plain"),
    ] {
        for body in [b"{}".as_slice(), b""] {
            let proof = token.sign(secret, body).unwrap();
            assert_eq!((proof.value(), proof.place()), (expected, Place::query("token")));
        }
    }
}

/// What an attacker would try: `printf body | openssl dgst -sha256 -hmac ''`.
#[test]
fn an_empty_secret_can_be_signed_with() {
    let proof = Scheme::hmac_sha256("x-acme-signature", "").sign(b"", b"body").unwrap();
    assert_eq!(proof.value(), "7ec3619ea7f921721b6d8bec83ea2d0c6d557e0b164daf577e62c8cc88ed74ae");
    assert_eq!(Scheme::url_token("token").sign(b"", b"body").unwrap().value(), "");
}

#[test]
fn t19_debug_shows_the_place_and_not_the_proof() {
    let proof = Scheme::url_token("token").sign(b"s3cr3t", b"").unwrap();
    assert_eq!(format!("{proof:?}"), "Proof(`?token=` in the URL: [redacted])");
}

/// A proof with another value, and with its value twice: at every kind of place.
#[test]
fn a_proof_is_changed_and_repeated_at_its_place() {
    use crate::provider::grammar::*;

    const fn over(place: Place) -> Scheme {
        Scheme::signed(HmacSha256, place, Hex).over(&[Body])
    }
    const TIMED: Scheme = Scheme::signed(HmacSha256, member("x-list", "=,", "v1"), Hex)
        .time(member("x-list", "=,", "t"), Unit::Seconds)
        .over(&[Time, Body]);
    const LISTED: &[Scheme] = &[TIMED, Scheme::token(header("x-token"))];
    type Case = (Scheme, &'static [(&'static str, &'static str)], Option<&'static str>, bool);
    let cases: [Case; 9] = [
        (over(header("x-one")), &[("x-one", "v"), ("x-one", "v")], None, false),
        (over(repeated_header("x-many")), &[("x-many", "v"), ("x-many", "v")], None, true),
        (over(numbered_headers("x-n-")), &[("x-n-1", "v"), ("x-n-2", "v")], None, true),
        (TIMED, &[("x-list", "t=7,v1=v,v1=v")], None, true),
        (over(items_from("x-items", ",", 0)), &[("x-items", "v,v")], None, true),
        (over(authorization("HMAC")), &[("authorization", "HMAC v"), ("authorization", "HMAC v")], None, false),
        (over(query("sig")), &[], Some("sig=v&sig=v"), false),
        (Scheme::token(member("x-list", "=,", "k")), &[("x-list", "k=v,k=v")], None, false),
        (Scheme::any_of(LISTED), &[("x-list", "t=7,v1=v,v1=v")], None, true),
    ];
    for (scheme, headers, query, is_allowed) in cases {
        let draft = Draft::new(b"{}").at(std::time::UNIX_EPOCH + std::time::Duration::from_secs(7));
        let proof = scheme.sign(b"s3cr3t", draft).unwrap().with_value("v");
        assert_eq!(proof.value(), "v");
        let repeated = proof.repeated();
        assert_eq!((repeated.headers().collect::<Vec<_>>().as_slice(), repeated.query()), (headers, query));
        assert_eq!(scheme.allows_several_proofs(), is_allowed, "{scheme}");
    }
}

#[test]
fn a_token_with_a_line_break_is_not_one_for_a_header() {
    let error = Scheme::token(Place::header("x-token")).sign(b"a\n", b"").unwrap_err();
    assert_eq!(error.kind(), SignErrorKind::NotAKey);
    let in_body = Scheme::token(Place::json("token")).sign(b"a\n", b"{}").unwrap();
    assert_eq!((in_body.value(), in_body.in_body(), in_body.repeated().in_body()), ("a\n", Some("a\n"), Some("a\n")));
}

#[test]
fn a_list_in_a_form_is_written_whole() {
    use crate::provider::grammar::*;

    const LIST: Scheme =
        Scheme::signed(HmacSha256, form_members("signature", "|&"), Hex).over(&[Field(form("payload"))]);
    let proof = LIST.sign(b"s3cr3t", b"payload=p").unwrap().with_value("v");
    assert_eq!((proof.value(), proof.in_body(), proof.headers().count()), ("v", Some("key|v"), 0));
    assert_eq!(proof.repeated().in_body(), Some("key|v&key|v"));
    assert!(LIST.allows_several_proofs());
}

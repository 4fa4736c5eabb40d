//! What a scheme says when it is asked.

use super::{grammar::*, *};

const SIGNED: Scheme = Scheme::hmac_sha256("x-acme-signature", "v1=");
const TOKEN: Scheme = Scheme::url_token("token");
const STANDARD: Scheme = Scheme::signed(HmacSha256, member("webhook-signature", ", ", "v1"), Base64)
    .id(header("webhook-id"))
    .time(header("webhook-timestamp"), Unit::Seconds)
    .over(&[Id, Text("."), Time, Text("."), Body]);
const MAILGUN: Scheme = Scheme::signed(HmacSha256, json("signature.signature"), Hex)
    .time(json("signature.timestamp"), Unit::Seconds)
    .over(&[Time, Field(json("signature.token"))]);
const TWILIO: Scheme = Scheme::signed(HmacSha256, header("x-signature"), Base64).over(&[Url, SortedForm]);
const EITHER: Scheme = Scheme::any_of(&[STANDARD, TWILIO, TOKEN]);

#[test]
fn a_signature_covers_the_body_and_nothing_else() {
    const { assert!(SIGNED.covers(Place::json("data.id")) && SIGNED.covers_body()) };
    const { assert!(!SIGNED.covers(Place::header("x-acme-id")) && !SIGNED.covers(Place::query("id"))) };
    const { assert!(!SIGNED.covers(Place::header("x-acme-signature"))) };
}

#[test]
fn a_token_covers_nothing() {
    const { assert!(!TOKEN.covers(Place::json("data.id")) && !TOKEN.covers_body()) };
    const { assert!(!TOKEN.covers(Place::header("x-acme-id")) && !TOKEN.covers(Place::query("token"))) };
    const { assert!(TOKEN.is_credential() && !SIGNED.is_credential() && EITHER.is_credential()) };
}

#[test]
fn a_signature_covers_its_parts() {
    const { assert!(STANDARD.covers(header("webhook-id")) && STANDARD.covers(header("webhook-timestamp"))) };
    const { assert!(STANDARD.covers(json("id")) && !STANDARD.covers(header("x-other")) && STANDARD.covers_body()) };
    const { assert!(MAILGUN.covers(json("signature.token")) && MAILGUN.covers(json("signature.timestamp"))) };
    const { assert!(!MAILGUN.covers(json("event-data.id")) && !MAILGUN.covers_body()) };
    const { assert!(!TWILIO.covers(form("CallSid")) && !TWILIO.covers(json("id")) && TWILIO.covers_body()) };
    const { assert!(TWILIO.signs_url() && EITHER.signs_url() && !STANDARD.signs_url()) };
    const { assert!(STANDARD.signs_time() && EITHER.signs_time() && !TWILIO.signs_time() && !TOKEN.signs_time()) };
}

/// HubSpot v1: bytes can be appended to such a signed text, but no field of a JSON body can be changed.
#[test]
fn a_digest_without_hmac_does_not_cover_the_whole_body() {
    const V1: Scheme = Scheme::signed(Sha256OfSecretAndText, header("x-signature"), Hex).over(&[Body]);
    const { assert!(!V1.covers_body() && V1.covers(json("id"))) };
}

#[test]
fn a_list_covers_what_its_weakest_scheme_covers() {
    const TWO: Scheme = Scheme::any_of(&[STANDARD, Scheme::hmac_sha256("x-old", "")]);
    const { assert!(TWO.covers_body() && TWO.covers(json("id")) && !TWO.covers(header("webhook-id"))) };
    const { assert!(!EITHER.covers_body() && !EITHER.covers(json("id"))) };
}

#[test]
fn a_scheme_says_where_its_proof_is() {
    assert_eq!(SIGNED.places().collect::<Vec<_>>(), [Place::header("x-acme-signature")]);
    assert_eq!(TOKEN.places().collect::<Vec<_>>(), [Place::query("token")]);
    assert_eq!(
        EITHER.places().collect::<Vec<_>>(),
        [member("webhook-signature", ", ", "v1"), header("x-signature"), query("token")]
    );
    assert_eq!((SIGNED.signature_prefix(), TOKEN.signature_prefix()), (Some("v1="), None));
}

/// Only the plain ones take the short way.
#[test]
fn a_scheme_is_plain_or_not() {
    let is_plain = |scheme: Scheme| matches!(scheme.0, Kind::Signed(signed) if signed.is_plain());
    assert!(is_plain(SIGNED) && is_plain(Scheme::signed(HmacSha256, header("x-a"), Base64).over(&[Body])));
    assert!(!is_plain(Scheme::signed(HmacSha256, header("x"), Hex).time(json("t"), Unit::Milliseconds).over(&[Body])));
    for scheme in [STANDARD, MAILGUN, TWILIO, TOKEN, EITHER] {
        assert!(!is_plain(scheme), "{scheme}");
    }
    assert!(!is_plain(Scheme::signed(HmacSha256, repeated_header("x-a"), Hex).over(&[Body])));
    assert!(!is_plain(Scheme::signed(HmacSha512, header("x-a"), Hex).over(&[Body])));
}

/// Without its feature, a scheme does not compile, and the message names the feature.
#[cfg(not(feature = "sha1"))]
#[test]
#[should_panic = "`HmacSha1` needs the feature `sha1` of countersign: switch it on"]
fn hmac_sha1_needs_its_feature() {
    let _ = Scheme::signed(HmacSha1, header("x-a"), Hex);
}

#[cfg(not(feature = "ed25519"))]
#[test]
#[should_panic = "`Ed25519` needs the feature `ed25519` of countersign: switch it on"]
fn ed25519_needs_its_feature() {
    let _ = Scheme::signed(Ed25519, header("x-a"), Hex);
}

#[cfg(not(feature = "ecdsa"))]
#[test]
#[should_panic = "`EcdsaP256` needs the feature `ecdsa` of countersign: switch it on"]
fn ecdsa_needs_its_feature() {
    let _ = Scheme::signed(EcdsaP256, header("x-a"), Hex);
}

#[cfg(not(feature = "rsa"))]
#[test]
#[should_panic = "`RsaSha256` needs the feature `rsa` of countersign: switch it on"]
fn rsa_needs_its_feature() {
    let _ = Scheme::signed(RsaSha256, header("x-a"), Hex);
}

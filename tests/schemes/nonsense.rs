//! Schemes that make no sense, and the one sentence that says what to change.
//!
//! The checks are const fns: in a const they are compile errors, with the same texts. (The documentation of
//! `Scheme::signed` has one as `compile_fail`.) Here they run.

use std::panic::catch_unwind;

use countersign::provider::{Scheme, grammar::*};

#[track_caller]
fn panics(make: fn() -> Scheme, expected: &str) {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = catch_unwind(make);
    std::panic::set_hook(hook);
    let error = result.expect_err(expected);
    let text = error.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| error.downcast_ref::<String>().cloned()).unwrap();
    assert_eq!(text, expected);
}

const STANDARD: Scheme = Scheme::signed(HmacSha256, header("x-signature"), Base64).over(&[Body]);
const TOKEN: Scheme = Scheme::token(header("x-token"));
const MAILGUN: Scheme = Scheme::signed(HmacSha256, json("signature"), Hex).over(&[Text("x")]);
const ED: Scheme = Scheme::signed(Ed25519, header("x-ed"), Hex).over(&[Body]);
const FIELD: Part = Field(repeated_header("x-a"));
const ENDLESS: Part = Optional("id:", header("x-a"), "");
const JSON: Part = Field(json("a"));

/// One after the other: the panic hook is the process's.
#[test]
fn nonsense_is_an_error_of_one_sentence() {
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).over(&[]),
        "nothing is signed: list what is signed, such as `&[Body]`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).over(&[Body, Text("."), Body]),
        "the body is signed twice: remove one of `Body`, `BodySha256` and `SortedForm`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).over(&[SortedForm, BodySha256]),
        "the body is signed twice: remove one of `Body`, `BodySha256` and `SortedForm`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).over(&[Time, Body]),
        "`Time` is signed, but the scheme does not say where it is: add `.time(place, unit)`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).time(header("x-t"), Unit::Seconds).over(&[Body]),
        "this time is not signed, so a tolerance protects nothing: add `Time` to what is signed, or remove `.time(…)`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).time(json("t"), Unit::Seconds).over(&[Url]),
        "this time is not signed, so a tolerance protects nothing: add `Time` to what is signed, or remove `.time(…)`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).tolerance(minutes(5)).over(&[Body]),
        "a tolerance needs a time: add `.time(place, unit)` before it",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).any_time().over(&[Body]),
        "`any_time` needs a time: add `.time(place, unit)` before it",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).over(&[Id, Body]),
        "`Id` is signed, but the scheme does not say where it is: add `.id(place)`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).id(header("x-i")).over(&[Body]),
        "this ID is not signed: add `Id` to what is signed, or remove `.id(…)`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).id(any_member("x-i", "=,")).over(&[Id]),
        "an ID is one value: name a place that has one, such as `header(…)`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).time(repeated_header("x-t"), Unit::Seconds).over(&[Time]),
        "a time is one value: name a place that has one, such as `header(…)`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).over(&[FIELD]),
        "a signed field is one value: name a place that has one, such as `header(…)`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).over(&[ENDLESS, Body]),
        "nothing shows where an optional value ends: give it the text that stands behind it",
    );
    panics(
        || Scheme::signed(HmacSha256, json("signature"), Hex).over(&[Body]),
        "a signature inside the body cannot cover the body: sign its fields, such as `Field(json(\"id\"))`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).or_at(header("x-a")).over(&[Body]),
        "both places of the signature are the same: remove `.or_at(…)`",
    );
    panics(
        || Scheme::signed(HmacSha256, json("a"), Hex).or_at(json("b")).over(&[JSON]),
        "a signature in the body has one place: remove `.or_at(…)`",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).with_or_without_port().over(&[Body]),
        "`with_or_without_port` is about the URL, which is not signed: add `Url` to what is signed, or remove it",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).body_digest("sha").over(&[Url, Body]),
        "`body_digest` is a parameter of the signed URL, in place of the body: sign `Url` and not `Body`, or remove it",
    );
    panics(
        || Scheme::signed(HmacSha256, header("x-a"), Hex).key(Key::PublicHex).over(&[Body]),
        "this algorithm has a secret key, and everybody knows a public one: use `Key::Verbatim`, `Base64`, `Hex` or `With`",
    );
    panics(
        || Scheme::signed(Ed25519, header("x-a"), Hex).key(Key::Verbatim).over(&[Body]),
        "this algorithm verifies with a public key: use `Key::PublicHex`, `PublicBase64`, `PublicDer` or `PublicPem`",
    );
    panics(
        || Scheme::signed(RsaSha256, header("x-a"), Hex).key(Key::PublicHex).over(&[Body]),
        "an RSA key is written as DER or PEM: use `Key::PublicDer` or `Key::PublicPem`",
    );
    panics(
        || Scheme::hmac_sha256("X-Acme-Signature", ""),
        "write the header's name in lower case, such as `x-acme-signature`: HTTP/2 has no other, and names are compared in \
         either case",
    );
    panics(
        || Scheme::hmac_sha256("x acme", ""),
        "a header's name consists of ASCII letters, digits and `-`: see RFC 9110 for the other characters",
    );
    panics(
        || Scheme::token(repeated_header("x-a")),
        "a token is one value: name a place that has one, such as `header(…)`",
    );
    panics(
        || Scheme::token(member("x-a", "=", "t")),
        "the delimiters of a list are two different ASCII characters: first the one behind a key, then the one between \
         members, such as \"=,\"",
    );
    panics(|| Scheme::any_of(&[TOKEN]), "a list of schemes has at least two: use the scheme itself");
    panics(
        || Scheme::any_of(&[TOKEN, STANDARD]),
        "the weaker scheme comes first in the list: put the scheme that covers more before it",
    );
    panics(
        || Scheme::any_of(&[STANDARD, STANDARD]),
        "two schemes of the list have the same place, so the second is never tried: remove one of them",
    );
    panics(
        || Scheme::any_of(&[MAILGUN, TOKEN]),
        "a scheme whose proof is in the body comes last: the others are chosen by what the head has",
    );
    panics(
        || Scheme::any_of(&[ED, STANDARD]),
        "one scheme has a public key and another a secret: an attacker knows the public key, and must not be able to use \
         it as the secret. Make two providers of them",
    );
}

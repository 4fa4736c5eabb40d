//! Schemes that make no sense, and the one sentence that says what to change.
//!
//! The checks are const fns: in a const they are compile errors, with the same texts. (The documentation of
//! `Scheme::signed` has one as `compile_fail`.) Here they run.

use std::panic::catch_unwind;

use countersign::provider::{Handshake, Input, Mac, Reply, ReplyValue, Scheme, grammar::*};

#[track_caller]
fn panics<T: std::fmt::Debug>(make: fn() -> T, expected: &str) {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = catch_unwind(make);
    std::panic::set_hook(hook);
    let error = result.expect_err(expected);
    let text = error.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| error.downcast_ref::<String>().cloned()).unwrap();
    assert_eq!(text, expected);
}

const ECHO: Reply = Reply::echo(query("challenge"));
const MAC: ReplyValue = ReplyValue::Mac(Mac::new(HmacSha256, query("code"), Input::BASE64, Hex));
const MAC_REPLY: Reply = Reply::object(&[("mac", MAC)]);

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
    handshakes();
}

fn handshakes() {
    panics(
        || Handshake::get().when(json("type"), "challenge").answer(ECHO),
        "this handshake is answered before its body is read: name a place in the head, or use `Handshake::signed()`",
    );
    panics(
        || Handshake::post().has(query("a")).answer(Reply::echo(json("challenge"))),
        "this handshake is answered before its body is read: name a place in the head, or use `Handshake::signed()`",
    );
    panics(
        || Handshake::get().verify_token(form("token")).answer(ECHO),
        "this handshake is answered before its body is read: name a place in the head, or use `Handshake::signed()`",
    );
    panics(
        || Handshake::get().answer(Reply::echo(repeated_header("x-a"))),
        "a handshake reads one value: name a place that has one, such as `header(…)`",
    );
    let lost =
        "nothing tells this handshake from a delivery, which would be lost: say what it has, with `when` or `has`";
    panics(|| Handshake::signed().answer(Reply::empty(200)), lost);
    panics(|| Handshake::post().has_no(header("x-signature")).answer(Reply::empty(200)), lost);
    panics(
        || Handshake::signed().verify_token(query("token")),
        "this handshake has a proof: remove `.verify_token(…)`",
    );
    panics(
        || Handshake::post().has(query("code")).answer(MAC_REPLY),
        "anybody can send this POST, and would get a MAC: use `Handshake::signed()`",
    );
    panics(
        || Mac::new(Ed25519, query("code"), Input::BASE64, Hex),
        "a handshake is answered with an HMAC: a public key cannot make a MAC, and anybody can extend a plain digest",
    );
    panics(
        || Mac::new(Sha256OfSecretAndText, query("code"), Input::BASE64, Hex),
        "a handshake is answered with an HMAC: a public key cannot make a MAC, and anybody can extend a plain digest",
    );
    let length = "a text that is answered with a MAC has 1 to 256 characters: give its shortest and its longest length";
    panics(|| Input::BASE64.length(0, 10), length);
    panics(|| Input::BASE64.length(10, 9), length);
    panics(|| Input::BASE64.length(1, 257), length);
    let status = "a handshake is answered with a 2xx: another status rejects it";
    panics(|| Reply::empty(199), status);
    panics(|| Reply::headers(302, &[("location", "https://example.com/")]), status);
    panics(|| Reply::object(&[]), "the answer is an empty object: name its values, or use `Reply::json`");
    let visible = "a name or header of an answer consists of visible ASCII characters, without `\"` and `\\`";
    panics(|| Reply::object(&[("a\"b", MAC)]), visible);
    panics(|| Reply::headers(200, &[("x-a", "a\r\nb")]), visible);
    panics(
        || Reply::headers(200, &[("X-A", "a")]),
        "write the header's name in lower case, such as `webhook-allowed-origin`",
    );
    panics(
        || {
            let two = Handshake::get().has(query("a")).has_no(query("b"));
            two.when(query("c"), "c").when_begins(query("d"), "d").has(query("e"))
        },
        "a handshake has at most four conditions: remove one",
    );
}

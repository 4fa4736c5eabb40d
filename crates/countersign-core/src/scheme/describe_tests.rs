//! Schemes in words.

use super::*;
use crate::provider::grammar::*;

#[test]
fn a_scheme_and_its_grammar_are_described_in_words() {
    const STANDARD: Scheme = Scheme::signed(HmacSha256, member("webhook-signature", ", ", "v1"), Base64)
        .id(header("webhook-id"))
        .time(header("webhook-timestamp"), Unit::Seconds)
        .over(&[Id, Text("."), Time, Text("."), Body]);
    const EITHER: Scheme = Scheme::any_of(&[STANDARD, Scheme::token(header("x-a"))]);
    const OPTIONAL: Scheme = Scheme::signed(Sha256OfSecretAndText, json("sig"), Hex)
        .over(&[Field(json("a")), Optional("id:", query("id"), ";")]);
    const FORM: Scheme = Scheme::signed(HmacSha256, form_members("sig", "|&"), Hex).over(&[Field(form("a"))]);
    const FIELDS: Scheme = Scheme::signed(HmacSha256, header("x-a"), Hex).over(&[
        Field(json("a.b.c.d")),
        Text(":"),
        Field(json("a.b.e")),
        Field(header("x-b")),
    ]);
    for (scheme, text, grammar) in [
        (FIELDS, "`x-a:` hex HMAC-SHA256 of `{c.d}:{e}{the header x-b}` in `a.b` in the body", "64 hex digits"),
        (Scheme::hmac_sha256("x-a", ""), "`x-a:` hex HMAC-SHA256 of the body", "64 hex digits"),
        (Scheme::hmac_sha256("x-a", "v1="), "`x-a: v1=` + hex HMAC-SHA256 of the body", "`v1=` and 64 hex digits"),
        (
            FORM,
            "a member of the form field `sig` in the body: hex HMAC-SHA256 of `{the form field a in the body}`",
            "64 hex digits",
        ),
        (Scheme::url_token("to-k_3N"), "`?to-k_3N=` in the URL; nothing is signed", "the token, percent-encoded"),
        (Scheme::token(header("x-a")), "`x-a:` a token; nothing is signed", "the token"),
        (
            Scheme::token(authorization("Bearer")),
            "a token at the header `authorization` behind `Bearer`; nothing is signed",
            "`Bearer` and the token",
        ),
        (
            Scheme::basic(),
            "`authorization: Basic` with a name and a password; nothing is signed",
            "`Basic` and the base64 of `name:password`",
        ),
        (
            STANDARD,
            "`webhook-signature: v1,…` base64 HMAC-SHA256 of `{id}.{time}.{body}`",
            "`v1,` and 44 characters of base64",
        ),
        (
            EITHER,
            "`webhook-signature: v1,…` base64 HMAC-SHA256 of `{id}.{time}.{body}`; or else `x-a:` a token; nothing is signed",
            "`v1,` and 44 characters of base64",
        ),
        (
            Scheme::signed(HmacSha512, numbered_headers("x-a-"), Hex).or_at(query("sig")).over(&[
                Method,
                Text("\n"),
                Url,
                BodySha256,
            ]),
            "the headers `x-a-1`, `x-a-2`, …: or `?sig=` in the URL: hex HMAC-SHA512 of `{method}\\n{url}{SHA-256 of the body}`",
            "128 hex digits",
        ),
        (
            OPTIONAL,
            "`sig` in the body: hex SHA-256 of the secret and of `{a in the body}[id:{?id= in the URL};]`",
            "64 hex digits",
        ),
    ] {
        let signed = scheme.signed_text().to_string();
        assert!(signed == "nothing" || scheme.to_string().contains(&format!(" of {signed}")), "{signed}");
        assert_eq!((scheme.to_string(), scheme.grammar().to_string()), (text.to_owned(), grammar.to_owned()));
    }
}

#[test]
fn a_scheme_says_its_key_its_time_and_its_tolerance() {
    const TIMED: Scheme = Scheme::signed(HmacSha256, header("x-a"), Hex)
        .key(Key::Hex)
        .time(header("x-t"), Unit::Seconds)
        .tolerance(seconds(9))
        .over(&[Time, Body]);
    const ANY_TIME: Scheme =
        Scheme::signed(HmacSha256, header("x-a"), Hex).time(header("x-t"), Unit::Seconds).any_time().over(&[Time]);
    const EITHER: Scheme = Scheme::any_of(&[TIMED, Scheme::basic()]);
    for (scheme, key, time, tolerance) in [
        (TIMED, Some(Key::Hex), Some(header("x-t")), Some(seconds(9))),
        (ANY_TIME, Some(Key::Verbatim), Some(header("x-t")), None),
        (EITHER, Some(Key::Hex), Some(header("x-t")), Some(seconds(9))),
        (Scheme::hmac_sha256("x-a", ""), Some(Key::Verbatim), None, None),
        (Scheme::basic(), None, None, None),
    ] {
        let place = scheme.signed_time().map(|(place, _)| place);
        assert_eq!((scheme.key(), place, scheme.tolerance()), (key, time, tolerance), "{scheme}");
    }
}

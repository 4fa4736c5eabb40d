//! Files as pages, and what is said of files that make no sense.

use countersign_core::provider::{Page, Scheme, grammar::*};

use super::*;

fn page(text: &str) -> &'static Page {
    entry(text.to_owned().leak()).unwrap_or_else(|mistake| panic!("{mistake:?}: {text}")).page
}

/// The files, each with its name.
macro_rules! files {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../tests/schemes/", $name, ".toml")))),*]
    };
}

const SHIPPED: [(&str, &str); 15] = files![
    "stripe" "slack" "github" "standard-webhooks" "svix" "twilio" "mailgun" "sendgrid" "discord" "postmark"
    "gitlab-token" "hubspot" "square" "box" "wise"
];
const GRAMMAR: [(&str, &str); 3] = files!["grammar" "grammar-public" "grammar-tokens"];

/// The files say what the pages of countersign say.
#[test]
fn a_file_makes_the_same_page() {
    for (name, file) in SHIPPED {
        let shipped = ENTRIES.iter().find(|entry| entry.page.name == name).unwrap();
        let own = entry(file).unwrap();
        assert_eq!(own.page.scheme, shipped.page.scheme, "{name}");
        let places = |page: &Page| [page.event, page.id, page.occurred_at, page.sent_at, page.event_copy];
        assert_eq!(places(own.page), places(shipped.page), "{name}");
        assert_eq!(own.page.resource, shipped.page.resource, "{name}");
        assert_eq!(own.features, shipped.features, "{name}");
    }
}

/// The pages as they are printed, compiled.
#[allow(unreachable_pub, reason = "they are printed for other crates")]
mod pages {
    include!("../../tests/schemes/pages.rs");
}

/// The file of pages is what is printed; `TRYCMD=overwrite` updates it, as it does transcripts.
#[test]
fn the_printed_page_compiles_and_is_the_same() {
    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemes/pages.rs");

    let printed = SHIPPED.iter().chain(&GRAMMAR).map(|(name, file)| {
        let module = if *name == "box" { "box_".to_owned() } else { name.replace('-', "_") };
        format!("pub(crate) mod {module} {{\n{}\n}}\n\n", rust::page(entry(file).unwrap().page))
    });
    let printed = printed.collect::<String>();
    if std::env::var_os("TRYCMD").is_some_and(|action| action == "overwrite") {
        std::fs::write(FILE, &printed).unwrap();
    }
    assert_eq!(std::fs::read_to_string(FILE).unwrap(), printed);

    let compiled = [
        Page::of::<pages::stripe::Own>(),
        Page::of::<pages::slack::Own>(),
        Page::of::<pages::github::Own>(),
        Page::of::<pages::standard_webhooks::Own>(),
        Page::of::<pages::svix::Own>(),
        Page::of::<pages::twilio::Own>(),
        Page::of::<pages::mailgun::Own>(),
        Page::of::<pages::sendgrid::Own>(),
        Page::of::<pages::discord::Own>(),
        Page::of::<pages::postmark::Own>(),
        Page::of::<pages::gitlab_token::Own>(),
        Page::of::<pages::hubspot::Own>(),
        Page::of::<pages::square::Own>(),
        Page::of::<pages::box_::Own>(),
        Page::of::<pages::wise::Own>(),
        Page::of::<pages::grammar::UrlWebhooks>(),
        Page::of::<pages::grammar_public::Own>(),
        Page::of::<pages::grammar_tokens::Own>(),
    ];
    for ((name, file), compiled) in SHIPPED.iter().chain(&GRAMMAR).zip(compiled) {
        let own = entry(file).unwrap().page;
        assert_eq!(own.scheme, compiled.scheme, "{name}");
        let all = |page: &Page| {
            let places = [page.event, page.id, page.occurred_at, page.sent_at, page.event_copy];
            (page.name, page.title, page.docs, places, page.resource)
        };
        assert_eq!(all(own), all(&compiled), "{name}");
    }
}

/// What no page above has.
#[test]
fn every_word_of_the_grammar_can_be_said() {
    const SIGNED: Scheme = Scheme::any_of(&[
        Scheme::signed(HmacSha512, repeated_header("x-a"), Base64Url).key(Key::With("&")).over(&[BodySha256]),
        Scheme::signed(HmacSha1, numbered_headers("x-b-"), Hex).key(Key::Sha1).over(&[Body]),
        Scheme::signed(HmacSha256, any_member("x-c", "|&"), Hex).key(Key::Hex).over(&[Body, Text("\n")]),
        Scheme::signed(HmacSha256, items_from("x-d", ",", 1), Hex)
            .key(Key::Base64(&[]))
            .time(item("x-d", ",", 0), Unit::Milliseconds)
            .tolerance(seconds(59))
            .over(&[Optional("id:", query("data.id"), ";"), Field(form("a b")), Time, Text("."), Body]),
        Scheme::signed(HmacSha256, authorization("HMAC"), Hex).key(Key::Verbatim).over(&[Method, Body]),
        Scheme::signed(HmacSha256, query("signature"), Hex).over(&[Optional("", header("x-e"), ";"), Body]),
        Scheme::signed(Sha256OfSecretAndText, header("x-f"), Hex).over(&[Body]),
        Scheme::signed(HmacSha256, form_members("signatures", "|&"), Hex).over(&[Field(form("payload"))]),
    ]);
    const PUBLIC: Scheme = Scheme::any_of(&[
        Scheme::signed(Ed25519, header("x-a"), Hex).key(Key::PublicHex).over(&[Body]),
        Scheme::signed(Ed25519, header("x-b"), Hex).key(Key::PublicBase64(&[])).over(&[Body]),
        Scheme::signed(Ed25519, header("x-c"), Hex).key(Key::PublicBase64(&["whpk_"])).over(&[Body]),
        Scheme::signed(RsaSha256, header("x-d"), Base64).key(Key::PublicDer).over(&[Body]),
        Scheme::signed(EcdsaP256, header("x-e"), Base64).key(Key::PublicPem).over(&[Body]),
    ]);
    const EITHER: Scheme =
        Scheme::any_of(&[Scheme::hmac_sha256("x-a", ""), Scheme::token(authorization("Bearer")), Scheme::basic()]);
    let own = page(GRAMMAR[0].1);
    assert_eq!(own.scheme, &SIGNED);
    assert_eq!((own.name, own.title, own.docs), ("url", "Acme \"Pay\"", "https://acme.example/webhooks"));
    let places = [own.event, own.id, own.occurred_at, own.sent_at, own.event_copy];
    let expected = [json("type"), header("x-acme-id"), json("created"), header("x-acme-time"), header("x-acme-event")];
    assert_eq!((places, own.resource), (expected.map(Some), &[json("data.id"), form("id")][..]));
    assert_eq!(page(GRAMMAR[1].1).scheme, &PUBLIC);
    assert_eq!(page(GRAMMAR[2].1).scheme, &EITHER);
}

const VALID: &str = r#"
[signature]
algorithm = "hmac-sha256"
at = { header = "x-a" }
coding = "hex"
over = ["body"]
"#;

fn error(bytes: &[u8]) -> String {
    match of_bytes(bytes.to_vec(), "own.toml") {
        Err(Failure::Message(message)) => message,
        other => panic!("{other:?}: {}", String::from_utf8_lossy(bytes)),
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said() {
    page(VALID);
    let rows: &[(&str, &str, &str)] = &[
        ("[signature]", "[signature", "line 2, column 11: not TOML: unclosed table, expected `]`"),
        (r#""hex""#, r#""hex"#, r#"line 5, column 14: not TOML: invalid basic string, expected `"`"#),
        ("coding", "algorithm", "line 5, column 1: not TOML: duplicate key"),
        (
            "algorithm",
            "algoritm",
            "line 3, column 1: unknown field `algoritm` in `signature`: use algorithm, at, or-at, prefix, coding, key, id, time, over, with-or-without-port or body-digest",
        ),
        (
            "[signature]",
            "[signatur]",
            "line 2, column 2: unknown field `signatur`: use name, title, docs, event, id, resource, occurred-at, sent-at, event-copy, signature or token",
        ),
        (
            "\n[",
            r#"secret = "s3cr3t"
["#,
            "line 1, column 1: unknown field `secret`: no secret belongs in this file: give it with --secret-env or --secret-file",
        ),
        (r#"over = ["body"]"#, "", "line 2, column 1: `signature` needs the field `over`"),
        (
            r#""hmac-sha256""#,
            r#""HmacSha256""#,
            r#"line 3, column 13: `algorithm` must be "hmac-sha256", "hmac-sha512", "hmac-sha1", "sha256-of-secret-and-text", "ed25519", "ecdsa-p256" or "rsa-sha256""#,
        ),
        (r#""hex""#, r#""s3cr3t""#, r#"line 5, column 10: `coding` must be "hex", "base64" or "base64-url""#),
        (
            r#"{ header = "x-a" }"#,
            r#""x-a""#,
            r#"line 4, column 6: `at` must be a place, such as { header = "x-acme-signature" }: with header, repeated-header, numbered-headers, member, any-member, item, items-from, authorization, query, json, form or form-members"#,
        ),
        (
            r#"{ header = "x-a" }"#,
            r#"{ header = "x-a", query = "x" }"#,
            "line 4, column 6: `at` has `header` and `query`: remove one of them",
        ),
        (
            r#"{ header = "x-a" }"#,
            r#"{ header = "x-a", key = "v1" }"#,
            "line 4, column 24: unknown field `key` in `at`: use header",
        ),
        (r#"{ header = "x-a" }"#, "{ header = 1 }", "line 4, column 17: `header` must be a text in quotes"),
        (
            r#"{ header = "x-a" }"#,
            r#"{ header = "X-A" }"#,
            "line 4, column 6: write the header's name in lower case, such as `x-acme-signature`: HTTP/2 has no other, and names are compared in either case",
        ),
        (
            r#"{ header = "x-a" }"#,
            r#"{ header = "x a" }"#,
            "line 4, column 6: a header's name consists of ASCII letters, digits and `-`: see RFC 9110 for the other characters",
        ),
        (
            r#"{ header = "x-a" }"#,
            r#"{ member = "x-a", delimiters = "=," }"#,
            "line 4, column 6: `at` needs the field `key`",
        ),
        (
            r#"{ header = "x-a" }"#,
            r#"{ member = "x-a", delimiters = "=", key = "v1" }"#,
            r#"line 4, column 6: the delimiters of a list are two different ASCII characters: first the one behind a key, then the one between members, such as "=,""#,
        ),
        (
            r#"{ header = "x-a" }"#,
            r#"{ member = "x-a", delimiters = "=,", key = "" }"#,
            "line 4, column 6: the key of a member must not be empty: for members with any key, use `any_member`",
        ),
        (
            r#"{ header = "x-a" }"#,
            r#"{ item = "x-a", separator = ",", position = 256 }"#,
            "line 4, column 50: `position` must be a whole number that is neither negative nor too large",
        ),
        (
            r#"{ header = "x-a" }"#,
            r#"{ item = "x-a", separator = "", position = 1 }"#,
            r#"line 4, column 6: the separator of a list is one ASCII character, such as ",""#,
        ),
        (r#"{ header = "x-a" }"#, r#"{ json = "" }"#, "line 4, column 6: a path into JSON must not be empty"),
        (
            r#"{ header = "x-a" }"#,
            r#"{ json = "a" }"#,
            r#"line 2, column 1: a signature inside the body cannot cover the body: sign its fields, such as `Field(json("id"))`"#,
        ),
        (
            r#"{ header = "x-a" }"#,
            r#"{ authorization = "a b" }"#,
            r#"line 4, column 6: the word before the credentials is one word, such as `Bearer`: if the whole header is the credential, use `header("authorization")`"#,
        ),
        (
            r#"{ header = "x-a" }"#,
            r#"{ query = "a&b" }"#,
            "line 4, column 6: the name of a query parameter may contain only ASCII letters, digits, `-`, `_` and `.`",
        ),
        (
            r#"{ header = "x-a" }"#,
            r#"{ form-members = "", delimiters = "|&" }"#,
            "line 4, column 6: the name of a form field must not be empty",
        ),
        (r#"["body"]"#, "[]", "line 2, column 1: nothing is signed: list what is signed, such as `&[Body]`"),
        (r#"["body"]"#, r#""body""#, "line 6, column 8: `over` must be a list in brackets"),
        (
            r#"["body"]"#,
            r#"["body", "."]"#,
            r#"line 6, column 17: `over` must be "time", "id", "method", "url", "body", "body-sha256" or "sorted-form", or a table { text = "." }, { field = place } or { optional = place }"#,
        ),
        (
            r#"["body"]"#,
            r#"["body", "body"]"#,
            "line 2, column 1: the body is signed twice: remove one of `Body`, `BodySha256` and `SortedForm`",
        ),
        (r#"["body"]"#, r#"["body", { text = 1 }]"#, "line 6, column 26: `text` must be a text in quotes"),
        (
            r#"["body"]"#,
            r#"["body", { txt = "." }]"#,
            "line 6, column 17: `over` must have `text`, `field` or `optional`",
        ),
        (
            r#"["body"]"#,
            r#"["time", "body"]"#,
            "line 2, column 1: `Time` is signed, but the scheme does not say where it is: add `.time(place, unit)`",
        ),
        (
            r#"["body"]"#,
            r#"["id", "body"]"#,
            "line 2, column 1: `Id` is signed, but the scheme does not say where it is: add `.id(place)`",
        ),
        (
            r#"["body"]"#,
            r#"[{ field = { repeated-header = "x" } }]"#,
            "line 2, column 1: a signed field is one value: name a place that has one, such as `header(…)`",
        ),
        (
            r#"["body"]"#,
            r#"[{ optional = { header = "x" } }, "body"]"#,
            "line 2, column 1: nothing shows where an optional value ends: give it the text that stands behind it",
        ),
        (
            "over",
            r#"key = "s3cr3t"
over"#,
            r#"line 6, column 7: `key` must be "verbatim", "base64", "hex", "sha1", "public-hex", "public-base64", "public-der" or "public-pem", or a table { base64 = [prefixes] }, { public-base64 = [prefixes] } or { with = text }. It is the form of the key; no secret belongs in this file: give it with --secret-env or --secret-file"#,
        ),
        (
            "over",
            r#"key = "public-hex"
over"#,
            "line 2, column 1: this algorithm has a secret key, and everybody knows a public one: use `Key::Verbatim`, `Base64`, `Hex` or `With`",
        ),
        (
            "over",
            r#"key = { base64 = "x" }
over"#,
            "line 6, column 18: `base64` must be a list in brackets",
        ),
        ("over", "key = { hex = true }\nover", "line 6, column 7: `key` must have `base64`, `public-base64` or `with`"),
        (
            "over",
            r#"time = { at = { header = "t" }, unit = "seconds" }
over"#,
            "line 2, column 1: this time is not signed, so a tolerance protects nothing: add `Time` to what is signed, or remove `.time(…)`",
        ),
        (
            "over",
            r#"time = { at = { header = "t" }, unit = "s" }
over"#,
            r#"line 6, column 40: `unit` must be "seconds", "milliseconds" or "rfc3339""#,
        ),
        (
            "over",
            r#"time = { at = { header = "t" }, unit = "seconds", tolerance = { minutes = 5 }, any-time = true }
over"#,
            "line 6, column 63: `tolerance` and `any-time` contradict each other: remove one of them",
        ),
        (
            "over",
            r#"time = { at = { header = "t" }, unit = "seconds", tolerance = 300 }
over"#,
            "line 6, column 63: `tolerance` must be a table { seconds = 300 } or { minutes = 5 }",
        ),
        (
            "over",
            r#"time = { at = { header = "t" }, unit = "seconds", tolerance = { seconds = 4294967296 } }
over"#,
            "line 6, column 75: `seconds` must be a whole number that is neither negative nor too large",
        ),
        (
            "over",
            r#"id = { header = "i" }
over"#,
            "line 2, column 1: this ID is not signed: add `Id` to what is signed, or remove `.id(…)`",
        ),
        (
            "over",
            r#"or-at = { header = "x-a" }
over"#,
            "line 2, column 1: both places of the signature are the same: remove `.or_at(…)`",
        ),
        (
            "over",
            r#"with-or-without-port = "yes"
over"#,
            "line 6, column 24: `with-or-without-port` must be true or false",
        ),
        (
            "over",
            "with-or-without-port = true\nover",
            "line 2, column 1: `with_or_without_port` is about the URL, which is not signed: add `Url` to what is signed, or remove it",
        ),
        (
            "over",
            r#"body-digest = "a b"
over"#,
            "line 6, column 15: the name of a query parameter may contain only ASCII letters, digits, `-`, `_` and `.`",
        ),
        (
            "over",
            r#"body-digest = "a"
over"#,
            "line 2, column 1: `body_digest` is a parameter of the signed URL, in place of the body: sign `Url` and not `Body`, or remove it",
        ),
        (
            "over",
            r#"prefix = "a\nb"
over"#,
            "line 6, column 10: `prefix` must not have a line break or another control character",
        ),
        (
            "over",
            r#"prefix = "é="
over"#,
            "line 6, column 10: `prefix` stands in a header, and must be ASCII",
        ),
        (
            "\n[",
            r#"token = "s3cr3t"
["#,
            "line 1, column 9: `token` must be a table with the place of the token, and no secret belongs in this file: give it with --secret-env or --secret-file",
        ),
        (
            "\n[",
            r#"token = { basic = true, at = { header = "x" } }
["#,
            "line 1, column 30: `at` is not needed with `basic`, whose place is the header `authorization`: remove it",
        ),
        ("\n[", "token = {}\n[", "line 1, column 9: `token` needs the field `at`"),
        (
            "\n[",
            r#"token = { at = { repeated-header = "x" } }
["#,
            "line 1, column 16: a token is one value: name a place that has one, such as `header(…)`",
        ),
        (
            "\n[",
            r#"token = { at = { header = "x" } }
["#,
            "line 2, column 1: the weaker scheme comes first in the list: put the scheme that covers more before it",
        ),
        (
            r#"over = ["body"]"#,
            r#"over = ["body"]
[token]
at = { header = "x-a" }"#,
            "line 7, column 1: two schemes of the list have the same place, so the second is never tried: remove one of them",
        ),
        (
            "[signature]",
            r#"[[signature]]
algorithm = "ed25519"
at = { header = "x" }
coding = "hex"
over = ["body"]
[[signature]]"#,
            "line 7, column 1: one scheme has a public key and another a secret: an attacker knows the public key, and must not be able to use it as the secret. Make two providers of them",
        ),
        (
            "\n[",
            r#"name = "Acme"
["#,
            "line 1, column 8: `name` must be words of ASCII letters in lower case and digits, with - between them",
        ),
        (
            "\n[",
            r#"name = "stripe"
["#,
            "line 1, column 8: `name` is that of a provider of countersign: choose another one",
        ),
        (
            "\n[",
            r#"title = "a\u001b[2J"
["#,
            "line 1, column 9: `title` must not have a line break or another control character",
        ),
        (
            "\n[",
            r#"event = "type"
["#,
            r#"line 1, column 9: `event` must be a place, such as { header = "x-acme-signature" }: with header, repeated-header, numbered-headers, member, any-member, item, items-from, authorization, query, json, form or form-members"#,
        ),
        (
            "\n[",
            r#"resource = { json = "id" }
["#,
            "line 1, column 12: `resource` must be a list in brackets",
        ),
    ];
    for (old, new, expected) in rows {
        assert!(VALID.contains(old), "{old}");
        let text = VALID.replacen(old, new, 1);
        assert_eq!(error(text.as_bytes()), format!("the scheme in own.toml, {expected}"), "{text}");
    }
    let too_deep = format!("token = {{ at = {{ json = \"{}b\" }} }}", "a.".repeat(32));
    for (file, expected) in [
        (too_deep.as_str(), "line 1, column 16: `at` has a path of more than 32 names"),
        ("", "line 1, column 1: no proof: add a table [signature] or [token]"),
        ("signature = 5", "line 1, column 13: `signature` must be a table"),
        ("token = [5]", "line 1, column 10: `token` must be a table"),
        ("signature = []", "line 1, column 1: no proof: add a table [signature] or [token]"),
    ] {
        assert_eq!(error(file.as_bytes()), format!("the scheme in own.toml, {expected}"), "{file}");
    }
}

/// No file panics, and no message shows what stands in the place of a word.
#[test]
fn a_hostile_file_is_an_error() {
    let deep = |open: &str| format!("event = {}", open.repeat(5000));
    for text in [
        deep("["),
        deep("{ a = "),
        format!("{}b = 1", "a.".repeat(5000)),
        format!("[{}b]", "a.".repeat(5000)),
        format!("{} = 1", "a".repeat(10_000)),
        "[[token]]\n".repeat(1000),
        "\0".to_owned(),
        "\u{feff}\u{202e} = 1".to_owned(),
    ] {
        let said = error(text.as_bytes());
        assert!(said.starts_with("the scheme in own.toml, line ") && said.len() < 500, "{said}");
    }
    assert_eq!(error(b"title = \"\xff\""), "the scheme in own.toml is not UTF-8 at byte 9");
    let secret = "s3cr3t";
    for field in ["title", "event", "resource", "token", "signature", "secret"] {
        assert!(!error(format!("{field} = \"{secret}\"").as_bytes()).contains(secret), "{field}");
    }
    for field in ["algorithm", "at", "coding", "key", "id", "time", "over", "or-at", "body-digest"] {
        let text = VALID.replacen("over", &format!("{field} = [\"{secret} {secret}\"]\n# over"), 1);
        assert!(!error(text.as_bytes()).contains(secret), "{text}");
    }
}

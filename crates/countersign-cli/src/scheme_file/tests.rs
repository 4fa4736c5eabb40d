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
        Scheme::signed(HmacSha256, form_members("signatures", "|&"), Hex)
            .over(&[Field(form("payload")), Field(json_in_form("json", "event.type"))]),
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

/// Each row: what to replace in the valid file (`¶` is a line break), and what is said then.
#[test]
fn what_is_wrong_with_a_file_is_said() {
    page(VALID);
    let rows: Vec<_> = include_str!("../../tests/schemes/mistakes.txt").lines().collect();
    assert_eq!(rows.len(), 128);
    for row in rows.chunks_exact(2) {
        let (change, expected) = (row[0].replace('¶', "\n"), row[1].trim_start());
        let (old, new) = change.split_once(" -> ").unwrap();
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

//! The examples in the documentation of the pages are deliveries of the scheme: well formed, and signed with another key.

use std::{
    fs,
    time::{Duration, UNIX_EPOCH},
};

use countersign::{
    Clock, PublicUrl, RejectionKind, Verifier,
    provider::{Page, Provider},
    providers,
};

use super::openssl::made;

/// The first block of text in the documentation of a page.
fn example(constructor: &str) -> Vec<String> {
    let file = format!("crates/countersign-core/src/providers/{constructor}.rs");
    let page = fs::read_to_string(countersign_test_support::root().join(file)).unwrap();
    let block = page.split("/// ```text\n").nth(1).unwrap().split("/// ```").next().unwrap();
    block.lines().map(|line| line.trim_start_matches("///").trim_start_matches(' ').to_owned()).collect()
}

fn check<P: Provider>(constructor: &str) -> RejectionKind {
    let lines = example(constructor);
    let mut request = http::Request::post("/hook").body(()).unwrap();
    // A body of several lines stands behind an empty one.
    let head = lines.iter().position(String::is_empty).unwrap_or(lines.len());
    let mut body = if head < lines.len() { lines[head + 1..].join("\r\n") } else { "{}".to_owned() };
    for line in &lines[..head] {
        match line.split_once(": ") {
            Some((name, value)) if !line.starts_with('{') => {
                let name = http::HeaderName::try_from(name).unwrap();
                request.headers_mut().append(name, value.try_into().unwrap());
            }
            _ if line.starts_with('?') => *request.uri_mut() = format!("/hook{line}").parse().unwrap(),
            _ => body.clone_from(line),
        }
    }
    // A key of the form that the page takes.
    let names = ["STANDARD", "DISCORD", "SENDGRID", "WISE"].map(|name| made(name).0);
    let keys = names.into_iter().chain([made("DISCORD").0, "a-name:a-password".to_owned()]);
    let url = || P::SCHEME.signs_url().then(|| PublicUrl::new("https://example.com/hook").unwrap());
    let ed25519 = || {
        use base64::{Engine, engine::general_purpose::STANDARD};
        STANDARD.encode(hex::decode(made("DISCORD").0).unwrap())
    };
    let verifier = keys.chain([ed25519()]).find_map(|key| Verifier::<P>::try_new_with(key, url()).ok());
    let clock = Clock::manual(UNIX_EPOCH + Duration::from_secs(1_671_552_777));
    let rejection = verifier.expect(constructor).with_clock(clock).verify_only(&request, body);
    rejection.map(drop).expect_err(constructor).kind()
}

#[test]
fn the_example_of_every_page_is_well_formed() {
    macro_rules! each {
        ($($name:ident $needs:tt => $Provider:ident $about:tt,)*) => {
            [$((
                stringify!($name),
                Page::of::<providers::$Provider>(),
                check::<providers::$Provider> as fn(&str) -> _,
            )),*]
        };
    }
    for (name, page, check) in countersign::__for_each_provider!(each) {
        // The five describe theirs as a grammar.
        if page.event_names.is_empty() {
            let expected = if page.scheme.is_credential() {
                RejectionKind::TokenMismatch
            } else {
                RejectionKind::SignatureMismatch
            };
            assert_eq!(check(name), expected, "{name}");
        }
    }
}

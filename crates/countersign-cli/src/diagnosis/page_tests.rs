//! The scheme of every page, with every edit.

use countersign_core::{PublicUrl, provider::Page};
use countersign_testkit::Payload;

use super::{Delivered, diagnose, edits};
use crate::{capture::Captured, catalog::ENTRIES, secret::SecretInput};

const URL: &str = "https://example.com/hooks/1?tenant=1";

/// Hex, and base64 as well.
const ANY_KEY: &str = "00112233445566778899aabbccddeeff";

/// A delivery of a page, signed with the test kit.
fn signed(page: &'static Page) -> Option<Captured> {
    let request = Payload::example_of(page).try_signed_with(ANY_KEY).ok()?;
    let request = if page.scheme.signs_url() { request.with_url(URL) } else { request };
    let headers = request
        .headers()
        .iter()
        .map(|(name, value)| [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    let head = format!("POST {} HTTP/1.1\r\n", request.path_and_query()).into_bytes();
    let parts = [vec![head], headers.collect(), vec![b"\r\n".to_vec(), request.body().to_vec()]].concat();
    Captured::from_request(parts.concat()).ok()
}

/// Each edit of the scheme of each page, and of each scheme in a list: the delivery that it makes is
/// explained by it.
#[test]
fn every_edit_of_every_page_is_found() {
    let (mut wrong, mut found, mut pages) = (Vec::new(), 0, 0);
    for entry in ENTRIES.iter().filter(|entry| entry.page.scheme.__each()[0].__signed().is_some()) {
        let Some(right) = signed(entry.page) else { continue };
        pages += 1;
        let secret = SecretInput { bytes: ANY_KEY.as_bytes().to_vec().into(), origin: "it".to_owned() };
        let url = entry.page.scheme.signs_url().then(|| PublicUrl::new(URL).unwrap());
        let report = |captured: &Captured| {
            let url = url.clone();
            diagnose(&Delivered { entry, captured, secret: &secret, previous: &[], url, at: None })
        };
        assert!(report(&right).verified, "{}", entry.page.name);
        let first = entry.page.scheme.first();
        for meant in edits::all(first, &right, ANY_KEY.as_bytes()) {
            let mut page = *entry.page;
            page.scheme = meant.edit.as_ref().unwrap().scheme;
            let Some(captured) = signed(Box::leak(Box::new(page))) else { continue };
            let report = report(&captured);
            // Equal fields were swapped, or a key without its prefix is read as one without a prefix.
            if report.verified {
                continue;
            }
            found += 1;
            let codes: Vec<_> = report.causes.iter().map(|cause| cause.code).collect();
            // The position of Recurly's signature is behind its time.
            let is_lost = entry.page.name == "recurly" && !page.scheme.signs_time();
            if codes.first() != Some(&meant.mistake.mistake.code) && !is_lost {
                wrong.push(format!("{}: {}: {codes:?}: {}", entry.page.name, meant.mistake.mistake.code, page.scheme));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {found} of {pages} pages:\n{}", wrong.len(), wrong.join("\n"));
    assert!(pages > 55 && found > 1000, "{found} of {pages} pages");
}

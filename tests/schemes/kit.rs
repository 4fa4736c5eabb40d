//! The test kit signs as openssl does, and tampers with every kind of place.

use std::{
    fs,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use countersign_testkit::{Expected, Payload, SignedRequest, Tampering};
use http::{HeaderName, HeaderValue};

use super::{
    openssl::{ROWS, URL, genuine, made, mailgun},
    pages::{self, Given, Page, Sent},
};

/// A private key of tests/fixtures/keys.
fn private(name: &str) -> String {
    let file = countersign_test_support::root().join(format!("tests/fixtures/keys/{name}.pk8.b64"));
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", fs::read_to_string(file).unwrap())
}

/// What signs for the page's key.
fn secret(page: &Page) -> String {
    match page.name {
        "DISCORD" => private("ed25519"),
        // The last 32 bytes are the seed.
        "FAL" => hex::encode(&BASE64.decode(private("ed25519").lines().nth(1).unwrap()).unwrap()[16..]),
        "TELNYX" => BASE64.encode(&BASE64.decode(private("ed25519").lines().nth(1).unwrap()).unwrap()[16..]),
        "SENDGRID" => private("p256"),
        "WISE" => private("rsa"),
        "GITLAB" => made("STANDARD").0,
        name if ROWS.iter().any(|(row, _)| row.name == name) => made(name).0,
        _ => "s3cr3t".to_owned(),
    }
}

fn sent(request: &SignedRequest) -> Sent {
    let text = |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), value.to_str().unwrap().to_owned());
    let query = request.path_and_query().split_once('?').map(|(_, query)| query.to_owned());
    Sent {
        query: query.unwrap_or_default(),
        headers: request.headers().iter().map(text).collect(),
        body: request.body().to_vec(),
    }
}

/// For the same key, body, time, ID, URL and fields, the kit's signature is openssl's, and is verified.
#[test]
fn the_kit_signs_as_openssl_does() {
    for (page, _) in ROWS {
        let (given, theirs) = genuine(page);
        let (key, signature) = made(page.name);
        let body = match page.name {
            "MAILGUN" => mailgun("", "opened").into_bytes(),
            "BRAINTREE" => {
                theirs.body.clone().split_off(theirs.body.iter().position(|&byte| byte == b'&').unwrap() + 1)
            }
            _ => theirs.body.clone(),
        };
        let is_precise = page.name == "LINEAR" || theirs.headers.iter().any(|(_, value)| value.contains("330123"));
        let time = UNIX_EPOCH + Duration::from_millis(1_614_265_330_000 + if is_precise { 123 } else { 0 });
        let path = match page.name {
            "PANDADOC" => "/hook?a=1".to_owned(),
            _ => format!("/hook?{}", theirs.query),
        };
        let mut request = Payload::of_page(page.page, body).signed_with(secret(page)).with_url(URL).with_path(path);
        if page.scheme.first().signed_id().is_some() {
            request = request.with_delivery_id("msg_2b").unwrap();
        }
        for (name, value) in theirs.headers.iter().filter(|(name, _)| name.ends_with("request-id")) {
            request = request.with_header(name.parse().unwrap(), value.parse().unwrap());
        }
        let request = request.signed_at(time);
        let ours = sent(&request);
        page.accepts(&given, &ours);
        let everything = format!("{ours:?} {}", String::from_utf8_lossy(&ours.body));
        // The nonce of ECDSA is random.
        assert_eq!(everything.matches(&signature).count(), usize::from(page.name != "SENDGRID"), "{}", page.name);
        if page.name == "MAILGUN" {
            assert_eq!(ours.body, theirs.body);
        }
        // openssl's public keys of the same private ones.
        let has_public_key = ["DISCORD", "FAL", "SENDGRID", "TELNYX", "WISE"].contains(&page.name);
        assert_eq!(request.public_key(), has_public_key.then_some(key), "{}", page.name);
    }
    let rows = fs::read_to_string(countersign_test_support::root().join("tests/fixtures/schemes.tsv")).unwrap();
    let names = rows.lines().filter_map(|line| line.split('\t').next());
    let others: Vec<_> = names.filter(|name| !ROWS.iter().any(|(page, _)| page.name == *name)).collect();
    // Other bodies and keys of schemes that are above, a form, below, and answers to handshakes.
    let expected = "MONGODB GITHUB_ESCAPED GITHUB_FORM TWILIO_USER ZOOM_TOKEN X_CRC LINKEDIN_CODE \
                    STANDARD_31 STANDARD_34 STANDARD_EMPTY \
                    STANDARD_PHP STANDARD_GO STANDARD_ELIXIR";
    assert_eq!(others.join(" "), expected);
}

#[test]
fn the_kit_signs_a_form_and_its_url_as_openssl_does() {
    let (key, signature) = made("TWILIO_USER");
    let request = Payload::<countersign::providers::Twilio>::form([("CallSid", "CA1")]).signed_with(key);
    let request = request.with_url("https://user:pass@example.com/hook/?a=1");
    assert_eq!(request.headers()["x-twilio-signature"], signature);
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    assert_eq!((request.path(), request.body().as_ref()), ("/hook/?a=1", b"CallSid=CA1".as_slice()));
}

/// Schemes without a page in countersign; tests/tools/testkit/pages.rs has those with one.
#[test]
fn every_kind_of_place_is_signed_and_tampered_with() {
    let others = [pages::PLIVO_V2, pages::GITLAB, pages::HUBSPOT_BOTH, pages::FORM_TOKEN, pages::PUSHER];
    let of_rows = ROWS.iter().map(|(page, _)| *page).filter(|page| page.provider == page.name);
    let mut done = 0;
    for page in of_rows.chain(others) {
        let request = Payload::example_of(page.page).signed_with(secret(&page));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let key = request.public_key().unwrap_or_else(|| secret(&page));
        let mut given = Given::secret(key).at(u64::try_from(now).unwrap());
        if page.scheme.signs_url() {
            given = given.url(request.url());
        }
        page.accepts(&given, &sent(&request));
        for &tampering in Tampering::ALL {
            let Ok(tampered) = request.tampered(tampering) else { continue };
            let found = page.verify(&given, &sent(&tampered)).map(drop).map_err(|kind| (kind.status(), kind));
            match tampering.expected_of(page.page) {
                Expected::Rejected(status) => {
                    assert_eq!(found.map_err(|(status, _)| status), Err(status), "{tampering} of {}", page.name);
                }
                _ => assert_eq!(found, Ok(()), "{tampering} of {}", page.name),
            }
            done += 1;
        }
    }
    assert_eq!(done, 126);
}

//! Every published vector that is data: whole, in frames, and with any single change of it.

use std::fs;

use countersign::{Trust, provider::Draft};
use serde_json::Value;

use super::pages::{self, Given, Page, Sent};

/// How a vector is sent: its page, and its headers with `{…}` for its fields.
type Row = (&'static str, Page, &'static [(&'static str, &'static str)]);

const STANDARD: &[(&str, &str)] =
    &[("webhook-id", "{message_id}"), ("webhook-timestamp", "{timestamp}"), ("webhook-signature", "{expected}")];
const BOX: &[(&str, &str)] = &[("box-signature-primary", "{expected}"), ("box-delivery-timestamp", "{timestamp}")];

const ROWS: &[Row] = &[
    ("github-docs", pages::GITHUB, &[("x-hub-signature-256", "{expected}")]),
    ("github-octokit", pages::GITHUB, &[("x-hub-signature-256", "{expected}")]),
    ("bitbucket-docs", pages::BITBUCKET, &[("x-hub-signature", "{expected}")]),
    ("slack-docs", pages::SLACK, &[("x-slack-signature", "{expected}"), ("x-slack-request-timestamp", "{timestamp}")]),
    ("stripe-hmac-empty", pages::BARE, &[("x-bare", "{expected}")]),
    ("stripe-hmac-json", pages::BARE, &[("x-bare", "{expected}")]),
    ("stripe-hmac-utf8", pages::BARE, &[("x-bare", "{expected}")]),
    ("standard-webhooks-py", pages::STANDARD, STANDARD),
    ("openai-python", pages::STANDARD, STANDARD),
    ("standard-webhooks-v1a", pages::STANDARD_V1A, STANDARD),
    ("square-sdk", pages::SQUARE, &[("x-square-hmacsha256-signature", "{expected}")]),
    ("square-docs", pages::SQUARE, &[("x-square-hmacsha256-signature", "{expected}")]),
    ("twilio-form", pages::TWILIO, &[("x-twilio-signature", "{expected}")]),
    ("twilio-json-bodysha256", pages::TWILIO, &[("x-twilio-signature", "{expected}")]),
    ("twilio-json-only-sha", pages::TWILIO, &[("x-twilio-signature", "{expected}")]),
    ("twilio-port-443", pages::TWILIO, &[("x-twilio-signature", "{expected}")]),
    ("twilio-port-1234-http", pages::TWILIO, &[("x-twilio-signature", "{expected}")]),
    ("twilio-docs", pages::TWILIO, &[("x-twilio-signature", "{expected}")]),
    (
        "sendgrid-sdk",
        pages::SENDGRID,
        &[
            ("x-twilio-email-event-webhook-signature", "{expected}"),
            ("x-twilio-email-event-webhook-timestamp", "{timestamp}"),
        ],
    ),
    ("wise-sandbox", pages::WISE, &[("x-signature-sha256", "{expected}")]),
    ("paddle-1", pages::PADDLE, &[("paddle-signature", "ts={timestamp};h1={expected}")]),
    ("coinbase-commerce", pages::COINBASE_COMMERCE, &[("x-cc-webhook-signature", "{expected}")]),
    ("line-sdk", pages::LINE, &[("x-line-signature", "{expected}")]),
    ("onfido-classic", pages::ONFIDO, &[("x-sha2-signature", "{expected}")]),
    ("box-primary", pages::BOX, BOX),
    ("box-url", pages::BOX, BOX),
    ("modern-treasury-1", pages::MODERN_TREASURY, &[("x-signature", "{expected}")]),
    ("modern-treasury-2", pages::MODERN_TREASURY, &[("x-signature", "{expected}")]),
    ("pagerduty", pages::PAGERDUTY, &[("x-pagerduty-signature", "{expected}")]),
    ("circleci-1", pages::CIRCLECI, &[("circleci-signature", "{expected}")]),
    ("circleci-2", pages::CIRCLECI, &[("circleci-signature", "{expected}")]),
    ("sanity-1", pages::SANITY, &[("sanity-webhook-signature", "t={timestamp},v1={expected}")]),
    ("adyen-1", pages::ADYEN, &[]),
    ("adyen-colon", pages::ADYEN, &[]),
    ("adyen-forwardslash", pages::ADYEN, &[]),
    ("adyen-header", pages::ADYEN_MANAGEMENT, &[("hmacsignature", "{expected}")]),
    ("dropbox-sign-account-base", pages::DROPBOX_SIGN, &[]),
    ("dropbox-sign-account-account", pages::DROPBOX_SIGN, &[]),
    ("dropbox-sign-account-template", pages::DROPBOX_SIGN, &[]),
    ("dropbox-sign-appcall-base", pages::DROPBOX_SIGN, &[]),
    ("dropbox-sign-appcall-account", pages::DROPBOX_SIGN, &[]),
    ("dropbox-sign-appcall-signature_request", pages::DROPBOX_SIGN, &[]),
    ("hubspot-v1", pages::HUBSPOT_V1, &[("x-hubspot-signature", "{expected}")]),
    ("easypost", pages::EASYPOST, &[("x-hmac-signature", "{expected}")]),
    ("plivo-v2", pages::PLIVO_V2, &[("x-plivo-signature-v2", "{expected}"), ("x-plivo-signature-v2-nonce", "12345")]),
    ("meta-whatsapp-sdk", pages::META, &[("x-hub-signature-256", "{expected}")]),
];

/// Vectors that are not deliveries of a scheme, and why.
const SKIPPED: &[(&str, &str)] = &[
    ("hubspot-v2-get", "the request is a GET, which no delivery is: the signed text is checked below"),
    ("vonage-jwt", "a JWT"),
    ("messagebird-1", "a JWT"),
    ("messagebird-2", "a JWT"),
    ("messagebird-3", "a JWT"),
    ("messagebird-4", "a JWT"),
    ("messagebird-6", "a JWT"),
];

fn vectors() -> Vec<Value> {
    let file = countersign_test_support::root().join("tests/fixtures/vectors.json");
    let all: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    all["vectors"].as_array().unwrap().clone()
}

fn text<'a>(vector: &'a Value, field: &str) -> &'a str {
    vector[field].as_str().unwrap_or_default()
}

/// The secret, its prefix and what is done to it before it is given.
fn key(vector: &Value) -> String {
    if let Some(public) = vector["public_key"].as_str() {
        return format!("{}{public}", text(vector, "public_key_prefix"));
    }
    let secret = text(vector, "secret");
    match text(vector, "key_from_secret") {
        // EasyPost: the user gives the decomposed form. The page would say so.
        "nfkd" => secret.replace('é', "e\u{301}"),
        _ => format!("{}{secret}", text(vector, "secret_prefix")),
    }
}

/// A form as curl writes it, with this JSON in its field.
pub(crate) fn dropbox_sign(json: &str) -> Vec<u8> {
    let form = form_of("curl");
    let (start, end) = (form.find('{').unwrap(), form.rfind('}').unwrap());
    [&form[..start], json, &form[end + 1..]].concat().into_bytes()
}

/// A published delivery of Dropbox Sign in a form, as tests/fixtures/dropbox-sign.sh had it written.
pub(crate) fn form_of(sender: &str) -> String {
    let file = countersign_test_support::root().join(format!("tests/fixtures/dropbox-sign/{sender}.form"));
    fs::read_to_string(file).unwrap()
}

fn milliseconds(vector: &Value) -> u64 {
    match text(vector, "timestamp") {
        "" => 0,
        "2020-01-01T00:00:00-07:00" => 1_577_862_000_000,
        digits if digits.len() > 11 => digits.parse().unwrap(),
        digits => digits.parse::<u64>().unwrap() * 1000,
    }
}

pub(crate) struct Case {
    pub(crate) page: Page,
    pub(crate) given: Given,
    pub(crate) sent: Sent,
}

impl Case {
    fn of(vector: &Value, page: Page, headers: &[(&str, &str)]) -> Self {
        let mut given = Given::secret(key(vector)).at(milliseconds(vector));
        let headers = headers.iter().map(|(name, value)| {
            let fields = ["expected", "timestamp", "message_id"];
            let value = fields
                .iter()
                .fold((*value).to_owned(), |value, field| value.replace(&format!("{{{field}}}"), text(vector, field)));
            ((*name).to_owned(), value)
        });
        let mut sent = Sent { headers: headers.collect(), body: text(vector, "body").into(), query: String::new() };
        if page.name == "ADYEN" {
            let item = text(vector, "body");
            sent.body = format!(r#"{{"notificationItems":[{{"NotificationRequestItem":{item}}}]}}"#).into();
        }
        if page.name == "DROPBOX_SIGN" {
            sent.body = dropbox_sign(text(vector, "body"));
        }
        if let Some(parameters) = vector["form_params"].as_object() {
            let pair = |(name, value): (&String, &Value)| {
                format!("{name}={}", value.as_str().unwrap().replace('%', "%25").replace('+', "%2B"))
            };
            sent.body = parameters.iter().map(pair).collect::<Vec<_>>().join("&").into();
        }
        if let Some(url) = vector["url"].as_str() {
            // Twilio appends the digest to the URL that was registered.
            let (registered, digest) = url.split_once("bodySHA256=").unwrap_or((url, ""));
            given = given.url(registered.trim_end_matches(['?', '&']));
            if !digest.is_empty() {
                sent.query = format!("bodySHA256={digest}");
            }
        }
        Self { page, given, sent }
    }

    #[track_caller]
    fn is_rejected(&self, what: &str, given: &Given, sent: &Sent) {
        let answer = self.page.try_verify(given, sent);
        assert!(!matches!(answer, Ok(Ok(_))), "{}: {what} is accepted: {sent:?}", self.page.name);
    }
}

pub(crate) fn rows() -> impl Iterator<Item = (Value, Case)> {
    let vectors = vectors();
    ROWS.iter().map(move |(id, page, headers)| {
        let vector = vectors.iter().find(|vector| text(vector, "id") == *id).unwrap_or_else(|| panic!("{id}")).clone();
        let case = Case::of(&vector, *page, headers);
        (vector, case)
    })
}

#[test]
fn every_vector_is_in_the_table_or_skipped_for_a_reason() {
    let known = |id: &str| ROWS.iter().any(|row| row.0 == id) != SKIPPED.iter().any(|row| row.0 == id);
    let all = vectors();
    for vector in &all {
        assert!(known(text(vector, "id")), "{}", text(vector, "id"));
    }
    assert_eq!((all.len(), ROWS.len(), SKIPPED.len()), (53, 46, 7));
}

#[test]
fn every_vector_verifies_whole_and_in_frames() {
    for (vector, case) in rows() {
        let found = case.page.accepts(&case.given, &case.sent);
        let is_bound = !["ADYEN", "DROPBOX_SIGN", "HUBSPOT_V1", "PLIVO_V2"].contains(&case.page.name);
        assert_eq!(found.trust, if is_bound { Trust::Signed } else { Trust::Unbound }, "{}", case.page.name);
        // Beside another key, and with it before the right one.
        let mut other = key(&vector).into_bytes();
        let last = other.len() - 3;
        if vector["public_key"].is_null() {
            other[last] = if other[last] == b'5' { b'6' } else { b'5' };
            let rotated = Given { secrets: vec![other, key(&vector).into()], ..case.given.clone() };
            assert_eq!(case.page.accepts(&rotated, &case.sent).position, 1, "{}", case.page.name);
        }
    }
}

/// The signer makes the published values again.
#[test]
fn the_signer_makes_the_published_values() {
    let mut count = 0;
    for (vector, case) in rows() {
        if !vector["public_key"].is_null() {
            continue;
        }
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_millis(milliseconds(&vector));
        let mut draft = Draft::new(&case.sent.body).at(time).with_id(text(&vector, "message_id"));
        if let Some(url) = &case.given.url {
            draft = draft.with_url(url);
        }
        draft = draft.with_query(&case.sent.query).with_header("x-plivo-signature-v2-nonce", "12345");
        let proof = case.page.scheme.sign(&case.given.secrets[0], draft).unwrap();
        let expected = text(&vector, "expected");
        // Of a list, the value is without its key. Box writes its time in another zone.
        if !text(&vector, "timestamp").contains("-07:00") && text(&vector, "id") != "twilio-port-443" {
            assert!(expected.ends_with(proof.value()), "{}: {} {expected}", case.page.name, proof.value());
            count += 1;
        }
    }
    assert_eq!(count, 40);
}

/// A GET of HubSpot v2: `verify` rejects the method, so only the signed text is checked.
#[test]
fn hubspot_v2_signs_method_and_url() {
    let all = vectors();
    let vector = all.iter().find(|vector| text(vector, "id") == "hubspot-v2-get").unwrap();
    let draft = Draft::new("").with_method("GET").with_url("https://www.example.com/webhook_uri");
    let proof = pages::HUBSPOT_V2.scheme.sign(text(vector, "secret").as_bytes(), draft).unwrap();
    assert_eq!(proof.value(), text(vector, "expected"));
}

/// Another byte that no reader takes for the same.
fn other(byte: u8) -> u8 {
    match byte {
        b'0'..=b'8' | b'a'..=b'y' | b'A'..=b'Y' => byte + 1,
        b'9' => b'0',
        b'z' => b'a',
        b'Z' => b'A',
        _ => b'x',
    }
}

/// Changes of every byte of a text, of a few if it is long and costs public keys.
fn changes(text: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..text.len()).map(|at| {
        let mut changed = text.to_vec();
        changed[at] = other(changed[at]);
        changed
    })
}

#[test]
fn any_change_of_a_header_or_a_key_is_rejected() {
    for (_, case) in rows() {
        for index in 0..case.sent.headers.len() {
            let value = case.sent.headers[index].1.clone();
            for changed in changes(value.as_bytes()) {
                let mut sent = case.sent.clone();
                sent.headers[index].1 = String::from_utf8(changed).unwrap();
                case.is_rejected("a changed header", &case.given, &sent);
            }
            let mut sent = case.sent.clone();
            sent.headers.remove(index);
            case.is_rejected("a missing header", &case.given, &sent);
            let mut sent = case.sent.clone();
            sent.headers.push(sent.headers[index].clone());
            case.is_rejected("a repeated header", &case.given, &sent);
        }
        for changed in changes(&case.given.secrets[0]) {
            let given = Given { secrets: vec![changed], ..case.given.clone() };
            case.is_rejected("another key", &given, &case.sent);
        }
        if let Some(url) = &case.given.url {
            for changed in changes(url.as_bytes()) {
                let changed = String::from_utf8(changed).unwrap();
                // The scheme of a URL is not ours to change.
                if changed.starts_with("http") {
                    case.is_rejected("another URL", &Given { url: Some(changed), ..case.given.clone() }, &case.sent);
                }
            }
        }
        for changed in changes(case.sent.query.as_bytes()) {
            let sent = Sent { query: String::from_utf8(changed).unwrap(), ..case.sent.clone() };
            case.is_rejected("another query", &case.given, &sent);
        }
    }
}

#[test]
fn any_change_of_a_body_is_rejected() {
    for (_, case) in rows() {
        // Nothing but some of its fields is signed: see `traps`.
        if ["ADYEN", "DROPBOX_SIGN", "PLIVO_V2"].contains(&case.page.name) {
            continue;
        }
        let body = &case.sent.body;
        for changed in changes(body) {
            case.is_rejected("a changed body", &case.given, &Sent { body: changed, ..case.sent.clone() });
        }
        let longer = [body.as_slice(), b"x"].concat();
        case.is_rejected("a longer body", &case.given, &Sent { body: longer, ..case.sent.clone() });
        if !body.is_empty() {
            let shorter = body[..body.len() - 1].to_vec();
            case.is_rejected("a shorter body", &case.given, &Sent { body: shorter, ..case.sent.clone() });
        }
    }
}

/// Where fields are signed, a change of each of them is rejected.
#[test]
fn any_change_of_a_signed_field_is_rejected() {
    for (vector, case) in rows() {
        let fields: &[&str] = match case.page.name {
            "ADYEN" => &["pspReference", "merchantAccountCode", "merchantReference", "eventCode", "success", "value"],
            "DROPBOX_SIGN" => &["event_time", "event_type"],
            _ => continue,
        };
        for field in fields.iter().chain(&[text(&vector, "expected")]) {
            let body = String::from_utf8(case.sent.body.clone()).unwrap();
            // The first character of the field's value, or of the signature.
            let at = body.find(&format!("\"{field}\"")).unwrap();
            let colon = body[at + 1..].find([':', '"']).unwrap() + at + 1;
            let value = if body.as_bytes()[colon] == b'"' && *field != text(&vector, "expected") {
                body[colon + 1..].find(|found: char| found.is_alphanumeric()).unwrap() + colon + 1
            } else {
                at + 1
            };
            let mut changed = body.into_bytes();
            changed[value] = other(changed[value]);
            case.is_rejected(field, &case.given, &Sent { body: changed, ..case.sent.clone() });
        }
    }
}

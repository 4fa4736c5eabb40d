//! Signatures by openssl, from the recipes of providers that publish no vectors: see tests/fixtures/schemes.sh.

use std::{fs, time::UNIX_EPOCH};

use countersign::{RejectionKind, Trust};

use super::pages::{self, Found, Given, Page, Sent};

pub(crate) const BODY: &str = r#"{"id":"evt_1","type":"order.paid","webhookTimestamp":1614265330123}"#;
pub(crate) const URL: &str = "https://example.com/webhooks/acme";
/// Half a second after the time of all rows but those in milliseconds.
const NOW: u64 = 1_614_265_330_500;

/// A page and its headers with `{}` for the signature.
pub(crate) const ROWS: &[(Page, &[(&str, &str)])] = &[
    (pages::SHOPIFY, &[("x-shopify-hmac-sha256", "{}")]),
    (pages::X, &[("x-twitter-webhooks-signature", "sha256={}")]),
    (pages::LINEAR, &[("linear-signature", "{}")]),
    (
        pages::STRIPE,
        &[(
            "stripe-signature",
            "t=1614265330,v1={},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39",
        )],
    ),
    (pages::ZOOM, &[("x-zm-signature", "v0={}"), ("x-zm-request-timestamp", "1614265330")]),
    (pages::DISCORD, &[("x-signature-ed25519", "{}"), ("x-signature-timestamp", "1614265330")]),
    (pages::HUBSPOT_V3, &[("x-hubspot-signature-v3", "{}"), ("x-hubspot-request-timestamp", "1614265330123")]),
    (pages::DOCUSIGN, &[("x-docusign-signature-1", "AAAA"), ("x-docusign-signature-2", "{}")]),
    (pages::MOLLIE, &[("x-mollie-signature", "sha256=00"), ("x-mollie-signature", "sha256={}")]),
    (pages::VERCEL, &[("x-vercel-signature", "{}")]),
    (pages::INTERCOM, &[("x-hub-signature", "sha1={}")]),
    (
        pages::ZENDESK,
        &[("x-zendesk-webhook-signature", "{}"), ("x-zendesk-webhook-signature-timestamp", "2021-02-25T15:02:10Z")],
    ),
    (pages::PAYSTACK, &[("x-paystack-signature", "{}")]),
    (pages::WORKOS, &[("workos-signature", "t=1614265330123, v1={}")]),
    (pages::RECURLY, &[("recurly-signature", "1614265330123,00,{}")]),
    (pages::MERCADO_PAGO, &[("x-signature", "ts=1614265330123,v1={}"), ("x-request-id", "r-1")]),
    (pages::FITBIT, &[("x-fitbit-signature", "{}")]),
    (pages::AIRTABLE, &[("x-airtable-content-mac", "hmac-sha256={}")]),
    (pages::TEAMS, &[("authorization", "HMAC {}")]),
    (pages::STANDARD, WEBHOOK),
    (pages::POLAR, &[("webhook-id", "msg_2b"), ("webhook-timestamp", "1614265330"), ("webhook-signature", "v1,{}")]),
    (pages::RETELL_AI, &[("x-retell-signature", "v=1614265330123,d={}")]),
    (
        pages::FAL,
        &[
            ("x-fal-webhook-signature", "{}"),
            ("x-fal-webhook-request-id", "r-1"),
            ("x-fal-webhook-timestamp", "1614265330"),
        ],
    ),
    (
        pages::SENDGRID,
        &[("x-twilio-email-event-webhook-signature", "{}"), ("x-twilio-email-event-webhook-timestamp", "1614265330")],
    ),
    // The key of the page is PEM.
    (pages::WISE, &[("x-signature-sha256", "{}")]),
    (pages::PANDADOC, &[]),
    (pages::MAILGUN, &[]),
    (pages::NOTION, &[("x-notion-signature", "sha256={}")]),
    (pages::SENTRY, &[("sentry-hook-signature", "{}")]),
    (pages::JIRA, &[("x-hub-signature", "sha256={}")]),
    (pages::WOOCOMMERCE, &[("x-wc-webhook-signature", "{}")]),
    // Of its two families of headers, the second.
    (pages::SVIX, WEBHOOK),
    (pages::CLERK, SVIX),
    (pages::RESEND, SVIX),
    (pages::OPENAI, WEBHOOK),
    (pages::REPLICATE, WEBHOOK),
    (pages::GITLAB_SIGNED, WEBHOOK),
    (pages::CHECKOUT, &[("cko-signature", "{}")]),
    (pages::GOCARDLESS, &[("webhook-signature", "{}")]),
    (pages::LEMON_SQUEEZY, &[("x-signature", "{}")]),
    (pages::RAZORPAY, &[("x-razorpay-signature", "{}")]),
    (pages::ASANA, &[("x-hook-signature", "{}")]),
    (pages::DROPBOX, &[("x-dropbox-signature", "{}")]),
    (pages::VERIFF, &[("x-hmac-signature", "{}")]),
    (pages::INCREASE, WEBHOOK),
    (pages::LITHIC, WEBHOOK),
    (pages::ANTHROPIC, WEBHOOK),
    // A comma behind the first signature.
    (
        pages::SUPABASE_AUTH,
        &[("webhook-id", "msg_2b"), ("webhook-timestamp", "1614265330"), ("webhook-signature", "v1,{}, v1a,x")],
    ),
    (pages::BIGCOMMERCE, WEBHOOK),
    (pages::BUILDKITE, &[("x-buildkite-signature", "timestamp=1614265330,signature={}")]),
    (pages::MUX, &[("mux-signature", "t=1614265330,v1={}")]),
    (pages::ELEVENLABS, &[("elevenlabs-signature", "t=1614265330,v0={}")]),
    (pages::WEBFLOW, &[("x-webflow-signature", "{}"), ("x-webflow-timestamp", "1614265330123")]),
    (pages::HELP_SCOUT, &[("x-helpscout-signature", "{}")]),
    (pages::WEBSUB, &[("x-hub-signature", "sha1={}")]),
    (pages::TELNYX, &[("telnyx-signature-ed25519", "{}"), ("telnyx-timestamp", "1614265330")]),
    (
        pages::TWITCH,
        &[
            ("twitch-eventsub-message-id", "msg_2b"),
            ("twitch-eventsub-message-timestamp", "2021-02-25T15:02:10Z"),
            ("twitch-eventsub-message-signature", "sha256={}"),
        ],
    ),
    (pages::BRAINTREE, &[]),
    (pages::HUBSPOT_V2, &[("x-hubspot-signature", "{}")]),
];

const WEBHOOK: &[(&str, &str)] =
    &[("webhook-id", "msg_2b"), ("webhook-timestamp", "1614265330"), ("webhook-signature", "v1a,x v1,{}")];
const SVIX: &[(&str, &str)] =
    &[("svix-id", "msg_2b"), ("svix-timestamp", "1614265330"), ("svix-signature", "v1,{} v1a,x")];

/// The key and the signature by openssl.
pub(crate) fn made(name: &str) -> (String, String) {
    let file = countersign_test_support::root().join("tests/fixtures/schemes.tsv");
    let all = fs::read_to_string(file).unwrap();
    let row = all.lines().find(|line| line.split('\t').next() == Some(name)).unwrap_or_else(|| panic!("{name}"));
    let [_, key, signature] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
    let key = match name {
        "WISE" => format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n"),
        // The prefix stands apart from the key.
        "STANDARD" | "SVIX" | "CLERK" | "RESEND" | "OPENAI" | "REPLICATE" | "GITLAB_SIGNED" | "INCREASE" | "LITHIC"
        | "ANTHROPIC" => {
            format!("{}{key}", concat!("whsec", "_"))
        }
        "SUPABASE_AUTH" => format!("{}{key}", concat!("v1,whsec", "_")),
        _ => key.to_owned(),
    };
    (key, signature.to_owned())
}

pub(crate) fn genuine(page: &Page) -> (Given, Sent) {
    let (key, signature) = made(page.name);
    let (_, headers) = ROWS.iter().find(|(row, _)| row.name == page.name).unwrap();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.replace("{}", &signature))).collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut given = Given::secret(key).at(NOW);
    if page.scheme.signs_url() {
        given = given.url(URL);
    }
    let sent = match page.name {
        "BRAINTREE" => Sent::new(&[], braintree(&signature, "")),
        "MAILGUN" => Sent::new(&[], mailgun(&signature, "opened")),
        "PANDADOC" => Sent::new(&[], BODY).with_query(&format!("a=1&signature={signature}")),
        "MERCADO_PAGO" => Sent::new(&headers, BODY).with_query("data.id=123&type=payment"),
        _ => Sent::new(&headers, BODY),
    };
    (given, sent)
}

/// All pages, each with a genuine delivery.
pub(crate) fn all() -> impl Iterator<Item = (Page, Given, Sent)> {
    ROWS.iter().map(|(page, _)| {
        let (given, sent) = genuine(page);
        (*page, given, sent)
    })
}

/// The pair of another key comes first.
pub(crate) fn braintree(signature: &str, more: &str) -> String {
    let payload = "PG5vdGlmaWNhdGlvbj48a2luZD5jaGVjazwva2luZD48L25vdGlmaWNhdGlvbj4%3D%0A";
    format!("bt_signature=other%7C{}%26public%7C{signature}&bt_payload={payload}{more}", "0".repeat(40))
}

pub(crate) fn mailgun(signature: &str, event: &str) -> String {
    format!(
        r#"{{"signature":{{"token":"token-1","timestamp":"1614265330","signature":"{signature}"}},"event-data":{{"event":"{event}"}}}}"#
    )
}

#[test]
fn what_openssl_signs_is_verified() {
    for (page, _) in ROWS {
        let (given, sent) = genuine(page);
        let Found { position, trust, signed_at, .. } = page.accepts(&given, &sent);
        let is_bound = !["MAILGUN", "MERCADO_PAGO", "HUBSPOT_V2", "BRAINTREE"].contains(&page.name);
        assert_eq!((position, trust), (0, if is_bound { Trust::Signed } else { Trust::Unbound }), "{}", page.name);
        assert_eq!(signed_at.is_some(), page.scheme.signs_time(), "{}", page.name);
        if let Some(time) = signed_at {
            assert_eq!(time.duration_since(UNIX_EPOCH).unwrap().as_secs(), 1_614_265_330);
        }
    }
    assert_eq!(ROWS.len(), 59);
}

#[test]
fn any_change_of_the_body_is_rejected() {
    for (page, _) in ROWS.iter().filter(|(page, _)| page.scheme.covers_body()) {
        let (given, sent) = genuine(page);
        for at in 0..sent.body.len() {
            let mut changed = sent.clone();
            changed.body[at] ^= 1;
            let kind = page.verify(&given, &changed).unwrap_err();
            assert_eq!(kind, RejectionKind::SignatureMismatch, "{}", page.name);
        }
    }
}

/// A change of one character of any header is rejected, and no proof is a missing one.
#[test]
fn any_change_of_a_header_is_rejected() {
    for (page, _) in ROWS {
        let (given, sent) = genuine(page);
        for (index, (name, value)) in sent.headers.iter().enumerate() {
            for at in 0..value.len() {
                let mut text = value.clone().into_bytes();
                text[at] = if text[at] == b'5' { b'6' } else { b'5' };
                let text = String::from_utf8(text).unwrap();
                let mut changed = sent.clone();
                changed.headers[index].1 = text.clone();
                // In a list, what has another key is skipped: it was before.
                let is_list =
                    value.contains("v1a,x") || ["STRIPE", "DOCUSIGN", "MOLLIE", "RECURLY"].contains(&page.name);
                let is_noise = is_list || text.eq_ignore_ascii_case(value);
                if !is_noise {
                    assert!(page.verify(&given, &changed).is_err(), "{}: {name}: {text}", page.name);
                }
            }
        }
        let bare = Sent { headers: Vec::new(), ..sent.clone() };
        if !sent.headers.is_empty() {
            assert_eq!(page.verify(&given, &bare), Err(RejectionKind::MissingSignature), "{}", page.name);
        }
    }
}

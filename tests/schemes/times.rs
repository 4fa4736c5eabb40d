//! Signed times: missing, malformed, stale.

use std::time::{Duration, UNIX_EPOCH};

use countersign::{
    Clock,
    RejectionKind::{MalformedTimestamp, MissingTimestamp, SignatureMismatch, StaleTimestamp},
    Verifier,
    provider::{Draft, Provider, Scheme, grammar::*},
    providers::ZeodynEvent,
};

use super::{
    openssl::{BODY, genuine, mailgun},
    pages::{self, Page, Sent},
};

/// 2021-02-25T15:02:10Z
const TIME: u64 = 1_614_265_330_000;

/// The tolerance of each page, in milliseconds.
const TOLERANCES: &[(Page, u64)] = &[
    (pages::STRIPE, 300_000),
    (pages::ZOOM, 300_000),
    (pages::STANDARD, 300_000),
    (pages::ZENDESK, 300_000),
    (pages::GITLAB_SIGNED, 300_000),
    (pages::DISCORD, 900_000),
    (pages::BUILDKITE, 300_000),
    (pages::MUX, 300_000),
    (pages::TELNYX, 300_000),
    (pages::TWITCH, 600_000),
    (pages::ELEVENLABS, 1_800_000),
];

#[test]
fn a_time_is_within_the_tolerance_in_both_directions() {
    for &(page, tolerance) in TOLERANCES {
        let (given, sent) = genuine(&page);
        for (now, is_within) in [
            (TIME - tolerance - 1, false),
            (TIME - tolerance, true),
            (TIME + tolerance, true),
            (TIME + tolerance + 1, false),
            (0, false),
            (TIME * 2, false),
        ] {
            let expected = if is_within { Ok(()) } else { Err(StaleTimestamp) };
            assert_eq!(page.verify(&given.clone().at(now), &sent).map(drop), expected, "{} at {now}", page.name);
        }
    }
    // In milliseconds.
    for (page, tolerance) in [
        (pages::LINEAR, 60_000),
        (pages::WORKOS, 180_000),
        (pages::HUBSPOT_V3, 300_000),
        (pages::RECURLY, 300_000),
        (pages::RETELL_AI, 300_000),
        (pages::WEBFLOW, 300_000),
    ] {
        let (given, sent) = genuine(&page);
        assert!(page.verify(&given.clone().at(TIME + 123 + tolerance), &sent).is_ok());
        assert_eq!(page.verify(&given.clone().at(TIME + 124 + tolerance), &sent), Err(StaleTimestamp));
        assert_eq!(page.verify(&given.at(TIME + 122 - tolerance), &sent), Err(StaleTimestamp));
    }
}

/// Providers whose retries may carry the first time, and whose own SDKs check none.
#[test]
fn any_time_is_accepted_of_some() {
    for page in [pages::MAILGUN, pages::SENDGRID, pages::MERCADO_PAGO] {
        let (given, sent) = genuine(&page);
        for now in [0, TIME, TIME * 2] {
            assert!(page.accepts(&given.clone().at(now), &sent).signed_at.is_some(), "{}", page.name);
        }
    }
}

/// Only what was signed can be stale: whoever has no key learns nothing of the clock.
#[test]
fn the_signature_is_checked_before_the_time() {
    for &(page, _) in TOLERANCES {
        let (given, mut sent) = genuine(&page);
        sent.body.push(b' ');
        assert_eq!(page.verify(&given.at(0), &sent), Err(SignatureMismatch), "{}", page.name);
    }
}

#[test]
fn a_time_is_missing_or_malformed() {
    for (page, header) in [
        (pages::ZOOM, "x-zm-request-timestamp"),
        (pages::STANDARD, "webhook-timestamp"),
        (pages::DISCORD, "x-signature-timestamp"),
        (pages::ZENDESK, "x-zendesk-webhook-signature-timestamp"),
    ] {
        let (given, sent) = genuine(&page);
        let at = sent.headers.iter().position(|(name, _)| name == header).unwrap();
        let mut missing = sent.clone();
        missing.headers.remove(at);
        assert_eq!(page.verify(&given, &missing), Err(MissingTimestamp), "{}", page.name);
        let mut repeated = sent.clone();
        repeated.headers.push(sent.headers[at].clone());
        assert_eq!(page.verify(&given, &repeated), Err(MalformedTimestamp), "{}", page.name);
        for value in
            ["", "x", "-9223372036854775808", "1614265330.0", "01614265330", "+1614265330", "99999999999999999999"]
        {
            let mut malformed = sent.clone();
            malformed.headers[at].1 = value.to_owned();
            assert_eq!(page.verify(&given, &malformed), Err(MalformedTimestamp), "{}: {value}", page.name);
        }
    }
    let (given, sent) = genuine(&pages::STRIPE);
    for (from, to, expected) in [
        ("t=1614265330,", "", MissingTimestamp),
        ("t=1614265330", "t=1614265330,t=1614265330", MalformedTimestamp),
        ("t=1614265330", "t=", MalformedTimestamp),
        ("t=1614265330", "t=1614265331", SignatureMismatch),
    ] {
        let mut changed = sent.clone();
        changed.headers[0].1 = changed.headers[0].1.replace(from, to);
        assert_eq!(pages::STRIPE.verify(&given, &changed), Err(expected), "{to}");
    }
}

/// In a body that is signed, a time is read once the signature holds.
#[test]
fn a_time_in_the_body_is_missing_or_malformed() {
    let page = pages::LINEAR;
    let sent = |body: &str| {
        let proof = page.scheme.sign(b"key", body).unwrap();
        Sent::new(&[("linear-signature", proof.value())], body)
    };
    let given = genuine(&page).0;
    assert_eq!(page.verify(&given, &sent(BODY)).map(drop), Ok(()));
    for (body, expected) in [
        ("{}", MissingTimestamp),
        (r#"{"webhookTimestamp":null}"#, MissingTimestamp),
        ("[]", MissingTimestamp),
        (r#"{"webhookTimestamp":"x"}"#, MalformedTimestamp),
        (r#"{"webhookTimestamp":1614265330123.0}"#, MalformedTimestamp),
        (r#"{"webhookTimestamp":1,"webhookTimestamp":1614265330123}"#, MalformedTimestamp),
        ("no json", MalformedTimestamp),
        (r#"{"webhookTimestamp":1}"#, StaleTimestamp),
    ] {
        assert_eq!(page.verify(&given, &sent(body)), Err(expected), "{body}");
    }
    // Mailgun's is a part of the signed text, and not in a signed body.
    let (given, _) = genuine(&pages::MAILGUN);
    let body = mailgun("00", "opened").replace(r#""timestamp":"1614265330","#, "");
    assert!(pages::MAILGUN.verify(&given, &Sent::new(&[], body)).is_err());
}

enum Acme {}

impl Provider for Acme {
    type Event = ZeodynEvent;
    const NAME: &'static str = "acme";
    const TITLE: &'static str = "Acme";
    const DOCS: &'static str = "https://example.com/docs";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("acme-signature", "=,", "v1"), Hex)
        .time(member("acme-signature", "=,", "t"), Unit::Seconds)
        .over(&[Time, Text("."), Body]);
}

const _: Scheme = Acme::SCHEME;

/// The tolerance of a verifier replaces that of the page, and the clock is the verifier's.
#[test]
fn the_tolerance_can_be_set() {
    let start = UNIX_EPOCH + Duration::from_millis(TIME);
    let (clock, draft) = (Clock::manual(start), Draft::new("{}").at(start));
    let proof = Acme::SCHEME.sign(b"s3cr3t", draft).unwrap();
    let (name, value) = proof.headers().next().unwrap();
    let head = http::Request::post("/").header(name, value).body(()).unwrap();
    let verifier = Verifier::<Acme>::new("s3cr3t").with_clock(clock.clone());
    let patient = verifier.clone().with_time_tolerance(Duration::from_secs(600));
    let strict = verifier.clone().with_time_tolerance(Duration::from_secs(1));
    let kind = |verifier: &Verifier<Acme>| verifier.verify_only(&head, "{}").map(drop).map_err(|error| error.kind());
    assert_eq!([&verifier, &patient, &strict].map(kind), [Ok(()), Ok(()), Ok(())]);
    clock.advance(Duration::from_secs(301));
    assert_eq!([&verifier, &patient, &strict].map(kind), [Err(StaleTimestamp), Ok(()), Err(StaleTimestamp)]);
    clock.advance(Duration::from_secs(300));
    assert_eq!(kind(&patient), Err(StaleTimestamp));
    let error = verifier.try_with_time_tolerance(Duration::ZERO).unwrap_err();
    assert_eq!(error.to_string(), "the time tolerance must not be 0");
}

//! What public code, samples and catalogues have wrong, and traps of single providers: a delivery for each, and its answer.
//!
//! What is accepted is signed by openssl (tests/fixtures/schemes.sh) or published (vectors.json), under the key `key` and at
//! 1614265330 unless a row says otherwise.

use countersign::{
    RejectionKind::{
        self, MalformedSignature, MissingField, MissingSignature, MissingTimestamp, SignatureMismatch, StaleTimestamp,
    },
    Trust,
};

use super::{
    openssl::{BODY, genuine, made},
    pages::{self, Given, Page, Sent},
};

const NOW: u64 = 1_614_265_330_500;
const URL: &str = "https://example.com/webhooks/acme";
const WRONG: &str = "0000000000000000000000000000000000000000000000000000000000000000";

type Row<'a> = (&'a str, Page, &'a [(&'a str, &'a str)], &'a str, Result<(), RejectionKind>);

/// The header, how it is written, and the algorithm.
#[test]
fn claims_about_signatures() {
    let of = |name: &str| made(name).1;
    let (hex, base64, sha1, mongodb) = (of("PANDADOC"), of("SHOPIFY"), of("VERCEL"), of("MONGODB"));
    let eleven = |key: &str| format!("t=1614265330,{key}={}", of("ELEVENLABS"));
    let (eleven, eleven_v1) = (eleven("v0"), eleven("v1"));
    let (escaped, form) = (format!("sha256={}", of("GITHUB_ESCAPED")), format!("sha256={}", of("GITHUB_FORM")));
    let (sha256, sha1_named) = (format!("sha256={hex}"), format!("sha1={sha1}"));
    let workos = of("WORKOS");
    let workos = format!("v1={workos}, t=1614265330123");
    let rows: &[Row<'_>] = &[
        ("Pusher is SHA-256", pages::PUSHER, &[("x-pusher-signature", &hex)], BODY, Ok(())),
        ("…not SHA-1", pages::PUSHER, &[("x-pusher-signature", &sha1)], BODY, Err(MalformedSignature)),
        ("MongoDB Atlas is SHA-1 in base64", pages::MONGODB, &[("x-mms-signature", &mongodb)], BODY, Ok(())),
        ("…not SHA-256", pages::MONGODB, &[("x-mms-signature", &hex)], BODY, Err(MalformedSignature)),
        ("…not hex", pages::MONGODB, &[("x-mms-signature", &sha1)], BODY, Err(MalformedSignature)),
        ("ElevenLabs has a format of its own", pages::ELEVENLABS, &[("elevenlabs-signature", &eleven)], BODY, Ok(())),
        ("…with `v0`", pages::ELEVENLABS, &[("elevenlabs-signature", &eleven_v1)], BODY, Err(MissingSignature)),
        (
            "…not Standard Webhooks",
            pages::ELEVENLABS,
            &[("webhook-id", "a"), ("webhook-timestamp", "1614265330"), ("webhook-signature", &base64)],
            BODY,
            Err(MissingSignature),
        ),
        // OpenAI, Replicate, Anthropic and others are.
        (
            "Anthropic has no X-Webhook-Signature",
            pages::STANDARD,
            &[("x-webhook-signature", &base64)],
            BODY,
            Err(MissingSignature),
        ),
        (
            "Square's X-Square-Signature is of another time, and SHA-1",
            pages::SQUARE,
            &[("x-square-signature", &mongodb)],
            BODY,
            Err(MissingSignature),
        ),
        ("Shopify is base64", pages::SHOPIFY, &[("x-shopify-hmac-sha256", &base64)], BODY, Ok(())),
        (
            "…not hex, which is base64 of another length",
            pages::SHOPIFY,
            &[("x-shopify-hmac-sha256", &hex)],
            BODY,
            Err(MalformedSignature),
        ),
        (
            "Airtable is hex",
            pages::AIRTABLE,
            &[("x-airtable-content-mac", "hmac-sha256=AAAA")],
            BODY,
            Err(MalformedSignature),
        ),
        // Bitbucket, Intercom, Jira.
        ("X-Hub-Signature is SHA-256 here", pages::BITBUCKET, &[("x-hub-signature", &sha256)], BODY, Ok(())),
        ("…not SHA-1", pages::BITBUCKET, &[("x-hub-signature", &sha1_named)], BODY, Err(MalformedSignature)),
        ("…and SHA-1 there", pages::INTERCOM, &[("x-hub-signature", &sha1_named)], BODY, Ok(())),
        (
            "GitHub's header of SHA-1 is none",
            pages::GITHUB,
            &[("x-hub-signature", &sha1_named)],
            BODY,
            Err(MissingSignature),
        ),
        ("WorkOS' SDK reads by position", pages::WORKOS, &[("workos-signature", &workos)], BODY, Ok(())),
        // Escapes, forms and ends of lines are bytes.
        (
            "Meta and GitHub escape",
            pages::GITHUB,
            &[("x-hub-signature-256", &escaped)],
            r#"{"text":"caf\u00e9 \u001B"}"#,
            Ok(()),
        ),
        (
            "…and the characters are another text",
            pages::GITHUB,
            &[("x-hub-signature-256", &escaped)],
            r#"{"text":"café \u001B"}"#,
            Err(SignatureMismatch),
        ),
        (
            "…as are other digits",
            pages::GITHUB,
            &[("x-hub-signature-256", &escaped)],
            r#"{"text":"caf\u00e9 \u001b"}"#,
            Err(SignatureMismatch),
        ),
        (
            "GitHub's form is signed as a form",
            pages::GITHUB,
            &[("x-hub-signature-256", &form)],
            "payload=%7B%22a%22%3A1%7D",
            Ok(()),
        ),
        (
            "…not as the JSON in it",
            pages::GITHUB,
            &[("x-hub-signature-256", &form)],
            r#"{"a":1}"#,
            Err(SignatureMismatch),
        ),
        // Deliveries before there is a secret.
        ("WooCommerce's ping", pages::WOOCOMMERCE, &[], "webhook_id=1", Err(MissingSignature)),
        ("Notion's handshake", pages::GITHUB, &[], r#"{"verification_token":"secret_x"}"#, Err(MissingSignature)),
        // The header of a token, and nothing else.
        ("Google's channels have no body", pages::GITLAB_TOKEN, &[("x-gitlab-token", "key")], "", Ok(())),
    ];
    for (claim, page, headers, body, expected) in rows {
        let now = if page.name == "WORKOS" { NOW } else { 1_614_265_330_000 };
        let key = if page.name == "AIRTABLE" || page.name == "STANDARD" { made(page.name).0 } else { "key".to_owned() };
        let mut given = Given::secret(key).at(now);
        if page.scheme.signs_url() {
            given = given.url(URL);
        }
        assert_eq!(page.verify(&given, &Sent::new(headers, *body)).map(drop), *expected, "{claim}");
    }
}

/// Paddle's SDK keeps the last `h1`, and its time is 5 s old at most, which rejects deliveries that were queued.
#[test]
fn paddle_may_send_several_signatures() {
    let right = "a300428748dce5c70e4da19bffd60769591ea969c99dea3105d0ec9612cf43f9";
    let given = |now| Given::secret("VALID_SECRET").at(now);
    let verify = |now, value: &str| {
        pages::PADDLE
            .verify(&given(now), &Sent::new(&[("paddle-signature", value)], r#"{"data": ["1", "2"]}"#))
            .map(drop)
    };
    let time = 1_698_796_800_000;
    for list in [
        format!("ts=1698796800;h1={right}"),
        format!("ts=1698796800;h1={right};h1={WRONG}"),
        format!("ts=1698796800;h1={WRONG};h1={right}"),
        format!("h2=x;h1={right};ts=1698796800"),
    ] {
        assert_eq!(verify(time, &list), Ok(()), "{list}");
        assert_eq!((verify(time + 300_000, &list), verify(time - 300_000, &list)), (Ok(()), Ok(())));
        assert_eq!(verify(time + 300_001, &list), Err(StaleTimestamp));
    }
    // `,` separates nothing, and `.` is not in what is signed.
    assert_eq!(verify(time, &format!("ts=1698796800,h1={right}")), Err(MissingSignature));
}

/// Svix' headers have one of two families of names, and are never a mix.
#[test]
fn svix_has_one_family_of_headers() {
    let (given, sent) = genuine(&pages::STANDARD);
    let with = |families: [&str; 3], others: &[(&str, &str)]| {
        let mut sent = sent.clone();
        for ((name, _), family) in sent.headers.iter_mut().zip(families) {
            *name = name.replace("webhook", family);
        }
        sent.headers.extend(others.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        pages::SVIX.verify(&given, &sent).map(drop)
    };
    assert_eq!((with(["svix"; 3], &[]), with(["webhook"; 3], &[])), (Ok(()), Ok(())));
    assert_eq!(with(["webhook", "svix", "svix"], &[]), Err(MissingField));
    assert_eq!(with(["svix", "webhook", "svix"], &[]), Err(MissingTimestamp));
    assert_eq!(with(["svix", "svix", "webhook"], &[]), Err(MissingTimestamp));
    // A wrong signature is not made good by the other family.
    let wrong = ("svix-signature", "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let others = [wrong, ("svix-id", "msg_2b"), ("svix-timestamp", "1614265330")];
    assert_eq!(with(["webhook"; 3], &others), Err(SignatureMismatch));
    assert_eq!(with(["webhook"; 3], &[wrong]), Err(MissingTimestamp));
}

/// HubSpot sends the signature of v1 beside that of v3: without the better one, a delivery is trusted less.
#[test]
fn hubspots_versions_are_not_downgraded_silently() {
    use sha2::{Digest, Sha256};

    let (given, sent) = genuine(&pages::HUBSPOT_V3);
    let page = pages::HUBSPOT_BOTH;
    let v1 = hex::encode(Sha256::digest(format!("key{BODY}")));
    let with = |v3: Option<&str>, v1: &str| {
        let mut sent = sent.clone();
        sent.headers.retain(|(name, _)| v3.is_some() || name != "x-hubspot-signature-v3");
        if let Some(v3) = v3.filter(|v3| !v3.is_empty()) {
            sent.headers[0].1 = v3.to_owned();
        }
        sent.headers.push(("x-hubspot-signature".to_owned(), v1.to_owned()));
        page.verify(&given, &sent).map(|found| found.trust)
    };
    assert_eq!(with(Some(""), &v1), Ok(Trust::Signed));
    assert_eq!(with(Some(""), WRONG), Ok(Trust::Signed));
    assert_eq!(with(Some(&made("SHOPIFY").1), &v1), Err(SignatureMismatch));
    assert_eq!(with(Some("x"), &v1), Err(MalformedSignature));
    assert_eq!(with(None, &v1), Ok(Trust::Unbound));
    assert_eq!(with(None, WRONG), Err(SignatureMismatch));
}

/// A URL is signed as it is registered: with its name and password, its query, and its slash at the end.
#[test]
fn every_character_of_a_url_is_signed() {
    let sent = Sent::new(&[("x-twilio-signature", &made("TWILIO_USER").1)], "CallSid=CA1");
    let verify = |url: &str| pages::TWILIO.verify(&Given::secret("key").url(url), &sent).map(drop);
    for url in ["https://user:pass@example.com/hook/?a=1", "https://user:pass@example.com:443/hook/?a=1"] {
        assert_eq!(verify(url), Ok(()), "{url}");
    }
    for url in [
        "https://example.com/hook/?a=1",
        "https://user:pass@example.com/hook?a=1",
        "https://user:pass@example.com/hook/",
        "https://user:pass@example.com/hook/?a=1&",
        "https://user:pass@EXAMPLE.com/hook/?a=1",
        "https://user:pass@example.com/hook/?a=%31",
        "http://user:pass@example.com/hook/?a=1",
    ] {
        assert_eq!(verify(url), Err(SignatureMismatch), "{url}");
    }
}

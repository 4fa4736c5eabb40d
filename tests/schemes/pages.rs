//! Schemes of other providers, as pages would write them, and what runs them without their types.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use countersign::{
    Clock, PublicUrl, Rejection, RejectionKind, Secret, SecretError, Secrets, SentAt, Trust, Verifier,
    provider::{Provider, Scheme, grammar::*},
    providers::ZeodynEvent,
};
use http::Request;

/// A delivery: the query of its URL, its headers and its body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sent {
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn new(headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { query: String::new(), headers, body: body.into() }
    }

    pub(crate) fn with_query(mut self, query: &str) -> Self {
        self.query = query.to_owned();
        self
    }

    pub(crate) fn head(&self) -> Request<()> {
        let mut request = Request::post(format!("/hook?{}", self.query));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(()).unwrap()
    }
}

/// What a receiver of deliveries was given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    pub(crate) secrets: Vec<Vec<u8>>,
    pub(crate) url: Option<String>,
    pub(crate) now: Option<u64>,
    pub(crate) minimum: Option<Trust>,
}

impl Given {
    pub(crate) fn secret(secret: impl Into<Vec<u8>>) -> Self {
        Self { secrets: vec![secret.into()], ..Self::default() }
    }

    pub(crate) fn at(mut self, milliseconds: u64) -> Self {
        self.now = Some(milliseconds);
        self
    }

    pub(crate) fn url(mut self, url: &str) -> Self {
        self.url = Some(url.to_owned());
        self
    }

    pub(crate) fn also(mut self, secret: impl Into<Vec<u8>>) -> Self {
        self.secrets.push(secret.into());
        self
    }
}

/// What was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) position: usize,
    pub(crate) trust: Trust,
    pub(crate) signed_at: Option<SystemTime>,
}

pub(crate) type Answer = Result<Found, RejectionKind>;

/// A page without its type.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) name: &'static str,
    pub(crate) scheme: Scheme,
    /// For the test kit.
    pub(crate) page: &'static countersign::provider::Page,
    verify: fn(&Given, &Sent) -> Result<Answer, SecretError>,
}

impl Page {
    /// Verifies a delivery whole and in frames of 7 bytes, with the same answer.
    pub(crate) fn try_verify(&self, given: &Given, sent: &Sent) -> Result<Answer, SecretError> {
        (self.verify)(given, sent)
    }

    #[track_caller]
    pub(crate) fn verify(&self, given: &Given, sent: &Sent) -> Result<Found, RejectionKind> {
        match self.try_verify(given, sent) {
            Ok(answer) => answer,
            Err(error) => panic!("{}: {error}", self.name),
        }
    }

    #[track_caller]
    pub(crate) fn accepts(&self, given: &Given, sent: &Sent) -> Found {
        match self.verify(given, sent) {
            Ok(found) => found,
            Err(kind) => panic!("{}: {kind:?}: {sent:?}", self.name),
        }
    }
}

fn verify<P: Provider>(given: &Given, sent: &Sent) -> Result<Answer, SecretError> {
    let mut secrets = given.secrets.iter().map(|secret| Secret::new(secret.clone()));
    let current = Secrets::new(secrets.next().expect("a secret")?);
    let secrets = secrets.try_fold(current, |all, secret| secret.map(|secret| all.add_previous(secret)))?;
    let url = given.url.as_deref().map(PublicUrl::new).transpose()?;
    let mut verifier = Verifier::<P>::try_new_with(secrets, url)?;
    let now = given.now.map_or_else(SystemTime::now, |now| UNIX_EPOCH + Duration::from_millis(now));
    verifier = verifier.with_clock(Clock::manual(now));
    if let Some(minimum) = given.minimum {
        verifier = verifier.with_minimum_trust(minimum);
    }
    let head = sent.head();
    let whole = verifier.verify_only(&head, sent.body.clone());
    let in_frames = || {
        let mut verification = verifier.check_head(&head)?;
        for frame in sent.body.chunks(7) {
            verification.push(Bytes::copy_from_slice(frame))?;
        }
        verification.finish()
    };
    let outcome = |answer: Result<countersign::Verified<P>, Rejection>| {
        let verified = answer.map_err(|rejection| rejection.kind())?;
        let signed_at = match verified.sent_at() {
            Some(SentAt::Signed(time)) => Some(time),
            _ => None,
        };
        assert_eq!(verified.body(), &sent.body[..]);
        Ok(Found { position: verified.matched_secret().position(), trust: verified.trust(), signed_at })
    };
    let (whole, in_frames) = (outcome(whole), outcome(in_frames()));
    assert_eq!(whole, in_frames, "{}: whole and in frames", P::NAME);
    Ok(whole)
}

/// Makes a page of each scheme.
macro_rules! pages {
    ($($(#[$docs:meta])* $NAME:ident = $scheme:expr;)*) => {$(
        $(#[$docs])*
        pub(crate) const $NAME: Page = {
            enum ThePage {}

            impl Provider for ThePage {
                type Event = ZeodynEvent;
                const NAME: &'static str = stringify!($NAME);
                const TITLE: &'static str = stringify!($NAME);
                const DOCS: &'static str = "https://example.com/docs";
                const SCHEME: Scheme = $scheme;
            }

            let page = const { &countersign::provider::Page::of::<ThePage>() };
            Page { name: stringify!($NAME), scheme: ThePage::SCHEME, page, verify: verify::<ThePage> }
        };
    )*};
}

const STANDARD_SCHEME: Scheme = Scheme::signed(HmacSha256, member("webhook-signature", ", ", "v1"), Base64)
    .key(Key::Base64(&["v1,whsec_", "whsec_"]))
    .id(header("webhook-id"))
    .time(header("webhook-timestamp"), Unit::Seconds)
    .over(&[Id, Text("."), Time, Text("."), Body]);

pages! {
    GITHUB = Scheme::hmac_sha256("x-hub-signature-256", "sha256=");
    BITBUCKET = Scheme::hmac_sha256("x-hub-signature", "sha256=");
    SLACK = Scheme::signed(HmacSha256, header("x-slack-signature"), Hex)
        .prefix("v0=")
        .time(header("x-slack-request-timestamp"), Unit::Seconds)
        .over(&[Text("v0:"), Time, Text(":"), Body]);
    /// What Stripe publishes is the HMAC alone.
    BARE = Scheme::hmac_sha256("x-bare", "");
    STRIPE = Scheme::signed(HmacSha256, member("stripe-signature", "=,", "v1"), Hex)
        .time(member("stripe-signature", "=,", "t"), Unit::Seconds)
        .tolerance(minutes(5))
        .over(&[Time, Text("."), Body]);
    STANDARD = STANDARD_SCHEME;
    STANDARD_V1A = Scheme::signed(Ed25519, member("webhook-signature", ", ", "v1a"), Base64)
        .key(Key::PublicBase64(&["whpk_"]))
        .id(header("webhook-id"))
        .time(header("webhook-timestamp"), Unit::Seconds)
        .over(&[Id, Text("."), Time, Text("."), Body]);
    SQUARE = Scheme::signed(HmacSha256, header("x-square-hmacsha256-signature"), Base64).over(&[Url, Body]);
    TWILIO = Scheme::signed(HmacSha1, header("x-twilio-signature"), Base64)
        .with_or_without_port()
        .body_digest("bodySHA256")
        .over(&[Url, SortedForm]);
    SENDGRID = Scheme::signed(EcdsaP256, header("x-twilio-email-event-webhook-signature"), Base64)
        .time(header("x-twilio-email-event-webhook-timestamp"), Unit::Seconds)
        .over(&[Time, Body]);
    WISE = Scheme::signed(RsaSha256, header("x-signature-sha256"), Base64).over(&[Body]);
    PADDLE = Scheme::signed(HmacSha256, member("paddle-signature", "=;", "h1"), Hex)
        .time(member("paddle-signature", "=;", "ts"), Unit::Seconds)
        .tolerance(seconds(5))
        .over(&[Time, Text(":"), Body]);
    LINE = Scheme::signed(HmacSha256, header("x-line-signature"), Base64).over(&[Body]);
    BOX = Scheme::signed(HmacSha256, header("box-signature-primary"), Base64)
        .or_at(header("box-signature-secondary"))
        .time(header("box-delivery-timestamp"), Unit::Rfc3339)
        .tolerance(minutes(10))
        .over(&[Body, Time]);
    PAGERDUTY = Scheme::signed(HmacSha256, member("x-pagerduty-signature", "=,", "v1"), Hex).over(&[Body]);
    CIRCLECI = Scheme::signed(HmacSha256, member("circleci-signature", "=,", "v1"), Hex).over(&[Body]);
    SANITY = Scheme::signed(HmacSha256, member("sanity-webhook-signature", "=,", "v1"), Base64Url)
        .time(member("sanity-webhook-signature", "=,", "t"), Unit::Milliseconds)
        .any_time()
        .over(&[Time, Text("."), Body]);
    /// One item, as the vectors are; on the wire it is inside `notificationItems.0.NotificationRequestItem`.
    ADYEN = Scheme::signed(HmacSha256, json("additionalData.hmacSignature"), Base64).key(Key::Hex).over(&[
        Field(json("pspReference")),
        Text(":"),
        Field(json("originalReference")),
        Text(":"),
        Field(json("merchantAccountCode")),
        Text(":"),
        Field(json("merchantReference")),
        Text(":"),
        Field(json("amount.value")),
        Text(":"),
        Field(json("amount.currency")),
        Text(":"),
        Field(json("eventCode")),
        Text(":"),
        Field(json("success")),
    ]);
    ADYEN_HEADER = Scheme::signed(HmacSha256, header("hmacsignature"), Base64).key(Key::Hex).over(&[Body]);
    /// The JSON, which is on the wire a field of a multipart form.
    DROPBOX_SIGN = Scheme::signed(HmacSha256, json("event.event_hash"), Hex)
        .over(&[Field(json("event.event_time")), Field(json("event.event_type"))]);
    HUBSPOT_V1 = Scheme::signed(Sha256OfSecretAndText, header("x-hubspot-signature"), Hex).over(&[Body]);
    HUBSPOT_V2 = Scheme::signed(Sha256OfSecretAndText, header("x-hubspot-signature"), Hex).over(&[Method, Url, Body]);
    EASYPOST = Scheme::hmac_sha256("x-hmac-signature", "hmac-sha256-hex=");
    PLIVO_V2 = Scheme::signed(HmacSha256, header("x-plivo-signature-v2"), Base64)
        .over(&[Url, Field(header("x-plivo-signature-v2-nonce"))]);

    // Without published vectors.
    SHOPIFY = Scheme::signed(HmacSha256, header("x-shopify-hmac-sha256"), Base64).over(&[Body]);
    LINEAR = Scheme::signed(HmacSha256, header("linear-signature"), Hex)
        .time(json("webhookTimestamp"), Unit::Milliseconds)
        .tolerance(minutes(1))
        .over(&[Body]);
    ZOOM = Scheme::signed(HmacSha256, header("x-zm-signature"), Hex)
        .prefix("v0=")
        .time(header("x-zm-request-timestamp"), Unit::Seconds)
        .over(&[Text("v0:"), Time, Text(":"), Body]);
    DISCORD = Scheme::signed(Ed25519, header("x-signature-ed25519"), Hex)
        .time(header("x-signature-timestamp"), Unit::Seconds)
        .over(&[Time, Body]);
    HUBSPOT_V3 = Scheme::signed(HmacSha256, header("x-hubspot-signature-v3"), Base64)
        .time(header("x-hubspot-request-timestamp"), Unit::Milliseconds)
        .over(&[Method, Url, Body, Time]);
    DOCUSIGN = Scheme::signed(HmacSha256, numbered_headers("x-docusign-signature-"), Base64).over(&[Body]);
    MOLLIE = Scheme::signed(HmacSha256, repeated_header("x-mollie-signature"), Hex).prefix("sha256=").over(&[Body]);
    VERCEL = Scheme::signed(HmacSha1, header("x-vercel-signature"), Hex).over(&[Body]);
    INTERCOM = Scheme::signed(HmacSha1, header("x-hub-signature"), Hex).prefix("sha1=").over(&[Body]);
    ZENDESK = Scheme::signed(HmacSha256, header("x-zendesk-webhook-signature"), Base64)
        .time(header("x-zendesk-webhook-signature-timestamp"), Unit::Rfc3339)
        .over(&[Time, Body]);
    PAYSTACK = Scheme::signed(HmacSha512, header("x-paystack-signature"), Hex).over(&[Body]);
    MAILGUN = Scheme::signed(HmacSha256, json("signature.signature"), Hex)
        .time(json("signature.timestamp"), Unit::Seconds)
        .over(&[Time, Field(json("signature.token"))]);
    POSTMARK = Scheme::basic();
    GITLAB_TOKEN = Scheme::token(header("x-gitlab-token"));
    GITLAB = Scheme::any_of(&[STANDARD_SCHEME, Scheme::token(header("x-gitlab-token"))]);
    FIGMA = Scheme::token(json("passcode"));
    BEARER = Scheme::token(authorization("Bearer"));
    FORM_TOKEN = Scheme::token(form("token"));
    WORKOS = Scheme::signed(HmacSha256, member("workos-signature", "=,", "v1"), Hex)
        .time(member("workos-signature", "=,", "t"), Unit::Milliseconds)
        .tolerance(minutes(3))
        .over(&[Time, Text("."), Body]);
    RECURLY = Scheme::signed(HmacSha256, items_from("recurly-signature", ",", 1), Hex)
        .time(item("recurly-signature", ",", 0), Unit::Milliseconds)
        .over(&[Time, Text("."), Body]);
    MERCADO_PAGO = Scheme::signed(HmacSha256, member("x-signature", "=,", "v1"), Hex)
        .time(member("x-signature", "=,", "ts"), Unit::Seconds)
        .over(&[Optional("id:", query("data.id"), ";"), Optional("request-id:", header("x-request-id"), ";"), Text("ts:"), Time, Text(";")]);
    PANDADOC = Scheme::signed(HmacSha256, query("signature"), Hex).over(&[Body]);
    FITBIT = Scheme::signed(HmacSha1, header("x-fitbit-signature"), Base64).key(Key::With("&")).over(&[Body]);
    AIRTABLE = Scheme::signed(HmacSha256, header("x-airtable-content-mac"), Hex)
        .prefix("hmac-sha256=")
        .key(Key::Base64(&[]))
        .over(&[Body]);
    TEAMS = Scheme::signed(HmacSha256, authorization("HMAC"), Base64).key(Key::Base64(&[])).over(&[Body]);
    X = Scheme::signed(HmacSha256, header("x-twitter-webhooks-signature"), Base64).prefix("sha256=").over(&[Body]);
    POLAR = Scheme::signed(HmacSha256, member("webhook-signature", ", ", "v1"), Base64)
        .id(header("webhook-id"))
        .time(header("webhook-timestamp"), Unit::Seconds)
        .over(&[Id, Text("."), Time, Text("."), Body]);
    RETELL = Scheme::signed(HmacSha256, member("x-retell-signature", "=,", "d"), Hex)
        .time(member("x-retell-signature", "=,", "v"), Unit::Milliseconds)
        .over(&[Body, Time]);
    FAL = Scheme::signed(Ed25519, header("x-fal-webhook-signature"), Hex)
        .time(header("x-fal-webhook-timestamp"), Unit::Seconds)
        .over(&[Field(header("x-fal-webhook-request-id")), Text("\n"), Time, Text("\n"), BodySha256]);
}

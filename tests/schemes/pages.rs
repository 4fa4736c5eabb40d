//! Pages without their types: those of countersign, and of more providers, as pages would write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use countersign::{
    __private::{RunTimeTerms, verify_at_run_time},
    AnyEvent, Clock, Delivery, DeliveryId, ProviderEvent, PublicUrl, Rejection, RejectionKind, Secret, SecretError,
    Secrets, SentAt, Trust, Verifier,
    inbox::SealKeys,
    provider::{HeaderName, Provider, Scheme, grammar::*},
    providers,
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
    /// `None` of a body that cannot be read.
    pub(crate) delivery_id: Option<DeliveryId>,
}

pub(crate) type Answer = Result<Found, RejectionKind>;

/// A page without its type.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) name: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) scheme: Scheme,
    /// For the test kit.
    pub(crate) page: &'static countersign::provider::Page,
    verify: fn(&Given, &Sent) -> Result<Answer, SecretError>,
    pub(crate) axum: fn(&Given) -> axum::routing::MethodRouter,
    pub(crate) actix: fn(&mut actix_web::web::ServiceConfig, &Given, &str),
}

impl Page {
    const fn of<P: Provider>(name: &'static str) -> Self {
        Self {
            name,
            provider: P::NAME,
            scheme: P::SCHEME,
            page: const { &countersign::provider::Page::of::<P>() },
            verify: verify::<P>,
            axum: on_axum::<P>,
            actix: on_actix::<P>,
        }
    }

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

fn secrets(given: &Given) -> Result<Secrets, SecretError> {
    let mut secrets = given.secrets.iter().map(|secret| Secret::new(secret.clone()));
    let current = Secrets::new(secrets.next().expect("a secret")?);
    secrets.try_fold(current, |all, secret| secret.map(|secret| all.add_previous(secret)))
}

fn now(given: &Given) -> SystemTime {
    given.now.map_or_else(SystemTime::now, |now| UNIX_EPOCH + Duration::from_millis(now))
}

fn verifier<P: Provider>(given: &Given) -> Result<Verifier<P>, SecretError> {
    let url = given.url.as_deref().map(PublicUrl::new).transpose()?;
    let mut verifier = Verifier::<P>::try_new_with(secrets(given)?, url)?.with_clock(Clock::manual(now(given)));
    if let Some(minimum) = given.minimum {
        verifier = verifier.with_minimum_trust(minimum);
    }
    Ok(verifier)
}

fn verify<P: Provider>(given: &Given, sent: &Sent) -> Result<Answer, SecretError> {
    let verifier = verifier::<P>(given)?;
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
        let (position, trust) = (verified.matched_secret().position(), verified.trust());
        let delivery = verified.read().ok();
        delivery.iter().for_each(comes_back);
        let delivery_id = delivery.and_then(|delivery| delivery.delivery_id());
        Ok(Found { position, trust, signed_at, delivery_id })
    };
    let (whole, in_frames) = (outcome(whole), outcome(in_frames()));
    assert_eq!(whole, in_frames, "{}: whole and in frames", P::NAME);
    // At run time, no length decides.
    let is_too_large = whole == Err(RejectionKind::BodyTooLarge);
    if P::Event::NAMES.is_empty() && given.minimum.is_none() && !is_too_large {
        assert_eq!(
            whole.clone().map(|found| (found.trust, found.signed_at, found.delivery_id)),
            at_run_time::<P>(given, sent),
            "{}: at run time",
            P::NAME
        );
    }
    Ok(whole)
}

/// A sealed delivery is opened as it was.
fn comes_back<P: Provider>(delivery: &Delivery<P>) {
    let seen = |delivery: &Delivery<P>| {
        let ids = (delivery.delivery_id(), delivery.resource_id().map(str::to_owned));
        let sent_at = delivery.sent_at();
        let matched = (delivery.matched_secret().position(), delivery.matched_secret().is_current());
        let event = (delivery.event_name().to_owned(), serde_json::to_string(delivery.event()).unwrap());
        (event, ids, sent_at, matched, delivery.trust(), delivery.body().clone())
    };
    let keys = SealKeys::new(Secret::new(*b"a key of an inbox, of 32 bytes..").unwrap()).unwrap();
    let sealed = delivery.seal(&keys, [7; 32].into(), UNIX_EPOCH).unwrap();
    assert_eq!(seen(&sealed.open::<P>(&keys).unwrap()), seen(delivery), "{}", P::NAME);
}

/// What the command line's verifier says, which is given the page as a value.
fn at_run_time<P: Provider>(
    given: &Given,
    sent: &Sent,
) -> Result<(Trust, Option<SystemTime>, Option<DeliveryId>), RejectionKind> {
    let secrets = secrets(given).unwrap();
    let url = given.url.as_deref().map(|url| PublicUrl::new(url).unwrap());
    let terms = RunTimeTerms { secrets: &secrets, url: url.as_ref(), now: now(given), any_time: false };
    let page = const { countersign::provider::Page::of::<P>() };
    let verified = verify_at_run_time(&page, &terms, &sent.head(), &sent.body).unwrap();
    let verified = verified.map_err(|rejection| rejection.kind())?;
    let signed_at = match verified.sent_at {
        Some(SentAt::Signed(time)) => Some(time),
        _ => None,
    };
    Ok((verified.trust, signed_at, verified.delivery_id))
}

/// The handlers answer with the length of the body that they got.
fn on_axum<P: Provider>(given: &Given) -> axum::routing::MethodRouter {
    let verify = countersign::axum::VerifyWebhook::<P>::from(verifier(given).expect("a key"));
    let handler = |hook: countersign::axum::Webhook<P>| async move { hook.body().len().to_string() };
    axum::routing::post(handler).layer(verify)
}

fn on_actix<P: Provider>(config: &mut actix_web::web::ServiceConfig, given: &Given, path: &str) {
    let verify = countersign::actix::VerifyWebhook::<P>::from(verifier(given).expect("a key"));
    let handler = |hook: countersign::actix::Webhook<P>| async move { hook.body().len().to_string() };
    config.service(actix_web::web::resource(path).wrap(verify).post(handler));
}

/// countersign's own pages.
macro_rules! of_providers {
    ($($NAME:ident = $Provider:ty;)*) => {$(
        pub(crate) const $NAME: Page = Page::of::<$Provider>(stringify!($NAME));
    )*};
}

/// Makes a page of each scheme that has none.
macro_rules! pages {
    ($($(#[$docs:meta])* $NAME:ident = $scheme:expr;)*) => {$(
        $(#[$docs])*
        pub(crate) const $NAME: Page = {
            enum ThePage {}

            impl Provider for ThePage {
                type Event = AnyEvent;
                const NAME: &'static str = stringify!($NAME);
                const TITLE: &'static str = stringify!($NAME);
                const DOCS: &'static str = "https://example.com/docs";
                const SCHEME: Scheme = $scheme;
            }

            Page::of::<ThePage>(stringify!($NAME))
        };
    )*};
}

/// A name of the user's.
pub(crate) enum OwnHeader {}

impl HeaderName for OwnHeader {
    const NAME: &'static str = "x-secret";
}

of_providers! {
    GITHUB = providers::GitHub;
    BITBUCKET = providers::Bitbucket;
    SLACK = providers::Slack;
    STRIPE = providers::Stripe;
    STANDARD = providers::StandardWebhooks;
    STANDARD_V1A = providers::StandardWebhooksV1a;
    SQUARE = providers::Square;
    TWILIO = providers::Twilio;
    SENDGRID = providers::SendGrid;
    PADDLE = providers::Paddle;
    PAGERDUTY = providers::PagerDuty;
    SHOPIFY = providers::Shopify;
    LINEAR = providers::Linear;
    ZOOM = providers::Zoom;
    DISCORD = providers::Discord;
    HUBSPOT_V3 = providers::HubSpot;
    DOCUSIGN = providers::DocuSign;
    VERCEL = providers::Vercel;
    INTERCOM = providers::Intercom;
    ZENDESK = providers::Zendesk;
    MAILGUN = providers::Mailgun;
    POSTMARK = providers::Postmark;
    GITLAB_TOKEN = providers::GitLabToken;
    WORKOS = providers::WorkOs;
    JIRA = providers::Jira;
    NOTION = providers::Notion;
    SENTRY = providers::Sentry;
    META = providers::Meta;
    WOOCOMMERCE = providers::WooCommerce;
    SVIX = providers::Svix;
    CLERK = providers::Clerk;
    RESEND = providers::Resend;
    OPENAI = providers::OpenAi;
    REPLICATE = providers::Replicate;
    GITLAB_SIGNED = providers::GitLab;
    ADYEN = providers::Adyen;
    ADYEN_MANAGEMENT = providers::AdyenManagement;
    ANTHROPIC = providers::Anthropic;
    ASANA = providers::Asana;
    ASSEMBLYAI = providers::AssemblyAi;
    ASSEMBLYAI_NAMED = providers::AssemblyAi<OwnHeader>;
    AZURE_EVENT_GRID = providers::AzureEventGrid;
    BIGCOMMERCE = providers::BigCommerce;
    BOX = providers::BoxPlatform;
    BRAINTREE = providers::Braintree;
    BUILDKITE = providers::Buildkite;
    CHARGEBEE = providers::Chargebee;
    CHECKOUT = providers::Checkout;
    CIRCLECI = providers::CircleCi;
    CLOUDEVENTS = providers::CloudEvents;
    COINBASE_COMMERCE = providers::CoinbaseCommerce;
    DROPBOX = providers::Dropbox;
    DROPBOX_SIGN = providers::DropboxSign;
    EASYPOST = providers::EasyPost;
    ELEVENLABS = providers::ElevenLabs;
    FIGMA = providers::Figma;
    GOCARDLESS = providers::GoCardless;
    HELP_SCOUT = providers::HelpScout;
    HUBSPOT_V1 = providers::HubSpotV1;
    HUBSPOT_V2 = providers::HubSpotV2;
    INCREASE = providers::Increase;
    LEMON_SQUEEZY = providers::LemonSqueezy;
    LINE = providers::Line;
    LITHIC = providers::Lithic;
    MERCADO_PAGO = providers::MercadoPago;
    MODERN_TREASURY = providers::ModernTreasury;
    MOLLIE = providers::Mollie;
    MUX = providers::Mux;
    OKTA = providers::Okta;
    ONFIDO = providers::Onfido;
    PAYSTACK = providers::Paystack;
    POLAR = providers::Polar;
    RAZORPAY = providers::Razorpay;
    RECURLY = providers::Recurly;
    RETELL_AI = providers::RetellAi;
    SANITY = providers::Sanity;
    SUPABASE_AUTH = providers::SupabaseAuth;
    TELEGRAM = providers::Telegram;
    TELNYX = providers::Telnyx;
    TWITCH = providers::Twitch;
    VERIFF = providers::Veriff;
    WEBFLOW = providers::Webflow;
    WEBSUB = providers::WebSub;
    WISE = providers::Wise;
    X = providers::X;
}

const fn standard([id, time, signature]: [&'static str; 3], tolerance: Option<Duration>) -> Scheme {
    let signed = Scheme::signed(HmacSha256, member(signature, ", ", "v1"), Base64)
        .key(Key::Base64(&["v1,whsec_", "whsec_"]))
        .id(header(id))
        .time(header(time), Unit::Seconds);
    let signed = match tolerance {
        Some(tolerance) => signed.tolerance(tolerance),
        None => signed.any_time(),
    };
    signed.over(&[Id, Text("."), Time, Text("."), Body])
}

pub(crate) const WEBHOOK_HEADERS: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];
pub(crate) const SVIX_HEADERS: [&str; 3] = ["svix-id", "svix-timestamp", "svix-signature"];

const HUBSPOT_SCHEMES: &[Scheme] = &[providers::HubSpot::SCHEME, providers::HubSpotV1::SCHEME];

pages! {
    /// What Stripe publishes is the HMAC alone.
    BARE = Scheme::hmac_sha256("x-bare", "");
    STANDARD_1_MIN = standard(WEBHOOK_HEADERS, Some(minutes(1)));
    STANDARD_15_MIN = standard(WEBHOOK_HEADERS, Some(minutes(15)));
    STANDARD_ANY_TIME = standard(WEBHOOK_HEADERS, None);
    PLIVO_V2 = Scheme::signed(HmacSha256, header("x-plivo-signature-v2"), Base64)
        .over(&[Url, Field(header("x-plivo-signature-v2-nonce"))]);
    // An algorithm alone.
    HMAC_SHA1 = Scheme::signed(HmacSha1, header("x-signature"), Hex).over(&[Body]);
    HMAC_SHA512 = Scheme::signed(HmacSha512, header("x-signature"), Hex).over(&[Body]);
    ED25519 = Scheme::signed(Ed25519, header("x-signature"), Hex).over(&[Body]);
    P256 = Scheme::signed(EcdsaP256, header("x-signature"), Hex).key(Key::PublicPem).over(&[Body]);
    RSA = Scheme::signed(RsaSha256, header("x-signature"), Hex).over(&[Body]);

    GITLAB = Scheme::any_of(&[providers::StandardWebhooks::SCHEME, Scheme::token(header("x-gitlab-token"))]);
    FORM_TOKEN = Scheme::token(form("token"));
    OPTIONAL_IN_BODY = Scheme::signed(HmacSha256, header("x-signature"), Hex)
        .over(&[Optional("a:", json("a"), ";"), Optional("b:", json("b"), ";")]);
    PANDADOC = Scheme::signed(HmacSha256, query("signature"), Hex).over(&[Body]);
    FITBIT = Scheme::signed(HmacSha1, header("x-fitbit-signature"), Base64).key(Key::With("&")).over(&[Body]);
    AIRTABLE = Scheme::signed(HmacSha256, header("x-airtable-content-mac"), Hex)
        .prefix("hmac-sha256=")
        .key(Key::Base64(&[]))
        .over(&[Body]);
    TEAMS = Scheme::signed(HmacSha256, authorization("HMAC"), Base64).key(Key::Base64(&[])).over(&[Body]);
    MONGODB = Scheme::signed(HmacSha1, header("x-mms-signature"), Base64).over(&[Body]);
    PUSHER = Scheme::hmac_sha256("x-pusher-signature", "");
    HUBSPOT_BOTH = Scheme::any_of(HUBSPOT_SCHEMES);
    FAL = Scheme::signed(Ed25519, header("x-fal-webhook-signature"), Hex)
        .time(header("x-fal-webhook-timestamp"), Unit::Seconds)
        .over(&[Field(header("x-fal-webhook-request-id")), Text("\n"), Time, Text("\n"), BodySha256]);
}

pub(crate) mod stripe {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("stripe-signature", "=,", "v1"), Hex)
        .time(member("stripe-signature", "=,", "t"), Unit::Seconds)
        .tolerance(minutes(5))
        .over(&[Time, Text("."), Body]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("id"));
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod slack {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-slack-signature"), Hex)
        .prefix("v0=")
        .time(header("x-slack-request-timestamp"), Unit::Seconds)
        .tolerance(minutes(5))
        .over(&[Text("v0:"), Time, Text(":"), Body]);
    const EVENT: Option<Place> = Some(json("event.type"));
    const ID: Option<Place> = Some(json("event_id"));
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod github {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-hub-signature-256"), Hex)
        .prefix("sha256=")
        .over(&[Body]);
    const EVENT: Option<Place> = Some(header("x-github-event"));
    const ID: Option<Place> = Some(header("x-github-delivery"));
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod standard_webhooks {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, member("webhook-signature", ", ", "v1"), Base64)
        .key(Key::Base64(&["v1,whsec_", "whsec_"]))
        .id(header("webhook-id"))
        .time(header("webhook-timestamp"), Unit::Seconds)
        .tolerance(minutes(5))
        .over(&[Id, Text("."), Time, Text("."), Body]);
    const EVENT: Option<Place> = Some(json("type"));
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod svix {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::any_of(&[
        Scheme::signed(HmacSha256, member("svix-signature", ", ", "v1"), Base64)
            .key(Key::Base64(&["whsec_"]))
            .id(header("svix-id"))
            .time(header("svix-timestamp"), Unit::Seconds)
            .tolerance(minutes(5))
            .over(&[Id, Text("."), Time, Text("."), Body]),
        Scheme::signed(HmacSha256, member("webhook-signature", ", ", "v1"), Base64)
            .key(Key::Base64(&["v1,whsec_", "whsec_"]))
            .id(header("webhook-id"))
            .time(header("webhook-timestamp"), Unit::Seconds)
            .tolerance(minutes(5))
            .over(&[Id, Text("."), Time, Text("."), Body]),
    ]);
    const EVENT: Option<Place> = Some(json("type"));
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod twilio {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::signed(HmacSha1, header("x-twilio-signature"), Base64)
        .with_or_without_port()
        .body_digest("bodySHA256")
        .over(&[Url, SortedForm]);
    const EVENT: Option<Place> = None;
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod mailgun {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, json("signature.signature"), Hex)
        .time(json("signature.timestamp"), Unit::Seconds)
        .any_time()
        .over(&[Time, Field(json("signature.token"))]);
    const EVENT: Option<Place> = Some(json("event-data.event"));
    const ID: Option<Place> = Some(json("signature.token"));
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod sendgrid {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::signed(EcdsaP256, header("x-twilio-email-event-webhook-signature"), Base64)
        .time(header("x-twilio-email-event-webhook-timestamp"), Unit::Seconds)
        .any_time()
        .over(&[Time, Body]);
    const EVENT: Option<Place> = None;
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod discord {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::signed(Ed25519, header("x-signature-ed25519"), Hex)
        .time(header("x-signature-timestamp"), Unit::Seconds)
        .tolerance(minutes(15))
        .over(&[Time, Body]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("id"));
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod postmark {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::basic();
    const EVENT: Option<Place> = Some(json("RecordType"));
    const RESOURCE: &'static [Place] = &[json("MessageID")];
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod gitlab_token {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::token(header("x-gitlab-token"));
    const EVENT: Option<Place> = Some(json("object_kind"));
    const ID: Option<Place> = Some(header("idempotency-key"));
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod hubspot {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-hubspot-signature-v3"), Base64)
        .time(header("x-hubspot-request-timestamp"), Unit::Milliseconds)
        .tolerance(minutes(5))
        .over(&[Method, Url, Body, Time]);
    const EVENT: Option<Place> = None;
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod square {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-square-hmacsha256-signature"), Base64)
        .over(&[Url, Body]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(json("event_id"));
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod box_ {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("box-signature-primary"), Base64)
        .or_at(header("box-signature-secondary"))
        .time(header("box-delivery-timestamp"), Unit::Rfc3339)
        .tolerance(minutes(10))
        .over(&[Body, Time]);
    const EVENT: Option<Place> = Some(json("trigger"));
    const ID: Option<Place> = Some(json("id"));
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod wise {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::signed(RsaSha256, header("x-signature-sha256"), Base64)
        .over(&[Body]);
    const EVENT: Option<Place> = Some(json("event_type"));
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod grammar {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of Acme "Pay".
pub enum UrlWebhooks {}

impl Provider for UrlWebhooks {
    type Event = AnyEvent;

    const NAME: &'static str = "url";
    const TITLE: &'static str = "Acme \"Pay\"";
    const DOCS: &'static str = "https://acme.example/webhooks";
    const SCHEME: Scheme = Scheme::any_of(&[
        Scheme::signed(HmacSha512, repeated_header("x-a"), Base64Url)
            .key(Key::With("&"))
            .over(&[BodySha256]),
        Scheme::signed(HmacSha1, numbered_headers("x-b-"), Hex)
            .key(Key::Sha1)
            .over(&[Body]),
        Scheme::signed(HmacSha256, any_member("x-c", "|&"), Hex)
            .key(Key::Hex)
            .over(&[Body, Text("\n")]),
        Scheme::signed(HmacSha256, items_from("x-d", ",", 1), Hex)
            .key(Key::Base64(&[]))
            .time(item("x-d", ",", 0), Unit::Milliseconds)
            .tolerance(seconds(59))
            .over(&[Optional("id:", query("data.id"), ";"), Field(form("a b")), Time, Text("."), Body]),
        Scheme::signed(HmacSha256, authorization("HMAC"), Hex)
            .over(&[Method, Body]),
        Scheme::signed(HmacSha256, query("signature"), Hex)
            .over(&[Optional("", header("x-e"), ";"), Body]),
        Scheme::signed(Sha256OfSecretAndText, header("x-f"), Hex)
            .over(&[Body]),
        Scheme::signed(HmacSha256, form_members("signatures", "|&"), Hex)
            .over(&[Field(form("payload")), Field(json_in_form("json", "event.type"))]),
    ]);
    const EVENT: Option<Place> = Some(json("type"));
    const ID: Option<Place> = Some(header("x-acme-id"));
    const OCCURRED_AT: Option<Place> = Some(json("created"));
    const SENT_AT: Option<Place> = Some(header("x-acme-time"));
    const EVENT_COPY: Option<Place> = Some(header("x-acme-event"));
    const RESOURCE: &'static [Place] = &[json("data.id"), form("id")];
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = UrlWebhooks::SCHEME;
}

pub(crate) mod grammar_public {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::any_of(&[
        Scheme::signed(Ed25519, header("x-a"), Hex)
            .over(&[Body]),
        Scheme::signed(Ed25519, header("x-b"), Hex)
            .key(Key::PublicBase64(&[]))
            .over(&[Body]),
        Scheme::signed(Ed25519, header("x-c"), Hex)
            .key(Key::PublicBase64(&["whpk_"]))
            .over(&[Body]),
        Scheme::signed(RsaSha256, header("x-d"), Base64)
            .key(Key::PublicDer)
            .over(&[Body]),
        Scheme::signed(EcdsaP256, header("x-e"), Base64)
            .key(Key::PublicPem)
            .over(&[Body]),
    ]);
    const EVENT: Option<Place> = None;
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}

pub(crate) mod grammar_tokens {
use countersign::{
    AnyEvent,
    provider::{Provider, grammar::*},
};

/// The webhooks of your provider.
pub enum Own {}

impl Provider for Own {
    type Event = AnyEvent;

    const NAME: &'static str = "own";
    const TITLE: &'static str = "your provider";
    const DOCS: &'static str = "";
    const SCHEME: Scheme = Scheme::any_of(&[
        Scheme::signed(HmacSha256, header("x-a"), Hex)
            .over(&[Body]),
        Scheme::token(authorization("Bearer")),
        Scheme::basic(),
    ]);
    const EVENT: Option<Place> = None;
}

// Reports a bad scheme at `cargo check`.
const _: Scheme = Own::SCHEME;
}


//! Verification of deliveries by other schemes than the five's, beside the crates that users take for them.

use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use countersign::{
    Verifier,
    provider::{Draft, Provider},
    providers::{GitHub, Shopify, Slack, StandardWebhooks, Stripe},
};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Request};
use sha2::Sha256;

use crate::rounds::{Case, Contender};

/// 32 bytes in base64, which is a secret of every scheme.
const SECRET: &str = "YmVuY2htYXJrLXNlY3JldC1vZi0zMi1ieXRlcy0uLi4=";
const SIZE: usize = 1024;

/// An event of Stripe, because `async-stripe-webhook` also reads it.
fn body() -> Bytes {
    let (start, end) = (
        r#"{"id":"evt_1","object":"event","type":"a.unknown","event_id":"Ev1","created":1614265330,"livemode":true,"pending_webhooks":1,"data":{"object":{"object":"unknown","text":""#,
        r#""}}}"#,
    );
    Bytes::from_static(format!("{start}{}{end}", "x".repeat(SIZE - start.len() - end.len())).leak().as_bytes())
}

/// The delivery of one provider.
struct Delivery {
    head: Request<()>,
    body: Bytes,
    now: u64,
}

impl Delivery {
    fn of<P: Provider>(extra: &[(&'static str, &'static str)]) -> Self {
        let (body, now) = (body(), SystemTime::now());
        let proof =
            P::SCHEME.sign(SECRET.as_bytes(), Draft::new(&body).at(now).with_id("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"));
        let proof = proof.unwrap();
        let mut head = Request::post("/webhooks")
            .header("host", "example.com")
            .header("user-agent", "Sender/1.0")
            .header("accept", "*/*")
            .header("content-type", "application/json")
            .header("content-length", SIZE.to_string());
        for (name, value) in proof.headers().chain(extra.iter().copied()) {
            head = head.header(name, value);
        }
        let now = now.duration_since(UNIX_EPOCH).unwrap().as_secs();
        Self { head: head.body(()).unwrap(), body, now }
    }

    /// The HMAC of the signed text: `before` and the body.
    fn bare(&self, key: &[u8], before: &str) -> Contender<'static> {
        let key = Hmac::<Sha256>::new_from_slice(key).unwrap();
        let text = [before.as_bytes(), &self.body].concat();
        let tag = key.clone().chain_update(&text).finalize().into_bytes();
        Contender::new("hmac, cached key", move || key.clone().chain_update(&text).verify_slice(&tag).unwrap())
    }

    fn countersign<P: Provider>(&self) -> Contender<'static> {
        let verifier = Verifier::<P>::try_new_with(SECRET, None).unwrap();
        let (head, body) = (self.head.clone(), self.body.clone());
        Contender::new("countersign", move || verifier.verify_only(&head, body.clone()).unwrap())
    }

    fn webhook_verify(&self, provider: fn() -> webhook_verify::Provider, secret: &str) -> Contender<'static> {
        let secret = webhook_verify::Secret::new(secret.to_owned());
        let (headers, body) = (self.headers(), self.body.clone());
        Contender::new("webhook-verify", move || {
            webhook_verify::verify(provider(), &headers, &body, &secret, Default::default()).unwrap()
        })
    }

    fn headers(&self) -> HeaderMap {
        self.head.headers().clone()
    }
}

/// A row for each scheme. The reference is the HMAC of the signed text, and nothing else.
pub fn cases() -> Vec<Case> {
    use webhook_verify::Provider as Theirs;

    let key = SECRET.as_bytes();
    let case = |name: &str, contenders: Vec<Contender<'static>>| Case { name: name.to_owned(), contenders };

    let github = Delivery::of::<GitHub>(&[
        ("x-github-event", "push"),
        ("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
    ]);
    let shopify = Delivery::of::<Shopify>(&[
        ("x-shopify-topic", "orders/create"),
        ("x-shopify-webhook-id", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"),
    ]);
    let (slack, stripe) = (Delivery::of::<Slack>(&[]), Delivery::of::<Stripe>(&[]));
    let standard = Delivery::of::<StandardWebhooks>(&[]);
    let standard_key = b"benchmark-secret-of-32-bytes-...";
    vec![
        case(
            "GitHub",
            vec![
                github.bare(key, ""),
                github.countersign::<GitHub>(),
                github.webhook_verify(|| Theirs::GitHub, SECRET),
            ],
        ),
        case(
            "Shopify",
            vec![
                shopify.bare(key, ""),
                shopify.countersign::<Shopify>(),
                shopify.webhook_verify(|| Theirs::Shopify, SECRET),
            ],
        ),
        case(
            "Slack",
            vec![
                slack.bare(key, &format!("v0:{}:", slack.now)),
                slack.countersign::<Slack>(),
                slack.webhook_verify(|| Theirs::Slack, SECRET),
            ],
        ),
        case(
            "Stripe",
            vec![
                stripe.bare(key, &format!("{}.", stripe.now)),
                stripe.countersign::<Stripe>(),
                stripe.webhook_verify(|| Theirs::Stripe, SECRET),
                async_stripe(&stripe),
            ],
        ),
        case(
            "Standard Webhooks",
            vec![
                standard.bare(standard_key, &format!("msg_2KWPBgLlAfxdpx2AI54pPJ85f4W.{}.", standard.now)),
                standard.countersign::<StandardWebhooks>(),
                standard.webhook_verify(|| Theirs::StandardWebhooks, SECRET),
                {
                    let webhook = standardwebhooks::Webhook::new(SECRET).unwrap();
                    let (headers, body) = (standard.headers(), standard.body.clone());
                    Contender::new("standardwebhooks", move || webhook.verify(&body, &headers).unwrap())
                },
                {
                    let webhook = svix::webhooks::Webhook::new(SECRET).unwrap();
                    let (headers, body) = (standard.headers(), standard.body.clone());
                    Contender::new("svix", move || webhook.verify(&body, &headers).unwrap())
                },
            ],
        ),
    ]
}

/// It also reads the event.
fn async_stripe(stripe: &Delivery) -> Contender<'static> {
    let (headers, body) = (stripe.headers(), stripe.body.clone());
    Contender::new("async-stripe-webhook", move || {
        let signature = headers.get("stripe-signature").unwrap().to_str().unwrap();
        stripe_webhook::Webhook::construct_event(std::str::from_utf8(&body).unwrap(), signature, SECRET).unwrap()
    })
}

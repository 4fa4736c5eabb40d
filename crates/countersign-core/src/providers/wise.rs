//! Wise: <https://docs.wise.com/api-docs/features/webhooks-notifications/event-handling>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Wise](https://docs.wise.com/api-docs/features/webhooks-notifications/event-handling) moves
/// money between countries.
///
/// ```text
/// X-Signature-SHA256: wKcKCYXAzxNgiu7xmoDm943NUni7Rz33QN8JkEA9dWSGebgndonabgSj18Y4C08OrwVmueGsED2s00M7DtJVcYKOS1i3G4TMVx+mgM3aL9djMBkQtiYNBFUd6wrPI7ZUNHv/TrlKSjTMc+6JFvUvJ7owY3z85e3I4jLRLJowMFvO8kvCJ60+1pY9wDwZvtZ//WS93LrwGjk9Dvwzpmu0w+P4J75tETT5qC3Uv0y5G2yO8SEoO3yNP/tg/BOli02niHb53vEOUWUb9bly6thnfMoXoiV/osoGxgF20R58RlvkAmezyyl1Sv542TfS2DpiwVnmjjjkCyXeSUcKookYLQ==
/// ```
///
/// The RSA signature (PKCS#1 v1.5, SHA-256) of the body in base64. The key is Wise's public key in
/// PEM, which the documentation has: one for production, another for the sandbox.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
/// (`sent_at` in the body is signed, but not checked: the documentation states no tolerance.)
///
/// Copy the key from Wise's documentation, over a connection that you trust. Everybody's deliveries
/// are signed with the same key: check that the profile in the body is yours. The older
/// `X-Signature` (SHA-1) is not read.
///
/// The body identifies a delivery: the IDs in it are those of the subscription and the resource.
///
/// Source: `transferwise/digital-signatures-examples@c29c362` (`verify-webhook-signature`).
/// The headers' names are unconfirmed.
///
/// This page needs the feature `rsa`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Wise {}

impl Provider for Wise {
    type Event = AnyEvent;

    const NAME: &'static str = "wise";
    const TITLE: &'static str = "Wise";
    const DOCS: &'static str = "https://docs.wise.com/api-docs/features/webhooks-notifications/event-handling";
    const SCHEME: Scheme = Scheme::signed(RsaSha256, header("x-signature-sha256"), Base64).over(&[Body]);
    const EVENT: Option<Place> = Some(json("event_type"));
}

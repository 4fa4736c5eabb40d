//! Paystack: <https://paystack.com/docs/payments/webhooks/>

use crate::{
    event::AnyEvent,
    provider::{Place, Provider, Scheme, grammar::*},
};

/// [Paystack](https://paystack.com/docs/payments/webhooks/) processes payments in Africa.
///
/// ```text
/// X-Paystack-Signature: 602b1907c01359f250b3e27ceca04eb285fcb0a862d83391325609706e83c6eb9a44762168e7ef7c85fec7d6daafc09dd50e20ea3f6ec97bf5d1c1eeec8d74a6
/// ```
///
/// The hex HMAC-SHA512 of the body. (The sample in the documentation hashes re-serialized JSON. The
/// signature actually covers the bytes as sent.) The key is the account's secret API key as issued,
/// including `sk_live_` or `sk_test_`.
///
/// **Protected**: every byte of the body ([`Trust::Signed`](crate::Trust)).
///
/// **Not protected**: the time of sending. An attacker who recorded a delivery can send it again.
///
/// The body identifies a delivery: the IDs in it are those of resources.
///
/// Source: `PaystackOSS/doc-code-snippets` (`src/doc/payments/webhooks/verifying-transaction`), a
/// sample.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Paystack {}

impl Provider for Paystack {
    type Event = AnyEvent;

    const NAME: &'static str = "paystack";
    const TITLE: &'static str = "Paystack";
    const DOCS: &'static str = "https://paystack.com/docs/payments/webhooks/";
    const SCHEME: Scheme = Scheme::signed(HmacSha512, header("x-paystack-signature"), Hex).over(&[Body]);
    const EVENT: Option<Place> = Some(json("event"));
}

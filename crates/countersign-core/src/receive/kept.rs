//! Answers for deliveries that a store knows.

use std::error::Error;

use super::answer::{Answer, Why};
use crate::{
    error::{Rejection, RejectionKind},
    once::{DELIVERY_HEADER, DUPLICATE, STORED},
    provider::Provider,
};

const TEXT: (&str, &str) = ("content-type", "text/plain; charset=utf-8");

impl Answer {
    /// Answers with 200 for a delivery that equals one that was handled, or stored, before. The body is the
    /// provider's [acknowledgement](Provider::ACKNOWLEDGEMENT).
    pub fn duplicate<P: Provider>() -> Self {
        const HEADERS: &[(&str, &str); 2] = &[(DELIVERY_HEADER, DUPLICATE), TEXT];
        Self::known::<P>(HEADERS, Why::Duplicate)
    }

    /// Answers with 200 for a delivery that an inbox stored. The body is the provider's
    /// [acknowledgement](Provider::ACKNOWLEDGEMENT).
    pub fn stored<P: Provider>() -> Self {
        const HEADERS: &[(&str, &str); 2] = &[(DELIVERY_HEADER, STORED), TEXT];
        Self::known::<P>(HEADERS, Why::Stored)
    }

    /// Without a body, it has no type.
    fn known<P: Provider>(headers: &'static [(&'static str, &'static str); 2], why: Why) -> Self {
        let [delivery, _] = headers;
        let is_empty = const { P::ACKNOWLEDGEMENT.is_empty() };
        Self::ok(if is_empty { std::slice::from_ref(delivery) } else { headers }, P::ACKNOWLEDGEMENT, why)
    }

    /// Answers with 503 for a delivery that an inbox could not store, so that the provider retries.
    /// Logs it, and the error.
    pub fn not_stored<P: Provider>(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::rejected::<P>(Rejection::theirs(RejectionKind::InboxUnavailable, error.into()))
    }
}

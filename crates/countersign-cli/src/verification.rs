//! Verifies a delivery: the little that is compiled for each provider.

use std::{error::Error, time::SystemTime};

use countersign_core::{
    __private::{self, RunTimeTerms},
    Clock, DeliveryId, PublicUrl, Rejection, SecretError, Secrets, SentAt, Trust, Verifier,
    dedupe::{Dedupe, DeliveryKey},
    provider::{Page, Provider},
};

use crate::capture::Captured;

/// What a delivery is verified with.
pub(crate) struct Terms {
    pub(crate) secrets: Secrets,
    /// The public URL, where it is signed.
    pub(crate) url: Option<PublicUrl>,
    /// The clock (default: the system's).
    pub(crate) at: Option<SystemTime>,
    /// Whether the signed time may be any.
    pub(crate) any_time: bool,
    /// Where a key of the delivery is wanted.
    pub(crate) dedupe: Option<Dedupe>,
}

/// A delivery that was verified.
#[derive(Debug)]
pub(crate) struct Summary {
    pub(crate) trust: Trust,
    pub(crate) sent_at: Option<SentAt>,
    /// The event, or why it cannot be read.
    pub(crate) event: Result<EventSummary, String>,
}

/// What the verifier says; an error if a secret is not a key of the provider's form, or the URL is
/// missing.
pub(crate) type Answer = Result<Result<Summary, Rejection>, SecretError>;

/// An event that was read.
#[derive(Debug)]
pub(crate) struct EventSummary {
    /// Empty if the delivery does not say.
    pub(crate) name: String,
    pub(crate) resource_id: Option<String>,
    pub(crate) delivery_id: Option<DeliveryId>,
    /// `None` if the delivery has none, or none is wanted.
    pub(crate) key: Option<DeliveryKey>,
}

/// Verifies a delivery of `P`. The length of its body does not decide: a note says what receivers
/// make of it.
pub(crate) fn verify<P: Provider>(_: &Page, terms: &Terms, captured: &Captured) -> Answer {
    let mut verifier =
        Verifier::<P>::try_new_with(terms.secrets.clone(), terms.url.clone())?.with_body_limit(usize::MAX);
    if let Some(at) = terms.at {
        verifier = verifier.with_clock(Clock::manual(at));
    }
    if terms.any_time {
        verifier = verifier.__at_any_time();
    }
    let verified = match verifier.verify_only(captured, captured.body().clone()) {
        Ok(verified) => verified,
        Err(rejection) => return Ok(Err(rejection)),
    };
    let (trust, sent_at) = (verified.trust(), verified.sent_at());
    let event = match verified.read() {
        Ok(delivery) => Ok(EventSummary {
            name: delivery.event_name().to_owned(),
            resource_id: delivery.resource_id().map(str::to_owned),
            delivery_id: delivery.delivery_id(),
            key: terms.dedupe.as_ref().and_then(|dedupe| dedupe.key(&delivery)),
        }),
        Err(rejection) => Err(rejection.source().map(ToString::to_string).unwrap_or_default()),
    };
    Ok(Ok(Summary { trust, sent_at, event }))
}

/// Verifies a delivery of a page that is known at run time. It has no key: that needs the provider's type.
pub(crate) fn verify_at_run_time(page: &Page, terms: &Terms, captured: &Captured) -> Answer {
    let now = terms.at.unwrap_or_else(SystemTime::now);
    let terms = RunTimeTerms { secrets: &terms.secrets, url: terms.url.as_ref(), now, any_time: terms.any_time };
    let verified = __private::verify_at_run_time(page, &terms, captured, captured.body())?;
    Ok(verified.map(|verified| Summary {
        trust: verified.trust,
        sent_at: verified.sent_at,
        event: Ok(EventSummary {
            name: verified.envelope.event.unwrap_or_default(),
            resource_id: verified.envelope.resource_id,
            delivery_id: verified.delivery_id,
            key: None,
        }),
    }))
}

//! The rules for a head, in their order: method, declared length, proof, trust, source, content coding.

use std::sync::Arc;

use super::{
    delivery::SentAt,
    head::{HeadSource, RequestHead},
    lookup::Lookup,
    settings::{Origin, Settings},
    unverified::Seen,
    verification::{LookUp, Pending, Progress},
};
use crate::{
    error::{BodyLengths, MethodShape, Rejection, RejectionDetail, RejectionKind},
    proof::{Frames, Given, Head, Single, Source, Unproven},
    provider::Provider,
};

/// Checks the head, and begins the proof.
pub(super) fn begin<P: Provider>(
    settings: &Arc<Settings<P>>,
    head: &impl RequestHead,
) -> Result<Progress<P>, Rejection> {
    let source = HeadSource(head);
    let (checked, sent_at, declared) = check(settings, head, &source)?;
    let pending = match checked {
        Checked::Fixed(unproven) => Pending::Running(unproven.begin()),
        Checked::LookUp(given, lookup) => {
            Pending::LookUp(LookUp { given, lookup: lookup.clone(), seen: Seen::of(head, P::SCHEME) })
        }
    };
    let (settings, frames) = (Arc::clone(settings), Frames::default());
    Ok(Progress { settings, pending, frames, declared, too_large: None, sent_at })
}

/// The proof in the head, as far as the head can be checked.
pub(super) enum Checked<'a> {
    Fixed(Unproven<'a>),
    LookUp(Given, &'a Lookup),
}

/// Checks every rule for the head. Returns the proof, the unsigned time of sending, and the
/// declared length.
pub(super) fn check<'a, P: Provider>(
    settings: &'a Settings<P>,
    head: &impl RequestHead,
    source: &'a dyn Source,
) -> Result<(Checked<'a>, Option<SentAt>, Option<u64>), Rejection> {
    if head.method() != "POST" {
        let shape = MethodShape::of(head.method(), head.adds_allow());
        return Err(RejectionKind::MethodNotAllowed.with(RejectionDetail::Method(shape)));
    }
    let signature = const {
        match P::SCHEME.as_plain() {
            Some((header, ..)) => Some(header),
            None => None,
        }
    };
    let headers = Head::read(head.headers(), signature, P::SENT_AT);
    let (declared, limit) = (headers.declared, settings.body_limit);
    // `u64::MAX` stands for digits that fit no integer.
    let exceeds = |length: &u64| *length == u64::MAX || usize::try_from(*length).map_or(true, |length| length > limit);
    if let Some(length) = declared.filter(exceeds) {
        let lengths = BodyLengths::too_large_as_declared(length, limit);
        return Err(Rejection::of_lengths(RejectionKind::BodyTooLarge, lengths));
    }
    let (scheme, window) = (const { &P::SCHEME }, || settings.window());
    let (checked, scheme) = match &settings.origin {
        Origin::Fixed(accepted) => {
            let unproven = accepted.check(scheme, &headers, source, window)?;
            let scheme = unproven.scheme();
            (Checked::Fixed(unproven), scheme)
        }
        Origin::LookedUp(lookup) => {
            let given = Given::read(scheme, &headers, source, window)?;
            let scheme = given.scheme();
            (Checked::LookUp(given, lookup), scheme)
        }
    };
    if settings.trust_in(scheme).is_below(settings.minimum_trust) {
        return Err(RejectionKind::InsufficientTrust.into());
    }
    if let Some(sources) = &settings.sources {
        sources.check(head)?;
    }
    if headers.is_encoded {
        return Err(RejectionKind::UnsupportedEncoding.into());
    }
    let sent_at = match headers.sent_at {
        Single::One(value) => SentAt::unsigned(value),
        Single::Missing | Single::Repeated => None,
    };
    Ok((checked, sent_at, declared))
}

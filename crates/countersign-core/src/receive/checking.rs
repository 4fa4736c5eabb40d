//! The checks of a head.

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
    error::RejectionKind,
    proof::{Frames, Given, Head, Single, Source, Unproven},
    provider::Provider,
};

/// Checks the head, and begins the proof.
pub(super) fn begin<P: Provider>(
    settings: &Arc<Settings<P>>,
    head: &impl RequestHead,
) -> Result<Progress<P>, RejectionKind> {
    let source = HeadSource(head);
    let (checked, sent_at) = check(settings, head, &source)?;
    let pending = match checked {
        Checked::Fixed(unproven) => Pending::Running(unproven.begin()),
        Checked::LookUp(given, lookup) => {
            Pending::LookUp(LookUp { given, lookup: lookup.clone(), seen: Seen::of(head, P::SCHEME) })
        }
    };
    Ok(Progress { settings: Arc::clone(settings), pending, frames: Frames::default(), is_too_large: false, sent_at })
}

/// The proof in the head, as far as the head can be checked.
pub(super) enum Checked<'a> {
    Fixed(Unproven<'a>),
    LookUp(Given, &'a Lookup),
}

/// Checks every rule for the head. Returns the proof, and the unsigned time of sending.
pub(super) fn check<'a, P: Provider>(
    settings: &'a Settings<P>,
    head: &impl RequestHead,
    source: &'a dyn Source,
) -> Result<(Checked<'a>, Option<SentAt>), RejectionKind> {
    if head.method() != "POST" {
        return Err(RejectionKind::MethodNotAllowed);
    }
    let signature = const {
        match P::SCHEME.as_plain() {
            Some((header, ..)) => Some(header),
            None => None,
        }
    };
    let headers = Head::read(head.headers(), signature, P::SENT_AT, settings.body_limit);
    if headers.declares_too_much {
        return Err(RejectionKind::BodyTooLarge);
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
        return Err(RejectionKind::InsufficientTrust);
    }
    if let Some(sources) = &settings.sources {
        sources.check(head)?;
    }
    if headers.is_encoded {
        return Err(RejectionKind::UnsupportedEncoding);
    }
    let sent_at = match headers.sent_at {
        Single::One(value) => SentAt::unsigned(value),
        Single::Missing | Single::Repeated => None,
    };
    Ok((checked, sent_at))
}

//! The checks of a head.

use std::sync::Arc;

use super::{
    delivery::SentAt,
    head::{HeadSource, RequestHead},
    lookup::Lookup,
    noted::Noted,
    settings::{Origin, Settings},
    unverified::Seen,
    verification::{LookUp, Pending, Progress},
};
use crate::{
    error::RejectionKind,
    proof::{Frames, Given, Head, Keys, Room, Running, Single, Source, Tag, Unproven},
    provider::Provider,
    trust::Trust,
};

/// Checks the head, and begins the proof.
pub(super) fn begin<P: Provider>(
    settings: &Arc<Settings<P>>,
    head: &impl RequestHead,
) -> Result<Progress<P>, RejectionKind> {
    let source = HeadSource(head);
    let mut room = Room::default();
    let (pending, noted) = match plain(settings) {
        Some(keys) => {
            let mut tag = Tag::default();
            let noted = check_plain(settings, head, &mut tag)?;
            (Pending::Running(Running::plain(const { &P::SCHEME }, tag, keys)), noted)
        }
        None => match check(settings, head, &source, &mut room)? {
            (Checked::Fixed(unproven), noted) => (Pending::Running(unproven.begin()), noted),
            (Checked::LookUp(given, lookup), noted) => {
                let seen = Seen::of(head, P::SCHEME);
                (Pending::LookUp(LookUp { given, lookup: lookup.clone(), seen }), noted)
            }
        },
    };
    Ok(Progress { settings: Arc::clone(settings), pending, frames: Frames::default(), is_too_large: false, noted })
}

/// The keys of a plain scheme, if they are fixed: the short way.
#[inline]
pub(super) fn plain<P: Provider>(settings: &Settings<P>) -> Option<&Arc<Keys>> {
    match (const { P::SCHEME.as_plain() }, &settings.origin) {
        (Some(_), Origin::Fixed(accepted)) => accepted.keys(),
        _ => None,
    }
}

/// Checks every rule for the head of a plain scheme, and reads its tag. Returns what is noted
/// of the head.
#[inline]
pub(super) fn check_plain<P: Provider>(
    settings: &Settings<P>,
    head: &impl RequestHead,
    tag: &mut Tag,
) -> Result<Noted, RejectionKind> {
    // A const, so that neither its header nor its prefix is looked up for each delivery.
    let Some(plain) = (const { P::SCHEME.as_plain() }) else { unreachable!("a scheme with the keys of a plain one") };
    let prove = |headers: &Head<'_>| Ok((plain.read(headers, tag)?, settings.trust_in(const { &P::SCHEME })));
    check_with(settings, head, Some(plain.header), prove).map(|((), noted)| noted)
}

/// The proof in the head, as far as the head can be checked.
pub(super) enum Checked<'r, 'a> {
    Fixed(Unproven<'r, 'a>),
    LookUp(Given, &'r Lookup),
}

/// Checks every rule for the head. Returns the proof, and what is noted of the head.
pub(super) fn check<'r, 'a, P: Provider>(
    settings: &'r Settings<P>,
    head: &impl RequestHead,
    source: &'a dyn Source,
    room: &'r mut Room<'a>,
) -> Result<(Checked<'r, 'a>, Noted), RejectionKind> {
    let (scheme, window) = (const { &P::SCHEME }, || settings.window());
    let plain = const { P::SCHEME.as_plain() };
    check_with(settings, head, plain.map(|plain| plain.header), |headers| match &settings.origin {
        Origin::Fixed(accepted) => {
            let unproven = accepted.check(scheme, source, room, window)?;
            let trust = settings.trust_in(unproven.scheme());
            Ok((Checked::Fixed(unproven), trust))
        }
        Origin::LookedUp(lookup) => {
            let given = Given::read(scheme, plain, headers, source, window)?;
            let trust = settings.trust_in(given.scheme());
            Ok((Checked::LookUp(given, lookup), trust))
        }
    })
}

/// Checks every rule for the head. `prove` reads the proof, and returns its trust.
#[inline(always)]
fn check_with<P: Provider, T>(
    settings: &Settings<P>,
    head: &impl RequestHead,
    signature: Option<&'static str>,
    prove: impl FnOnce(&Head<'_>) -> Result<(T, Trust), RejectionKind>,
) -> Result<(T, Noted), RejectionKind> {
    if head.method() != "POST" {
        return Err(RejectionKind::MethodNotAllowed);
    }
    let headers = Head::read(head.headers(), signature, P::SENT_AT, settings.body_limit);
    if headers.declares_too_much {
        return Err(RejectionKind::BodyTooLarge);
    }
    let (proof, trust) = prove(&headers)?;
    if trust.is_below(settings.minimum_trust) {
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
    Ok((proof, Noted::of::<P>(head, sent_at)))
}

//! The rules for a head, in their order: method, declared length, proof, trust, source, content coding.

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
    error::{BodyLengths, MethodShape, Rejection, RejectionDetail, RejectionKind},
    proof::{Frames, Given, Head, Keys, Prepared, Room, Running, Single, Source, Tag, Unproven},
    provider::Provider,
    trust::Trust,
};

/// Checks the head, and begins the proof.
pub(super) fn begin<P: Provider>(
    settings: &Arc<Settings<P>>,
    head: &impl RequestHead,
) -> Result<Progress<P>, Rejection> {
    let source = HeadSource(head);
    let mut room = Room::default();
    let (pending, noted, declared) = match plain(settings) {
        Some(keys) => {
            let mut tag = Tag::default();
            let (noted, declared) = check_plain(settings, head, &mut tag)?;
            (Pending::Running(Running::plain(const { &P::SCHEME }, tag, keys)), noted, declared)
        }
        None => match check(settings, head, &source, &mut room)? {
            (Checked::Fixed(unproven), noted, declared) => (Pending::Running(unproven.begin()), noted, declared),
            (Checked::LookUp(given, lookup), noted, declared) => {
                let seen = Seen::of(head, P::SCHEME);
                (Pending::LookUp(LookUp { given, lookup: lookup.clone(), seen }), noted, declared)
            }
        },
    };
    let (settings, frames) = (Arc::clone(settings), Frames::default());
    Ok(Progress { settings, pending, frames, declared, too_large: None, noted })
}

/// The keys of a plain scheme, if they are fixed: the short way.
#[inline]
pub(super) fn plain<P: Provider>(settings: &Settings<P>) -> Option<&Arc<Prepared<Keys>>> {
    match (const { P::SCHEME.as_plain() }, &settings.origin) {
        (Some(_), Origin::Fixed(accepted)) => accepted.keys(),
        _ => None,
    }
}

/// Checks every rule for the head of a plain scheme, and reads its tag. Returns what is noted
/// of the head, and the declared length.
#[inline]
pub(super) fn check_plain<P: Provider>(
    settings: &Settings<P>,
    head: &impl RequestHead,
    tag: &mut Tag,
) -> Result<(Noted, Option<u64>), Rejection> {
    // A const, so that neither its header nor its prefix is looked up for each delivery.
    let Some(plain) = (const { P::SCHEME.as_plain() }) else { unreachable!("a scheme with the keys of a plain one") };
    let prove = |headers: &Head<'_>| Ok((plain.read(headers, tag)?, settings.trust_in(const { &P::SCHEME })));
    check_with(settings, head, Some(plain.header), prove).map(|((), noted, declared)| (noted, declared))
}

/// The proof in the head, as far as the head can be checked.
pub(super) enum Checked<'r, 'a> {
    Fixed(Unproven<'r, 'a>),
    LookUp(Given, &'r Lookup),
}

/// Checks every rule for the head. Returns the proof, what is noted of the head, and the declared
/// length.
pub(super) fn check<'r, 'a, P: Provider>(
    settings: &'r Settings<P>,
    head: &impl RequestHead,
    source: &'a dyn Source,
    room: &'r mut Room<'a>,
) -> Result<(Checked<'r, 'a>, Noted, Option<u64>), Rejection> {
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
) -> Result<(T, Noted, Option<u64>), Rejection> {
    if head.method() != "POST" {
        let shape = MethodShape::of(head.method(), head.adds_allow());
        return Err(RejectionKind::MethodNotAllowed.with(RejectionDetail::Method(shape)));
    }
    let headers = Head::read(head.headers(), signature, P::SENT_AT);
    let (declared, limit) = (headers.declared, settings.body_limit);
    // `u64::MAX` stands for digits that fit no integer.
    let exceeds = |length: &u64| *length == u64::MAX || usize::try_from(*length).map_or(true, |length| length > limit);
    if let Some(length) = declared.filter(exceeds) {
        let lengths = BodyLengths::too_large_as_declared(length, limit);
        return Err(Rejection::of_lengths(RejectionKind::BodyTooLarge, lengths));
    }
    let (proof, trust) = prove(&headers)?;
    if trust.is_below(settings.minimum_trust) {
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
    Ok((proof, Noted::of::<P>(head, sent_at), declared))
}

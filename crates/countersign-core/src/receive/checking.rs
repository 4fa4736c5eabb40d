//! The rules for a head, in their order: method, declared length, proof, trust, source, content coding.

use std::sync::Arc;

use super::{
    head::{HeadSource, RequestHead},
    noted::Noted,
    settings::{Origin, Settings},
    unverified::Seen,
    verification::{LookUp, Pending, Progress},
};
use crate::{
    error::{BodyLengths, MethodShape, Rejection, RejectionDetail, RejectionKind},
    proof::{
        Accepted, Frames, Given, Head, Keys, Lines, Prepared, Room, Running, Single, Source, Tag, Unproven, Window,
    },
    provider::Provider,
    trust::Trust,
};

/// Checks the head, and begins the proof.
pub(super) fn begin<P: Provider>(
    settings: &Arc<Settings<P>>,
    head: &impl RequestHead,
) -> Result<Progress<P>, Rejection> {
    let headers = read::<P>(head);
    let (source, window, mut room) = (HeadSource(head), settings.window(), Room::default());
    let scheme = const { &P::SCHEME };
    let (pending, scheme) = match (plain(settings), &settings.origin) {
        (Some(keys), _) => {
            let mut tag = Tag::default();
            check_plain(settings, head, &headers, &mut tag)?;
            (Pending::Running(Running::plain(scheme, tag, keys)), scheme)
        }
        (None, Origin::Fixed(accepted)) => {
            let unproven = check(settings, accepted, head, &headers, &source, &window, &mut room)?;
            let scheme = unproven.scheme();
            (Pending::Running(unproven.begin()), scheme)
        }
        (None, Origin::LookedUp(lookup)) => {
            let given = check_with(settings, head, &headers, || {
                let given = Given::read(scheme, const { P::SCHEME.as_plain() }, &headers, &source, &window)?;
                let trust = settings.trust_in(given.scheme());
                Ok((given, trust))
            })?;
            let scheme = given.scheme();
            (Pending::LookUp(LookUp { given, lookup: lookup.clone(), seen: Seen::of(head, P::SCHEME) }), scheme)
        }
    };
    let (settings, frames) = (Arc::clone(settings), Frames::default());
    let noted = Noted::of::<P>(head, &headers.lines, scheme);
    Ok(Progress { settings, pending, frames, declared: headers.declared, too_large: None, noted })
}

/// Reads the headers that the provider's page names: a const, so that no name is looked up for each
/// delivery.
#[inline(always)]
pub(super) fn read<P: Provider>(head: &impl RequestHead) -> Head<'_> {
    Head::read(
        head.headers(),
        const {
            let sent_at = Lines::name(P::SENT_AT);
            Lines { sent_at, event: Lines::name(P::EVENT), delivery_id: Lines::name(P::ID), ..Lines::of(&P::SCHEME) }
        },
    )
}

/// The keys of a plain scheme, if they are fixed: the short way.
#[inline]
pub(super) fn plain<P: Provider>(settings: &Settings<P>) -> Option<&Arc<Prepared<Keys>>> {
    match (const { P::SCHEME.as_plain() }, &settings.origin) {
        (Some(_), Origin::Fixed(accepted)) => accepted.keys(),
        _ => None,
    }
}

/// Checks every rule for the head of a plain scheme, and reads its tag.
#[inline]
pub(super) fn check_plain<P: Provider>(
    settings: &Settings<P>,
    head: &impl RequestHead,
    headers: &Head<'_>,
    tag: &mut Tag,
) -> Result<(), Rejection> {
    // A const, so that its prefix is not looked up for each delivery.
    let Some(plain) = (const { P::SCHEME.as_plain() }) else { unreachable!("a scheme with the keys of a plain one") };
    let prove = || Ok((plain.read(headers, tag)?, settings.trust_in(const { &P::SCHEME })));
    check_with(settings, head, headers, prove)
}

/// Checks every rule for the head of any other scheme, and returns the proof.
#[inline]
pub(super) fn check<'r, 'a, P: Provider>(
    settings: &Settings<P>,
    accepted: &'r Accepted,
    head: &impl RequestHead,
    headers: &Head<'a>,
    source: &'a dyn Source,
    window: &'a Window,
    room: &'r mut Room<'a>,
) -> Result<Unproven<'r, 'a>, Rejection> {
    check_with(settings, head, headers, || {
        let unproven = accepted.check(const { &P::SCHEME }, &headers.lines, source, room, window)?;
        let trust = settings.trust_in(unproven.scheme());
        Ok((unproven, trust))
    })
}

/// Checks every rule for the head. `prove` reads the proof, and returns its trust.
#[inline(always)]
fn check_with<P: Provider, T>(
    settings: &Settings<P>,
    head: &impl RequestHead,
    headers: &Head<'_>,
    prove: impl FnOnce() -> Result<(T, Trust), RejectionKind>,
) -> Result<T, Rejection> {
    if head.method() != "POST" {
        let shape = MethodShape::of(head.method(), head.adds_allow());
        return Err(RejectionKind::MethodNotAllowed.with(RejectionDetail::Method(shape)));
    }
    let limit = settings.body_limit;
    // `u64::MAX` stands for digits that fit no integer.
    let exceeds = |length: &u64| *length == u64::MAX || usize::try_from(*length).map_or(true, |length| length > limit);
    if let Some(length) = headers.declared.filter(exceeds) {
        let lengths = BodyLengths::too_large_as_declared(length, limit);
        return Err(Rejection::of_lengths(RejectionKind::BodyTooLarge, lengths));
    }
    let (proof, trust) = prove().map_err(|kind| explained::<P>(kind, headers))?;
    if trust.is_below(settings.minimum_trust) {
        return Err(RejectionKind::InsufficientTrust.into());
    }
    if let Some(sources) = &settings.sources {
        sources.check(head)?;
    }
    if headers.is_encoded {
        return Err(RejectionKind::UnsupportedEncoding.into());
    }
    Ok(proof)
}

/// Says that a header is there in which no signature was found: its list may be read in the wrong way.
#[cold]
fn explained<P: Provider>(kind: RejectionKind, headers: &Head<'_>) -> Rejection {
    let line = headers.lines.signatures.iter().position(|line| matches!(line, Single::One(_)));
    match line.and_then(|line| P::SCHEME.places().nth(line)) {
        Some(place) if kind == RejectionKind::MissingSignature => kind.with(RejectionDetail::NotInHeader(place)),
        _ => kind.into(),
    }
}

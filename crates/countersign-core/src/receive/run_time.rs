//! Verifies by a page that is known at run time, for the command line: the same proof, with less around
//! it. Not public API.

use std::time::{Duration, SystemTime};

use super::{
    delivery::SentAt,
    head::{HeadSource, RequestHead},
};
use crate::{
    error::{Rejection, RejectionKind, SecretError},
    event::MessageEnvelope,
    form::json_of,
    once::DeliveryId,
    page::Page,
    proof::{
        Accepted, Head, Lines, Room, Single, Source, Tag, Window, signed_fields, sorted_form, texts_in_body,
        value_in_head,
    },
    provider::{Identity, Place},
    scheme::Scheme,
    secrets::Secrets,
    trust::Trust,
    url::PublicUrl,
};

/// What a delivery is verified with.
#[doc(hidden)]
#[allow(clippy::exhaustive_structs, missing_docs, reason = "not public API")]
#[derive(Debug)]
pub struct RunTimeTerms<'a> {
    pub secrets: &'a Secrets,
    pub url: Option<&'a PublicUrl>,
    pub now: SystemTime,
    pub any_time: bool,
}

/// What is known of a verified delivery.
#[doc(hidden)]
#[allow(clippy::exhaustive_structs, missing_docs, reason = "not public API")]
#[derive(Debug)]
pub struct RunTimeVerified {
    pub trust: Trust,
    pub sent_at: Option<SentAt>,
    pub envelope: MessageEnvelope,
    pub delivery_id: Option<DeliveryId>,
}

/// Verifies a delivery of a page. The length of its body does not decide, and its event is not decoded.
#[doc(hidden)]
#[allow(clippy::missing_errors_doc, reason = "not public API")]
pub fn verify_at_run_time(
    page: &Page,
    terms: &RunTimeTerms<'_>,
    head: &impl RequestHead,
    body: &[u8],
) -> Result<Result<RunTimeVerified, Rejection>, SecretError> {
    let accepted = Accepted::new(page.scheme, terms.secrets, terms.url, page.title)?;
    Ok(verify(page, &accepted, terms, head, body).map_err(Rejection::from))
}

fn verify(
    page: &Page,
    accepted: &Accepted,
    terms: &RunTimeTerms<'_>,
    head: &impl RequestHead,
    body: &[u8],
) -> Result<RunTimeVerified, RejectionKind> {
    if head.method() != "POST" {
        return Err(RejectionKind::MethodNotAllowed);
    }
    let (scheme, source) = (page.scheme, HeadSource(head));
    let names = Lines { sent_at: Lines::name(page.sent_at), ..Lines::of(scheme) };
    let headers = Head::read(head.headers(), names);
    let window = Window { now: terms.now, tolerance: terms.any_time.then_some(Duration::MAX) };
    let (mut tag, mut room) = (Tag::default(), Room::default());
    let coded = if headers.is_encoded { Err(RejectionKind::UnsupportedEncoding) } else { Ok(()) };
    let proven = match (scheme.as_plain(), accepted.keys()) {
        (Some(plain), Some(keys)) => {
            plain.read(&headers, &mut tag)?;
            coded?;
            keys.prove(scheme, &tag, body)?
        }
        _ => {
            let unproven = accepted.check(scheme, &headers.lines, &source, &mut room, &window)?;
            coded?;
            unproven.verify(body)?
        }
    };
    let unsigned = match headers.lines.sent_at {
        Single::One(value) => SentAt::unsigned(value),
        Single::Missing | Single::Repeated => None,
    };
    let id = page.id.or_else(|| proven.scheme.signed_id());
    let at = |place: Option<Place>| place.and_then(|place| text(place, &source, body));
    let envelope = MessageEnvelope {
        event: at(page.event),
        id: at(id),
        resource_id: page.resource.iter().find_map(|place| at(Some(*place)).filter(|id| !id.is_empty())),
    };
    let delivery_id = delivery_id(page, proven.scheme, id, &envelope, body, proven.is_sorted);
    let sent_at = proven.sent_at.map(SentAt::Signed).or(unsigned);
    Ok(RunTimeVerified { trust: Trust::of(proven.scheme), sent_at, envelope, delivery_id })
}

/// The text at a place.
fn text(place: Place, source: &dyn Source, body: &[u8]) -> Option<String> {
    if place.is_in_body() {
        return texts_in_body(&[place], body).into_iter().next().flatten();
    }
    let line = Lines::name(Some(place)).map_or(Single::Missing, |name| source.header(name));
    let value = value_in_head(line, source, &place)?;
    std::str::from_utf8(&value).ok().map(str::to_owned)
}

/// What identifies the delivery of a page without typed events.
fn delivery_id(
    page: &Page,
    matched: &Scheme,
    id_place: Option<Place>,
    envelope: &MessageEnvelope,
    body: &[u8],
    is_sorted: bool,
) -> Option<DeliveryId> {
    let digest = || {
        let json = json_of(body, page.scheme.json_field());
        if is_sorted { DeliveryId::of_body(&sorted_form(body)) } else { DeliveryId::of_body(&json) }
    };
    let name = envelope.event.as_deref().filter(|_| page.event.is_some_and(|place| page.scheme.identifies(place)));
    // A scheme of a list signs its own ID.
    let identifying = if page.id.is_some() { page.scheme } else { matched };
    let id = envelope
        .id
        .as_deref()
        .filter(|id| !id.is_empty() && id_place.is_some_and(|place| identifying.identifies(place)));
    if let Some(id) = id {
        return Some(DeliveryId::named(name.unwrap_or_default(), id, None));
    }
    match page.identity() {
        Identity::None => None,
        Identity::SignedFields => {
            Some(signed_fields(matched, body).map_or_else(digest, |text| DeliveryId::of_body(&text)))
        }
        _ => Some(digest()),
    }
}

//! What is noted of a head that the proof may not cover.

use super::{
    delivery::{SentAt, Verified},
    head::{HeadSource, RequestHead},
};
use crate::{
    event::{EnvelopeTexts, MessageEnvelope},
    proof::{text_in_head, texts_in_body},
    provider::Provider,
    scheme::{Place, Scheme},
};

/// What is noted of a head.
#[derive(Clone, Default)]
pub(super) struct Noted {
    pub(super) sent_at: Option<SentAt>,
    /// Only if the page names places in the head.
    texts: Option<Box<HeadTexts>>,
}

/// The texts at the page's places in the head.
#[derive(Clone)]
struct HeadTexts {
    event: Option<String>,
    id: Option<String>,
    /// The IDs that the schemes of a list sign.
    listed: Box<[(Place, String)]>,
}

impl Noted {
    #[inline]
    pub(super) fn of<P: Provider>(head: &impl RequestHead, sent_at: Option<SentAt>) -> Self {
        let has_texts = const { is_in_head(P::EVENT) || is_in_head(P::ID) || !signed_ids::<P>().is_empty() };
        let texts = has_texts.then(|| {
            let source = HeadSource(head);
            let text = |place: Place| (!place.is_in_body()).then(|| text_in_head(&source, &place)).flatten();
            let listed = signed_ids::<P>().iter().filter_map(Scheme::signed_id);
            Box::new(HeadTexts {
                event: P::EVENT.and_then(text),
                id: P::ID.and_then(text),
                listed: listed.filter_map(|place| Some((place, text(place)?))).collect(),
            })
        });
        Self { sent_at, texts }
    }

    /// The text at the page's `place` of an ID, or the one that a scheme of its list signs.
    fn id<P: Provider>(&self, place: Place) -> Option<&String> {
        let texts = self.texts.as_deref()?;
        match P::ID {
            Some(_) => texts.id.as_ref(),
            None => texts.listed.iter().find(|(known, _)| *known == place).map(|(_, text)| text),
        }
    }
}

/// The schemes whose signed IDs identify deliveries, because the page does not name a place for all.
const fn signed_ids<P: Provider>() -> &'static [Scheme] {
    if P::ID.is_some() { &[] } else { P::SCHEME.listed() }
}

const fn is_in_head(place: Option<Place>) -> bool {
    match place {
        Some(place) => !place.is_in_body(),
        None => false,
    }
}

impl<P: Provider> Verified<P> {
    /// The place of the delivery's ID: the page's, or the one that the matched scheme of its list
    /// signs.
    pub(super) fn id_place(&self) -> Option<Place> {
        P::ID.or_else(|| self.scheme().signed_id())
    }
}

impl<P: Provider> EnvelopeTexts for Verified<P> {
    fn envelope(&self) -> MessageEnvelope {
        let id = self.id_place();
        let in_body = |place: &Place| place.is_in_body();
        let places: Vec<_> = P::EVENT.iter().chain(&id).chain(P::RESOURCE).copied().filter(in_body).collect();
        let read = texts_in_body(&places, self.body());
        let text = |place: &Place| {
            places.iter().zip(&read).find(|(known, _)| *known == place).and_then(|(_, text)| text.clone())
        };
        let event_in_head = || self.noted().texts.as_deref().and_then(|texts| texts.event.clone());
        MessageEnvelope {
            event: P::EVENT.and_then(|place| if in_body(&place) { text(&place) } else { event_in_head() }),
            id: id.and_then(|place| if in_body(&place) { text(&place) } else { self.noted().id::<P>(place).cloned() }),
            resource_id: P::RESOURCE.iter().find_map(|place| text(place).filter(|id| !id.is_empty())),
        }
    }
}

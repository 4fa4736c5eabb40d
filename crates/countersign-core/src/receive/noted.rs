//! What is noted of a head that the proof may not cover.

use super::{
    delivery::{SentAt, Verified},
    head::{HeadSource, RequestHead},
};
use crate::{
    event::{EnvelopeTexts, MessageEnvelope},
    proof::{text_in_head, texts_in_body},
    provider::Provider,
    scheme::Place,
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
}

impl Noted {
    #[inline]
    pub(super) fn of<P: Provider>(head: &impl RequestHead, sent_at: Option<SentAt>) -> Self {
        let texts = const { is_in_head(P::EVENT) || is_in_head(P::ID) }.then(|| {
            let source = HeadSource(head);
            let text = |place: Option<Place>| {
                place.filter(|place| !place.is_in_body()).and_then(|place| text_in_head(&source, &place))
            };
            Box::new(HeadTexts { event: text(P::EVENT), id: text(P::ID) })
        });
        Self { sent_at, texts }
    }
}

const fn is_in_head(place: Option<Place>) -> bool {
    match place {
        Some(place) => !place.is_in_body(),
        None => false,
    }
}

impl<P: Provider> EnvelopeTexts for Verified<P> {
    fn envelope(&self) -> MessageEnvelope {
        let texts = self.noted().texts.as_deref();
        let in_body = |place: &Place| place.is_in_body();
        let places: Vec<_> = P::EVENT.iter().chain(&P::ID).chain(P::RESOURCE).copied().filter(in_body).collect();
        let read = texts_in_body(&places, self.body());
        let text = |place: &Place| {
            places.iter().zip(&read).find(|(known, _)| *known == place).and_then(|(_, text)| text.clone())
        };
        let at = |place: Option<Place>, in_head: Option<&String>| match place {
            Some(place) if place.is_in_body() => text(&place),
            _ => in_head.cloned(),
        };
        MessageEnvelope {
            event: at(P::EVENT, texts.and_then(|texts| texts.event.as_ref())),
            id: at(P::ID, texts.and_then(|texts| texts.id.as_ref())),
            resource_id: P::RESOURCE.iter().find_map(|place| text(place).filter(|id| !id.is_empty())),
        }
    }
}

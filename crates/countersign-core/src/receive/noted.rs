//! What is noted of a head that the proof may not cover.

use super::{
    delivery::{SentAt, Verified},
    head::{HeadSource, RequestHead},
};
use crate::{
    event::{EnvelopeTexts, MessageEnvelope},
    proof::{Lines, Single, Source, texts_in_body, value_in_head},
    provider::Provider,
    scheme::{Place, Scheme},
};

/// What is noted of a head.
#[derive(Clone, Default)]
pub(super) struct Noted {
    pub(super) sent_at: Option<SentAt>,
    /// The values at the page's places in the head.
    event: Option<Value>,
    id: Option<Value>,
}

impl Noted {
    #[inline]
    pub(super) fn of<P: Provider>(head: &impl RequestHead, lines: &Lines<Single<'_>>, scheme: &'static Scheme) -> Self {
        let sent_at = match lines.sent_at {
            Single::One(value) => SentAt::unsigned(value),
            Single::Missing | Single::Repeated => None,
        };
        let source = HeadSource(head);
        let (mut event, mut id) = (None, None);
        if let Some(place) = const { in_head(P::EVENT) } {
            event = value_in_head(lines.event, &source, &place).map(|value| Value::new(&value));
        }
        if let Some(place) = const { in_head(P::ID) } {
            id = value_in_head(lines.delivery_id, &source, &place).map(|value| Value::new(&value));
        } else if const { names_no_id::<P>() }
            && let Some(place) = in_head(scheme.signed_id())
        {
            let line = Lines::name(Some(place)).map_or(Single::Missing, |name| source.header(name));
            id = value_in_head(line, &source, &place).map(|value| Value::new(&value));
        }
        Self { sent_at, event, id }
    }
}

impl Noted {
    /// The texts at the page's places in the head, to seal them.
    pub(super) fn texts(&self) -> (Option<String>, Option<String>) {
        let text = |value: &Option<Value>| value.as_ref().and_then(Value::text);
        (text(&self.event), text(&self.id))
    }

    /// As it was sealed.
    pub(super) fn reopened(sent_at: Option<SentAt>, event: Option<&str>, id: Option<&str>) -> Self {
        let value = |text: &str| Value::new(text.as_bytes());
        Self { sent_at, event: event.map(value), id: id.map(value) }
    }
}

/// Whether the page leaves the ID to its schemes: each of a list may sign another.
const fn names_no_id<P: Provider>() -> bool {
    P::ID.is_none() && !P::SCHEME.listed().is_empty()
}

/// A value. If it is as short as names and IDs are, it is kept without an allocation.
#[derive(Clone)]
enum Value {
    Short { bytes: [u8; 46], length: u8 },
    Long(Box<[u8]>),
}

impl Value {
    #[inline]
    fn new(value: &[u8]) -> Self {
        let mut bytes = [0; 46];
        match (bytes.get_mut(..value.len()), u8::try_from(value.len())) {
            (Some(start), Ok(length)) => {
                start.copy_from_slice(value);
                Self::Short { bytes, length }
            }
            _ => Self::Long(value.into()),
        }
    }

    fn text(&self) -> Option<String> {
        let value = match self {
            Self::Short { bytes, length } => bytes.get(..usize::from(*length))?,
            Self::Long(value) => value,
        };
        std::str::from_utf8(value).ok().map(str::to_owned)
    }
}

const fn in_head(place: Option<Place>) -> Option<Place> {
    match place {
        Some(place) if !place.is_in_body() => Some(place),
        _ => None,
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
        let at = |place: Option<Place>, in_head: &Option<Value>| match place {
            Some(place) if place.is_in_body() => text(&place),
            _ => in_head.as_ref().and_then(Value::text),
        };
        MessageEnvelope {
            event: at(P::EVENT, &self.noted().event),
            id: at(id, &self.noted().id),
            resource_id: P::RESOURCE.iter().find_map(|place| text(place).filter(|id| !id.is_empty())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_any_length_is_kept() {
        for length in [0, 1, 45, 46, 47, 255, 256, 9000] {
            let text = "x".repeat(length);
            let value = Value::new(text.as_bytes());
            assert_eq!(value.text(), Some(text));
            assert_eq!(matches!(value, Value::Short { .. }), length <= 46, "{length}");
        }
        assert_eq!((Value::new(b"\xff").text(), Value::new(&[0xff; 99]).text()), (None, None));
    }
}

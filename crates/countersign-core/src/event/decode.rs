//! Decodes a body as an event: in one pass if the event's name comes first, as it usually does, and
//! if the body is as documented.

#![allow(missing_docs, clippy::missing_errors_doc, reason = "public for the `events!` macro alone, and hidden")]

use std::{borrow::Cow, cell::Cell, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _, MapAccess, Visitor, value::MapAccessDeserializer},
    ser::{Error as _, SerializeMap},
};
use serde_json::{Map, Value};

use super::{
    Message, PartlyDocumented, ProviderEvent, RawJson, UnknownEvent,
    name::{self, Rest, whole},
    text::{Text, without_lone_surrogates},
    tolerant::{self, Tolerant},
};
use crate::error::DecodeError;

/// An enum made by `events!`.
pub trait Family: ProviderEvent {
    /// Reads the body of the event `name`. Returns `None` for an unknown event; the body is read to
    /// its end even then.
    fn read<'de, D: Deserializer<'de>>(name: &str, body: D, text: &str) -> Result<Option<Self>, D::Error>;

    fn unknown(event: UnknownEvent) -> Self;
}

/// The content of a variant.
pub trait Payload: Sized {
    fn read<'de, D: Deserializer<'de>>(body: D, text: &str) -> Result<Self, D::Error>;

    /// Writes the body with the event's name at `path`.
    fn write<S: Serializer>(&self, path: &'static str, event: &str, serializer: S) -> Result<S::Ok, S::Error>;
}

impl<T: Serialize + DeserializeOwned> Payload for T {
    fn read<'de, D: Deserializer<'de>>(body: D, _: &str) -> Result<Self, D::Error> {
        T::deserialize(body)
    }

    fn write<S: Serializer>(&self, path: &'static str, event: &str, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Named<'a, T> {
            #[serde(flatten)]
            name: Name<'a>,
            #[serde(flatten)]
            body: &'a T,
        }
        let name = Name(path, event);
        if name::field(path).is_some() {
            return Named { name, body: self }.serialize(serializer);
        }
        // The struct may have other fields in the object around the name.
        let mut body = serde_json::to_value(self).map_err(S::Error::custom)?;
        let mut at = &mut body;
        for field in path.split('.') {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            at = at
                .as_object_mut()
                .ok_or_else(|| S::Error::custom("not an object"))?
                .entry(field)
                .or_insert(Value::Null);
        }
        *at = Value::from(event);
        body.serialize(serializer)
    }
}

/// A field with the name of an event.
struct Name<'a>(&'static str, &'a str);

impl Serialize for Name<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.0, self.1)?;
        map.end()
    }
}

impl<T: DeserializeOwned> Payload for PartlyDocumented<T> {
    fn read<'de, D: Deserializer<'de>>(body: D, text: &str) -> Result<Self, D::Error> {
        let fields = T::deserialize(body)?;
        // Trailing text is an error, and is found once the body is read.
        let json = RawJson::deserialize(&mut serde_json::Deserializer::from_str(text)).map_err(D::Error::custom)?;
        Ok(Self { fields, json })
    }

    fn write<S: Serializer>(&self, _: &'static str, _: &str, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

/// Decodes a body. What is not as documented is logged under the name of the `provider`.
pub fn decode<E: Family>(provider: Option<&'static str>, body: &[u8]) -> Result<E, DecodeError> {
    match std::str::from_utf8(body) {
        Ok(text) => strict(text).or_else(|error| again(provider, body, Some(error))),
        Err(_) => again(provider, body, None),
    }
}

/// Decodes a verified delivery.
pub fn decode_message<E: Family>(message: &Message<'_>) -> Result<E, DecodeError> {
    decode(Some(message.provider()), &message.json_text())
}

/// Reads what is exactly as documented.
fn strict<E: Family>(text: &str) -> Result<E, serde_json::Error> {
    let name_comes_first = Cell::new(true);
    let body = |name| Body { text, name, name_comes_first: &name_comes_first, family: PhantomData };
    let read = match name::field(E::NAME_PATH).map(|_| whole(text, body(None))) {
        Some(read) if name_comes_first.get() => read?,
        _ => whole(text, body(Some(whole(text, name::At(E::NAME_PATH))?)))?,
    };
    match read {
        Read::Event(event) => Ok(event),
        Read::Unknown(name) => Ok(E::unknown(UnknownEvent::read(&name, text, E::id_paths(&name))?)),
    }
}

/// Reads what the strict decoder did not. `error` is `None` if the body is not UTF-8.
#[cold]
fn again<E: Family>(
    provider: Option<&'static str>,
    body: &[u8],
    error: Option<serde_json::Error>,
) -> Result<E, DecodeError> {
    let raw = String::from_utf8_lossy(body);
    let text = without_lone_surrogates(&raw);
    let is_altered = error.is_none() || matches!(text, Cow::Owned(_));
    let name = whole(&text, name::At(E::NAME_PATH)).map_err(|new| match &error {
        None if !new.is_data() => DecodeError::not_utf8(),
        _ => new.into(),
    })?;
    let ids = E::id_paths(&name);
    let tolerant = Tolerant::new(&text, &raw, is_altered, name::field(E::NAME_PATH), ids);
    let id = tolerant.id(ids)?;
    match tolerant.read(Fields { name: &name, text: &raw, family: PhantomData::<E> }) {
        Ok(Some(event)) => {
            tolerant.notes()?.warn(provider, Some(&name));
            Ok(event)
        }
        Ok(None) => Ok(E::unknown(UnknownEvent::new(&name, id.as_deref(), serde_json::from_str(&raw)?))),
        // The strict decoder's error has a place.
        Err(new) => Err(strict::<E>(&text).err().filter(serde_json::Error::is_data).unwrap_or(new).into()),
    }
}

/// The fields of the event `name`.
struct Fields<'a, E> {
    name: &'a str,
    text: &'a str,
    family: PhantomData<E>,
}

impl<'de, E: Family> tolerant::Read<'de, Option<E>> for Fields<'_, E> {
    fn read<D: Deserializer<'de>>(&self, body: D) -> Result<Option<E>, D::Error> {
        E::read(self.name, body, self.text)
    }
}

/// The result of reading a whole body.
enum Read<'de, E> {
    Event(E),
    /// An event with this unknown name.
    Unknown(Cow<'de, str>),
}

/// The whole body. Unless the event's name is already known, it has to come first; otherwise
/// `name_comes_first` is cleared.
struct Body<'a, 'de, E> {
    text: &'de str,
    name: Option<Cow<'de, str>>,
    name_comes_first: &'a Cell<bool>,
    family: PhantomData<E>,
}

impl<'de, E: Family> Visitor<'de> for Body<'_, 'de, E> {
    type Value = Read<'de, E>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (field, is_read) = (name::field(E::NAME_PATH), self.name.is_none());
        let name = match (self.name, field) {
            (Some(name), _) => name,
            (None, Some(field)) if map.next_key::<Text<'_>>()?.is_some_and(|key| key.0 == field) => {
                map.next_value::<Text<'_>>()?.0
            }
            _ => {
                self.name_comes_first.set(false);
                return Err(A::Error::missing_field(E::NAME_PATH));
            }
        };
        let body = MapAccessDeserializer::new(Rest { map, name: field, is_read });
        Ok(E::read(&name, body, self.text)?.map_or(Read::Unknown(name), Read::Event))
    }
}

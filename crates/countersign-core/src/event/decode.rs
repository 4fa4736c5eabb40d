//! Decodes a body as an event: in one pass if the event's name comes first, as it usually does, and
//! if the body is as documented.

#![allow(missing_docs, clippy::missing_errors_doc, reason = "public for the `events!` macro alone, and hidden")]

use std::{borrow::Cow, cell::Cell, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error as _, MapAccess, Visitor,
        value::{BorrowedStrDeserializer, MapAccessDeserializer, StrDeserializer},
    },
};

use super::{
    Event, PartlyDocumented, RawJson, UnknownEvent,
    text::{Text, without_lone_surrogates},
    tolerant::{self, Tolerant},
};
use crate::error::DecodeError;

/// The field that holds the event's name, for every provider.
pub(super) const NAME: &str = "event";

/// An enum made by `events!`.
pub trait Family: Event {
    /// Reads the body of the event `name`. Returns `None` for an unknown event; the body is read to
    /// its end even then.
    fn read<'de, D: Deserializer<'de>>(name: &str, body: D, text: &str) -> Result<Option<Self>, D::Error>;

    fn unknown(event: UnknownEvent) -> Self;
}

/// The content of a variant.
pub trait Payload: Sized {
    fn read<'de, D: Deserializer<'de>>(body: D, text: &str) -> Result<Self, D::Error>;

    fn write<S: Serializer>(&self, event: &str, serializer: S) -> Result<S::Ok, S::Error>;
}

impl<T: Serialize + DeserializeOwned> Payload for T {
    fn read<'de, D: Deserializer<'de>>(body: D, _: &str) -> Result<Self, D::Error> {
        T::deserialize(body)
    }

    fn write<S: Serializer>(&self, event: &str, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Named<'a, T> {
            event: &'a str,
            #[serde(flatten)]
            body: &'a T,
        }
        Named { event, body: self }.serialize(serializer)
    }
}

impl<T: DeserializeOwned> Payload for PartlyDocumented<T> {
    fn read<'de, D: Deserializer<'de>>(body: D, text: &str) -> Result<Self, D::Error> {
        let fields = T::deserialize(body)?;
        // Trailing text is an error, and is found once the body is read.
        let json = RawJson::deserialize(&mut serde_json::Deserializer::from_str(text)).map_err(D::Error::custom)?;
        Ok(Self { fields, json })
    }

    fn write<S: Serializer>(&self, _: &str, serializer: S) -> Result<S::Ok, S::Error> {
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

/// Reads what is exactly as documented.
fn strict<E: Family>(text: &str) -> Result<E, serde_json::Error> {
    let name_comes_first = Cell::new(true);
    let first = Body { text, name: None, name_comes_first: &name_comes_first, family: PhantomData };
    let read = match whole(text, first) {
        Err(_) if !name_comes_first.get() => {
            let Named { event } = whole(text, Object(PhantomData))?;
            whole(text, Body { text, name: Some(event), name_comes_first: &name_comes_first, family: PhantomData })?
        }
        read => read?,
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
    let Named { event: name } = whole(&text, Object(PhantomData)).map_err(|new| match &error {
        None if !new.is_data() => DecodeError::not_utf8(),
        _ => new.into(),
    })?;
    let ids = E::id_paths(&name);
    let tolerant = Tolerant::new(&text, &raw, is_altered, NAME, ids);
    let id = tolerant.id(ids)?;
    match tolerant.read(Fields { name: &name, text: &raw, family: PhantomData::<E> }) {
        Ok(Some(event)) => {
            let notes = tolerant.into_notes();
            if !notes.is_empty() {
                tracing::warn!(
                    target: "countersign", provider, event = &*name, fields = %notes,
                    "a delivery has fields that are not as documented: what cannot be read is missing from the event"
                );
            }
            Ok(event)
        }
        Ok(None) => Ok(E::unknown(UnknownEvent::from_parts(&name, id.as_deref(), serde_json::from_str(&raw)?))),
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

/// Reads `text` as one JSON object without trailing text.
fn whole<'de, V: Visitor<'de>>(text: &'de str, visitor: V) -> Result<V::Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = deserializer.deserialize_map(visitor)?;
    deserializer.end()?;
    Ok(value)
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
        let name_is_read = self.name.is_none();
        let name = match self.name {
            Some(name) => name,
            None if map.next_key::<Text<'_>>()?.is_some_and(|key| key.0 == NAME) => map.next_value::<Text<'_>>()?.0,
            None => {
                self.name_comes_first.set(false);
                return Err(A::Error::missing_field(NAME));
            }
        };
        let body = MapAccessDeserializer::new(Rest { map, name_is_read });
        Ok(E::read(&name, body, self.text)?.map_or(Read::Unknown(name), Read::Event))
    }
}

/// The name of an event, at any position.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
}

/// A struct read only from an object: a derived `Deserialize` also accepts an array.
struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// The fields of a body. Only one may be the name: with two, two readers could see two events.
struct Rest<A> {
    map: A,
    name_is_read: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Rest<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.map.next_key_seed(Key { seed, name_is_read: &mut self.name_is_read })
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.map.size_hint()
    }
}

struct Key<'a, K> {
    seed: K,
    name_is_read: &'a mut bool,
}

impl<K> Key<'_, K> {
    fn check<E: serde::de::Error>(&mut self, key: &str) -> Result<(), E> {
        if key == NAME && std::mem::replace(self.name_is_read, true) {
            return Err(E::duplicate_field(NAME));
        }
        Ok(())
    }
}

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for Key<'_, K> {
    type Value = K::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, K: DeserializeSeed<'de>> Visitor<'de> for Key<'_, K> {
    type Value = K::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_borrowed_str<E: serde::de::Error>(mut self, key: &'de str) -> Result<K::Value, E> {
        self.check(key)?;
        self.seed.deserialize(BorrowedStrDeserializer::new(key))
    }

    fn visit_str<E: serde::de::Error>(mut self, key: &str) -> Result<K::Value, E> {
        self.check(key)?;
        self.seed.deserialize(StrDeserializer::new(key))
    }
}

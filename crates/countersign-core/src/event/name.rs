//! The name of an event in its body, and the fields beside it.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{
        DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor,
        value::{BorrowedStrDeserializer, StrDeserializer},
    },
};

use super::text::Text;

/// Reads `text` as one JSON object without trailing text.
pub(super) fn whole<'de, V: Visitor<'de>>(text: &'de str, visitor: V) -> Result<V::Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = deserializer.deserialize_map(visitor)?;
    deserializer.end()?;
    Ok(value)
}

/// Returns the field that holds the name, unless it is in a nested object.
pub(super) fn field(path: &'static str) -> Option<&'static str> {
    Some(path).filter(|path| !path.contains('.'))
}

/// Reads the name at a path, wherever it is in the body.
pub(super) struct At(pub(super) &'static str);

impl<'de> DeserializeSeed<'de> for At {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for At {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (field, rest) = self.0.split_once('.').unwrap_or((self.0, ""));
        let mut found = None;
        while let Some(Text(key)) = map.next_key()? {
            if key != field {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if found.is_some() {
                return Err(A::Error::duplicate_field(field));
            }
            found =
                Some(if rest.is_empty() { map.next_value::<Text<'_>>()?.0 } else { map.next_value_seed(At(rest))? });
        }
        found.ok_or_else(|| A::Error::missing_field(field))
    }
}

/// The fields of a body. Only one may be the name: with two, two readers could see two events.
pub(super) struct Rest<A> {
    pub(super) map: A,
    /// The field of the name; `None` if the name is in a nested object.
    pub(super) name: Option<&'static str>,
    pub(super) is_read: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Rest<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.map.next_key_seed(Key { seed, name: self.name, is_read: &mut self.is_read })
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
    name: Option<&'static str>,
    is_read: &'a mut bool,
}

impl<K> Key<'_, K> {
    fn check<E: serde::de::Error>(&mut self, key: &str) -> Result<(), E> {
        match self.name {
            Some(name) if key == name && std::mem::replace(self.is_read, true) => Err(E::duplicate_field(name)),
            _ => Ok(()),
        }
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

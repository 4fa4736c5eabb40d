//! JSON with its members in the order in which they came, and its numbers as written.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// No deeper JSON is read: it is read and written recursively.
const DEEPEST: usize = 128;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    /// `null`, a boolean or a number, as written.
    Other(String),
    String(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        Self::of(serde_json::from_slice(bytes).ok()?, DEEPEST)
    }

    fn of(value: &RawValue, levels: usize) -> Option<Self> {
        let (text, inner) = (value.get(), levels.checked_sub(1)?);
        Some(match text.as_bytes().first()? {
            b'{' => {
                let members = serde_json::from_str::<Members<'_>>(text).ok()?.0.into_iter();
                Self::Object(members.map(|(name, value)| Some((name, Self::of(value, inner)?))).collect::<Option<_>>()?)
            }
            b'[' => {
                let elements = serde_json::from_str::<Vec<&RawValue>>(text).ok()?.into_iter();
                Self::Array(elements.map(|value| Self::of(value, inner)).collect::<Option<_>>()?)
            }
            b'"' => Self::String(serde_json::from_str(text).ok()?),
            _ => Self::Other(text.to_owned()),
        })
    }

    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// Returns the same with the members of every object sorted by name.
    pub(super) fn sorted(&self) -> Self {
        match self {
            Self::Array(elements) => Self::Array(elements.iter().map(Self::sorted).collect()),
            Self::Object(members) => {
                let mut members: Vec<_> = members.iter().map(|(name, value)| (name.clone(), value.sorted())).collect();
                members.sort_by(|one, other| one.0.cmp(&other.0));
                Self::Object(members)
            }
            other => other.clone(),
        }
    }

    /// Returns the same with the members in the order of `model`, followed by those that it does
    /// not have.
    pub(super) fn ordered_like(&self, model: Option<&Self>) -> Self {
        let Self::Object(members) = self else { return self.clone() };
        let position = |name: &str| match model {
            Some(Self::Object(order)) => order.iter().position(|(other, _)| other == name).unwrap_or(usize::MAX),
            _ => usize::MAX,
        };
        let inner = |name: &str| model.and_then(|model| model.member(name));
        let like = |(name, value): &(String, Self)| (name.clone(), value.ordered_like(inner(name)));
        let mut members: Vec<_> = members.iter().map(like).collect();
        members.sort_by_cached_key(|(name, _)| position(name));
        Self::Object(members)
    }
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                std::iter::from_fn(|| map.next_entry().transpose()).collect::<Result<_, _>>().map(Members)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

//! Deserializers for single fields, for `#[serde(deserialize_with = "...")]` in the structs of
//! events.
//!
//! They accept what providers actually send: whole numbers written as `72.0`, IDs that are not
//! strings, and `[]` for an empty object.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor, value::MapAccessDeserializer},
};

/// Reads a count, size or duration: a whole number from 0 up. It accepts `72.0`, and reads `null`
/// as `None`.
///
/// # Errors
///
/// Returns an error if the value is negative, has a fraction, does not fit `u64`, or is not a
/// number.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Batch {
///     #[serde(default, deserialize_with = "countersign_core::provider::field::count")]
///     total: Option<u64>,
/// }
/// let batch: Batch = serde_json::from_str(r#"{"total": 20.0}"#)?;
/// assert_eq!(batch.total, Some(20));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    deserializer.deserialize_any(Count)
}

struct Count;

impl<'de> Visitor<'de> for Count {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 0 up")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        u64::try_from(number).map(Some).map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        // 2^64: the first whole number that does not fit. The cast is exact below it.
        if number.fract() == 0.0 && (0.0..18_446_744_073_709_551_616.0).contains(&number) {
            Ok(Some(number as u64))
        } else {
            Err(E::invalid_value(Unexpected::Float(number), &self))
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Reads an ID. Any value that is not a string is read as an empty string, which means "no ID". It
/// does not cause a rejection.
///
/// # Errors
///
/// Returns an error if the value is not JSON.
pub fn lenient_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    lenient_string(deserializer).map(Option::unwrap_or_default)
}

/// Reads a string. Any other value is read as `None`.
///
/// # Errors
///
/// Returns an error if the value is not JSON.
pub fn lenient_string<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    deserializer.deserialize_any(LenientString)
}

/// Reads a string, and any other value as `None`.
struct LenientString;

impl<'de> Visitor<'de> for LenientString {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// Reads a nested object. `null` is read as `None`, and so is `[]`, which PHP writes for an object
/// without fields.
///
/// # Errors
///
/// Returns an error if the value is anything else, or if the object is not a `T`. (A derived
/// `Deserialize` would also accept an array, and read its items as the fields in order.)
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_any(Object(PhantomData))
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Some)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        match items.next_element::<IgnoredAny>()? {
            None => Ok(None),
            Some(_) => Err(A::Error::invalid_type(Unexpected::Seq, &self)),
        }
    }
}

/// A field that can hold the ID of a resource.
#[doc(hidden)]
pub trait IdField {
    fn text(&self) -> Option<&str>;
}

impl IdField for String {
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl IdField for Option<String> {
    fn text(&self) -> Option<&str> {
        self.as_deref()
    }
}

/// Returns a usable ID: a string that is not empty.
#[doc(hidden)]
pub fn id(field: &impl IdField) -> Option<&str> {
    field.text().filter(|id| !id.is_empty())
}

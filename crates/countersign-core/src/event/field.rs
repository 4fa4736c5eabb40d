//! Deserializers for single fields, for `#[serde(deserialize_with = "...")]` in the structs of
//! events.
//!
//! They accept what providers actually send: whole numbers written as `72.0`, IDs that are numbers,
//! and `[]` for an empty object.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor, value::MapAccessDeserializer,
    },
};

use super::{id::is_usable, text::Text};
use crate::error::DecodeError;

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

/// Reads an ID: a string, or an integer as its decimal text. `null` is read as an empty string,
/// which means "no ID".
///
/// # Errors
///
/// Returns an error if the value is of another type, or an integer that does not fit 64 bits.
/// (`events!` reads those, too, and reads any other value as missing.)
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Order {
///     #[serde(default, deserialize_with = "countersign_core::provider::field::id")]
///     id: String,
/// }
/// let order: Order = serde_json::from_str(r#"{"id": 7712345}"#)?;
/// assert_eq!(order.id, "7712345");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(Id)
}

struct Id;

impl Visitor<'_> for Id {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an integer")
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_i64<E>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_unit<E>(self) -> Result<String, E> {
        Ok(String::new())
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

/// Reads a text that is JSON, such as Slack's form field `payload`. The value can borrow nothing.
///
/// # Errors
///
/// Returns an error if the value is not a text, or if the text is not JSON or not a `T`. The message
/// has no part of the text.
///
/// ```
/// use countersign_core::provider::field;
///
/// #[derive(serde::Deserialize)]
/// struct Interaction {
///     #[serde(deserialize_with = "field::json")]
///     payload: Payload,
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Payload {
///     r#type: String,
/// }
///
/// let interaction: Interaction = serde_json::from_str(r#"{"payload": "{\"type\":\"block_actions\"}"}"#)?;
/// assert_eq!(interaction.payload.r#type, "block_actions");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn json<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<T, D::Error> {
    let Text(text) = Text::deserialize(deserializer)?;
    serde_json::from_str(&text).map_err(|error| D::Error::custom(DecodeError::from(error)))
}

/// A field that can hold the ID of a resource.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the field of an ID is a `String` or an `Option<String>`, not `{Self}`",
    note = "if the provider sends integers: `#[serde(deserialize_with = \"countersign::provider::field::id\")]` on a `String`"
)]
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

/// Returns the ID in a field, if it is usable.
#[doc(hidden)]
pub fn id_in(field: &impl IdField) -> Option<&str> {
    field.text().filter(|id| is_usable(id))
}

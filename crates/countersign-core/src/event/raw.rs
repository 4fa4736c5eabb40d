//! JSON kept as received.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{
        MapAccess, Visitor,
        value::{MapAccessDeserializer, MapDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::value::{RawValue, Value};

/// A JSON value, kept byte for byte as the provider wrote it.
///
/// `Debug` shows only its length, so that bodies do not reach logs by accident. It is compared as
/// text, and serializes as JSON, not as a string.
///
/// `serde_json` reads back the same text. Other formats, and the buffers that serde uses for tagged
/// and flattened types, keep only the value: it is then written like a `serde_json::Value`.
///
/// ```
/// use countersign_core::RawJson;
///
/// let json: RawJson = serde_json::from_str(r#"{"order": 1.0}"#)?;
/// assert_eq!(json.get(), r#"{"order": 1.0}"#);
/// assert_eq!(format!("{json:?}"), "RawJson([14 bytes])");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// Returns the JSON text.
    pub fn get(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl Eq for RawJson {}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson([{} bytes])", self.get().len())
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(OrValue(deserializer)).map(Self)
    }
}

/// A deserializer of raw values. `RawValue` asks for a newtype struct with a name that only
/// `serde_json` knows. With any other deserializer, the value is read, written as JSON, and
/// returned under that name.
struct OrValue<T>(T);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for OrValue<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, OrValue((name, visitor)))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for OrValue<(&'static str, V)> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.1.expecting(f)
    }

    /// `serde_json` itself.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        MapAccessDeserializer::new(map).deserialize_any(self.0.1)
    }

    /// Everything else.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let (name, visitor) = self.0;
        let text = Value::deserialize(deserializer)?.to_string();
        visitor.visit_map(MapDeserializer::new(std::iter::once((name, text))))
    }
}

/// An event whose name is documented, but not its payload. It has the fields that all payloads of
/// the provider share, and the whole JSON for the rest. No field names are guessed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PartlyDocumented<T> {
    /// The fields that all payloads of the provider share.
    pub fields: T,
    /// The whole body, including the name.
    pub json: RawJson,
}

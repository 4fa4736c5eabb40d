//! JSON kept as it came.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A JSON value, kept byte for byte as the provider wrote it.
///
/// `Debug` shows its length alone, so that bodies do not reach logs by accident. It is compared as text, and serialises
/// as the value it is, through `serde_json` alone.
///
/// ```
/// use countersign_core::RawJson;
///
/// let json: RawJson = serde_json::from_str(r#"{"order": 1.0}"#)?;
/// assert_eq!(json.get(), r#"{"order": 1.0}"#);
/// assert_eq!(format!("{json:?}"), "RawJson([14 bytes])");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// `text` has been parsed as JSON once before, so it is only copied here.
    pub(crate) fn of_parsed<E: serde::de::Error>(text: &str) -> Result<Self, E> {
        serde_json::from_str(text).map_err(E::custom)
    }

    /// The JSON text.
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

/// An event that the provider's documentation names without showing its payload: the fields that every payload of the
/// provider has, and the whole JSON for the rest. No field names are guessed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Undetailed<T> {
    /// What every payload of the provider has.
    pub fields: T,
    /// The whole body, `event` included.
    pub json: RawJson,
}

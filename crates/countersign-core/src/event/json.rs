//! Decodes a body as any serde type: strictly, or with the tolerance that `events!` has.

use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny},
};

use super::{
    Event, Message,
    text::without_lone_surrogates,
    tolerant::{Read, Tolerant},
};
use crate::error::DecodeError;

/// The JSON body of a delivery, read as your own type: `Webhook<P, Json<T>>`. A batch, such as
/// SendGrid's or HubSpot's, is a `Json<Vec<T>>`. If the provider sends JSON in a [form
/// field](crate::provider::Place::json_in_form), as Dropbox Sign does, it is that field.
///
/// It is as strict as `serde_json`: a field that `T` requires and that cannot be read is answered
/// with 422. Make fields an `Option` or give them a default, so that no genuine delivery is rejected
/// because of one that you do not need.
/// [`decode_json`](crate::provider::decode_json) reads a body with more tolerance.
///
/// ```
/// use countersign_core::{Json, Verifier, providers::Zeodyn};
/// # use countersign_core::provider::Provider;
///
/// #[derive(serde::Deserialize)]
/// struct Change {
///     score: f64,
/// }
///
/// # let body = r#"{"event":"score_change","score":71.5}"#;
/// # let proof = Zeodyn::SCHEME.sign(b"s3cr3t", body)?;
/// # let head = http::Request::post("/").header("x-zeodyn-signature", proof.value()).body(())?;
/// let delivery = Verifier::<Zeodyn>::new("s3cr3t").verify(&head, body)?;
/// let Json(change) = delivery.event_as::<Json<Change>>()?;
/// assert_eq!(change.score, 71.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_structs, reason = "a pattern for handlers")]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + Send + Sync + 'static> Event for Json<T> {
    fn from_message(message: &Message<'_>) -> Result<Self, DecodeError> {
        message.json().map(Self)
    }
}

/// Reads a body as exactly a `T`.
pub(crate) fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let text = std::str::from_utf8(body).map_err(|_| DecodeError::not_utf8())?;
    Ok(serde_json::from_str(text)?)
}

/// Decodes a verified body as a `T`, for your own implementation of [`Event`](crate::Event).
/// [`events!`](crate::events) does this for you.
///
/// Fields that are not as documented are converted or missing, and a warning is logged, as
/// [`events!`](crate::events) describes. `unique` lists the paths of the event's name and IDs: a
/// field that is repeated there could mean two events.
///
/// # Errors
///
/// Returns an error if the body is not JSON, if a field on the way to a `unique` path is repeated,
/// or if a field that `T` requires cannot be read.
///
/// ```
/// use countersign_core::provider::decode_json;
///
/// #[derive(serde::Deserialize)]
/// struct Push {
///     action: String,
///     commits: Option<u64>,
///     message: Option<String>,
/// }
///
/// let body = br#"{"action": "push", "commits": "2", "message": {}}"#;
/// let push: Push = decode_json(body, &["action"])?;
/// assert_eq!((&*push.action, push.commits, push.message), ("push", Some(2), None));
/// # Ok::<(), countersign_core::DecodeError>(())
/// ```
pub fn decode_json<T: DeserializeOwned>(body: &[u8], unique: &'static [&'static str]) -> Result<T, DecodeError> {
    let strict = serde_json::from_slice::<T>(body);
    match strict {
        Ok(value) if unique.is_empty() => Ok(value),
        // serde may skip a field that is repeated.
        Ok(value) => super::envelope::id(body, unique).map(|_| value).map_err(Into::into),
        Err(_) => again(body, unique),
    }
}

#[cold]
fn again<T: DeserializeOwned>(body: &[u8], unique: &'static [&'static str]) -> Result<T, DecodeError> {
    let raw = String::from_utf8_lossy(body);
    let text = without_lone_surrogates(&raw);
    let is_utf8 = matches!(raw, Cow::Borrowed(_));
    serde_json::from_str::<IgnoredAny>(&text)
        .map_err(|error| if is_utf8 { error.into() } else { DecodeError::not_utf8() })?;
    let is_altered = !is_utf8 || matches!(text, Cow::Owned(_));
    let tolerant = Tolerant::new(&text, &raw, is_altered, None, unique);
    tolerant.id(unique)?;
    let value = tolerant.read(Whole).map_err(|new| {
        // The strict decoder's error has a place.
        serde_json::from_str::<T>(&text).err().filter(serde_json::Error::is_data).unwrap_or(new)
    })?;
    tolerant.notes()?.warn(None, None);
    Ok(value)
}

/// The whole body as a value.
struct Whole;

impl<'de, T: Deserialize<'de>> Read<'de, T> for Whole {
    fn read<D: Deserializer<'de>>(&self, body: D) -> Result<T, D::Error> {
        T::deserialize(body)
    }
}

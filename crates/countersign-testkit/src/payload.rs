//! The body of a delivery, before it is signed.

use std::{fmt, marker::PhantomData};

use bytes::Bytes;
use countersign_core::provider::Provider;
use serde_json::Value;

use crate::{
    documented::Documented,
    error::{PayloadError, PayloadErrorKind},
    pointer,
    request::SignedRequest,
};

/// The body of a delivery before it is signed: a documented payload, with fields set as a test
/// needs them, or any bytes.
///
/// ```
/// use countersign_core::{ProviderEvent, providers::{ScreenScore, ScreenScoreEvent}};
/// use countersign_testkit::Payload;
///
/// let payload = Payload::<ScreenScore>::documented("analysis.completed")?
///     .with_field("/data/score", 12.5)?
///     .without_field("/data/label")?;
/// let ScreenScoreEvent::AnalysisCompleted(analysis) = ScreenScoreEvent::decode(payload.bytes())? else { panic!() };
/// assert_eq!((analysis.score, analysis.label), (Some(12.5), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Payload<P> {
    bytes: Bytes,
    provider: PhantomData<fn() -> P>,
}

impl<P: Documented> Payload<P> {
    /// Returns the documented payload of `event`, byte for byte as on the provider's page. If the
    /// page shows no payload for the event, the result has the fields that every payload of the
    /// provider has, as the page says.
    ///
    /// # Errors
    ///
    /// Returns an error if the provider does not document the event. The message lists the
    /// documented ones.
    pub fn documented(event: &str) -> Result<Self, PayloadError> {
        let found = P::PAYLOADS.iter().find(|(name, _)| *name == event);
        let (_, body) = found.ok_or_else(|| PayloadError::unknown_event::<P>(event))?;
        Ok(Self::new(*body))
    }

    /// Returns the documented payloads of all events.
    pub fn all() -> impl Iterator<Item = Self> {
        P::PAYLOADS.iter().map(|(_, body)| Self::new(*body))
    }
}

impl<P: Provider> Payload<P> {
    /// Creates a payload of any bytes.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), provider: PhantomData }
    }

    /// Sets the field at `pointer`, a JSON pointer (RFC 6901) such as `/data/score`, to `value`.
    /// All other bytes are kept.
    ///
    /// A missing field is added to its object, and `-` instead of an index appends to an array. If
    /// a field is repeated, the first one is set.
    ///
    /// # Errors
    ///
    /// Returns an error if the payload is not JSON, or if the pointer is malformed or leads into
    /// something that does not exist.
    pub fn with_field(self, pointer: &str, value: impl Into<Value>) -> Result<Self, PayloadError> {
        let value = value.into().to_string();
        Ok(Self::new(pointer::set(self.json()?, pointer, &value)?))
    }

    /// Removes the field at `pointer`. All other bytes are kept.
    ///
    /// # Errors
    ///
    /// Returns an error if the payload is not JSON, or if the pointer is malformed or leads to
    /// nothing.
    pub fn without_field(self, pointer: &str) -> Result<Self, PayloadError> {
        Ok(Self::new(pointer::remove(self.json()?, pointer)?))
    }

    /// Returns the bytes to sign.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Signs the payload as the provider would with `secret`, which is used verbatim.
    ///
    /// # Panics
    ///
    /// Panics if the scheme's prefix contains characters that a header cannot, if the secret is not a
    /// key of the form that the provider issues, or if the provider signs a value that the payload
    /// does not have.
    pub fn signed_with(self, secret: impl Into<Vec<u8>>) -> SignedRequest<P> {
        SignedRequest::new(self.bytes, secret.into())
    }

    fn json(&self) -> Result<&str, PayloadError> {
        let not_json =
            |why: String| PayloadError::new(PayloadErrorKind::NotJson, format!("the payload is not JSON: {why}"));
        let text = std::str::from_utf8(&self.bytes).map_err(|error| not_json(error.to_string()))?;
        let _: serde::de::IgnoredAny = serde_json::from_str(text).map_err(|error| not_json(error.to_string()))?;
        Ok(text)
    }
}

impl<P> Clone for Payload<P> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), provider: PhantomData }
    }
}

impl<P: Provider> fmt::Debug for Payload<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({}, [{} bytes])", P::NAME, self.bytes.len())
    }
}

//! What is to be sent, before it is signed.

use std::{fmt, marker::PhantomData};

use bytes::Bytes;
use countersign_core::Provider;
use serde_json::Value;

use crate::{
    documented::Documented,
    error::{PayloadError, PayloadErrorKind},
    pointer,
    request::SignedRequest,
};

/// The body of a delivery that is to be signed: one that the provider's page shows, with fields set as a test needs them,
/// or any bytes.
///
/// ```
/// use countersign_core::{Event, providers::{ScreenScore, ScreenScoreEvent}};
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
    /// The documented payload of `event`: as the provider's page shows it, byte for byte. Where the page names an event
    /// and shows no payload, it has the fields that the page says every payload has.
    ///
    /// # Errors
    ///
    /// If the provider documents no such event; the message lists those that it documents.
    pub fn documented(event: &str) -> Result<Self, PayloadError> {
        let found = P::PAYLOADS.iter().find(|(name, _)| *name == event);
        let (_, body) = found.ok_or_else(|| PayloadError::unknown_event::<P>(event))?;
        Ok(Self::new(*body))
    }

    /// The documented payloads of all events.
    pub fn all() -> impl Iterator<Item = Self> {
        P::PAYLOADS.iter().map(|(_, body)| Self::new(*body))
    }
}

impl<P: Provider> Payload<P> {
    /// A payload of these bytes, which need not be JSON.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), provider: PhantomData }
    }

    /// The same payload with `value` at `pointer`, a JSON pointer (RFC 6901) such as `/data/score`. A field that is not
    /// there is added to its object, and `-` in the place of an index appends to an array. Every other byte stays as it is.
    /// Of fields that are there twice it is the first.
    ///
    /// # Errors
    ///
    /// If the payload is not JSON, the pointer is malformed, or what it leads into is not there.
    pub fn with_field(self, pointer: &str, value: impl Into<Value>) -> Result<Self, PayloadError> {
        let value = value.into().to_string();
        Ok(Self::new(pointer::set(self.json()?, pointer, &value)?))
    }

    /// The same payload without what stands at `pointer`. Every other byte stays as it is.
    ///
    /// # Errors
    ///
    /// If the payload is not JSON, the pointer is malformed, or nothing stands there.
    pub fn without_field(self, pointer: &str) -> Result<Self, PayloadError> {
        Ok(Self::new(pointer::remove(self.json()?, pointer)?))
    }

    /// The bytes that will be signed.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// A delivery of this payload, proven as the provider would with `secret`, which is taken as it is.
    ///
    /// # Panics
    ///
    /// As [`sign`](crate::sign), and if what the scheme puts before the signature cannot stand in a header.
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

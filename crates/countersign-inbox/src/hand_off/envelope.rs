//! The message of a delivery: headers and a body.

use std::fmt;

use bytes::Bytes;
use countersign_core::{
    dedupe::DeliveryKey,
    seal::{Sealed, SealedColumns},
};

use super::text::{from_hex, from_text, to_hex, to_text};
use crate::error::{StoreError, StoreErrorKind};

const KEY: &str = "countersign-key";
const PROVIDER: &str = "countersign-provider";
const TENANT: &str = "countersign-tenant";
const EVENT: &str = "countersign-event";
const RESOURCE: &str = "countersign-resource";
const RECEIVED_AT: &str = "countersign-received-at";
const CONFIRMED: &str = "countersign-confirmed";
const META: &str = "countersign-meta";
const SEAL: &str = "countersign-seal";

/// The most bytes of all headers together, 64 KiB: a frame of RabbitMQ has twice as many. The headers are
/// usually less than 1 KiB, except for a confirmed event.
pub const HEADERS_LIMIT: usize = 64 * 1024;

/// More than a broker adds: NATS has four bytes for each header, and two headers of its own.
const OVERHEAD: usize = 1024;

/// A sealed delivery as a message of a broker. The body is the webhook's, as it came (encrypted if the
/// keys encrypt).
///
/// | header | |
/// |---|---|
/// | `countersign-key` | the key of deduplication, in hex: **consumers deduplicate by it** |
/// | `countersign-provider` | the provider's short name |
/// | `countersign-event` | the event's name; empty if there is none, or if the body cannot be read |
/// | `countersign-received-at` | when it was received, in milliseconds since the Unix epoch |
/// | `countersign-tenant`, `countersign-resource` | only if the delivery has them |
/// | `countersign-confirmed` | the event as JSON, if a third party confirmed it: it stands for the body |
/// | `countersign-meta`, `countersign-seal` | for [`Sealed::open`] |
///
/// Values are percent-encoded (visible ASCII except `%` is as it was), as `decodeURIComponent` and Python's
/// `urllib.parse.unquote` read it. Only [`Sealed::open`] checks that a delivery is genuine: without the key,
/// a consumer trusts whoever can write to the broker.
#[derive(Clone)]
pub struct Envelope {
    key: DeliveryKey,
    provider: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Envelope {
    /// Creates the message of a sealed delivery.
    ///
    /// # Errors
    ///
    /// Returns an error if the headers have more than [`HEADERS_LIMIT`] bytes.
    pub fn new(sealed: Sealed) -> Result<Self, StoreError> {
        let SealedColumns { key, provider, tenant, event, resource, received_at, body, confirmed, meta, seal } =
            sealed.into_columns();
        let texts = [
            (KEY, Some(key.to_string())),
            (PROVIDER, Some(to_text(provider.as_bytes()))),
            (TENANT, tenant.map(|tenant| to_text(tenant.as_bytes()))),
            (EVENT, Some(to_text(event.as_bytes()))),
            (RESOURCE, resource.map(|resource| to_text(resource.as_bytes()))),
            (RECEIVED_AT, Some(received_at.to_string())),
            (CONFIRMED, confirmed.map(|confirmed| to_text(&confirmed))),
            (META, Some(to_text(&meta))),
            (SEAL, Some(to_hex(&seal))),
        ];
        let headers: Vec<_> = texts.into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
        let lengths = headers.iter().map(|(name, text)| name.len().saturating_add(text.len()));
        let length = lengths.fold(OVERHEAD, usize::saturating_add);
        if length > HEADERS_LIMIT {
            let message = format!(
                "the delivery's headers would have {length} bytes, and brokers take {HEADERS_LIMIT}: its event's name, or \
                 the event that a third party confirmed, is too long"
            );
            return Err(StoreError::new(StoreErrorKind::Unavailable, message));
        }
        Ok(Self { key, provider, headers, body: body.unwrap_or_default() })
    }

    /// Reads a message, for a consumer: `header` returns the value of a header. Nothing is checked before
    /// [`Sealed::open`].
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use countersign_core::{Delivery, providers::Stripe, seal::SealKeys};
    /// use countersign_inbox::hand_off::Envelope;
    ///
    /// # fn example(headers: HashMap<String, String>, body: Vec<u8>, keys: &SealKeys) -> Result<(), Box<dyn std::error::Error>> {
    /// let delivery: Delivery<Stripe> = Envelope::read(|name| headers.get(name), body)?.open(keys)?;
    /// println!("{}", delivery.event_name());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if a header is missing, or is not as countersign writes it.
    pub fn read<T: AsRef<str>>(
        header: impl Fn(&'static str) -> Option<T>,
        body: impl Into<Bytes>,
    ) -> Result<Sealed, EnvelopeError> {
        let malformed = |name| EnvelopeError { kind: EnvelopeErrorKind::Malformed, name };
        let missing = |name| EnvelopeError { kind: EnvelopeErrorKind::Missing, name };
        let bytes = |name| {
            let text = header(name);
            text.map(|text| from_text(text.as_ref()).ok_or_else(|| malformed(name))).transpose()
        };
        let text = |name| {
            let text = |bytes| String::from_utf8(bytes).map_err(|_| malformed(name));
            bytes(name)?.map(text).transpose()
        };
        let hex = |name| from_hex(header(name).ok_or_else(|| missing(name))?.as_ref()).ok_or_else(|| malformed(name));
        let key = <[u8; 32]>::try_from(hex(KEY)?).map_err(|_| malformed(KEY))?;
        let received_at = text(RECEIVED_AT)?.ok_or_else(|| missing(RECEIVED_AT))?;
        Ok(Sealed::from(SealedColumns {
            key: key.into(),
            provider: text(PROVIDER)?.ok_or_else(|| missing(PROVIDER))?,
            tenant: text(TENANT)?,
            event: text(EVENT)?.ok_or_else(|| missing(EVENT))?,
            resource: text(RESOURCE)?,
            received_at: received_at.parse().map_err(|_| malformed(RECEIVED_AT))?,
            body: Some(body.into()),
            confirmed: bytes(CONFIRMED)?.map(Bytes::from),
            meta: bytes(META)?.ok_or_else(|| missing(META))?.into(),
            seal: hex(SEAL)?.into(),
        }))
    }

    /// Returns the key of deduplication.
    pub const fn key(&self) -> DeliveryKey {
        self.key
    }

    /// Returns the provider's short name.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// Returns the headers. The values are visible ASCII.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, text)| (*name, text.as_str()))
    }

    /// Returns the body.
    pub const fn body(&self) -> &Bytes {
        &self.body
    }
}

/// `Debug` shows neither the body nor the headers that may quote it.
impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("key", &self.key)
            .field("provider", &self.provider)
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The error of a message that is not a delivery.
#[derive(Debug, thiserror::Error)]
#[error("{}: it is not a delivery that countersign published", self.what())]
pub struct EnvelopeError {
    kind: EnvelopeErrorKind,
    name: &'static str,
}

/// The kind of an [`EnvelopeError`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EnvelopeErrorKind {
    /// A header is missing.
    Missing,
    /// A header is not as countersign writes it.
    Malformed,
}

impl EnvelopeError {
    /// Returns the kind of the error.
    pub const fn kind(&self) -> EnvelopeErrorKind {
        self.kind
    }

    fn what(&self) -> String {
        match self.kind {
            EnvelopeErrorKind::Missing => format!("the message has no header `{}`", self.name),
            EnvelopeErrorKind::Malformed => format!("the header `{}` of the message is malformed", self.name),
        }
    }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;

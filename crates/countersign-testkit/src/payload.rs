//! The body of a delivery, before it is signed.

use std::{fmt, marker::PhantomData};

use bytes::Bytes;
use countersign_core::provider::{Page, Provider, SignError};
use serde_json::Value;

use crate::{
    any::AnyProvider,
    documented::{self, Documented},
    error::PayloadError,
    example::example,
    form,
    made::Made,
    places::edit_json,
    pointer,
    request::SignedRequest,
};

/// The body of a delivery before it is signed: a documented payload, one that is made up, with
/// fields set as a test needs them, or any bytes.
///
/// ```
/// use countersign::{ProviderEvent, providers::{ScreenScore, ScreenScoreEvent}};
/// use countersign_testkit::Payload;
///
/// let payload = Payload::<ScreenScore>::documented("analysis.completed")?
///     .with_field("/data/score", 12.5)?
///     .without_field("/data/label")?;
/// let ScreenScoreEvent::AnalysisCompleted(analysis) = ScreenScoreEvent::decode(payload.bytes())? else { panic!() };
/// assert_eq!((analysis.score, analysis.label), (Some(12.5), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Payload<P = AnyProvider> {
    bytes: Bytes,
    page: &'static Page,
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
        let page = const { &Page::of::<P>() };
        Ok(Self::made(page, documented::find(page, P::PAYLOADS, event)?))
    }

    /// Returns the documented payloads of all events.
    pub fn all() -> impl Iterator<Item = Self> {
        P::PAYLOADS.iter().map(|(_, body)| Self::new(*body))
    }
}

impl<P: Provider> Payload<P> {
    /// Creates a payload of any bytes.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self::made(const { &Page::of::<P>() }, bytes.into())
    }

    /// Makes up a payload: a JSON object, or a form if the provider signs forms, with what the
    /// provider's page has a place for in the body: the event's name, its ID, its time, and what is
    /// signed. It differs each time, because its ID is new.
    ///
    /// This is **not** what the provider documents: it has a field `countersign` and none of the
    /// provider's own data. Use a payload that you recorded to test what a handler does with it.
    ///
    /// ```
    /// use countersign::providers::Stripe;
    /// use countersign_testkit::Payload;
    ///
    /// let payload = Payload::<Stripe>::example().with_field("/data", "…")?;
    /// let delivery = payload.signed_with("s3cr3t").delivery()?;
    /// assert_eq!(delivery.event().name(), "countersign.example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn example() -> Self {
        let page = const { &Page::of::<P>() };
        Self::made(page, example(page))
    }

    /// Creates a form of these fields, for a provider that sends forms. If the provider sends JSON in
    /// a field, as Dropbox Sign does, it is a form in parts (`multipart/form-data`).
    ///
    /// ```
    /// # #[cfg(feature = "sha1")] {
    /// use countersign::providers::Twilio;
    /// use countersign_testkit::Payload;
    ///
    /// let payload = Payload::<Twilio>::form([("MessageStatus", "delivered"), ("To", "+15551234")]);
    /// assert_eq!(payload.bytes(), "MessageStatus=delivered&To=%2B15551234");
    /// # }
    /// ```
    pub fn form<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let empty = Self::new(form::empty(&P::SCHEME));
        fields.into_iter().fold(empty, |form, (name, value)| Self::new(form::add(&form.bytes, name, value)))
    }
}

/// Payloads of a provider that is known at run time: see [`AnyProvider`].
impl Payload<AnyProvider> {
    /// Creates a payload of any bytes, for the provider of `page`.
    pub fn of_page(page: &'static Page, bytes: impl Into<Bytes>) -> Self {
        Self::made(page, bytes.into())
    }

    /// Makes up a payload, like [`example`](Payload::example).
    pub fn example_of(page: &'static Page) -> Self {
        Self::made(page, example(page))
    }

    /// Returns the documented payload of `event`, like [`documented`](Payload::documented), for a
    /// provider of [`countersign::providers`](countersign_core::providers).
    ///
    /// # Errors
    ///
    /// Returns an error if the provider does not document the event. The message lists the
    /// documented ones.
    pub fn documented_of(page: &'static Page, event: &str) -> Result<Self, PayloadError> {
        Ok(Self::made(page, documented::find(page, documented::payloads(page), event)?))
    }
}

impl<P> Payload<P> {
    fn made(page: &'static Page, bytes: Bytes) -> Self {
        Self { bytes, page, provider: PhantomData }
    }

    /// Sets the field at `pointer`, a JSON pointer (RFC 6901) such as `/data/score`, to `value`.
    /// All other bytes are kept. If the provider sends JSON in a field of a form, it is set there.
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
        self.edited(|json| pointer::set(json, pointer, &value))
    }

    /// Removes the field at `pointer`. All other bytes are kept.
    ///
    /// # Errors
    ///
    /// Returns an error if the payload is not JSON, or if the pointer is malformed or leads to
    /// nothing.
    pub fn without_field(self, pointer: &str) -> Result<Self, PayloadError> {
        self.edited(|json| pointer::remove(json, pointer))
    }

    /// Changes the JSON, which may be a field of a form.
    fn edited(self, edit: impl FnOnce(&str) -> Result<String, PayloadError>) -> Result<Self, PayloadError> {
        Ok(Self::made(self.page, edit_json(&self.bytes, self.page.scheme.json_field(), edit)?))
    }

    /// Sets a field of a form, or adds it. If a field is repeated, the first one is set.
    #[must_use]
    pub fn with_form_field(self, name: &str, value: &str) -> Self {
        Self::made(self.page, form::set(&self.bytes, name, value).into())
    }

    /// Returns the bytes to sign.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Returns the provider's page.
    pub fn page(&self) -> &'static Page {
        self.page
    }

    /// Signs the payload as the provider would with `secret`, which is used verbatim, now.
    ///
    /// A provider that signs with a private key takes that as `secret`: in PEM (PKCS#8), or for
    /// Ed25519 also as the 32 bytes of the seed, in the form of the provider's public keys.
    /// [`public_key`](crate::public_key()) returns what the receiver needs.
    ///
    /// The bytes stay as they are, unless the provider signs a time or writes its proof in the body:
    /// those are set at their places.
    ///
    /// # Panics
    ///
    /// Panics if the scheme's prefix contains characters that a header cannot, if the secret is not a
    /// key of the form that the provider issues, or if the provider signs a value that the payload
    /// does not have. [`try_signed_with`](Self::try_signed_with) returns an error instead.
    pub fn signed_with(self, secret: impl Into<Vec<u8>>) -> SignedRequest<P> {
        let title = self.page.title;
        #[expect(clippy::panic, reason = "documented")]
        self.try_signed_with(secret).unwrap_or_else(|error| panic!("{title}: {error}"))
    }

    /// Signs the payload, like [`signed_with`](Self::signed_with).
    ///
    /// # Errors
    ///
    /// Returns an error if the secret is not a key of the form that the provider issues, or if the
    /// provider signs a value that the payload does not have.
    pub fn try_signed_with(self, secret: impl Into<Vec<u8>>) -> Result<SignedRequest<P>, SignError> {
        Made::new(self.page, self.bytes, secret.into()).map(SignedRequest::of)
    }
}

impl<P> Clone for Payload<P> {
    fn clone(&self) -> Self {
        Self::made(self.page, self.bytes.clone())
    }
}

impl<P> fmt::Debug for Payload<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({}, [{} bytes])", self.page.name, self.bytes.len())
    }
}

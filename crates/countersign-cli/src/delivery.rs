//! The deliveries that a command signs.

use std::time::SystemTime;

use countersign_core::{
    PublicUrl,
    provider::{Page, SignErrorKind},
};
use countersign_testkit::{Payload, SignedRequest, payloads};

use crate::{
    arguments::BodySource,
    input,
    output::{Failure, printable},
    secret::SecretInput,
    words::plain,
};

/// The name of a made-up payload, for messages.
const EXAMPLE: &str = "example";

impl BodySource {
    /// The payload that was asked for, and its name for messages.
    pub(crate) fn payload(&self, page: &'static Page) -> Result<(String, Payload), Failure> {
        let documented = payloads(page).first().map(|(name, _)| *name);
        let (name, payload) = match (&self.body, &self.event, documented) {
            (Some(file), ..) => {
                let body = input::read("the body", file)?;
                (printable(&file.display().to_string()), Payload::of_page(page, body))
            }
            (None, event, Some(first)) => {
                let name = event.as_deref().unwrap_or(first);
                (name.to_owned(), Payload::documented_of(page, name).map_err(Failure::of)?)
            }
            (None, event, None) => (event.as_deref().unwrap_or(EXAMPLE).to_owned(), Payload::example_of(page)),
        };
        Ok((name, self.with_fields(payload)?))
    }

    /// Sets the fields that were asked for.
    pub(crate) fn with_fields(&self, payload: Payload) -> Result<Payload, Failure> {
        self.set.iter().try_fold(payload, |payload, (pointer, value)| {
            let scheme = payload.page().scheme;
            if scheme.takes_form() && scheme.json_field().is_none() {
                let name = pointer.strip_prefix('/').filter(|name| !name.is_empty());
                let name = name.ok_or_else(|| Failure::usage("--set: in a form, it takes /name=value"))?;
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                return Ok(payload.with_form_field(name, &text));
            }
            payload.with_field(pointer, value.clone()).map_err(|error| Failure::usage(format!("--set: {error}")))
        })
    }

    /// The event's name to set, unless it is that of the payload.
    fn event_to_set(&self, page: &Page) -> Result<Option<&str>, Failure> {
        let Some(event) = self.event.as_deref() else { return Ok(None) };
        let is_in_body = page.event.is_none_or(|place| place.as_header().is_none());
        match &self.body {
            Some(_) if is_in_body => Err(Failure::usage(format!(
                "--event cannot be used with --body: {} does not send the event's name in a header",
                page.title
            ))),
            None if !payloads(page).is_empty() => Ok(None),
            _ => Ok(Some(event)),
        }
    }
}

/// What signs a delivery, in addition to its body.
pub(crate) struct Signing<'a> {
    pub(crate) secret: &'a SecretInput,
    pub(crate) at: Option<SystemTime>,
    pub(crate) url: Option<PublicUrl>,
}

impl Signing<'_> {
    /// Signs `payload`.
    pub(crate) fn sign(&self, payload: Payload, source: &BodySource) -> Result<SignedRequest, Failure> {
        let page = payload.page();
        let event = source.event_to_set(page)?;
        self.check_credential(page)?;
        let signed = payload.try_signed_with(self.secret.bytes.as_slice());
        let mut request = signed.map_err(|error| match error.kind() {
            SignErrorKind::NotAKey => self.not_a_key(page),
            _ => Failure::usage(format!("the body cannot be signed as {} does: {error}", page.title)),
        })?;
        if let Some(event) = event {
            request = request.with_event_name(event).map_err(|error| Failure::usage(format!("--event: {error}")))?;
        }
        if let Some(url) = &self.url {
            request = request.with_url(url.to_string());
        }
        Ok(match self.at {
            Some(at) => request.signed_at(at),
            None => request,
        })
    }

    /// A credential in a header is sent as it is.
    fn check_credential(&self, page: &Page) -> Result<(), Failure> {
        let first = page.scheme.first();
        let is_in_header = first.places().any(|place| place.as_header().is_some());
        let can_be_sent = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | 0x80..);
        if first.is_credential() && is_in_header && !self.secret.bytes.iter().all(can_be_sent) {
            return Err(Failure::usage(format!(
                "{} has a line break or another control character, and a header cannot: remove it",
                self.secret.origin
            )));
        }
        Ok(())
    }

    fn not_a_key(&self, page: &Page) -> Failure {
        let (origin, title) = (&self.secret.origin, page.title);
        let form = match page.scheme.key() {
            Some(key) if key.is_public() => {
                "a private key: PKCS#8 in PEM, or for Ed25519 also the 32 bytes of its seed, written like the public key"
                    .to_owned()
            }
            Some(key) => plain(key),
            None => "a text".to_owned(),
        };
        Failure::usage(format!("{origin} is not a key that signs as {title} does: that is {form}"))
    }
}

//! The deliveries that a command signs.

use countersign_testkit::{Documented, Payload, SignedRequest};

use crate::{
    arguments::BodySource,
    input,
    output::{Failure, printable},
    secret::SecretInput,
};

impl BodySource {
    /// The payload that was asked for, and its name for messages.
    pub(crate) fn payload<P: Documented>(&self) -> Result<(String, Payload<P>), Failure> {
        let (name, payload) = match (&self.body, &self.event) {
            (Some(file), _) => (printable(&file.display().to_string()), Payload::new(input::read("the body", file)?)),
            (None, event) => {
                let first = P::PAYLOADS.first().map_or("", |(name, _)| name);
                let name = event.as_deref().unwrap_or(first);
                (name.to_owned(), Payload::documented(name).map_err(Failure::of)?)
            }
        };
        Ok((name, self.with_fields(payload)?))
    }

    /// Sets the fields that were asked for.
    pub(crate) fn with_fields<P: Documented>(&self, payload: Payload<P>) -> Result<Payload<P>, Failure> {
        self.set.iter().try_fold(payload, |payload, (pointer, value)| {
            payload.with_field(pointer, value.clone()).map_err(|error| Failure::usage(format!("--set: {error}")))
        })
    }
}

/// Signs `payload`.
pub(crate) fn signed<P: Documented>(payload: Payload<P>, secret: &SecretInput) -> SignedRequest<P> {
    payload.signed_with(secret.bytes.as_slice())
}

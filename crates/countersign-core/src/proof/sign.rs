//! Makes the proof of a delivery, as the provider would, for the test kit and the command line.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use zeroize::Zeroizing;

use super::{
    draft::Draft,
    encoding::encode,
    inspected::Texts,
    made::{Proof, Written},
    private::{public_key, sign},
    source::{Found, KeptHead, one},
    template::{BodyValues, Template, places_in_body},
};
use crate::{
    error::{SignError, SignErrorKind},
    scheme::{Coding, Kind, Part, Place, PlaceKind, Scheme, Signed, Wanted},
};

/// RFC 3986's unreserved characters stay as they are.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Scheme {
    /// Makes the proof of a delivery under `secret`, as the provider would. `draft` is the body, or a
    /// [`Draft`] with the time, the ID, the URL and other values that the scheme signs.
    ///
    /// This is for tools that send deliveries. A list of schemes signs with its first. `secret` is
    /// what a verifier is given, or for a public key the private one: PKCS#8 in PEM, or for Ed25519
    /// also the 32 bytes of the seed in the form of the public key. A verbatim secret may be empty,
    /// to test what an attacker would try. No verifier accepts an empty secret.
    ///
    /// ```
    /// use countersign_core::provider::{Place, Scheme};
    ///
    /// let proof = Scheme::hmac_sha256("x-acme-signature", "v1=").sign(b"s3cr3t", b"{}")?;
    /// assert_eq!(proof.place(), Place::header("x-acme-signature"));
    /// // printf '{}' | openssl dgst -sha256 -hmac s3cr3t
    /// assert_eq!(proof.value(), "v1=608b0c406f3dda19702d71a048483b8c331283106d80a208e3cf43dbde505286");
    /// # Ok::<(), countersign_core::provider::SignError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the secret is not a key of the scheme's form, if a URL is signed and the
    /// draft has none, or if the draft lacks a value that is signed.
    pub fn sign<'a>(&self, secret: &[u8], draft: impl Into<Draft<'a>>) -> Result<Proof, SignError> {
        match &self.0 {
            Kind::Signed(signed) => signature(signed, secret, &draft.into()),
            Kind::Token { place, is_basic } => token(*place, *is_basic, secret),
            Kind::AnyOf(schemes) => match schemes.first() {
                Some(first) => first.sign(secret, draft),
                None => unreachable!("a list has at least two schemes"),
            },
        }
    }
}

impl Scheme {
    /// Returns the public key of a private one, as a verifier is given it, for tools that send
    /// deliveries. `None` if the scheme has a secret key. `private_key` is the one that
    /// [`sign`](Self::sign) takes.
    ///
    /// # Errors
    ///
    /// Returns an error if `private_key` is not a private key of the scheme's algorithm.
    pub fn public_key(&self, private_key: &[u8]) -> Result<Option<String>, SignError> {
        match &self.first().0 {
            Kind::Signed(signed) if signed.algorithm.has_public_key() => {
                let key = public_key(signed, private_key);
                key.map(Some).ok_or_else(|| SignError::new(SignErrorKind::NotAKey))
            }
            _ => Ok(None),
        }
    }
}

fn token(place: Place, is_basic: bool, secret: &[u8]) -> Result<Proof, SignError> {
    let text = || String::from_utf8(secret.to_vec()).map_err(|_| SignError::new(SignErrorKind::NotAKey));
    let value = match place.0 {
        _ if is_basic => encode(secret, Coding::Base64),
        PlaceKind::Query(_) => percent_encode(secret, ESCAPED).to_string(),
        _ if place.is_in_body() => text()?,
        // A header has one line.
        _ => text().and_then(|text| {
            let is_line = !text.bytes().any(|byte| byte.is_ascii_control());
            is_line.then_some(text).ok_or_else(|| SignError::new(SignErrorKind::NotAKey))
        })?,
    };
    Ok(Proof::new(place, value, Vec::new()))
}

fn signature(signed: &Signed, secret: &[u8], draft: &Draft<'_>) -> Result<Proof, SignError> {
    let missing = || SignError::new(SignErrorKind::MissingValue);
    let mut head = draft.head();
    let time = signed.time.map(|(place, unit)| (place, Zeroizing::new(unit.write(draft.time))));
    let id = signed.id.map(|place| (place, Zeroizing::new(draft.id.to_string())));
    let others: Vec<_> = [time, id].into_iter().flatten().filter(|(place, _)| !place.is_in_body()).collect();
    Written::of(&others).headers.iter().for_each(|(name, value)| head.add(name, value.as_bytes()));
    if signed.has(Wanted::Url) && draft.url.is_none() {
        return Err(SignError::new(SignErrorKind::MissingUrl));
    }
    let text = signed_text(signed, &head, draft).ok_or_else(missing)?;
    let signature = sign(signed, secret, &text).ok_or_else(|| SignError::new(SignErrorKind::NotAKey))?;
    let value = format!("{}{}", signed.prefix, encode(&signature, signed.coding));
    let place = signed.places[0].ok_or_else(missing)?;
    Ok(Proof::new(place, value, others))
}

/// Returns the text that a scheme signs, if it consists of fields of the body and fixed texts.
pub(crate) fn signed_fields(scheme: &Scheme, body: &[u8]) -> Option<Vec<u8>> {
    let Kind::Signed(signed) = &scheme.0 else { return None };
    let is_in_body = |part: &Part| match part {
        Part::Text(_) => true,
        part => part.place().is_some_and(|place| place.is_in_body()),
    };
    let draft = Draft::new(body);
    signed.parts.iter().all(is_in_body).then(|| signed_text(signed, &draft.head(), &draft)).flatten()
}

fn signed_text(signed: &Signed, head: &KeptHead, draft: &Draft<'_>) -> Option<Vec<u8>> {
    // The signature is not there yet.
    let own = |place: &Place| signed.places.iter().flatten().any(|own| own == place);
    let mut places = places_in_body(signed).filter(|place| !own(place)).peekable();
    let values = match places.peek() {
        Some(_) => BodyValues::read(places, draft.body)?,
        None => BodyValues::default(),
    };
    for part in signed.parts {
        if let Part::Field(place) = part
            && !place.is_in_body()
            && !matches!(one(head, place), Found::One(_))
        {
            return None;
        }
    }
    let mut text = Vec::new();
    let template = Template { signed, source: head, values: &values, url: draft.url, texts: &Texts::default() };
    template.all(draft.body, &mut |piece| text.extend_from_slice(piece));
    Some(text)
}

impl Draft<'_> {
    fn head(&self) -> KeptHead {
        let mut head = KeptHead::new(self.method, self.query);
        self.headers.iter().for_each(|(name, value)| head.add(name, value.as_bytes()));
        head
    }
}

#[cfg(test)]
#[path = "sign_tests.rs"]
mod tests;

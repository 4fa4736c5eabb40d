//! Makes the proof of a delivery, as the provider would, for the test kit and the command line.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use zeroize::Zeroizing;

use super::{
    draft::Draft,
    encoding::encode,
    private::sign,
    source::{Found, KeptHead, one},
    template::{BodyValues, Template, places_in_body},
    timing,
};
use crate::{
    error::{SignError, SignErrorKind},
    scheme::{Coding, Kind, Part, Pick, Place, PlaceKind, Scheme, Signed, Wanted},
};

/// RFC 3986's unreserved characters stay as they are.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Scheme {
    /// Makes the proof of a delivery under `secret`, as the provider would. `draft` is the body, or a
    /// [`Draft`] with the time, the ID, the URL and other values that the scheme signs.
    ///
    /// This is for tools that send deliveries. A list of schemes signs with its first. `secret` is
    /// what a verifier is given, or for a public key the private one: for Ed25519 the 32 bytes of the
    /// seed in the form of the public key, otherwise PKCS#8 in PEM. A verbatim secret may be empty,
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

fn token(place: Place, is_basic: bool, secret: &[u8]) -> Result<Proof, SignError> {
    let text = || String::from_utf8(secret.to_vec()).map_err(|_| SignError::new(SignErrorKind::NotAKey));
    let value = match place.0 {
        _ if is_basic => encode(secret, Coding::Base64),
        PlaceKind::Query(_) => percent_encode(secret, ESCAPED).to_string(),
        _ => text()?,
    };
    let mut proof = Proof::new(place, value);
    proof.put(place, &proof.value.clone());
    Ok(proof)
}

fn signature(signed: &Signed, secret: &[u8], draft: &Draft<'_>) -> Result<Proof, SignError> {
    let missing = || SignError::new(SignErrorKind::MissingValue);
    let mut head = draft.head();
    let mut put = Proof::new(Place::header("x"), String::new());
    if let Some((place, unit)) = signed.time.filter(|(place, _)| !place.is_in_body()) {
        put.put(place, &timing::write(draft.time, unit));
    }
    if let Some(place) = signed.id.filter(|place| !place.is_in_body()) {
        put.put(place, &draft.id);
    }
    put.headers.iter().for_each(|(name, value)| head.add(name, value.as_bytes()));
    if signed.has(Wanted::Url) && draft.url.is_none() {
        return Err(SignError::new(SignErrorKind::MissingUrl));
    }
    let text = signed_text(signed, &head, draft).ok_or_else(missing)?;
    let signature = sign(signed, secret, &text).ok_or_else(|| SignError::new(SignErrorKind::NotAKey))?;
    let value = format!("{}{}", signed.prefix, encode(&signature, signed.coding));
    let place = signed.places[0].ok_or_else(missing)?;
    let mut proof = Proof { place, value: Zeroizing::new(value.clone()), ..put };
    proof.put(place, &value);
    Ok(proof)
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
    let template = Template { signed, source: head, values: &values, url: draft.url, time: None, id: None };
    template.all(&|write| write(draft.body), &mut |piece| text.extend_from_slice(piece));
    Some(text)
}

/// The proof of a delivery: a value (signature or token), its place, and what else the scheme sends
/// with it. `Debug` does not show the values.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    place: Place,
    value: Zeroizing<String>,
    headers: Vec<(String, Zeroizing<String>)>,
    query: Option<Zeroizing<String>>,
}

impl Proof {
    fn new(place: Place, value: String) -> Self {
        Self { place, value: Zeroizing::new(value), headers: Vec::new(), query: None }
    }

    /// Puts a value at a place. A list gets another member.
    fn put(&mut self, place: Place, value: &str) {
        let (name, text, separator) = match place.0 {
            PlaceKind::Query(name) => {
                self.query = Some(Zeroizing::new(format!("{name}={value}")));
                return;
            }
            PlaceKind::Json(_) | PlaceKind::Form(_) | PlaceKind::FormList { .. } => return,
            PlaceKind::Header(name) | PlaceKind::Headers(name) => (name.to_owned(), value.to_owned(), None),
            PlaceKind::Numbered(prefix) => (format!("{prefix}1"), value.to_owned(), None),
            PlaceKind::Authorization(word) => ("authorization".to_owned(), format!("{word} {value}"), None),
            PlaceKind::Member { header, assign, separator, pick } => {
                let assign = char::from(assign);
                let text = match pick {
                    Pick::Key(key) => format!("{key}{assign}{value}"),
                    Pick::AnyKey => format!("key{assign}{value}"),
                    Pick::At(_) | Pick::From(_) => value.to_owned(),
                };
                (header.to_owned(), text, Some(char::from(separator)))
            }
        };
        let list = self.headers.iter_mut().find(|(known, _)| *known == name).zip(separator);
        match list {
            Some(((_, list), separator)) => {
                list.push(separator);
                list.push_str(&text);
            }
            None => self.headers.push((name, Zeroizing::new(text))),
        }
    }

    /// Returns the place of the signature or token.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Returns the signature, with the text before it, or the token. For a query parameter, a token
    /// is percent-encoded. If the [place](Self::place) is in the body, write it there yourself.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Returns the headers to send, their names in lower case: with the signature or token, and with
    /// the time and the ID if the scheme sends them.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the parameter for the URL's query, percent-encoded: `token=…`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_ref().map(|query| query.as_str())
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proof({}: [redacted])", self.place)
    }
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

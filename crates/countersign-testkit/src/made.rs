//! A delivery of any provider: the working part of `SignedRequest`, compiled once for all of them.

use std::time::SystemTime;

use bytes::Bytes;
use countersign_core::provider::{Draft, Page, Place, Proof, SignError, Unit};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Uri,
    header::{CONTENT_TYPE, InvalidHeaderValue},
};
use zeroize::Zeroizing;

use crate::{
    error::{PayloadError, PayloadErrorKind},
    example::{self, fresh_id},
    multipart,
    places::{self, Value},
};

/// A delivery, signed.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) page: &'static Page,
    pub(crate) path: String,
    /// The public URL of the endpoint.
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    /// The proof in the query.
    pub(crate) query: Option<String>,
    pub(crate) body: Bytes,
    pub(crate) secret: Zeroizing<Vec<u8>>,
    /// The time of sending.
    pub(crate) time: SystemTime,
    /// The ID that the scheme signs, if it signs one in the head.
    pub(crate) id: String,
}

impl Made {
    pub(crate) fn new(page: &'static Page, body: Bytes, secret: Vec<u8>) -> Result<Self, SignError> {
        let path = format!("/webhooks/{}", page.name);
        let mut made = Self {
            page,
            url: format!("https://localhost{path}"),
            path,
            headers: HeaderMap::new(),
            query: None,
            body,
            secret: Zeroizing::new(secret),
            time: SystemTime::now(),
            id: fresh_id(),
        };
        let boundary = multipart::boundary(&made.body).filter(|_| page.scheme.json_field().is_some());
        let in_parts = boundary.map(|boundary| format!("multipart/form-data; boundary={boundary}"));
        let content_type =
            if page.scheme.takes_form() { "application/x-www-form-urlencoded" } else { "application/json" };
        let in_parts = in_parts.and_then(|in_parts| in_parts.parse().ok());
        made.headers.insert(CONTENT_TYPE, in_parts.unwrap_or(HeaderValue::from_static(content_type)));
        made.fill_head();
        made.sign()?;
        Ok(made)
    }

    /// Sets what the head has besides the proof: the ID, the event's name, and the fields that are
    /// signed.
    fn fill_head(&mut self) {
        let id = self.id.clone();
        let signed = self.page.scheme.signed_fields().map(|place| (place, id.as_str()));
        let own = [(self.page.event, example::EVENT), (self.page.id, &id)];
        for (place, value) in signed.chain(own.into_iter().filter_map(|(place, value)| Some((place?, value)))) {
            if self.is_of_proof(&place) {
                continue;
            }
            if let Some(name) = place.as_header() {
                self.insert(name, value.parse());
            } else if let Some(name) = place.as_query() {
                let separator = if self.path.contains('?') { '&' } else { '?' };
                self.path.push_str(&format!("{separator}{name}={value}"));
            }
        }
    }

    /// Signs it as it is now.
    pub(crate) fn sign(&mut self) -> Result<(), SignError> {
        self.write_copies();
        if let Some((place, unit)) = self.page.scheme.signed_time() {
            let time = unit.write(self.time);
            // Any bytes can be signed. A body without room for the time is signed without it.
            if let Ok(body) = places::put(&self.body, &place, Value::of_time(unit, &time)) {
                self.body = body;
            }
        }
        let proof = self.proof()?;
        self.prove(&proof);
        Ok(())
    }

    /// Signs it again, with what signed it before.
    pub(crate) fn signed(mut self) -> Self {
        #[expect(clippy::panic, reason = "documented at the methods that sign")]
        match self.sign() {
            Ok(()) => self,
            Err(error) => panic!("{}: {error}", self.page.title),
        }
    }

    /// Writes what is sent with a delivery and not signed.
    fn write_copies(&mut self) {
        if let Some(name) = self.page.sent_at.and_then(|place| place.as_header()) {
            self.insert(name, Unit::Seconds.write(self.time).parse());
        }
        if let Some(name) = self.page.event_copy.and_then(|place| place.as_header()) {
            let event = places::event_name(self.page, &self.body).and_then(|event| event.parse().ok());
            match event {
                Some(event) => self.insert(name, Ok(event)),
                None => drop(self.headers.remove(name)),
            }
        }
    }

    fn insert(&mut self, name: &str, value: Result<HeaderValue, InvalidHeaderValue>) {
        if let Ok(value) = value {
            self.headers.insert(header_name(name), value);
        }
    }

    /// Makes its proof.
    pub(crate) fn proof(&self) -> Result<Proof, SignError> {
        self.proof_under(&self.secret)
    }

    pub(crate) fn proof_under(&self, secret: &[u8]) -> Result<Proof, SignError> {
        let mut draft = Draft::new(&self.body).at(self.time).with_id(self.id.as_str()).with_url(&self.url);
        if let Some((_, query)) = self.path.split_once('?') {
            draft = draft.with_query(query);
        }
        for (name, value) in &self.headers {
            if let (false, Ok(value)) = (self.is_header_of_proof(name.as_str()), value.to_str()) {
                draft = draft.with_header(name.as_str(), value);
            }
        }
        self.page.scheme.sign(secret, draft)
    }

    /// Replaces the proof.
    pub(crate) fn prove(&mut self, proof: &Proof) {
        self.remove_proof_in_head();
        for (name, value) in proof.headers() {
            self.headers.append(header_name(name), header_value(value));
        }
        self.query = proof.query().map(str::to_owned);
        // A body without room for it has no proof.
        if let Some(text) = proof.in_body()
            && let Ok(body) = places::put(&self.body, &proof.place(), Value::Text(text))
        {
            self.body = body;
        }
    }

    pub(crate) fn remove_proof_in_head(&mut self) {
        let names: Vec<_> =
            self.headers.keys().filter(|name| self.is_header_of_proof(name.as_str())).cloned().collect();
        names.into_iter().for_each(|name| drop(self.headers.remove(name)));
        self.query = None;
    }

    /// Where the proof is, with the time and the ID that are sent with it.
    fn places_of_proof(&self) -> impl Iterator<Item = Place> + use<> {
        let scheme = self.page.scheme;
        let time = scheme.signed_time().map(|(place, _)| place);
        scheme.places().chain(time).chain(scheme.first().signed_id())
    }

    fn is_of_proof(&self, place: &Place) -> bool {
        self.places_of_proof().any(|own| own == *place)
    }

    fn is_header_of_proof(&self, name: &str) -> bool {
        self.places_of_proof().any(|place| place.is_in_header(name))
    }

    /// Sets the event's name at its place.
    pub(crate) fn set_event_name(&mut self, name: &str) -> Result<(), PayloadError> {
        let place = self.page.event.ok_or_else(|| self.no_place("the event's name"))?;
        self.set(&place, name)
    }

    /// Sets the ID at its places.
    pub(crate) fn set_id(&mut self, id: &str) -> Result<(), PayloadError> {
        let signed = self.page.scheme.first().signed_id();
        if signed.or(self.page.id).is_none() {
            return Err(self.no_place("a delivery's ID"));
        }
        for place in [signed, self.page.id].into_iter().flatten() {
            // In the head, the proof writes the signed one.
            if Some(place) == signed && !place.is_in_body() {
                HeaderValue::from_str(id).map_err(|_| not_a_header(id))?;
            } else {
                self.set(&place, id)?;
            }
        }
        self.id = id.to_owned();
        Ok(())
    }

    fn set(&mut self, place: &Place, value: &str) -> Result<(), PayloadError> {
        if let Some(name) = place.as_header() {
            let value = HeaderValue::from_str(value).map_err(|_| not_a_header(value))?;
            self.headers.insert(header_name(name), value);
            return Ok(());
        }
        self.body = places::set(&self.body, place, Value::Text(value))?;
        Ok(())
    }

    fn no_place(&self, of: &str) -> PayloadError {
        let message = format!("{}'s page names no place of {of}", self.page.title);
        PayloadError::new(PayloadErrorKind::NoSuchField, message)
    }

    pub(crate) fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => {
                let (path, own) = self.path.split_once('?').unwrap_or((&self.path, ""));
                format!("{path}?{}", joined(own, query))
            }
            None => self.path.clone(),
        }
    }

    pub(crate) fn uri(&self) -> Uri {
        #[expect(clippy::expect_used, reason = "documented at `with_path`")]
        Uri::try_from(self.path_and_query()).expect("a path and query such as `/hooks/acme?tenant=1`")
    }

    pub(crate) fn to_http_with<B>(&self, body: B) -> http::Request<B> {
        let mut request = http::Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri();
        request.headers_mut().clone_from(&self.headers);
        request
    }
}

fn not_a_header(value: &str) -> PayloadError {
    let message = format!("`{}` cannot be the value of a header", value.escape_debug());
    PayloadError::new(PayloadErrorKind::InvalidValue, message)
}

/// Appends the proof to a query.
pub(crate) fn joined(own: &str, proof: &str) -> String {
    if own.is_empty() { proof.to_owned() } else { format!("{own}&{proof}") }
}

/// A name that a scheme made of names that were checked.
pub(crate) fn header_name(name: &str) -> HeaderName {
    #[expect(clippy::expect_used, reason = "a scheme's header names are valid")]
    HeaderName::from_bytes(name.as_bytes()).expect("a header name in a scheme")
}

/// Marks the value sensitive, so that the `Debug` of requests does not show it.
fn header_value(value: &str) -> HeaderValue {
    #[expect(clippy::expect_used, reason = "documented at `signed_with`")]
    let mut value = HeaderValue::from_bytes(value.as_bytes()).expect("a scheme whose prefix is valid in a header");
    value.set_sensitive(true);
    value
}

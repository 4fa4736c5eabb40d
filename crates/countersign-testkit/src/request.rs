//! A signed delivery, in the form that a test needs.

use std::{
    fmt,
    marker::PhantomData,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use countersign_core::{
    Delivery, ProviderEvent, PublicUrl, Rejection, Secret, Verifier,
    provider::{Draft, Provider, SignError},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header::CONTENT_TYPE};
use zeroize::Zeroizing;

use crate::proof::{Proof, sign_draft};

/// A delivery as the provider would send it: a POST with the JSON, the proof, and the headers that
/// the page shows. It is made by [`Payload::signed_with`](crate::Payload::signed_with).
///
/// [`to_http`](Self::to_http) makes an `http` request of it, as often as needed. So do `to_actix`
/// and `to_reqwest` (features `actix` and `reqwest`) for those libraries. `Debug` shows neither
/// secret nor proof nor body.
///
/// ```
/// use axum::{Router, body::Body, http::StatusCode, routing::post};
/// use countersign_core::providers::Zeodyn;
/// use countersign_testkit::Payload;
/// use countersign_tower::{VerifyWebhook, Webhook};
/// use tower_service::Service;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// async fn on_event(hook: Webhook<Zeodyn>) -> String {
///     hook.event().name().to_owned()
/// }
/// let verify = VerifyWebhook::zeodyn("s3cr3t");
/// let mut app: Router = Router::new().route("/webhooks/zeodyn", post(on_event).layer(verify));
///
/// let request = Payload::<Zeodyn>::documented("scan_complete")?.signed_with("s3cr3t");
/// let answer = app.call(request.to_http::<Body>()).await?;
/// assert_eq!(answer.status(), StatusCode::OK);
/// # Ok(())
/// # }
/// ```
pub struct SignedRequest<P> {
    path: String,
    headers: HeaderMap,
    query: Option<String>,
    body: Bytes,
    secret: Zeroizing<Vec<u8>>,
    provider: PhantomData<fn() -> P>,
}

impl<P: Provider> SignedRequest<P> {
    pub(crate) fn new(body: Bytes, secret: Vec<u8>) -> Self {
        let mut request = Self {
            path: format!("/webhooks/{}", P::NAME),
            headers: HeaderMap::new(),
            query: None,
            body: Bytes::new(),
            secret: Zeroizing::new(secret),
            provider: PhantomData,
        };
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(name) = P::SENT_AT.and_then(|place| place.as_header()) {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            request.headers.insert(name, now.as_secs().into());
        }
        request.signed_again(body)
    }

    /// Replaces the body, and signs it.
    pub(crate) fn signed_again(mut self, body: Bytes) -> Self {
        if let Some(header) = P::EVENT_COPY.and_then(|place| place.as_header()) {
            let event = P::Event::decode(&body).ok().and_then(|event| HeaderValue::from_str(event.name()).ok());
            match event {
                Some(event) => self.headers.insert(header, event),
                None => self.headers.remove(header),
            };
        }
        let proof = self.sign(&self.secret, &body);
        self.body = body;
        self.proven_by(&proof)
    }

    /// Replaces the proof.
    pub(crate) fn proven_by(mut self, proof: &Proof) -> Self {
        for (name, value) in proof.headers() {
            self.headers.insert(header_name(name), header_value(value));
        }
        self.query = proof.query().map(str::to_owned);
        self
    }

    /// Makes the proof of a body under a secret.
    pub(crate) fn sign(&self, secret: &[u8], body: &[u8]) -> Proof {
        #[expect(clippy::panic, reason = "documented at `signed_with`")]
        self.try_sign(secret, body).unwrap_or_else(|error| panic!("{}: {error}", P::TITLE))
    }

    pub(crate) fn try_sign(&self, secret: &[u8], body: &[u8]) -> Result<Proof, SignError> {
        sign_draft::<P>(secret, Draft::new(body).with_url(&self.url()))
    }

    /// The public URL, for providers that sign it.
    fn url(&self) -> String {
        format!("https://localhost{}", self.path)
    }

    pub(crate) fn secret(&self) -> &[u8] {
        &self.secret
    }

    pub(crate) fn set_query(&mut self, query: Option<String>) {
        self.query = query;
    }

    pub(crate) fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// Sets the path, which may have a query (default: `/webhooks/` and the provider's name). A
    /// token is appended to the query.
    ///
    /// # Panics
    ///
    /// Panics if `path` is not a path and query such as `/hooks/acme?tenant=1`.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        assert!(
            self.path.starts_with('/') && !self.path.contains('#'),
            "a path and query such as `/hooks/acme?tenant=1`"
        );
        drop(self.uri());
        self
    }

    /// Sets a header, and removes others of its name. The delivery is not signed again.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Adds a header, and keeps others of its name. The delivery is not signed again.
    #[must_use]
    pub fn add_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Replaces the body. The delivery is not signed again: if the provider signs bodies, it is
    /// forged now.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Returns the headers, including the proof. `Content-Length` is left to the client that sends
    /// the request.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the path, and the query set by [`with_path`](Self::with_path), without a token.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the proof in the URL's query, percent-encoded: `token=…`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Returns the path and the query as in a request's first line, including a token.
    pub fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => {
                let (path, own) = self.path.split_once('?').unwrap_or((&self.path, ""));
                format!("{path}?{}", joined(own, query))
            }
            None => self.path.clone(),
        }
    }

    /// Returns the body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Makes a request of `http` 1, for any tower service: `to_http::<axum::body::Body>()`.
    pub fn to_http<B: From<Bytes>>(&self) -> http::Request<B> {
        self.to_http_with(B::from(self.body.clone()))
    }

    pub(crate) fn to_http_with<B>(&self, body: B) -> http::Request<B> {
        let mut request = http::Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.uri();
        request.headers_mut().clone_from(&self.headers);
        request
    }

    /// Verifies the delivery with its own secret and without a body limit, to unit-test a handler:
    /// an adapter's `Webhook::from` takes the result.
    ///
    /// ```
    /// use countersign_core::providers::{ScreenScore, ScreenScoreEvent};
    /// use countersign_testkit::Payload;
    /// use countersign_tower::Webhook; // or that of countersign-actix
    ///
    /// async fn score(hook: Webhook<ScreenScore>) -> Option<f64> {
    ///     let ScreenScoreEvent::AnalysisCompleted(analysis) = hook.into_event() else { return None };
    ///     analysis.score
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let payload = Payload::<ScreenScore>::documented("analysis.completed")?.with_field("/data/score", 12.5)?;
    /// let hook = Webhook::from(payload.signed_with("s3cr3t").delivery()?);
    /// assert_eq!(score(hook).await, Some(12.5));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns a rejection if it does not verify, or if its body cannot be read.
    ///
    /// # Panics
    ///
    /// Panics if the secret is empty, or not a key of the form that the provider issues: no verifier
    /// accepts it.
    pub fn delivery(&self) -> Result<Delivery<P>, Rejection> {
        #[expect(clippy::expect_used, reason = "documented")]
        let secret = Secret::new(self.secret.as_slice()).expect("a secret that is not empty");
        let url = P::SCHEME.signs_url().then(|| PublicUrl::new(self.url()));
        #[expect(clippy::expect_used, reason = "documented")]
        let url = url.transpose().expect("a path of visible ASCII characters");
        #[expect(clippy::expect_used, reason = "documented")]
        let verifier = Verifier::try_new_with(secret, url).expect("a key of the form that the provider issues");
        verifier.with_body_limit(usize::MAX).verify(&self.to_http_with(()), self.body.clone())
    }

    fn uri(&self) -> Uri {
        #[expect(clippy::expect_used, reason = "documented at `with_path`")]
        Uri::try_from(self.path_and_query()).expect("a path and query such as `/hooks/acme?tenant=1`")
    }
}

/// Appends the proof to a query.
pub(crate) fn joined(own: &str, proof: &str) -> String {
    if own.is_empty() { proof.to_owned() } else { format!("{own}&{proof}") }
}

/// A name that a scheme made of names that were checked.
pub(crate) fn header_name(name: &str) -> HeaderName {
    #[expect(clippy::expect_used, reason = "places check their names")]
    HeaderName::from_bytes(name.as_bytes()).expect("the name of a header")
}

/// Marks the value sensitive, so that the `Debug` of requests does not show it.
pub(crate) fn header_value(value: &str) -> HeaderValue {
    #[expect(clippy::expect_used, reason = "documented at `signed_with`")]
    let mut value = HeaderValue::from_str(value).expect("a scheme whose prefix is valid in a header");
    value.set_sensitive(true);
    value
}

impl<P> Clone for SignedRequest<P> {
    fn clone(&self) -> Self {
        Self {
            path: self.path.clone(),
            headers: self.headers.clone(),
            query: self.query.clone(),
            body: self.body.clone(),
            secret: self.secret.clone(),
            provider: PhantomData,
        }
    }
}

impl<P: Provider> fmt::Debug for SignedRequest<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("provider", &P::NAME)
            // A query set by the user may have a secret in it.
            .field("path", &self.path.split('?').next().unwrap_or_default())
            .field("headers", &self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish_non_exhaustive()
    }
}

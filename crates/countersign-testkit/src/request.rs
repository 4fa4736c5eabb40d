//! A delivery, signed, in the form that a test needs.

use std::{
    fmt,
    marker::PhantomData,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use countersign_core::{Delivery, Event, Provider, Secret, Verifier, VerifyError};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header::CONTENT_TYPE};
use zeroize::Zeroizing;

use crate::proof::{Proof, sign};

/// A delivery as the provider would send it: POST, its JSON, its proof, and the headers that its page shows. Made by
/// [`Payload::signed_with`](crate::Payload::signed_with).
///
/// It is no request of any library yet: [`to_http`](Self::to_http), and with the features `actix` and `reqwest` `to_actix`
/// and `to_reqwest`, make one as often as needed. `Debug` shows neither secret nor proof nor body.
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
        if let Some(name) = P::UNVERIFIED_TIMESTAMP_HEADER {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            request.headers.insert(name, now.as_secs().into());
        }
        request.signed_again(body)
    }

    /// The same delivery with another body, signed for it.
    pub(crate) fn signed_again(mut self, body: Bytes) -> Self {
        if let Some(header) = P::UNVERIFIED_EVENT_HEADER {
            let event = P::Event::decode(&body).ok().and_then(|event| HeaderValue::from_str(event.name()).ok());
            match event {
                Some(event) => self.headers.insert(header, event),
                None => self.headers.remove(header),
            };
        }
        let proof = sign::<P>(&self.secret, &body);
        self.body = body;
        self.proven_by(&proof)
    }

    /// The same delivery with `proof`, whatever that proves.
    pub(crate) fn proven_by(mut self, proof: &Proof) -> Self {
        for (name, value) in proof.headers() {
            self.headers.insert(name, header_value(value));
        }
        self.query = proof.query().map(str::to_owned);
        self
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

    /// The same delivery to `path`, which may have a query; `/webhooks/` and the provider's name if this is not called. A
    /// token is put into the query after what is there.
    ///
    /// # Panics
    ///
    /// If `path` is not one that a request can be made to, such as `/hooks/acme?tenant=1`.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        assert!(self.path.starts_with('/') && !self.path.contains('#'), "a path that a request can be made to");
        drop(self.uri());
        self
    }

    /// The same delivery with this header, instead of others of its name. Nothing is signed anew.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The same delivery with one more header, beside others of its name. Nothing is signed anew.
    #[must_use]
    pub fn add_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// The same delivery with another body. Nothing is signed anew: it is forged now, unless nothing is signed.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The headers, the proof among them. The length is not: whatever sends the request knows it.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The path, and the query if [`with_path`](Self::with_path) gave one. A token is not in it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What proves it in the URL's query, percent-encoded: `token=…`.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// Path and query, as they stand in a request's first line: with the token, if that is the proof.
    pub fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => {
                let (path, own) = self.path.split_once('?').unwrap_or((&self.path, ""));
                format!("{path}?{}", joined(own, query))
            }
            None => self.path.clone(),
        }
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The delivery as a request of `http` 1, for whatever is a tower service: `to_http::<axum::body::Body>()`.
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

    /// The delivery as the verifier accepts it: for the unit test of a handler, of whose adapter it makes a `Webhook`. It
    /// is verified for it, with its own secret and a limit that its body keeps: what is forged has no `Delivery`.
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
    /// let hook = Webhook::try_from(payload.signed_with("s3cr3t").delivery()?)?;
    /// assert_eq!(score(hook).await, Some(12.5));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If it is not genuine.
    ///
    /// # Panics
    ///
    /// If the secret is empty: no verifier takes one.
    pub fn delivery(&self) -> Result<Delivery<P>, VerifyError> {
        let secret = Secret::from(self.secret.as_slice());
        Verifier::new(secret).with_body_limit(self.body.len()).verify(&self.to_http_with(()), self.body.clone())
    }

    fn uri(&self) -> Uri {
        #[expect(clippy::expect_used, reason = "documented at `with_path`")]
        Uri::try_from(self.path_and_query()).expect("a path that a request can be made to")
    }
}

/// A query of one's own, and the proof behind it.
pub(crate) fn joined(own: &str, proof: &str) -> String {
    if own.is_empty() { proof.to_owned() } else { format!("{own}&{proof}") }
}

/// `Debug` of a request made of it does not show the value.
pub(crate) fn header_value(value: &str) -> HeaderValue {
    #[expect(clippy::expect_used, reason = "documented at `signed_with`")]
    let mut value = HeaderValue::from_str(value).expect("a scheme whose prefix can stand in a header");
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
            // A query of one's own may have a secret of one's own.
            .field("path", &self.path.split('?').next().unwrap_or_default())
            .field("headers", &self.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .field("body", &format_args!("[{} bytes]", self.body.len()))
            .finish_non_exhaustive()
    }
}

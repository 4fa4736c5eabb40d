//! A signed delivery, in the form that a test needs.

use std::{fmt, marker::PhantomData, time::SystemTime};

use bytes::Bytes;
use countersign_core::{PublicUrl, provider::Page};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    any::AnyProvider,
    error::{PayloadError, TamperingError},
    made::Made,
    tampering::Tampering,
};

/// A delivery as the provider would send it: a POST with the body, the proof, and the headers that
/// the page shows. It is made by [`Payload::signed_with`](crate::Payload::signed_with).
///
/// What a provider signs or sends in addition to the body has defaults: the time of sending is now,
/// the ID of the delivery is a new one, and the URL of the endpoint is
/// `https://localhost/webhooks/` and the provider's name. [`signed_at`](Self::signed_at),
/// [`with_delivery_id`](Self::with_delivery_id), [`with_event_name`](Self::with_event_name) and
/// [`with_url`](Self::with_url) set them and sign the delivery again.
/// [`signed_again`](Self::signed_again) signs it with headers and a path that you set.
///
/// [`to_http`](Self::to_http) makes an `http` request of it, as often as needed. So do `to_actix`
/// and `to_reqwest` (features `actix` and `reqwest`) for those libraries. `Debug` shows neither
/// secret nor proof nor body.
///
/// ```
/// use axum::{Router, body::Body, http::StatusCode, routing::post};
/// use countersign::providers::Zeodyn;
/// use countersign_testkit::Payload;
/// use countersign::axum::{VerifyWebhook, Webhook};
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
pub struct SignedRequest<P = AnyProvider> {
    made: Made,
    provider: PhantomData<fn() -> P>,
}

impl<P> SignedRequest<P> {
    pub(crate) fn of(made: Made) -> Self {
        Self { made, provider: PhantomData }
    }

    pub(crate) fn made(&self) -> &Made {
        &self.made
    }

    fn with(mut self, change: impl FnOnce(&mut Made)) -> Self {
        change(&mut self.made);
        self
    }

    /// Sets the time of sending (default: now), and signs the delivery again. If the time is in the
    /// body, it is set there.
    ///
    /// [`delivery`](Self::delivery) verifies the delivery as of this time. For other verifiers, set
    /// their clock.
    ///
    /// ```
    /// use countersign::{SentAt, providers::Stripe};
    /// use countersign_testkit::Payload;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let time = UNIX_EPOCH + Duration::from_secs(1_614_265_330);
    /// let request = Payload::<Stripe>::example().signed_with("s3cr3t").signed_at(time);
    /// assert!(request.headers()["stripe-signature"].to_str()?.starts_with("t=1614265330,v1="));
    /// assert_eq!(request.delivery()?.sent_at(), Some(SentAt::Signed(time)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics like [`signed_again`](Self::signed_again).
    #[must_use]
    pub fn signed_at(self, time: SystemTime) -> Self {
        self.with(|made| made.time = time).signed_again()
    }

    /// Sets the ID of the delivery where the provider's page has one, in a header or in the body, and
    /// signs the delivery again. (Default: in the head a new ID, in the body the one that is there.)
    ///
    /// # Errors
    ///
    /// Returns an error if the page names no place of an ID, if the ID is in the body and the body
    /// has no object for it, or if the ID cannot be the value of a header.
    pub fn with_delivery_id(mut self, id: &str) -> Result<Self, PayloadError> {
        self.made.set_id(id)?;
        Ok(self.signed_again())
    }

    /// Sets the event's name where the provider's page has it, in a header or in the body, and signs
    /// the delivery again. (Default: in a header `countersign.example`, in the body the one that is
    /// there.)
    ///
    /// ```
    /// use countersign::providers::GitHub;
    /// use countersign_testkit::Payload;
    ///
    /// let request = Payload::<GitHub>::new(r#"{"zen":"…"}"#).signed_with("s3cr3t").with_event_name("ping")?;
    /// assert_eq!(request.headers()["x-github-event"], "ping");
    /// # Ok::<(), countersign_testkit::PayloadError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the page names no place of the event's name, if the name is in the body
    /// and the body has no object for it, or if the name cannot be the value of a header.
    pub fn with_event_name(mut self, name: &str) -> Result<Self, PayloadError> {
        self.made.set_event_name(name)?;
        Ok(self.signed_again())
    }

    /// Sets the public URL of the endpoint, which some providers sign (default:
    /// `https://localhost/webhooks/` and the provider's name), and signs the delivery again. The
    /// request's path becomes that of the URL.
    ///
    /// The receiver has to be given the same URL.
    ///
    /// ```
    /// # #[cfg(feature = "sha1")] {
    /// use countersign::{Verifier, providers::Twilio};
    /// use countersign_testkit::Payload;
    ///
    /// let url = "https://example.com/hooks/twilio?account=1";
    /// let request = Payload::<Twilio>::form([("CallStatus", "ringing")]).signed_with("t0ken").with_url(url);
    /// assert_eq!(request.path(), "/hooks/twilio?account=1");
    /// let verifier = Verifier::<Twilio>::new_at("t0ken", url);
    /// assert!(verifier.verify(&request.to_http::<Vec<u8>>(), request.body().clone()).is_ok());
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `url` is not a URL such as `https://example.com/hooks/acme?tenant=1`, and like
    /// [`signed_again`](Self::signed_again).
    #[must_use]
    pub fn with_url(mut self, url: impl Into<String>) -> Self {
        self.made.url = url.into();
        #[expect(clippy::expect_used, reason = "documented")]
        PublicUrl::new(self.made.url.as_str()).expect("a URL such as `https://example.com/hooks/acme?tenant=1`");
        let (_, rest) = self.made.url.split_once("//").unwrap_or_default();
        let path = rest.find(['/', '?']).and_then(|start| rest.get(start..)).unwrap_or_default();
        let slash = if path.starts_with('/') { "" } else { "/" };
        let path = format!("{slash}{path}");
        self.with_path(path).signed_again()
    }

    /// Sets the path, which may have a query (default: `/webhooks/` and the provider's name). A
    /// token is appended to the query. The delivery is not signed again, and the URL that some
    /// providers sign stays the same.
    ///
    /// # Panics
    ///
    /// Panics if `path` is not a path and query such as `/hooks/acme?tenant=1`.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.made.path = path.into();
        assert!(
            self.made.path.starts_with('/') && !self.made.path.contains('#'),
            "a path and query such as `/hooks/acme?tenant=1`"
        );
        drop(self.made.uri());
        self
    }

    /// Sets a header, and removes others of its name. The delivery is not signed again.
    #[must_use]
    pub fn with_header(self, name: HeaderName, value: HeaderValue) -> Self {
        self.with(|made| drop(made.headers.insert(name, value)))
    }

    /// Adds a header, and keeps others of its name. The delivery is not signed again.
    #[must_use]
    pub fn add_header(self, name: HeaderName, value: HeaderValue) -> Self {
        self.with(|made| {
            made.headers.append(name, value);
        })
    }

    /// Replaces the body. The delivery is not signed again: if the provider signs bodies, it is
    /// forged now.
    #[must_use]
    pub fn with_body(self, body: impl Into<Bytes>) -> Self {
        self.with(|made| made.body = body.into())
    }

    /// Signs the delivery again, with its body, headers and path as they are now. A proof that you
    /// changed is replaced.
    ///
    /// # Panics
    ///
    /// Panics if the provider signs a value that the delivery no longer has.
    #[must_use]
    pub fn signed_again(self) -> Self {
        Self::of(self.made.signed())
    }

    /// Returns the provider's page.
    pub fn page(&self) -> &'static Page {
        self.made.page
    }

    /// Returns the headers, including the proof. `Content-Length` is left to the client that sends
    /// the request.
    pub fn headers(&self) -> &HeaderMap {
        &self.made.headers
    }

    /// Returns the path, and the query set by [`with_path`](Self::with_path), without a token.
    pub fn path(&self) -> &str {
        &self.made.path
    }

    /// Returns the proof in the URL's query, percent-encoded: `token=…`.
    pub fn query(&self) -> Option<&str> {
        self.made.query.as_deref()
    }

    /// Returns the path and the query as in a request's first line, including a token.
    pub fn path_and_query(&self) -> String {
        self.made.path_and_query()
    }

    /// Returns the public URL of the endpoint: see [`with_url`](Self::with_url).
    pub fn url(&self) -> &str {
        &self.made.url
    }

    /// Returns the body.
    pub fn body(&self) -> &Bytes {
        &self.made.body
    }

    /// Returns the public key that a receiver needs, in the form that the provider issues, if the
    /// delivery was signed with a private key. See also [`public_key`](crate::public_key()).
    pub fn public_key(&self) -> Option<String> {
        self.made.page.scheme.public_key(&self.made.secret).ok().flatten()
    }

    /// Makes a request of `http` 1, for any tower service: `to_http::<axum::body::Body>()`.
    pub fn to_http<B: From<Bytes>>(&self) -> http::Request<B> {
        self.made.to_http_with(B::from(self.made.body.clone()))
    }

    /// Returns a tampered copy of the delivery. It is made from the body and the secret, so a proof
    /// that you changed by hand is not kept.
    ///
    /// # Errors
    ///
    /// Returns an error of the kind [`Impossible`](crate::TamperingErrorKind::Impossible) if the
    /// delivery does not have the part that the tampering changes. A token has no prefix, an
    /// unsigned time cannot be stale, an empty body has no bits, and a body that is not JSON cannot
    /// be written again.
    pub fn tampered(&self, tampering: Tampering) -> Result<Self, TamperingError> {
        self.made.tampered(tampering).map(Self::of)
    }
}

impl<P> Clone for SignedRequest<P> {
    fn clone(&self) -> Self {
        Self::of(self.made.clone())
    }
}

impl<P> fmt::Debug for SignedRequest<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made = &self.made;
        f.debug_struct("SignedRequest")
            .field("provider", &made.page.name)
            // A query set by the user may have a secret in it.
            .field("path", &made.path.split('?').next().unwrap_or_default())
            .field("headers", &made.headers.keys().map(HeaderName::as_str).collect::<Vec<_>>())
            .field("body", &format_args!("[{} bytes]", made.body.len()))
            .finish_non_exhaustive()
    }
}

//! A receiver behind a URL.

use std::fmt;

use http::Request;
use reqwest::{Body, Client, Url, redirect::Policy};

use super::{
    body::SimulatedBody,
    target::{Answer, ProofInQuery, SendError, SendErrorKind, Target},
};
use crate::reqwest::with_query;

/// A receiver at a URL. Requests use the path of that URL, not that of the delivery. A token is
/// appended to its query.
///
/// `Debug` and the errors do not show the query, which may have a token in it.
#[derive(Clone)]
pub struct Endpoint {
    url: Url,
    client: Client,
}

impl Endpoint {
    /// Creates an endpoint at `url`, with a client that keeps no connections, follows no redirects,
    /// and uses no proxy.
    ///
    /// # Panics
    ///
    /// Panics if the client cannot be built, like `reqwest::Client::new`.
    pub fn new(url: Url) -> Self {
        let client = Client::builder().no_proxy().pool_max_idle_per_host(0).redirect(Policy::none());
        #[expect(clippy::expect_used, reason = "documented")]
        let client = client.build().expect("a client");
        Self::with_client(url, client)
    }

    /// Creates an endpoint at `url` with your own client. It should not follow redirects: no
    /// provider documents that it does.
    pub fn with_client(url: Url, client: Client) -> Self {
        Self { url, client }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.url.clone();
        shown.set_query(None);
        // Removes `user:password@`. It fails for URLs that cannot have them.
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        f.debug_struct("Endpoint").field("url", &shown.as_str()).finish_non_exhaustive()
    }
}

impl Target for Endpoint {
    async fn send(&self, request: Request<SimulatedBody>) -> Result<Answer, SendError> {
        let (parts, body) = request.into_parts();
        let proof = parts.extensions.get::<ProofInQuery>().map(|ProofInQuery(query)| query.as_str());
        let url = with_query(self.url.clone(), proof);
        let sent = self.client.request(parts.method, url).headers(parts.headers).body(Body::wrap(body)).send().await;
        match sent {
            Ok(response) => Answer::read(http::Response::<Body>::from(response)).await,
            Err(error) => {
                let kind = if error.is_connect() { SendErrorKind::NoConnection } else { SendErrorKind::NoAnswer };
                // The URL has the token.
                Err(SendError::new(kind, error.without_url()))
            }
        }
    }
}

//! A receiver behind a URL.

use std::fmt;

use http::Request;
use reqwest::{Body, Client, Url, redirect::Policy};

use super::{
    body::SimulatedBody,
    target::{Answer, ProofInQuery, SendError, SendErrorKind, Target},
};
use crate::reqwest::with_query;

/// A receiver behind a URL, which says the path; a token is put into its query. (features `simulator` and `reqwest`)
///
/// `Debug` and the errors do not show its query: tokens stand there.
#[derive(Clone)]
pub struct Endpoint {
    url: Url,
    client: Client,
}

impl Endpoint {
    /// The receiver behind `url`, asked by a client that keeps no connection, as senders who do not know of each other,
    /// follows no redirect, and asks no proxy.
    ///
    /// # Panics
    ///
    /// As `reqwest::Client::new`: if the system's configuration cannot be read.
    pub fn new(url: Url) -> Self {
        let client = Client::builder().no_proxy().pool_max_idle_per_host(0).redirect(Policy::none());
        #[expect(clippy::expect_used, reason = "documented")]
        let client = client.build().expect("a client");
        Self::with_client(url, client)
    }

    /// The receiver behind `url`, asked by `client`. Let it follow no redirects: no provider documents that it does.
    pub fn with_client(url: Url, client: Client) -> Self {
        Self { url, client }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.url.clone();
        shown.set_query(None);
        // `user:password@`, too; a URL that cannot have them has none.
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

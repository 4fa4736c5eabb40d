//! A receiver behind a URL.

use http::Request;
use reqwest::{Body, Client, Url, redirect::Policy};

use super::{
    body::SimulatedBody,
    target::{Answer, SendError, SendErrorKind, Target},
};
use crate::reqwest::with_query;

/// A receiver behind a URL, which says the path; a token is put into its query. (features `simulator` and `reqwest`)
///
/// `Debug` and the errors do not show the token.
#[derive(Clone, Debug)]
pub struct Endpoint {
    url: Url,
    client: Client,
}

impl Endpoint {
    /// The receiver behind `url`, asked by a client that keeps no connection, as senders who do not know of each other, and
    /// follows no redirect.
    ///
    /// # Panics
    ///
    /// As `reqwest::Client::new`: if the system's configuration cannot be read.
    pub fn new(url: Url) -> Self {
        let client = Client::builder().pool_max_idle_per_host(0).redirect(Policy::none());
        #[expect(clippy::expect_used, reason = "documented")]
        let client = client.build().expect("a client");
        Self::with_client(url, client)
    }

    /// The receiver behind `url`, asked by `client`. Let it follow no redirects: no provider documents that it does.
    pub fn with_client(url: Url, client: Client) -> Self {
        Self { url, client }
    }
}

impl Target for Endpoint {
    async fn send(&self, request: Request<SimulatedBody>) -> Result<Answer, SendError> {
        let (parts, body) = request.into_parts();
        let url = with_query(self.url.clone(), parts.uri.query());
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

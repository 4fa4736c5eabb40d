//! A delivery over the network.

use reqwest::{Client, RequestBuilder, Url};

use crate::{made::joined, request::SignedRequest};

impl<P> SignedRequest<P> {
    /// Makes a request of `client` to `endpoint`. Its path is that of `endpoint`, not that of the
    /// delivery. A token is appended to the query of `endpoint`.
    ///
    /// reqwest's errors show the URL with the token: call `without_url()` before you show one.
    ///
    /// ```no_run
    /// use countersign::providers::Zeodyn;
    /// use countersign_testkit::Payload;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let request = Payload::<Zeodyn>::documented("scan_complete")?.signed_with("s3cr3t");
    /// let endpoint = "http://localhost:3000/webhooks/zeodyn".parse()?;
    /// let answer = request.to_reqwest(&reqwest::Client::new(), endpoint).send().await?;
    /// assert_eq!(answer.status(), 200);
    /// # Ok(())
    /// # }
    /// ```
    pub fn to_reqwest(&self, client: &Client, endpoint: Url) -> RequestBuilder {
        let endpoint = with_query(endpoint, self.query());
        client.post(endpoint).headers(self.headers().clone()).body(self.body().clone())
    }
}

/// Appends `query`, without encoding it again.
pub(crate) fn with_query(mut url: Url, query: Option<&str>) -> Url {
    if let Some(query) = query {
        let whole = joined(url.query().unwrap_or_default(), query);
        url.set_query(Some(&whole));
    }
    url
}

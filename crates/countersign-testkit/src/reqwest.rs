//! A delivery over the network.

use countersign_core::Provider;
use reqwest::{Client, RequestBuilder, Url};

use crate::request::{SignedRequest, joined};

impl<P: Provider> SignedRequest<P> {
    /// The delivery to `endpoint`, which says the path, as a request of `client`. (feature `reqwest`) A token is put into
    /// the query after what is there.
    ///
    /// reqwest's errors show the URL, and with it the token: call `without_url()` on one before it is shown.
    ///
    /// ```no_run
    /// use countersign_core::providers::Zeodyn;
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

/// `url` with `query` after its own, not encoded again.
pub(crate) fn with_query(mut url: Url, query: Option<&str>) -> Url {
    if let Some(query) = query {
        let whole = joined(url.query().unwrap_or_default(), query);
        url.set_query(Some(&whole));
    }
    url
}

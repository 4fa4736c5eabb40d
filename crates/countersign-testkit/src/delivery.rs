//! A delivery as a handler gets it.

use countersign_core::{Clock, Delivery, PublicUrl, Rejection, Secret, Verifier, provider::Provider};

use crate::request::SignedRequest;

impl<P: Provider> SignedRequest<P> {
    /// Verifies the delivery with its own secret, as of its own time of sending, and without a body
    /// limit, to unit-test a handler: an adapter's `Webhook::from` takes the result.
    ///
    /// ```
    /// use countersign::providers::{ScreenScore, ScreenScoreEvent};
    /// use countersign_testkit::Payload;
    /// use countersign::axum::Webhook; // or `countersign::actix::Webhook`
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
        let made = self.made();
        let key = self.public_key().map_or_else(|| made.secret.to_vec(), String::into_bytes);
        #[expect(clippy::expect_used, reason = "documented")]
        let secret = Secret::new(key).expect("a secret that is not empty");
        let url = P::SCHEME.signs_url().then(|| PublicUrl::new(made.url.as_str()));
        #[expect(clippy::expect_used, reason = "`with_url` checks it, and a page has a name for URLs")]
        let url = url.transpose().expect("a URL of visible ASCII characters");
        #[expect(clippy::expect_used, reason = "documented")]
        let verifier = Verifier::try_new_with(secret, url).expect("a key of the form that the provider issues");
        let verifier = verifier.with_body_limit(usize::MAX).with_clock(Clock::manual(made.time));
        verifier.verify(&made.to_http_with(()), made.body.clone())
    }
}

//! A delivery for the tests of an actix-web app.

use actix_web::{http::header::HeaderValue, test::TestRequest};

use crate::request::SignedRequest;

impl<P> SignedRequest<P> {
    /// Makes a request for the test of an actix-web app.
    ///
    /// ```
    /// use actix_web::{App, HttpResponse, test, web};
    /// use countersign::actix::{VerifyWebhook, Webhook};
    /// use countersign::providers::Zeodyn;
    /// use countersign_testkit::Payload;
    ///
    /// # #[actix_web::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// async fn on_event(hook: Webhook<Zeodyn>) -> HttpResponse {
    ///     HttpResponse::Ok().body(hook.event().name().to_owned())
    /// }
    /// let endpoint = web::resource("/webhooks/zeodyn").wrap(VerifyWebhook::zeodyn("s3cr3t"));
    /// let app = test::init_service(App::new().service(endpoint.route(web::post().to(on_event)))).await;
    ///
    /// let request = Payload::<Zeodyn>::documented("scan_complete")?.signed_with("s3cr3t");
    /// let answer = test::call_service(&app, request.to_actix().to_request()).await;
    /// assert!(answer.status().is_success());
    /// # Ok(())
    /// # }
    /// ```
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "both versions of `http` accept the same values"
    )]
    pub fn to_actix(&self) -> TestRequest {
        let request = TestRequest::post().uri(&self.path_and_query()).set_payload(self.body().clone());
        // actix-web's `http` is 0.2.
        self.headers().iter().fold(request, |request, (name, value)| {
            let mut copy = HeaderValue::from_bytes(value.as_bytes()).expect("a header value");
            copy.set_sensitive(value.is_sensitive());
            request.append_header((name.as_str(), copy))
        })
    }
}

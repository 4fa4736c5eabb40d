//! The middleware.

use std::{
    fmt,
    future::{Ready, ready},
    rc::Rc,
    sync::Arc,
};

use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
};
use countersign_core::{
    Rejection, Verifier,
    adapter::{Answer, Receiver, Settings, Why},
    provider::Provider,
};

use crate::{
    rejection::{of_answer, rejected},
    service::VerifyWebhookMiddleware,
};

/// A middleware that passes only verified deliveries of the provider `P` to the inner service, and
/// rejects every other request.
///
/// It verifies the raw payload and passes it on unchanged, so every extractor still works. The
/// handler takes the typed event with [`Webhook`](crate::Webhook).
///
/// ```
/// use actix_web::{App, HttpResponse, web};
/// use countersign_actix::{VerifyWebhook, Webhook};
/// use countersign_core::providers::Zeodyn;
///
/// async fn on_event(hook: Webhook<Zeodyn>) -> HttpResponse {
///     println!("{}", hook.event().name());
///     HttpResponse::Ok().finish()
/// }
///
/// let verify = VerifyWebhook::zeodyn("s3cr3t");
/// let app = App::new()
///     .service(web::resource("/webhooks/zeodyn").wrap(verify).route(web::post().to(on_event)));
/// # let _ = app;
/// ```
///
/// Create it before `HttpServer::new` and clone it into the factory, so that secrets are prepared
/// once for all workers. To use other settings of a [`Verifier`], convert it into a middleware.
///
/// Outer middleware must not decompress or replace the payload. It sees every request, including
/// the URL with its token. Inner middleware and handlers see only verified deliveries, without the
/// token. They do see the signature header: do not log headers.
///
/// actix-web's `Bytes` and `String` have their own limit of 256 KiB, unless a `PayloadConfig` sets
/// another. `Json` has a limit of 2 MiB.
///
/// Outer middleware must not keep a clone of the `HttpRequest` while it calls the inner service:
/// actix-web cannot remove a token from the URL of a shared request. The delivery is answered with
/// 500 and an ERROR event. (With `panic = "abort"` the process ends, as in actix-web's routing.)
///
/// For [`with_allowed_sources`](Self::with_allowed_sources), the peer's address comes from a
/// [`PeerAddr`](countersign_core::PeerAddr) in the request's extensions, or else from the TCP
/// connection.
///
/// With [`with_dedupe`](Self::with_dedupe), a handler that is stopped at its deadline is dropped
/// together with the request. Outer middleware then gets an `Error` instead of a response, and the
/// error becomes the 503.
pub struct VerifyWebhook<P: Provider> {
    pub(crate) receiver: Receiver<P>,
    respond: Arc<Respond>,
}

type Respond = dyn Fn(&Rejection) -> HttpResponse + Send + Sync;

impl<P: Provider> VerifyWebhook<P> {
    countersign_core::__constructors!(P);
    countersign_core::__settings!(P, with dedupe: Self);

    fn settings_mut(&mut self) -> &mut Settings<P> {
        self.receiver.settings_mut()
    }

    /// Answers rejections with the response that `respond` returns, instead of a problem document.
    ///
    /// The [`Rejection`] is put into the response's extensions, for outer middleware. Do not send
    /// the reason to the sender unless you must: an attacker can use it. A 409 or 503 keeps its
    /// status even if `respond` returns a 2xx. Otherwise the provider would not retry.
    ///
    /// ```
    /// # use actix_web::{HttpResponse, http::StatusCode}; use countersign_actix::VerifyWebhook;
    /// let verify = VerifyWebhook::zeodyn("s3cr3t").with_rejection_response(|rejection| {
    ///     HttpResponse::build(StatusCode::from_u16(rejection.status()).unwrap_or(StatusCode::UNAUTHORIZED)).finish()
    /// });
    /// ```
    #[must_use]
    pub fn with_rejection_response(
        mut self,
        respond: impl Fn(&Rejection) -> HttpResponse + Send + Sync + 'static,
    ) -> Self {
        self.respond = Arc::new(respond);
        self
    }

    fn deduped(self) -> Self {
        self
    }

    /// The response of an answer.
    pub(crate) fn response(&self, answer: &Answer) -> HttpResponse {
        match answer.why() {
            Why::Rejected(rejection) => rejected((self.respond)(rejection), rejection),
            _ => of_answer(answer),
        }
    }
}

impl<P: Provider, W> From<Verifier<P, W>> for VerifyWebhook<P> {
    fn from(verifier: Verifier<P, W>) -> Self {
        let problem = |rejection: &Rejection| of_answer(&Answer::from(rejection.clone()));
        Self { receiver: verifier.into(), respond: Arc::new(problem) }
    }
}

countersign_core::__for_each_provider!([countersign_core::__provider_constructors] VerifyWebhook;);

impl<P: Provider> Clone for VerifyWebhook<P> {
    fn clone(&self) -> Self {
        Self { receiver: self.receiver.clone(), respond: Arc::clone(&self.respond) }
    }
}

impl<P: Provider> fmt::Debug for VerifyWebhook<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VerifyWebhook").field(&self.receiver).finish()
    }
}

impl<S, B, P> Transform<S, ServiceRequest> for VerifyWebhook<P>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
    P: Provider,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = VerifyWebhookMiddleware<S, P>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(VerifyWebhookMiddleware { service: Rc::new(service), verify: self.clone() }))
    }
}

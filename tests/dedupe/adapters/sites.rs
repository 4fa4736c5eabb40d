//! How each kind of server mounts a `VerifyWebhook` that remembers deliveries.

use std::{convert::Infallible, net::TcpListener, sync::Arc};

use axum::{
    Extension,
    body::Body,
    error_handling::HandleErrorLayer,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use countersign::{
    Rejection, Secrets, UnverifiedDelivery,
    dedupe::Dedupe,
    provider::Provider,
    tower::{RejectionResponse, VerifyWebhook},
};
use http::StatusCode;
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, trace::TraceLayer};

pub(crate) use super::actix_site::{ActixSite, serve_actix};
use super::book::{Book, Reply};
use crate::{deliveries::secret, support::sender};

/// A route, for either adapter.
pub(crate) struct Mount {
    pub(crate) path: &'static str,
    pub(crate) dedupe: Dedupe,
    /// The secret is that of the tenant that a header names.
    pub(crate) by_tenant: bool,
    pub(crate) catches_panics: bool,
    /// Rejections are answered with a text, and not with a problem document.
    pub(crate) own_rejections: bool,
    /// The handler takes a `Result`, and so also handles bodies that cannot be read.
    pub(crate) takes_result: bool,
}

impl Mount {
    pub(crate) fn new(path: &'static str, dedupe: &Dedupe) -> Self {
        Self {
            path,
            dedupe: dedupe.clone(),
            by_tenant: false,
            catches_panics: true,
            own_rejections: false,
            takes_result: false,
        }
    }
}

pub(crate) trait Site {
    fn mount<P: Provider>(&mut self, mount: Mount);
}

pub(crate) fn secret_of(tenant: &str) -> String {
    format!("the secret of {tenant}")
}

macro_rules! verify {
    ($adapter:ident, $P:ident, $mount:ident) => {{
        let sender = sender($P::NAME);
        let verify = if $mount.by_tenant {
            countersign::$adapter::VerifyWebhook::<$P>::from_lookup(|unverified: UnverifiedDelivery<'_>| {
                let tenant = unverified.header_values("x-tenant").next().map(String::from_utf8_lossy);
                let secrets = tenant.map(|name| Secrets::new(secret(secret_of(&name))).with_tenant(name.into_owned()));
                async { Ok::<_, Infallible>(secrets) }
            })
        } else {
            countersign::$adapter::VerifyWebhook::<$P>::new(
                Secrets::new(secret(sender.secret())).add_previous(secret(sender.previous_secret())),
            )
        };
        verify.with_dedupe($mount.dedupe.clone())
    }};
}

pub(crate) use verify;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn own(error: &Rejection) -> Response {
    // Always a success: a retryable rejection keeps its status nevertheless.
    (StatusCode::OK, format!("own: {}", error.kind().code())).into_response()
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}

fn failed() -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn explained(book: &Book, response: http::Response<Body>) -> http::Response<Body> {
    if let Some(error) = response.extensions().get::<Rejection>() {
        book.explain(error.kind());
    }
    response
}

pub(crate) struct AxumSite {
    book: Arc<Book>,
    router: axum::Router<Arc<Book>>,
}

impl AxumSite {
    pub(crate) fn new(book: Arc<Book>) -> Self {
        Self { book, router: axum::Router::new() }
    }

    fn add<P, R>(&mut self, verify: VerifyWebhook<P, R, Dedupe>, mount: &Mount)
    where
        P: Provider,
        R: RejectionResponse<Body> + Clone + Send + Sync + 'static,
    {
        let book = Arc::clone(&self.book);
        let fail = |answer: Result<Response, Infallible>| match answer {
            Ok(response) if response.extensions().get::<Fails>().is_some() => Err(BoxError::from("told to")),
            Ok(response) => Ok(response),
            Err(never) => match never {},
        };
        let layers = ServiceBuilder::new()
            .layer(TraceLayer::new_for_http().make_span_with(|_: &http::Request<Body>| tracing::info_span!("request")))
            .map_response(move |response: Response| explained(&book, response))
            .layer(HandleErrorLayer::new(|_: BoxError| async { failed() }))
            .layer(verify)
            .map_result(fail);
        let method = if mount.takes_result { post(on_result::<P>) } else { post(on_axum::<P>) };
        let mut method = method.layer(layers);
        if mount.catches_panics {
            method = method.layer(CatchPanicLayer::new());
        }
        self.router = std::mem::take(&mut self.router).route(mount.path, method);
    }
}

impl Site for AxumSite {
    fn mount<P: Provider>(&mut self, mount: Mount) {
        let verify = verify!(axum, P, mount);
        if mount.own_rejections {
            self.add(verify.with_rejection_response(own), &mount);
        } else {
            self.add(verify, &mount);
        }
    }
}

/// In the extensions of a response: a layer inside the verification makes an error of it.
#[derive(Clone, Copy)]
struct Fails;

async fn on_axum<P: Provider>(State(book): State<Arc<Book>>, hook: countersign::axum::Webhook<P>) -> Response {
    answer(&book, hook.resource_id().unwrap_or_default()).await
}

async fn on_result<P: Provider>(
    State(book): State<Arc<Book>>,
    hook: Result<countersign::axum::Webhook<P>, countersign::axum::WebhookRejection>,
) -> Response {
    answer(&book, hook.as_ref().map_or("unreadable", |hook| hook.resource_id().unwrap_or_default())).await
}

async fn answer(book: &Arc<Book>, id: &str) -> Response {
    match book.handle(id).await {
        Reply::Answer(status) => status_of(status).into_response(),
        Reply::Say(status, outcome) => (status_of(status), Extension(outcome)).into_response(),
        Reply::Fail => Extension(Fails).into_response(),
    }
}

pub(crate) async fn serve_axum(site: AxumSite, listener: TcpListener) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
    axum::serve(listener, site.router.with_state(site.book)).await.expect("a server that goes on");
}

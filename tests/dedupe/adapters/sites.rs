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
    Provider, Secrets, UnverifiedDelivery, VerifyError,
    dedupe::Dedupe,
    tower::{RejectionResponse, VerifyWebhook, Webhook},
};
use http::StatusCode;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tower::{Layer, ServiceBuilder, ServiceExt, util::BoxCloneSyncService};
use tower_http::{catch_panic::CatchPanicLayer, trace::TraceLayer};

pub(crate) use super::actix_site::{ActixSite, serve_actix};
use super::book::{Book, Reply};
use crate::support::sender;

/// What is mounted, whatever the adapter.
pub(crate) struct Mount {
    pub(crate) path: &'static str,
    pub(crate) dedupe: Dedupe,
    /// The secret is that of who is named in a header, and not everybody's.
    pub(crate) by_tenant: bool,
    pub(crate) catches_panics: bool,
    /// Refusals are answered with a text, and not with a problem document.
    pub(crate) own_refusals: bool,
}

impl Mount {
    pub(crate) fn new(path: &'static str, dedupe: &Dedupe) -> Self {
        Self { path, dedupe: dedupe.clone(), by_tenant: false, catches_panics: true, own_refusals: false }
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
                let secrets = tenant.map(|name| Secrets::new(secret_of(&name)).with_tenant(name.into_owned()));
                async { Ok::<_, Infallible>(secrets) }
            })
        } else {
            countersign::$adapter::VerifyWebhook::<$P>::new(
                Secrets::new(sender.secret()).add_previous(sender.previous_secret()),
            )
        };
        verify.with_dedupe($mount.dedupe.clone())
    }};
}

pub(crate) use verify;

type Service = BoxCloneSyncService<http::Request<Incoming>, Response, Infallible>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

pub(crate) struct TowerSite {
    book: Arc<Book>,
    services: Vec<(&'static str, Service)>,
}

impl TowerSite {
    pub(crate) fn new(book: Arc<Book>) -> Self {
        Self { book, services: Vec::new() }
    }

    fn add<P, R>(&mut self, path: &'static str, verify: VerifyWebhook<P, R, Dedupe>, catches_panics: bool)
    where
        P: Provider,
        R: RejectionResponse<Body> + Clone + Send + Sync + 'static,
    {
        let book = Arc::clone(&self.book);
        let handle = move |request: http::Request<Body>| {
            let book = Arc::clone(&book);
            async move {
                let hook = match Webhook::<P>::from_extensions(request.extensions()) {
                    Ok(hook) => hook,
                    Err(rejection) => return Ok(rejection.into_response()),
                };
                match book.handle(hook.resource_id().unwrap_or_default()).await {
                    Reply::Answer(status) => Ok(status_of(status).into_response()),
                    Reply::Say(status, outcome) => Ok((status_of(status), Extension(outcome)).into_response()),
                    Reply::Fail => Err(BoxError::from("told to")),
                }
            }
        };
        let book = Arc::clone(&self.book);
        let service = ServiceBuilder::new()
            .map_response(move |response| explained(&book, response))
            .layer(HandleErrorLayer::new(|_: BoxError| async { failed() }))
            .map_request(|request: http::Request<Incoming>| request.map(Body::new))
            .layer(verify)
            .service_fn(handle);
        let service: Service = BoxCloneSyncService::new(service);
        let span = |_: &http::Request<Incoming>| tracing::info_span!("request");
        let service = TraceLayer::new_for_http().make_span_with(span).layer(service);
        let service = if catches_panics {
            BoxCloneSyncService::new(into_response(CatchPanicLayer::new().layer(service)))
        } else {
            BoxCloneSyncService::new(into_response(service))
        };
        self.services.push((path, service));
    }
}

impl Site for TowerSite {
    fn mount<P: Provider>(&mut self, mount: Mount) {
        let verify = verify!(tower, P, mount);
        if mount.own_refusals {
            self.add(mount.path, verify.with_rejection_response(own), mount.catches_panics);
        } else {
            self.add(mount.path, verify, mount.catches_panics);
        }
    }
}

fn into_response<S, B>(
    service: S,
) -> impl tower::Service<http::Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync
where
    S: tower::Service<http::Request<Incoming>, Response = http::Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync,
    http::Response<B>: IntoResponse,
{
    service.map_response(IntoResponse::into_response)
}

fn own(error: &VerifyError) -> Response {
    (status_of(error.status()), format!("own: {}", error.kind().code())).into_response()
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}

fn failed() -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn explained(book: &Book, response: http::Response<Body>) -> http::Response<Body> {
    if let Some(error) = response.extensions().get::<VerifyError>() {
        book.explain(error.kind());
    }
    response
}

pub(crate) async fn serve_tower(site: TowerSite, listener: TcpListener) {
    let services = Arc::new(site.services);
    let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let services = Arc::clone(&services);
        let service = hyper::service::service_fn(move |request: http::Request<Incoming>| {
            let found = services.iter().find(|(path, _)| *path == request.uri().path());
            found.expect("a route").1.clone().oneshot(request)
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

pub(crate) struct AxumSite {
    book: Arc<Book>,
    router: axum::Router<Arc<Book>>,
}

impl AxumSite {
    pub(crate) fn new(book: Arc<Book>) -> Self {
        Self { book, router: axum::Router::new() }
    }

    fn add<P, R>(&mut self, path: &'static str, verify: VerifyWebhook<P, R, Dedupe>, catches_panics: bool)
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
        let mut method = post(on_axum::<P>).layer(layers);
        if catches_panics {
            method = method.layer(CatchPanicLayer::new());
        }
        self.router = std::mem::take(&mut self.router).route(path, method);
    }
}

impl Site for AxumSite {
    fn mount<P: Provider>(&mut self, mount: Mount) {
        let verify = verify!(axum, P, mount);
        if mount.own_refusals {
            self.add(mount.path, verify.with_rejection_response(own), mount.catches_panics);
        } else {
            self.add(mount.path, verify, mount.catches_panics);
        }
    }
}

/// In the extensions of a response: what is inside the verification makes an error of it.
#[derive(Clone, Copy)]
struct Fails;

async fn on_axum<P: Provider>(State(book): State<Arc<Book>>, hook: countersign::axum::Webhook<P>) -> Response {
    match book.handle(hook.resource_id().unwrap_or_default()).await {
        Reply::Answer(status) => status_of(status).into_response(),
        Reply::Say(status, outcome) => (status_of(status), Extension(outcome)).into_response(),
        Reply::Fail => Extension(Fails).into_response(),
    }
}

pub(crate) async fn serve_axum(site: AxumSite, listener: TcpListener) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
    axum::serve(listener, site.router.with_state(site.book)).await.expect("a server that goes on");
}

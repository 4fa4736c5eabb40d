//! The adapters in servers of their own, with a route for every provider there is, and what [`mounts`] says.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use bytes::Bytes;
use countersign::{
    PeerAddr, provider::Provider, providers, tower::VerifyWebhook, tower::Webhook, tower::WebhookRejection,
};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper_util::rt::TokioIo;
use tower::{ServiceBuilder, ServiceExt, util::BoxCloneSyncService};

use crate::{
    mounts::{self, Shared},
    sites::{ActixSite, AxumSite, Service, TowerSite},
    support::{
        http::{Answer, Request},
        receiver::Line,
    },
    surfaces::{line, secrets},
};

type Lines = Arc<Mutex<Vec<Line>>>;

/// A server on a thread of its own, until the process ends.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shared: Shared,
    kind: Kind,
    lines: Lines,
    turn: Mutex<()>,
}

/// How a server is started.
#[derive(Clone, Copy)]
struct Kind {
    as_is: fn(std::net::TcpListener) -> Server,
    /// Takes a client that closed its writing side for one that hung up. hyper does so anyway; actix-web has to be told.
    without_half_closed: fn(std::net::TcpListener) -> Server,
}

impl Server {
    /// `serve` gets a listening socket, where its handlers put their lines, and what its mounts share.
    fn start<F: Future<Output = ()>>(
        kind: Kind,
        listener: std::net::TcpListener,
        serve: impl FnOnce(std::net::TcpListener, Lines, Shared) -> F + Send + 'static,
    ) -> Self {
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        let (lines, shared) = (Lines::default(), Shared::new());
        let (seen, mounted) = (Arc::clone(&lines), shared.clone());
        let (started, starts) = mpsc::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                started.send(()).expect("a receiver of it");
                serve(listener, seen, mounted).await;
            });
        });
        starts.recv().expect("a server that starts");
        Self { address, shared, kind, lines, turn: Mutex::new(()) }
    }

    /// Another server of the same kind, where the machine has such an address.
    pub(crate) fn another_at(&self, address: &str) -> Option<Self> {
        std::net::TcpListener::bind(address).ok().map(self.kind.as_is)
    }

    /// Another one, which does not answer a sender that closed its writing side.
    pub(crate) fn another_without_half_closed(&self) -> Self {
        (self.kind.without_half_closed)(std::net::TcpListener::bind("127.0.0.1:0").expect("a port"))
    }

    pub(crate) fn exchange(&self, request: &Request) -> (Answer, Vec<Line>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = request.send(self.address);
        (answer, std::mem::take(&mut self.lines.lock().unwrap()))
    }

    /// hyper and tower, and no framework.
    pub(crate) fn tower(listener: std::net::TcpListener) -> Self {
        let kind = Kind { as_is: Self::tower, without_half_closed: Self::tower };
        Self::start(kind, listener, |listener, lines, shared| async move {
            let mut site = TowerSite::new(Arc::clone(&shared.diary));
            mounts::mount(&mut site, &shared);
            let site = Arc::new(site);
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            loop {
                let Ok((stream, peer)) = listener.accept().await else { continue };
                let (lines, site) = (Arc::clone(&lines), Arc::clone(&site));
                let service = hyper::service::service_fn(move |mut request: http::Request<hyper::body::Incoming>| {
                    request.extensions_mut().insert(PeerAddr::from(peer));
                    let service = site.service(request.uri().path());
                    service.unwrap_or_else(|| route(request.uri().path(), Arc::clone(&lines))).oneshot(request)
                });
                let connection = hyper::server::conn::http1::Builder::new()
                    .timer(hyper_util::rt::TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        })
    }

    pub(crate) fn axum(listener: std::net::TcpListener) -> Self {
        let kind = Kind { as_is: Self::axum, without_half_closed: Self::axum };
        Self::start(kind, listener, |listener, lines, shared| async move {
            macro_rules! router {
                ($($name:ident => $Provider:ident,)*) => {
                    axum::Router::new()$(.route(
                        concat!("/webhooks/", stringify!($name)),
                        axum::routing::post(on_axum::<providers::$Provider>)
                            .layer(countersign::axum::VerifyWebhook::$name(secrets::<providers::$Provider>())),
                    ))*
                };
            }
            let mut site = AxumSite(axum::Router::new());
            mounts::mount(&mut site, &shared);
            let app = countersign::__for_each_provider!(router).with_state(lines);
            let app = app.merge(site.0.with_state(shared.diary));
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            let app = app.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, app).await.expect("a server that goes on");
        })
    }

    pub(crate) fn actix(listener: std::net::TcpListener) -> Self {
        Self::actix_with(listener, true)
    }

    fn actix_with(listener: std::net::TcpListener, half_closed: bool) -> Self {
        use actix_web::{App, HttpServer, web};

        let kind = Kind { as_is: Self::actix, without_half_closed: |listener| Self::actix_with(listener, false) };
        Self::start(kind, listener, move |listener, lines, shared| async move {
            let mut site = ActixSite::default();
            mounts::mount(&mut site, &shared);
            macro_rules! server {
                ($($name:ident => $Provider:ident,)*) => {{
                    $(let $name = countersign::actix::VerifyWebhook::$name(secrets::<providers::$Provider>());)*
                    HttpServer::new(move || {
                        let app = App::new()
                            .app_data(web::Data::from(Arc::clone(&lines)))
                            .app_data(web::Data::from(Arc::clone(&shared.diary)))
                            .configure(|config| site.configure(config));
                        app$(.service(
                            web::resource(concat!("/webhooks/", stringify!($name)))
                                .wrap($name.clone())
                                .route(web::post().to(on_actix::<providers::$Provider>)),
                        ))*
                    })
                }};
            }
            let server = countersign::__for_each_provider!(server);
            let server = server.workers(1).disable_signals().h1_allow_half_closed(half_closed);
            server.listen(listener).expect("a socket").run().await.expect("a server");
        })
    }
}

async fn on_axum<P: Provider>(
    axum::extract::State(lines): axum::extract::State<Lines>,
    hook: countersign::axum::Webhook<P>,
) {
    lines.lock().unwrap().push(line::<P>(hook.event(), hook.resource_id()));
}

async fn on_actix<P: Provider>(
    lines: actix_web::web::Data<Mutex<Vec<Line>>>,
    hook: countersign::actix::Webhook<P>,
) -> actix_web::HttpResponse {
    lines.lock().unwrap().push(line::<P>(hook.event(), hook.resource_id()));
    actix_web::HttpResponse::Ok().finish()
}

/// A body that can hold hyper's, and bytes: the recipe for services whose body cannot be made from bytes.
pub(crate) struct AnyBody(UnsyncBoxBody<Bytes, hyper::Error>);

impl AnyBody {
    pub(crate) fn of_hyper(request: http::Request<hyper::body::Incoming>) -> http::Request<Self> {
        request.map(|body| Self(body.boxed_unsync()))
    }
}

impl From<Bytes> for AnyBody {
    fn from(bytes: Bytes) -> Self {
        Self(Full::new(bytes).map_err(|never: Infallible| match never {}).boxed_unsync())
    }
}

impl http_body::Body for AnyBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, hyper::Error>>> {
        std::pin::Pin::new(&mut self.0).poll_frame(cx)
    }
}

pub(crate) type Response = http::Response<Full<Bytes>>;

/// What a handler without a framework answers if it does not get its webhook.
pub(crate) fn rejected(rejection: &WebhookRejection) -> Response {
    http::Response::builder()
        .status(rejection.error().status())
        .header("content-type", "application/problem+json")
        .body(rejection.error().answer().body().into())
        .expect("a response")
}

fn route(path: &str, lines: Lines) -> Service {
    macro_rules! dispatch {
        ($($name:ident => $Provider:ident,)*) => {
            match path {
                $(concat!("/webhooks/", stringify!($name)) => service::<providers::$Provider>(lines),)*
                other => panic!("no such route: {other}"),
            }
        };
    }
    countersign::__for_each_provider!(dispatch)
}

fn service<P: Provider>(lines: Lines) -> Service {
    let handle = move |request: http::Request<AnyBody>| {
        let lines = Arc::clone(&lines);
        async move {
            Ok(match Webhook::<P>::from_extensions(request.extensions()) {
                Ok(hook) => {
                    lines.lock().unwrap().push(line::<P>(hook.event(), hook.resource_id()));
                    Response::default()
                }
                Err(rejection) => rejected(&rejection),
            })
        }
    };
    BoxCloneSyncService::new(
        ServiceBuilder::new()
            .map_request(AnyBody::of_hyper)
            .layer(VerifyWebhook::<P>::new(secrets::<P>()))
            .service_fn(handle),
    )
}

//! The adapters in servers of their own, with a route for every provider there is.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use bytes::Bytes;
use countersign::{Provider, providers, tower::VerifyWebhook, tower::Webhook};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper_util::rt::TokioIo;
use tower::{Service, ServiceBuilder, ServiceExt, util::BoxCloneSyncService};

use crate::{
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
    lines: Lines,
    turn: Mutex<()>,
}

impl Server {
    /// `serve` gets a listening socket and where its handlers put their lines.
    fn start<F: Future<Output = ()>>(serve: impl FnOnce(std::net::TcpListener, Lines) -> F + Send + 'static) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        let lines = Lines::default();
        let seen = Arc::clone(&lines);
        let (started, starts) = mpsc::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                started.send(()).expect("somebody waits");
                serve(listener, seen).await;
            });
        });
        starts.recv().expect("a server that starts");
        Self { address, lines, turn: Mutex::new(()) }
    }

    pub(crate) fn exchange(&self, request: &Request) -> (Answer, Vec<Line>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = request.send(self.address);
        (answer, std::mem::take(&mut self.lines.lock().unwrap()))
    }

    /// hyper and tower, and no framework.
    pub(crate) fn tower() -> Self {
        Self::start(|listener, lines| async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                let lines = Arc::clone(&lines);
                let service = hyper::service::service_fn(move |request| route(request, Arc::clone(&lines)));
                let connection = hyper::server::conn::http1::Builder::new()
                    .timer(hyper_util::rt::TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service);
                tokio::spawn(connection);
            }
        })
    }

    pub(crate) fn axum() -> Self {
        Self::start(|listener, lines| async move {
            macro_rules! router {
                ($($name:ident => $Provider:ident,)*) => {
                    axum::Router::new()$(.route(
                        concat!("/webhooks/", stringify!($name)),
                        axum::routing::post(on_axum::<providers::$Provider>)
                            .layer(countersign::axum::VerifyWebhook::$name(secrets::<providers::$Provider>())),
                    ))*
                };
            }
            let app = countersign::__for_each_provider!(router).with_state(lines);
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            axum::serve(listener, app).await.expect("a server that goes on");
        })
    }

    pub(crate) fn actix() -> Self {
        use actix_web::{App, HttpServer, web};

        Self::start(|listener, lines| async move {
            macro_rules! server {
                ($($name:ident => $Provider:ident,)*) => {{
                    $(let $name = countersign::actix::VerifyWebhook::$name(secrets::<providers::$Provider>());)*
                    HttpServer::new(move || {
                        App::new().app_data(web::Data::from(Arc::clone(&lines)))$(.service(
                            web::resource(concat!("/webhooks/", stringify!($name)))
                                .wrap($name.clone())
                                .route(web::post().to(on_actix::<providers::$Provider>)),
                        ))*
                    })
                }};
            }
            let server = countersign::__for_each_provider!(server);
            server.workers(1).disable_signals().listen(listener).expect("a socket").run().await.expect("a server");
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
struct AnyBody(UnsyncBoxBody<Bytes, hyper::Error>);

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

type Response = http::Response<Full<Bytes>>;

async fn route(request: http::Request<hyper::body::Incoming>, lines: Lines) -> Result<Response, Infallible> {
    macro_rules! dispatch {
        ($($name:ident => $Provider:ident,)*) => {
            match request.uri().path() {
                $(concat!("/webhooks/", stringify!($name)) => service::<providers::$Provider>(lines),)*
                other => panic!("no such route: {other}"),
            }
        };
    }
    countersign::__for_each_provider!(dispatch).ready().await?.call(request).await
}

fn service<P: Provider>(
    lines: Lines,
) -> BoxCloneSyncService<http::Request<hyper::body::Incoming>, Response, Infallible> {
    let handle = move |request: http::Request<AnyBody>| {
        let lines = Arc::clone(&lines);
        async move {
            Ok(match Webhook::<P>::from_extensions(request.extensions()) {
                Ok(hook) => {
                    lines.lock().unwrap().push(line::<P>(hook.event(), hook.resource_id()));
                    Response::default()
                }
                Err(rejection) => http::Response::builder()
                    .status(rejection.status())
                    .header("content-type", "application/problem+json")
                    .body(rejection.problem().into())
                    .expect("a response"),
            })
        }
    };
    BoxCloneSyncService::new(
        ServiceBuilder::new()
            .map_request(|request: http::Request<hyper::body::Incoming>| {
                request.map(|body| AnyBody(body.boxed_unsync()))
            })
            .layer(VerifyWebhook::<P>::new(secrets::<P>()))
            .service_fn(handle),
    )
}

//! The adapters in servers of their own, with everything that [`mounts`] says. Outside of it, a layer writes down the reason
//! of every rejection.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use axum::{
    extract::{Request, State},
    middleware::Next,
};
use bytes::Bytes;
use countersign::{PeerAddr, tower::WebhookRejection};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper_util::rt::TokioIo;
use tower::ServiceExt;

use crate::{
    diary::Diary,
    mounts::{self, Shared},
    receiver_site::ReceiverSite,
    sites::{ActixSite, AxumSite, Services, TowerSite},
    support::{
        http::{Answer, Request as Delivery},
        receiver::Line,
    },
};

/// A server on a thread of its own, until the process ends.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) shared: Shared,
    kind: Kind,
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
    /// `serve` gets a listening socket, and what its mounts share.
    fn start<F: Future<Output = ()>>(
        kind: Kind,
        listener: std::net::TcpListener,
        serve: impl FnOnce(std::net::TcpListener, Shared) -> F + Send + 'static,
    ) -> Self {
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        let shared = Shared::new();
        let mounted = shared.clone();
        let (started, starts) = mpsc::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                started.send(()).expect("a receiver of it");
                serve(listener, mounted).await;
            });
        });
        starts.recv().expect("a server that starts");
        Self { address, shared, kind, turn: Mutex::new(()) }
    }

    /// Another server of the same kind, where the machine has such an address.
    pub(crate) fn another_at(&self, address: &str) -> Option<Self> {
        std::net::TcpListener::bind(address).ok().map(self.kind.as_is)
    }

    /// Another one, which does not answer a sender that closed its writing side.
    pub(crate) fn another_without_half_closed(&self) -> Self {
        (self.kind.without_half_closed)(std::net::TcpListener::bind("127.0.0.1:0").expect("a port"))
    }

    /// Sends a request to a provider's own route, one at a time: all behaviours share it.
    pub(crate) fn exchange(&self, request: &Delivery) -> (Answer, Vec<Line>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let path = request.target.split('?').next().unwrap_or_default();
        let answer = request.send(self.address);
        let lines = self.shared.diary.take_handled(path).into_iter().map(|handled| {
            assert_eq!((&handled.body, &handled.payload), (&request.body, &request.body));
            assert!(!handled.target.contains("token"), "{}", handled.target);
            let provider = path.trim_start_matches("/webhooks/").to_owned();
            Line { provider, event: handled.event, id: handled.id }
        });
        (answer, lines.collect())
    }

    /// hyper and tower, and no framework.
    pub(crate) fn tower(listener: std::net::TcpListener) -> Self {
        Self::hyper(Self::tower, listener, |shared| {
            let mut site = TowerSite::new(Arc::clone(&shared.diary));
            mounts::mount(&mut site, shared);
            site.services
        })
    }

    /// hyper and core's `Receiver`, and no adapter.
    pub(crate) fn core(listener: std::net::TcpListener) -> Self {
        Self::hyper(Self::core, listener, |shared| {
            let mut site = ReceiverSite::new(Arc::clone(&shared.diary));
            mounts::mount(&mut site, shared);
            site.services
        })
    }

    fn hyper(
        start: fn(std::net::TcpListener) -> Self,
        listener: std::net::TcpListener,
        services: fn(&Shared) -> Services,
    ) -> Self {
        let kind = Kind { as_is: start, without_half_closed: start };
        Self::start(kind, listener, move |listener, shared| async move {
            let services = Arc::new(services(&shared));
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            loop {
                let Ok((stream, peer)) = listener.accept().await else { continue };
                let (services, diary) = (Arc::clone(&services), Arc::clone(&shared.diary));
                let service = hyper::service::service_fn(move |mut request: http::Request<hyper::body::Incoming>| {
                    request.extensions_mut().insert(PeerAddr::from(peer));
                    let path = request.uri().path().to_owned();
                    let (service, diary) = (services.at(&path), Arc::clone(&diary));
                    async move {
                        let response = service.oneshot(request).await;
                        response.inspect(|response| diary.answer(&path, response.extensions().get()))
                    }
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
        Self::start(kind, listener, |listener, shared| async move {
            let mut site = AxumSite(axum::Router::new());
            mounts::mount(&mut site, &shared);
            let tell = axum::middleware::from_fn_with_state(Arc::clone(&shared.diary), tell_axum);
            let app = site.0.with_state(shared.diary).layer(tell);
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            let app = app.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, app).await.expect("a server that goes on");
        })
    }

    pub(crate) fn actix(listener: std::net::TcpListener) -> Self {
        Self::actix_with(listener, true)
    }

    fn actix_with(listener: std::net::TcpListener, half_closed: bool) -> Self {
        use actix_web::{App, HttpServer, middleware::from_fn, web};

        let kind = Kind { as_is: Self::actix, without_half_closed: |listener| Self::actix_with(listener, false) };
        Self::start(kind, listener, move |listener, shared| async move {
            let mut site = ActixSite::default();
            mounts::mount(&mut site, &shared);
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(web::Data::from(Arc::clone(&shared.diary)))
                    .configure(|config| site.configure(config))
                    .wrap(from_fn(tell_actix))
            });
            let server = server.workers(1).disable_signals().h1_allow_half_closed(half_closed);
            server.listen(listener).expect("a socket").run().await.expect("a server");
        })
    }
}

async fn tell_axum(State(diary): State<Arc<Diary>>, request: Request, next: Next) -> axum::response::Response {
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    diary.answer(&path, response.extensions().get());
    response
}

async fn tell_actix(
    request: ServiceRequest,
    next: actix_web::middleware::Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let diary = request.app_data::<actix_web::web::Data<Diary>>().expect("what every app is given").clone();
    let path = request.uri().path().to_owned();
    let response = next.call(request).await?;
    diary.answer(&path, response.response().extensions().get());
    Ok(response)
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
    let mut response: Response = http::Response::from(&rejection.error().answer()).map(Into::into);
    if let Some(rejection) = rejection.error().rejection() {
        response.extensions_mut().insert(rejection.clone());
    }
    response
}

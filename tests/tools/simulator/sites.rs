//! The receivers: in process and on loopback, behind each adapter.

use std::{
    convert::Infallible,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread,
    time::Duration,
};

use actix_web::{App, HttpResponse, HttpServer, web};
use axum::{Router, body::Body, extract::State, routing::post};
use bytes::Bytes;
use countersign::{dedupe::Dedupe, provider::Provider};
use countersign_testkit::{Answer, Endpoint, InProcess, SendError, SimulatedBody, Target};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::{Layer, service_fn, util::BoxCloneSyncService};

use crate::simulator::work::Work;

pub(crate) const SECRET: &str = "fixture secret/&+%";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    AxumInProcess,
    TowerInProcess,
    AxumServer,
    ActixServer,
}

/// Makes of every function a test for each kind of receiver, which is the argument.
macro_rules! for_all {
    ($($test:ident,)*) => {
        for_all!(@ axum_in_process AxumInProcess $($test)*);
        for_all!(@ tower_in_process TowerInProcess $($test)*);
        for_all!(@ axum_server AxumServer $($test)*);
        for_all!(@ actix_server ActixServer $($test)*);
    };
    (@ $module:ident $Kind:ident $($test:ident)*) => {
        mod $module {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::simulator::sites::Kind::$Kind).await;
            })*
        }
    };
}

pub(crate) use for_all;

impl Kind {
    pub(crate) fn is_in_process(self) -> bool {
        matches!(self, Self::AxumInProcess | Self::TowerInProcess)
    }
}

/// What a receiver's `VerifyWebhook` is set to.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) dedupe: Option<Dedupe>,
    pub(crate) body_timeout: Option<Duration>,
}

impl Settings {
    pub(crate) fn once(dedupe: impl Into<Dedupe>) -> Self {
        Self { dedupe: Some(dedupe.into()), body_timeout: None }
    }
}

type Tower = BoxCloneSyncService<Request<SimulatedBody>, Response<Full<Bytes>>, Infallible>;

/// A target of our own, which is one of the kit's.
pub(crate) enum Receiver {
    Axum(InProcess<Router, fn(SimulatedBody) -> Body>),
    Tower(InProcess<Tower, fn(SimulatedBody) -> SimulatedBody>),
    Url(Endpoint),
}

impl Target for Receiver {
    async fn send(&self, request: Request<SimulatedBody>) -> Result<Answer, SendError> {
        match self {
            Self::Axum(target) => target.send(request).await,
            Self::Tower(target) => target.send(request).await,
            Self::Url(target) => target.send(request).await,
        }
    }
}

impl Receiver {
    pub(crate) fn of<P: Provider>(kind: Kind, settings: &Settings, work: &Arc<Work>) -> Self {
        match kind {
            Kind::AxumInProcess => Self::Axum(InProcess::new(router::<P>(settings, work), Body::new)),
            Kind::TowerInProcess => Self::Tower(InProcess::new(tower::<P>(settings, work), std::convert::identity)),
            Kind::AxumServer => Self::Url(endpoint::<P>(serve(router::<P>(settings, work)))),
            Kind::ActixServer => Self::Url(endpoint::<P>(serve_actix::<P>(settings, work))),
        }
    }
}

fn path<P: Provider>() -> String {
    format!("/webhooks/{}", P::NAME)
}

fn endpoint<P: Provider>(address: SocketAddr) -> Endpoint {
    Endpoint::new(url(address, &path::<P>()))
}

pub(crate) fn url(address: SocketAddr, path: &str) -> reqwest::Url {
    format!("http://{address}{path}").parse().expect("a URL")
}

macro_rules! verify {
    ($adapter:ident, $P:ident, $settings:ident) => {{
        let verify = countersign::$adapter::VerifyWebhook::<$P>::new(SECRET);
        match $settings.body_timeout {
            Some(timeout) => verify.with_body_timeout(timeout),
            None => verify,
        }
    }};
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}

async fn on_axum<P: Provider>(State(work): State<Arc<Work>>, hook: countersign::axum::Webhook<P>) -> StatusCode {
    status_of(work.handle(hook.resource_id().unwrap_or_default()).await)
}

pub(crate) fn router<P: Provider>(settings: &Settings, work: &Arc<Work>) -> Router {
    let (verify, handler) = (verify!(axum, P, settings), post(on_axum::<P>));
    let method = match &settings.dedupe {
        Some(dedupe) => handler.layer(verify.with_dedupe(dedupe.clone())),
        None => handler.layer(verify),
    };
    Router::new().route(&path::<P>(), method).with_state(Arc::clone(work))
}

fn tower<P: Provider>(settings: &Settings, work: &Arc<Work>) -> Tower {
    let work = Arc::clone(work);
    let service = service_fn(move |request: Request<SimulatedBody>| {
        let work = Arc::clone(&work);
        async move {
            let hook = countersign::tower::Webhook::<P>::from_extensions(request.extensions()).expect("a delivery");
            let mut response = Response::new(Full::default());
            *response.status_mut() = status_of(work.handle(hook.resource_id().unwrap_or_default()).await);
            Ok(response)
        }
    });
    let verify = verify!(tower, P, settings);
    match &settings.dedupe {
        Some(dedupe) => BoxCloneSyncService::new(verify.with_dedupe(dedupe.clone()).layer(service)),
        None => BoxCloneSyncService::new(verify.layer(service)),
    }
}

fn listener() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    listener
}

/// A server for as long as the test runs.
pub(crate) fn serve(router: Router) -> SocketAddr {
    let listener = listener();
    let address = listener.local_addr().expect("an address");
    let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn on_actix<P: Provider>(work: web::Data<Work>, hook: countersign::actix::Webhook<P>) -> HttpResponse {
    let status = work.handle(hook.resource_id().unwrap_or_default()).await;
    HttpResponse::new(actix_web::http::StatusCode::from_u16(status).expect("a status"))
}

fn serve_actix<P: Provider>(settings: &Settings, work: &Arc<Work>) -> SocketAddr {
    let (verify, dedupe) = (verify!(actix, P, settings), settings.dedupe.clone());
    let work = web::Data::from(Arc::clone(work));
    serve_actix_with(move |config| {
        let verify = verify.clone();
        let verify = match &dedupe {
            Some(dedupe) => verify.with_dedupe(dedupe.clone()),
            None => verify,
        };
        let resource = web::resource(path::<P>()).route(web::post().to(on_actix::<P>)).wrap(verify);
        config.app_data(work.clone()).service(resource);
    })
}

/// A server on a thread of its own until the process ends.
pub(crate) fn serve_actix_with(configure: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static) -> SocketAddr {
    let listener = listener();
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let server = HttpServer::new(move || App::new().configure(configure.clone()));
        // So that, as in hyper, what belongs to a client that hung up is dropped.
        let server = server.workers(1).disable_signals().h1_allow_half_closed(false);
        let server = server.listen(listener).expect("a socket");
        actix_web::rt::System::new().block_on(server.run()).expect("a server");
    });
    address
}

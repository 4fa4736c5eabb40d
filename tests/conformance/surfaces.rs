//! The four ways to the verifier.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, LazyLock, Mutex, PoisonError, mpsc},
    thread,
};

use bytes::Bytes;
use countersign::{
    Delivery, Event, ExtractionError, Provider, Secrets, Verifier, VerifyError, providers, tower::VerifyWebhook,
    tower::Webhook,
};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper_util::rt::TokioIo;
use tower::{Service, ServiceBuilder, ServiceExt, util::BoxCloneSyncService};

use crate::support::{
    Sender,
    http::{Answer, Framing, Request},
    receiver::{Line, Receiver},
    sender,
};

/// A way to the verifier: it answers requests, and tells what its handler was given.
pub(crate) enum Surface {
    Core,
    Tower(TowerServer),
    /// A receiver that is started when it is first asked, so that a filtered run starts no other.
    Receiver(&'static str, LazyLock<Receiver, Box<dyn FnOnce() -> Receiver + Send>>),
}

pub(crate) fn all() -> Vec<Arc<Surface>> {
    let receiver = |name: &'static str, example: &'static str| {
        let start: Box<dyn FnOnce() -> Receiver + Send> = Box::new(move || Receiver::start(example));
        Surface::Receiver(name, LazyLock::new(start))
    };
    let surfaces = [
        Surface::Core,
        Surface::Tower(TowerServer::start()),
        receiver("axum", "axum_receiver"),
        receiver("actix", "actix_receiver"),
    ];
    surfaces.into_iter().map(Arc::new).collect()
}

impl Surface {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Tower(_) => "tower",
            Self::Receiver(name, _) => name,
        }
    }

    pub(crate) fn is_socket(&self) -> bool {
        !matches!(self, Self::Core)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Core => panic!("core has no address"),
            Self::Tower(server) => server.address,
            Self::Receiver(_, receiver) => receiver.address,
        }
    }

    pub(crate) fn exchange(&self, request: &Request) -> (Answer, Vec<Line>) {
        match self {
            Self::Core => through_core(request),
            Self::Tower(server) => server.exchange(request),
            Self::Receiver(_, receiver) => receiver.exchange(request),
        }
    }

    /// The delivery is answered 200, and the handler was given it once, as this event and id.
    #[track_caller]
    pub(crate) fn accepts(&self, sender: &Sender, request: &Request, event: &str, id: &str) {
        let (answer, lines) = self.exchange(request);
        assert_eq!(answer.status, 200, "{answer:?} to {request:?}");
        let line = Line { provider: sender.name.to_owned(), event: event.to_owned(), id: id.to_owned() };
        assert_eq!(lines, [line], "for {request:?}");
    }

    /// The delivery is answered with this status, and no handler was given anything.
    #[track_caller]
    pub(crate) fn refuses(&self, request: &Request, status: u16) -> Answer {
        let (answer, lines) = self.exchange(request);
        let shown = || {
            let body: String = String::from_utf8_lossy(&request.body).chars().take(400).collect();
            format!("{} {} {:?} {body}", request.method, request.target, request.headers)
        };
        assert_eq!(answer.status, status, "{answer:?} to {}", shown());
        assert_eq!(lines, [], "for {}", shown());
        answer
    }
}

fn secrets<P: Provider>() -> Secrets {
    let sender = sender(P::NAME);
    Secrets::new(sender.secret()).add_previous(sender.previous_secret())
}

/// The head as `http` has it: what it cannot hold, no server passes on.
fn head(request: &Request) -> http::Request<()> {
    let mut builder = http::Request::builder().method(request.method.as_str()).uri(&request.target);
    for (name, value) in &request.headers {
        builder = builder.header(name, http::HeaderValue::from_bytes(value).expect("a header value"));
    }
    builder = match request.framing {
        Framing::Length => builder.header("content-length", request.body.len()),
        Framing::Declared(length) => builder.header("content-length", length.to_string()),
        Framing::Chunked(_) | Framing::Unfinished => builder.header("transfer-encoding", "chunked"),
    };
    builder.body(()).expect("a request")
}

fn through_core(request: &Request) -> (Answer, Vec<Line>) {
    macro_rules! dispatch {
        ($($name:ident => $Provider:ident,)*) => {
            match request.target.split('?').next() {
                $(Some(concat!("/webhooks/", stringify!($name))) => verify::<providers::$Provider>(request),)*
                other => panic!("no such route: {other:?}"),
            }
        };
    }
    let answer = |status, headers: &[(&str, &str)], body: &str| Answer {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.to_owned(),
    };
    match countersign::__for_each_provider!(dispatch) {
        Ok(line) => (answer(200, &[], ""), vec![line]),
        Err(error) => (answer(error.status(), error.headers(), error.problem()), Vec::new()),
    }
}

fn verify<P: Provider>(request: &Request) -> Result<Line, VerifyError> {
    let verifier = Verifier::<P>::new(secrets::<P>());
    let delivery = match request.framing {
        Framing::Chunked(size) => {
            let mut verification = verifier.check_head(&head(request))?;
            for chunk in request.body.chunks(size) {
                verification.push(Bytes::copy_from_slice(chunk))?;
            }
            verification.finish()?
        }
        _ => verifier.verify(&head(request), request.body.clone())?,
    };
    let hook = Delivery::extract(Some(Arc::new(delivery))).map_err(|error| match error {
        ExtractionError::Undecodable(error) => error,
        other => panic!("{other}"),
    })?;
    Ok(line::<P>(hook.event(), hook.resource_id()))
}

fn line<P: Provider>(event: &P::Event, id: Option<&str>) -> Line {
    Line { provider: P::NAME.to_owned(), event: event.name().to_owned(), id: id.unwrap_or_default().to_owned() }
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
type Lines = Arc<Mutex<Vec<Line>>>;

/// hyper and tower, and no framework.
pub(crate) struct TowerServer {
    address: SocketAddr,
    lines: Lines,
    turn: Mutex<()>,
}

impl TowerServer {
    fn start() -> Self {
        let lines = Lines::default();
        let (found, address) = mpsc::channel();
        let seen = Arc::clone(&lines);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
                found.send(listener.local_addr().expect("an address")).expect("somebody waits");
                loop {
                    let Ok((stream, _)) = listener.accept().await else { continue };
                    let seen = Arc::clone(&seen);
                    let service = hyper::service::service_fn(move |request| route(request, Arc::clone(&seen)));
                    tokio::spawn(
                        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                    );
                }
            });
        });
        Self { address: address.recv().expect("an address"), lines, turn: Mutex::new(()) }
    }

    fn exchange(&self, request: &Request) -> (Answer, Vec<Line>) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = request.send(self.address);
        (answer, std::mem::take(&mut self.lines.lock().unwrap()))
    }
}

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

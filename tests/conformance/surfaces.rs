//! The ways to the verifier.

use std::{
    collections::HashSet,
    fmt::Debug,
    net::{SocketAddr, TcpListener},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use bytes::Bytes;
use countersign::{
    Delivery, ProviderEvent, Rejection, RejectionKind, Secret, Secrets, Verifier,
    adapter::{self, Finish, Next},
    provider::Provider,
    providers,
};

use crate::{
    servers::Server,
    support::{
        Sender,
        http::{Answer, Framing, Request},
        receiver::{Line, Receiver},
        sender,
    },
};

/// A way to the verifier: it answers requests, and tells what its handler was given.
pub(crate) enum Surface {
    Core,
    Server(&'static str, Started<Server>),
    /// And what it has printed: a receiver handles each delivery once.
    Receiver(&'static str, Started<Receiver>, Mutex<HashSet<Line>>),
}

/// Started when it is first asked, so that a filtered run starts no other.
type Started<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

/// The providers that the example receivers receive.
const RECEIVED: [&str; 5] = ["screenscore", "screenshotcenter", "screenshotrun", "zeodyn", "geoscored"];

pub(crate) fn all() -> Vec<Arc<Surface>> {
    let receiver = |name: &'static str| {
        Surface::Receiver(name, LazyLock::new(Box::new(move || Receiver::start(name))), Mutex::default())
    };
    let server = |name, start: fn(TcpListener) -> Server| {
        let start = move || start(TcpListener::bind("127.0.0.1:0").expect("a port"));
        Surface::Server(name, LazyLock::new(Box::new(start)))
    };
    let surfaces = [
        Surface::Core,
        server("receiver", Server::core),
        server("tower", Server::tower),
        server("axum", Server::axum),
        server("actix", Server::actix),
        receiver("axum_receiver"),
        receiver("actix_receiver"),
    ];
    surfaces.into_iter().map(Arc::new).collect()
}

impl Surface {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Server(name, _) | Self::Receiver(name, ..) => name,
        }
    }

    /// Whether it has mounts.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self, Self::Server(..))
    }

    pub(crate) fn server(&self) -> &Server {
        match self {
            Self::Server(_, server) => server,
            Self::Core | Self::Receiver(..) => panic!("{} is no server of ours", self.name()),
        }
    }

    pub(crate) fn is_socket(&self) -> bool {
        !matches!(self, Self::Core)
    }

    /// Whether it has a route for the provider.
    pub(crate) fn receives(&self, provider: &str) -> bool {
        !matches!(self, Self::Receiver(..)) || RECEIVED.contains(&provider)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        match self {
            Self::Core => panic!("core has no address"),
            Self::Server(_, server) => server.address,
            Self::Receiver(_, receiver, _) => receiver.address,
        }
    }

    pub(crate) fn exchange(&self, request: &Request) -> (Answer, Vec<Line>) {
        match self {
            Self::Core => through_core(request),
            Self::Server(_, server) => server.exchange(request),
            Self::Receiver(_, receiver, printed) => {
                let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
                let (answer, lines) = receiver.exchange(request);
                printed.extend(lines.iter().cloned());
                (answer, lines)
            }
        }
    }

    /// The delivery is answered 200, and the handler was given it once, as this event and id; a receiver's now, or before.
    #[track_caller]
    pub(crate) fn accepts(&self, sender: &Sender, request: &Request, event: &str, id: &str) {
        let (answer, lines) = self.exchange(request);
        assert_eq!(answer.status, 200, "{answer:?} to {request:?}");
        let line = Line { provider: sender.name.to_owned(), event: event.to_owned(), id: id.to_owned() };
        match self {
            Self::Receiver(.., printed) if answer.header("countersign-delivery") == Some("duplicate") => {
                assert_eq!(lines, [], "for {request:?}");
                assert!(printed.lock().unwrap_or_else(PoisonError::into_inner).contains(&line), "for {request:?}");
            }
            _ => assert_eq!(lines, [line], "for {request:?}"),
        }
    }

    /// The delivery is answered with this status, and no handler was given anything.
    #[track_caller]
    pub(crate) fn rejects(&self, request: &Request, status: u16) -> Answer {
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

pub(crate) fn secrets<P: Provider>() -> Secrets {
    let sender = sender(P::NAME);
    let secret = |text: String| Secret::new(text).expect("a secret");
    Secrets::new(secret(sender.secret())).add_previous(secret(sender.previous_secret()))
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
    match countersign::__for_each_typed_provider!(dispatch) {
        Ok(line) => (answer(200, &[], ""), vec![line]),
        Err(rejection) => {
            let rejection = adapter::Answer::from(rejection);
            let body = String::from_utf8(rejection.body().to_vec()).expect("UTF-8");
            (answer(rejection.status(), rejection.headers(), &body), Vec::new())
        }
    }
}

fn verify<P: Provider>(request: &Request) -> Result<Line, Rejection> {
    let verifier = Verifier::<P>::new(secrets::<P>());
    let in_frames = |size| {
        let mut verification = verifier.check_head(&head(request))?;
        for chunk in request.body.chunks(size) {
            verification.push(Bytes::copy_from_slice(chunk))?;
        }
        verification.finish()?.read()
    };
    let delivery = match request.framing {
        Framing::Chunked(size) => in_frames(size),
        _ => {
            let whole = verifier.verify(&head(request), request.body.clone());
            // A body at hand and one that arrives take different ways to the same answer.
            for frames in [in_frames(request.body.len().max(1)), in_frames(1000)] {
                assert_eq!(answered(&frames), answered(&whole));
            }
            whole
        }
    };
    let received = receive(&adapter::Receiver::from(verifier), request)
        .map(|received| adapter::Received::extract(Some(&received)));
    match (&delivery, received) {
        (Err(rejection), Err(answer)) => assert_same(&answer, rejection),
        // The receiver hands it on: it is the handler's to decide, or the extractor's to answer.
        (Err(rejection), Ok(Err(error))) => {
            assert_eq!(rejection.kind(), RejectionKind::Undecodable);
            assert_same(&error.answer(), rejection);
        }
        (Ok(_), Ok(Ok(received))) => {
            let received = Arc::into_inner(received).expect("the receiver keeps none");
            assert_eq!(answered(&Ok(received)), answered(&delivery));
        }
        (delivery, received) => panic!("{delivery:?} of the verifier, {received:?} of the receiver"),
    }
    delivery.map(|delivery| line::<P>(delivery.event(), delivery.resource_id()))
}

/// What an adapter does with the receiver.
fn receive<P: Provider>(
    receiver: &adapter::Receiver<P>,
    request: &Request,
) -> Result<adapter::Received<P>, adapter::Answer> {
    let mut receiving = receiver.begin(&head(request))?;
    let size = if let Framing::Chunked(size) = request.framing { size } else { 1000 };
    for chunk in request.body.chunks(size) {
        receiving.push(Bytes::copy_from_slice(chunk))?;
    }
    match receiving.finish(tokio::time::sleep) {
        Finish::Ready(Next::Handle(received, lease)) => {
            assert!(lease.is_none(), "nothing is claimed");
            assert_eq!(received.body(), &request.body);
            Ok(received)
        }
        Finish::Ready(Next::Answer(answer)) => Err(answer),
        Finish::Wait(_) => panic!("a fixed secret needs no answer"),
    }
}

/// The receiver's answer is the one of the verifier's rejection.
#[track_caller]
fn assert_same(answer: &adapter::Answer, rejection: &Rejection) {
    let expected = adapter::Answer::from(rejection.clone());
    let parts = |answer: &adapter::Answer| (answer.status(), answer.headers(), answer.body());
    assert_eq!(parts(answer), parts(&expected));
    let adapter::Why::Rejected(reason) = answer.why() else { panic!("{:?}", answer.why()) };
    assert_eq!(reason.kind(), rejection.kind());
}

/// What there is to compare of an answer.
fn answered<P: Provider>(answer: &Result<Delivery<P>, Rejection>) -> Result<impl PartialEq + Debug, RejectionKind> {
    let delivery = answer.as_ref().map_err(Rejection::kind)?;
    let matched = delivery.matched_secret().position();
    Ok((delivery.body().clone(), delivery.trust(), matched, delivery.sent_at()))
}

pub(crate) fn line<P: Provider>(event: &P::Event, id: Option<&str>) -> Line {
    Line { provider: P::NAME.to_owned(), event: event.name().to_owned(), id: id.unwrap_or_default().to_owned() }
}

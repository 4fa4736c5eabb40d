//! A server in the place of ScreenshotRun's API: HTTPS at `localhost`, on a thread of its own while it lives.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use bytes::Bytes;
use countersign::confirmation::{ScreenshotRunApi, ScreenshotRunApiBuilder};
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};

use crate::{certificates, until};

pub(crate) const KEY: &str = concat!("sk", "_confirmation-7f3a91");

/// A request as it reached the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(header, _)| header == name).map(|(_, value)| value.as_str()).collect()
    }
}

pub(crate) type Answer = Response<Full<Bytes>>;
type Later<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Script = Arc<dyn Fn(Seen) -> Later<Answer> + Send + Sync>;
type Raw = Arc<dyn Fn(TlsStream<TcpStream>) -> Later<()> + Send + Sync>;

/// What the API does with a connection.
#[derive(Clone)]
pub(crate) enum Conduct {
    Serve(Script),
    /// Whatever HTTP does not allow, and what a server would not do.
    Raw(Raw),
}

pub(crate) struct Api {
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    counts: Arc<Counts>,
    _stop: oneshot::Sender<()>,
}

#[derive(Default)]
struct Counts {
    accepted: AtomicUsize,
    open: AtomicUsize,
}

static LOCALHOST: LazyLock<Arc<ServerConfig>> = LazyLock::new(|| certificates::OURS.server_of("localhost"));

impl Api {
    /// Gives this answer to everything.
    pub(crate) fn answering(status: u16, body: impl Into<Bytes>) -> Self {
        Self::answering_with(answer(status, body))
    }

    pub(crate) fn answering_with(answer: Answer) -> Self {
        Self::serving(move |_| {
            let answer = answer.clone();
            async { answer }
        })
    }

    /// Gives whatever answer it is told to give next.
    pub(crate) fn told() -> (Self, impl Fn(Answer)) {
        let next = Arc::new(Mutex::new(answer(500, "")));
        let now = Arc::clone(&next);
        let api = Self::serving(move |_| {
            let answer = now.lock().unwrap().clone();
            async { answer }
        });
        (api, move |answer| *next.lock().unwrap() = answer)
    }

    pub(crate) fn serving<F: Future<Output = Answer> + Send + 'static>(
        script: impl Fn(Seen) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::start(&LOCALHOST, Conduct::Serve(Arc::new(move |seen| Box::pin(script(seen)))))
    }

    /// Gets every connection right after the TLS handshake.
    pub(crate) fn raw<F: Future<Output = ()> + Send + 'static>(
        raw: impl Fn(TlsStream<TcpStream>) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::start(&LOCALHOST, Conduct::Raw(Arc::new(move |stream| Box::pin(raw(stream)))))
    }

    pub(crate) fn start(tls: &Arc<ServerConfig>, conduct: Conduct) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let port = listener.local_addr().expect("an address").port();
        let (seen, counts) = (Arc::<Mutex<Vec<Seen>>>::default(), Arc::<Counts>::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let serve =
            accept(listener, TlsAcceptor::from(Arc::clone(tls)), conduct, Arc::clone(&seen), Arc::clone(&counts));
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                tokio::select! { () = serve => {} _ = stopped => {} }
            });
        });
        Self { port, seen, counts, _stop: stop }
    }

    pub(crate) fn base(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// A client that asks here.
    pub(crate) fn client(&self) -> ScreenshotRunApiBuilder {
        ScreenshotRunApi::builder(KEY).with_base_url(self.base()).with_root_certificates(certificates::OURS.pem())
    }

    /// The requests since it was last asked. Of a raw API there are none.
    pub(crate) fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    /// How many TCP connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.counts.accepted.load(Ordering::SeqCst)
    }

    /// Whether every connection is closed, now or within a few seconds.
    pub(crate) fn is_left_alone(&self) -> bool {
        until(|| self.counts.open.load(Ordering::SeqCst) == 0)
    }
}

async fn accept(
    listener: std::net::TcpListener,
    tls: TlsAcceptor,
    conduct: Conduct,
    seen: Arc<Mutex<Vec<Seen>>>,
    counts: Arc<Counts>,
) {
    let listener = TcpListener::from_std(listener).expect("a socket");
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        counts.accepted.fetch_add(1, Ordering::SeqCst);
        let open = Open::new(&counts);
        let (tls, conduct, seen) = (tls.clone(), conduct.clone(), Arc::clone(&seen));
        tokio::spawn(async move {
            let _open = open;
            let Ok(stream) = tls.accept(stream).await else { return };
            match conduct {
                Conduct::Raw(raw) => raw(stream).await,
                Conduct::Serve(script) => serve(stream, script, seen).await,
            }
        });
    }
}

async fn serve(stream: TlsStream<TcpStream>, script: Script, seen: Arc<Mutex<Vec<Seen>>>) {
    let service = service_fn(move |request: http::Request<Incoming>| {
        let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
        async move {
            let (head, body) = request.into_parts();
            let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let request = Seen {
                method: head.method.to_string(),
                target: head.uri.to_string(),
                headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
                body: body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default(),
            };
            seen.lock().unwrap().push(request.clone());
            Ok::<_, Infallible>(script(request).await)
        }
    });
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

struct Open(Arc<Counts>);

impl Open {
    fn new(counts: &Arc<Counts>) -> Self {
        counts.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(counts))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(crate) fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = StatusCode::from_u16(status).expect("a status");
    answer
}

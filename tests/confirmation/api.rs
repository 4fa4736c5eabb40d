//! A server in the place of ScreenshotRun's API: HTTPS at `localhost`, in the runtime of the test. It writes bytes, so that
//! an answer may be one that no server would give.

use std::{
    convert::Infallible,
    future::{Future, pending},
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use countersign::confirmation::{ScreenshotRunApi, ScreenshotRunApiBuilder};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::AbortHandle,
    time::sleep,
};
use tokio_rustls::TlsAcceptor;

use crate::{certificates::OURS, until};

pub(crate) const KEY: &str = concat!("sk", "_confirmation-7f3a91");

pub(crate) const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// What the API answers, byte for byte. Then it waits until the client closes the connection.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    /// Written again and again, with this pause in between.
    pub(crate) again: Option<(Vec<u8>, Duration)>,
    /// The API closes the connection itself.
    pub(crate) breaks_off: bool,
}

/// What the API does with the head of a request.
type Script = Arc<dyn Fn(&str) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

pub(crate) struct Api {
    pub(crate) port: u16,
    pub(crate) state: Arc<State>,
    server: AbortHandle,
}

#[derive(Default)]
pub(crate) struct State {
    /// The heads of the requests.
    seen: Mutex<Vec<String>>,
    accepted: AtomicUsize,
    open: AtomicUsize,
    /// The first bytes of an answer are written.
    pub(crate) has_written: Notify,
    /// How many bytes were written after the first ones of the answers.
    pub(crate) written_again: AtomicUsize,
}

impl Api {
    /// Answers everything with this status and body.
    pub(crate) async fn answering(status: u16, body: impl AsRef<[u8]>) -> Self {
        Self::giving(answer(status, body)).await
    }

    /// Gives this answer to everything.
    pub(crate) async fn giving(answer: Answer) -> Self {
        let (api, tell) = Self::told().await;
        tell(answer);
        api
    }

    /// Gives the answer that it was told last.
    pub(crate) async fn told() -> (Self, impl Fn(Answer)) {
        let next = Arc::new(Mutex::new(Answer::default()));
        let now = Arc::clone(&next);
        let api = Self::serving(move |_| {
            let answer = now.lock().unwrap().clone();
            async { answer }
        });
        (api.await, move |answer| *next.lock().unwrap() = answer)
    }

    pub(crate) async fn serving<F: Future<Output = Answer> + Send + 'static>(
        script: impl Fn(&str) -> F + Send + Sync + 'static,
    ) -> Self {
        let script: Script = Arc::new(move |seen| Box::pin(script(seen)));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::<State>::default();
        let server = tokio::spawn(accept(listener, script, Arc::clone(&state))).abort_handle();
        Self { port, state, server }
    }

    pub(crate) fn base(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The settings of a client that sends its requests here. Only a hang exceeds its time limit.
    pub(crate) fn builder(&self) -> ScreenshotRunApiBuilder {
        builder().with_base_url(self.base()).with_timeout(Duration::from_secs(60))
    }

    pub(crate) fn client(&self) -> ScreenshotRunApi {
        self.builder().build().expect("a client")
    }

    /// Returns the heads of the requests since the last call.
    pub(crate) fn take_seen(&self) -> Vec<String> {
        std::mem::take(&mut self.state.seen.lock().unwrap())
    }

    /// Returns how many TCP connections there have been.
    pub(crate) fn connections(&self) -> usize {
        self.state.accepted.load(Ordering::SeqCst)
    }

    /// Waits until every connection is closed.
    pub(crate) async fn is_left_alone(&self) {
        until("every connection is closed", || self.state.open.load(Ordering::SeqCst) == 0).await;
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The settings of a client that trusts the API's certificate.
pub(crate) fn builder() -> ScreenshotRunApiBuilder {
    ScreenshotRunApi::builder(KEY).with_root_certificates(OURS.pem())
}

pub(crate) fn answer(status: u16, body: impl AsRef<[u8]>) -> Answer {
    answer_with(status, "", body)
}

/// An answer with these header lines.
pub(crate) fn answer_with(status: u16, lines: &str, body: impl AsRef<[u8]>) -> Answer {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status} Status\r\nContent-Length: {}\r\n{lines}\r\n", body.len());
    raw([head.as_bytes(), body].concat())
}

pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Answer {
    Answer { bytes: bytes.into(), ..Answer::default() }
}

pub(crate) fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

async fn accept(listener: TcpListener, script: Script, state: Arc<State>) {
    let tls = TlsAcceptor::from(OURS.server_of("localhost"));
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        state.accepted.fetch_add(1, Ordering::SeqCst);
        state.open.fetch_add(1, Ordering::SeqCst);
        let (tls, script, state) = (tls.clone(), Arc::clone(&script), Arc::clone(&state));
        tokio::spawn(async move {
            // A client that is gone is not a failure.
            let _ = serve(tls, stream, script, &state).await;
            state.open.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

async fn serve(tls: TlsAcceptor, stream: TcpStream, script: Script, state: &State) -> io::Result<()> {
    let mut stream = tls.accept(stream).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let seen = String::from_utf8(head).expect("ASCII");
    let answer = script(&seen);
    state.seen.lock().unwrap().push(seen);
    let (mut reader, mut writer) = tokio::io::split(stream);
    let answer = async {
        let answer = answer.await;
        writer.write_all(&answer.bytes).await?;
        writer.flush().await?;
        state.has_written.notify_one();
        if answer.breaks_off {
            writer.shutdown().await?;
        }
        let Some((bytes, pause)) = answer.again else { return pending::<io::Result<Infallible>>().await };
        loop {
            writer.write_all(&bytes).await?;
            writer.flush().await?;
            state.written_again.fetch_add(bytes.len(), Ordering::SeqCst);
            sleep(pause).await;
        }
    };
    tokio::select! {
        // The client has closed the connection.
        end = reader.read_u8() => end.map(drop),
        failed = answer => failed.map(drop),
    }
}

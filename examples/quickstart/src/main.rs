//! A receiver for five providers, and deliveries to it: `cargo run -p quickstart`.
//!
//! Starts an axum receiver for all five providers on a free port. Sends it every documented delivery over HTTP, signed as
//! the provider signs it, and also forged, tampered, truncated, oversized, unknown and repeated deliveries. Prints each
//! delivery, its answer, and what the handler received. Then shows an inbox: a delivery that is stored before its answer
//! and whose handler fails twice, and a dead letter that is redriven. The exit code is 1 if anything is not as expected.

mod inbox;

use std::{
    net::SocketAddr,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    routing::{MethodRouter, post},
};
use countersign::{
    ProviderEvent,
    adapter::DEFAULT_BODY_LIMIT,
    axum::{VerifyWebhook, Webhook},
    dedupe::MemoryStore,
    provider::Provider,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};
use countersign_testkit::{Documented, Payload, SignedRequest, Tampering};
use reqwest::Client;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

type Failure = Box<dyn std::error::Error>;

/// What the handler received in the last delivery: the event's name, and the typed event.
type Seen = Arc<Mutex<Option<(String, String)>>>;

/// The name of an event for which the handler fails the first time.
const FAILS_ONCE: &str = "something.difficult";

async fn on_event<P: Provider>(State(seen): State<Seen>, hook: Webhook<P>) -> StatusCode {
    static FAILED: Mutex<Vec<&str>> = Mutex::new(Vec::new());

    let event = hook.event();
    let mut failed = FAILED.lock().unwrap_or_else(PoisonError::into_inner);
    if event.name() == FAILS_ONCE && !failed.contains(&P::NAME) {
        failed.push(P::NAME);
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((event.name().to_owned(), format!("{event:?}")));
    StatusCode::OK
}

fn endpoint<P: Provider>(verify: VerifyWebhook<P>, dedupe: &MemoryStore) -> MethodRouter<Seen> {
    post(on_event::<P>).layer(verify.with_dedupe(dedupe.clone()))
}

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    let seen = Seen::default();
    let dedupe = MemoryStore::new();
    let app = Router::new()
        .route("/webhooks/screenscore", endpoint(VerifyWebhook::screenscore(SECRET), &dedupe))
        .route("/webhooks/screenshotcenter", endpoint(VerifyWebhook::screenshotcenter(SECRET), &dedupe))
        .route("/webhooks/screenshotrun", endpoint(VerifyWebhook::screenshotrun(SECRET), &dedupe))
        .route("/webhooks/zeodyn", endpoint(VerifyWebhook::zeodyn(SECRET), &dedupe))
        .route("/webhooks/geoscored", endpoint(VerifyWebhook::geoscored(SECRET), &dedupe))
        .with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async { axum::serve(listener, app).await });

    println!("a receiver for five providers on http://{address}\n");
    println!("{:<17}{:<34}{:<10}the handler received", "provider", "sent", "answered");
    // One connection for each delivery, as from independent senders.
    let client = Client::builder().pool_max_idle_per_host(0).build()?;
    let mut run = Run { client, address, seen, surprises: Vec::new() };
    run.provider::<ScreenScore>().await?;
    run.provider::<ScreenshotCenter>().await?;
    run.provider::<ScreenshotRun>().await?;
    run.provider::<Zeodyn>().await?;
    run.provider::<GeoScored>().await?;

    let in_the_inbox = inbox::show(&run.client).await?;
    run.surprises.extend(in_the_inbox);
    if !run.surprises.is_empty() {
        println!("\nnot as expected: {}", run.surprises.join(", "));
        return Ok(ExitCode::FAILURE);
    }
    println!("\nevery delivery was answered and handled as expected");
    Ok(ExitCode::SUCCESS)
}

const SECRET: &str = "quickstart-secret";

struct Run {
    client: Client,
    address: SocketAddr,
    seen: Seen,
    surprises: Vec<String>,
}

impl Run {
    async fn provider<P: Documented>(&mut self) -> Result<(), Failure> {
        for payload in Payload::<P>::all() {
            let name = P::Event::decode(payload.bytes())?.name().to_owned();
            self.send(&name, &payload.signed_with(SECRET), 200, &name).await?;
        }
        let first = Payload::<P>::all().next().ok_or("a provider documents events")?;
        let genuine = first.clone().signed_with(SECRET);

        let unknown = Payload::<P>::new(r#"{"event":"something.new","data":{"id":"1"}}"#).signed_with(SECRET);
        self.send("(an unknown event)", &unknown, 200, "something.new").await?;
        self.send("(the first one again)", &genuine, 200, "").await?;
        let difficult = format!(r#"{{"event":"{FAILS_ONCE}","data":{{"id":"2"}}}}"#);
        let difficult = Payload::<P>::new(difficult).signed_with(SECRET);
        self.send("(the handler fails)", &difficult, 500, "").await?;
        self.send("(it is retried)", &difficult, 200, FAILS_ONCE).await?;
        self.send("(and sent once more)", &difficult, 200, "").await?;
        self.send("(forged: another secret)", &first.signed_with("guessed"), 401, "").await?;
        self.send("(forged: no proof at all)", &genuine.tampered(Tampering::MissingProof)?, 401, "").await?;
        self.send("(truncated proof)", &genuine.tampered(Tampering::TruncatedTag)?, 401, "").await?;
        let body = std::str::from_utf8(genuine.body())?;
        if P::SCHEME.covers_body() {
            let tampered = body.replacen("https://", "https://evil.", 1);
            self.send("(tampered with on the way)", &genuine.clone().with_body(tampered), 401, "").await?;
            let (half, _) = body.split_at(body.len() / 2);
            self.send("(truncated body)", &genuine.clone().with_body(half.to_owned()), 401, "").await?;
        } else {
            // Not signed: an attacker who knows the URL can send any body. The example shows it.
            let tampered = body.replacen("https://", "https://evil.", 1).replacen("550e8400", "00000000", 1);
            let name = P::Event::decode(tampered.as_bytes())?.name().to_owned();
            let tampered = genuine.clone().with_body(tampered);
            self.send("(tampered with: NOT protected)", &tampered, 200, &name).await?;
        }
        self.oversized(&genuine).await
    }

    /// Declares a body over the limit, and sends none: only the head is needed for the rejection. A client that sent the
    /// body would find the connection closed.
    async fn oversized<P: Provider>(&mut self, request: &SignedRequest<P>) -> Result<(), Failure> {
        let mut connection = TcpStream::connect(self.address).await?;
        let mut head = format!("POST {} HTTP/1.1\r\nHost: localhost\r\n", request.path_and_query());
        for (name, value) in request.headers() {
            head.push_str(&format!("{name}: {}\r\n", value.to_str()?));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", DEFAULT_BODY_LIMIT + 1));
        connection.write_all(head.as_bytes()).await?;
        let mut answer = [0; 12];
        connection.read_exact(&mut answer).await?;
        let status = std::str::from_utf8(&answer)?.strip_prefix("HTTP/1.1 ").ok_or("no HTTP answer")?.parse()?;
        self.note::<P>("(oversized)", status, 413, "");
        Ok(())
    }

    /// Sends one delivery and prints its row. Notes an unexpected answer or event.
    async fn send<P: Provider>(
        &mut self,
        what: &str,
        request: &SignedRequest<P>,
        status: u16,
        event: &str,
    ) -> Result<(), Failure> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let endpoint = format!("http://{}/webhooks/{}", self.address, P::NAME).parse()?;
        let answer = request.to_reqwest(&self.client, endpoint).send().await?;
        self.note::<P>(what, answer.status().as_u16(), status, event);
        Ok(())
    }

    /// Prints the row of a delivery. Notes an unexpected answer or event.
    fn note<P: Provider>(&mut self, what: &str, answered: u16, status: u16, event: &str) {
        let (name, typed) = self.seen.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
        let is_expected = answered == status && name == event;
        if !is_expected {
            self.surprises.push(format!("{} {what}", P::NAME));
        }
        let remark = if is_expected { "" } else { "   <- NOT EXPECTED" };
        let shown: String = typed.chars().take(60).collect();
        println!("{:<17}{what:<34}{answered:<10}{shown}{remark}", P::NAME);
    }
}

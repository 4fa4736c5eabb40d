//! The main job in one command: `cargo run --example quickstart`.
//!
//! Starts an axum receiver for all five providers on a free port, sends it over HTTP every documented delivery, signed as
//! the provider would, and beside them forged, tampered, truncated, oversized, unknown and repeated ones. Prints what was
//! sent, what was answered and what the handler saw, and exits with 1 if anything is not as it should be.

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
    Event, Provider, Scheme,
    axum::{VerifyWebhook, Webhook},
    dedupe::MemoryStore,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Body, Client};
use sha2::Sha256;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

type Failure = Box<dyn std::error::Error>;

/// What the handler saw of the last delivery: the event's name, and the typed event.
type Seen = Arc<Mutex<Option<(String, String)>>>;

/// The handler fails the first time that it gets an event of this name.
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
    println!("{:<17}{:<34}{:<10}the handler saw", "provider", "sent", "answered");
    // A connection for each delivery, as from senders who do not know of each other.
    let client = Client::builder().pool_max_idle_per_host(0).build()?;
    let mut run = Run { client, address, seen, surprises: Vec::new() };
    run.provider::<ScreenScore>(&[
        include_str!("../tests/fixtures/screenscore/analysis.completed.json"),
        include_str!("../tests/fixtures/screenscore/analysis.failed.json"),
        include_str!("../tests/fixtures/screenscore/batch.completed.json"),
    ])
    .await?;
    run.provider::<ScreenshotCenter>(&[
        include_str!("../tests/fixtures/screenshotcenter/screenshot.finished.json"),
        include_str!("../tests/fixtures/screenshotcenter/screenshot.failed.json"),
        include_str!("../tests/fixtures/screenshotcenter/batch.finished.json"),
        include_str!("../tests/fixtures/screenshotcenter/app.upload.finished.json"),
        include_str!("../tests/fixtures/screenshotcenter/app.upload.failed.json"),
    ])
    .await?;
    run.provider::<ScreenshotRun>(&[
        include_str!("../tests/fixtures/screenshotrun/screenshot.completed.json"),
        include_str!("../tests/fixtures/screenshotrun/screenshot.failed.json"),
    ])
    .await?;
    run.provider::<Zeodyn>(&[
        include_str!("../tests/fixtures/zeodyn/score_change.json"),
        include_str!("../tests/fixtures/zeodyn/scan_complete.json"),
        include_str!("../tests/fixtures/zeodyn/threshold_alert.json"),
        include_str!("../tests/fixtures/zeodyn/batch_complete.json"),
    ])
    .await?;
    run.provider::<GeoScored>(&[
        include_str!("../tests/fixtures/geoscored/scan.completed.json"),
        include_str!("../tests/fixtures/geoscored/scan.failed.json"),
        include_str!("../tests/fixtures/geoscored/scan.test.json"),
    ])
    .await?;

    if !run.surprises.is_empty() {
        println!("\nnot as it should be: {}", run.surprises.join(", "));
        return Ok(ExitCode::FAILURE);
    }
    println!("\neverything was answered as it should be");
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
    async fn provider<P: Provider>(&mut self, documented: &[&str]) -> Result<(), Failure> {
        for body in documented {
            let name = P::Event::decode(body.as_bytes())?.name().to_owned();
            self.send::<P>(&name, sign::<P>(SECRET, body)?, (*body).to_owned(), 200, &name).await?;
        }
        let body = (*documented.first().ok_or("a provider documents events")?).to_owned();
        let right = sign::<P>(SECRET, &body)?;

        let unknown = r#"{"event":"something.new","data":{"id":"1"}}"#.to_owned();
        let proof = sign::<P>(SECRET, &unknown)?;
        self.send::<P>("(an unknown event)", proof, unknown, 200, "something.new").await?;
        self.send::<P>("(the first one again)", right.clone(), body.clone(), 200, "").await?;
        let difficult = format!(r#"{{"event":"{FAILS_ONCE}","data":{{"id":"2"}}}}"#);
        let proof = sign::<P>(SECRET, &difficult)?;
        self.send::<P>("(its handler fails)", proof.clone(), difficult.clone(), 500, "").await?;
        self.send::<P>("(so it comes again)", proof.clone(), difficult.clone(), 200, FAILS_ONCE).await?;
        self.send::<P>("(and again)", proof, difficult, 200, "").await?;
        self.send::<P>("(forged: another secret)", sign::<P>("guessed", &body)?, body.clone(), 401, "").await?;
        self.send::<P>("(forged: no proof at all)", Proof::None, body.clone(), 401, "").await?;
        self.send::<P>("(truncated proof)", right.clone().truncated(), body.clone(), 401, "").await?;
        if let Scheme::HmacSha256 { .. } = P::SCHEME {
            let tampered = body.replacen("https://", "https://evil.", 1);
            self.send::<P>("(tampered on the way)", right.clone(), tampered, 401, "").await?;
            let (half, _) = body.split_at(body.len() / 2);
            self.send::<P>("(truncated body)", right.clone(), half.to_owned(), 401, "").await?;
        } else {
            // Nothing is signed: who knows the URL can send what they like. Better seen here than found out later.
            let tampered = body.replacen("https://", "https://evil.", 1).replacen("550e8400", "00000000", 1);
            let name = P::Event::decode(tampered.as_bytes())?.name().to_owned();
            self.send::<P>("(tampered, and NOT protected)", right.clone(), tampered, 200, &name).await?;
        }
        self.oversized::<P>(&right).await
    }

    /// Declares a body over the limit, and sends none: it is refused for its head alone, while a client that went on
    /// sending would find the connection closed.
    async fn oversized<P: Provider>(&mut self, proof: &Proof) -> Result<(), Failure> {
        let mut connection = TcpStream::connect(self.address).await?;
        let mut head = format!("POST /webhooks/{}{} HTTP/1.1\r\nHost: localhost\r\n", P::NAME, proof.query());
        if let Proof::Header(name, value) = proof {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n", countersign::DEFAULT_BODY_LIMIT + 1));
        connection.write_all(head.as_bytes()).await?;
        let mut answer = [0; 12];
        connection.read_exact(&mut answer).await?;
        let status = std::str::from_utf8(&answer)?.strip_prefix("HTTP/1.1 ").ok_or("no HTTP answer")?.parse()?;
        self.note::<P>("(oversized)", status, 413, "");
        Ok(())
    }

    /// Sends one delivery, prints its row, and counts it if the answer or the handler is not as expected.
    async fn send<P: Provider>(
        &mut self,
        what: &str,
        proof: Proof,
        body: String,
        status: u16,
        event: &str,
    ) -> Result<(), Failure> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let mut request = self.client.post(format!("http://{}/webhooks/{}{}", self.address, P::NAME, proof.query()));
        if let Proof::Header(name, value) = &proof {
            request = request.header(*name, value);
        }
        let answer = request.body(Body::from(body)).send().await?;
        self.note::<P>(what, answer.status().as_u16(), status, event);
        Ok(())
    }

    /// Prints the row of a delivery that was answered `answered`.
    fn note<P: Provider>(&mut self, what: &str, answered: u16, status: u16, event: &str) {
        let (name, typed) = self.seen.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
        let is_expected = answered == status && name == event;
        if !is_expected {
            self.surprises.push(format!("{} {what}", P::NAME));
        }
        let remark = if is_expected { "" } else { "   <- NOT AS IT SHOULD BE" };
        let shown: String = typed.chars().take(60).collect();
        println!("{:<17}{what:<34}{answered:<10}{shown}{remark}", P::NAME);
    }
}

/// What proves a delivery: a header, or a token in the URL.
#[derive(Clone)]
enum Proof {
    Header(&'static str, String),
    Token(&'static str, String),
    None,
}

impl Proof {
    fn query(&self) -> String {
        match self {
            Self::Token(name, token) => format!("?{name}={token}"),
            _ => String::new(),
        }
    }

    fn truncated(self) -> Self {
        let shorter = |mut text: String| {
            text.pop();
            text
        };
        match self {
            Self::Header(name, tag) => Self::Header(name, shorter(tag)),
            Self::Token(name, token) => Self::Token(name, shorter(token)),
            Self::None => Self::None,
        }
    }
}

/// Proves a body as the provider would.
fn sign<P: Provider>(secret: &str, body: &str) -> Result<Proof, Failure> {
    match P::SCHEME {
        Scheme::HmacSha256 { header, prefix, .. } => {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
            mac.update(body.as_bytes());
            Ok(Proof::Header(header, format!("{prefix}{}", hex::encode(mac.finalize().into_bytes()))))
        }
        Scheme::UrlToken { parameter, .. } => Ok(Proof::Token(parameter, secret.to_owned())),
        other => Err(format!("the quickstart cannot sign {other}").into()),
    }
}

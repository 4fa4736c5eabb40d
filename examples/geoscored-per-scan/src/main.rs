//! A secret for each scan: GeoScored's scans from their creation to their last delivery, in one run.
//!
//! `cargo run -p geoscored-per-scan`
//!
//! A simulated GeoScored runs in the same process. It creates scans and sends a delivery for each. It sends the delivery
//! again, as GeoScored does if the response was lost, and once with the secret of another scan. The exit code is 1 if an
//! answer is not the expected one.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use countersign::{
    Secret, SecretMap,
    axum::{VerifyWebhook, Webhook},
    providers::{GeoScored, GeoScoredEvent},
};
use reqwest::Client;
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, sync::mpsc};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// GeoScored retries within a minute if a response is lost. An hour leaves time to resend a delivery by hand.
const KEPT_AFTER_THE_LAST_EVENT: Duration = Duration::from_secs(60 * 60);

#[tokio::main]
async fn main() -> Result<ExitCode, Failure> {
    // The service: the route looks secrets up in this map, and whatever creates a scan inserts its secret.
    let secrets = SecretMap::new();
    let receiver = Receiver { secrets: secrets.clone(), handled: Arc::default() };
    let app = Router::new()
        .route("/webhooks/geoscored", post(on_event).layer(VerifyWebhook::<GeoScored>::from_lookup(secrets.clone())))
        .with_state(receiver.clone());
    let callback_url = format!("http://{}/webhooks/geoscored", serve(app).await?);

    let (answer, mut answers) = mpsc::unbounded_channel();
    let api = serve(simulated::app(answer)).await?;

    for url in ["https://example.com", "https://example.org"] {
        let scan = create_scan(&format!("http://{api}/api/v1/scans"), url, &callback_url).await?;
        // The secret is returned only once. A delivery that arrives before this line is rejected, and retried.
        secrets.insert(scan.id.as_str(), Secret::new(scan.webhook_secret)?)?;
        println!("created  {} of {url}", scan.id);
    }

    // Each scan is delivered twice, and once by an attacker who has the secret of another scan.
    let mut is_expected = true;
    for _ in 0..6 {
        let (what, expected, answered) = answers.recv().await.ok_or("the simulated GeoScored has ended")?;
        println!("answered {answered} to {what}");
        is_expected &= answered == expected;
    }
    let handled = receiver.handled.load(Ordering::Relaxed);
    println!("\nhandled {handled} deliveries; {} secrets are kept for another hour", secrets.len());
    is_expected &= handled == 4 && secrets.len() == 2;
    Ok(if is_expected { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Clone)]
struct Receiver {
    secrets: SecretMap,
    handled: Arc<AtomicUsize>,
}

async fn on_event(State(receiver): State<Receiver>, hook: Webhook<GeoScored>) -> StatusCode {
    match hook.event() {
        GeoScoredEvent::ScanCompleted(scan) | GeoScoredEvent::ScanFailed(scan) => {
            println!("received {} of {}: {:?}", hook.event().name(), scan.scan_id, scan.overall_score);
            // This is the last event of the scan, but it may be retried.
            receiver.secrets.remove_after(&scan.scan_id, KEPT_AFTER_THE_LAST_EVENT);
        }
        other => println!("received {}", other.name()),
    }
    receiver.handled.fetch_add(1, Ordering::Relaxed);
    StatusCode::OK
}

#[derive(Serialize)]
struct NewScan<'a> {
    url: &'a str,
    callback_url: &'a str,
}

#[derive(Deserialize)]
struct CreatedScan {
    id: String,
    webhook_secret: String,
}

/// Sends `POST /api/v1/scans`: <https://geoscored.ai/docs/webhooks>, "Creating a scan with a webhook".
async fn create_scan(api: &str, url: &str, callback_url: &str) -> Result<CreatedScan, Failure> {
    let request = Client::new()
        .post(api)
        .header("x-api-key", "your_api_key")
        .header("content-type", "application/json")
        .body(serde_json::to_vec(&NewScan { url, callback_url })?);
    Ok(serde_json::from_slice(&request.send().await?.error_for_status()?.bytes().await?)?)
}

async fn serve(app: Router) -> Result<std::net::SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async { axum::serve(listener, app).await });
    Ok(address)
}

/// A simulated GeoScored, as its documentation describes it.
mod simulated {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;
    use tokio::{sync::mpsc::UnboundedSender, time::sleep};

    use super::*;

    /// A delivery, the expected status, and the status of the response.
    type Answer = (String, u16, u16);

    #[derive(Deserialize)]
    pub(super) struct Wanted {
        url: String,
        callback_url: String,
    }

    pub(super) fn app(answers: UnboundedSender<Answer>) -> Router {
        Router::new().route("/api/v1/scans", post(create)).with_state(answers)
    }

    async fn create(
        State(answers): State<UnboundedSender<Answer>>,
        Json(wanted): Json<Wanted>,
    ) -> Json<serde_json::Value> {
        // Random enough for an example.
        let random = || format!("{:016x}", RandomState::new().hash_one(()));
        let (id, secret) = (random(), format!("{}_{}{}", "whsec", random(), random()));
        let created = serde_json::json!({ "id": id, "webhook_secret": secret });
        tokio::spawn(async move {
            // A scan takes some time.
            sleep(Duration::from_millis(200)).await;
            let body = serde_json::json!({
                "event": "scan.completed", "scan_id": id, "url": wanted.url, "status": "complete", "overall_score": 72.5,
                "error_message": null, "created_at": "2026-01-15T10:30:00", "completed_at": "2026-01-15T10:31:30",
            })
            .to_string();
            for (what, secret, expected) in [
                ("a delivery", secret.as_str(), 200),
                ("the same delivery again, as if the response was lost", &secret, 200),
                ("a delivery signed with the secret of another scan", "another", 401),
            ] {
                let answered = deliver(&wanted.callback_url, secret, &body).await.unwrap_or_default();
                let _ = answers.send((format!("{what} ({id})"), expected, answered));
            }
        });
        Json(created)
    }

    async fn deliver(callback_url: &str, secret: &str, body: &str) -> Result<u16, Failure> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
        mac.update(body.as_bytes());
        let signature = format!("v1={}", hex::encode(mac.finalize().into_bytes()));
        let request = Client::new().post(callback_url).header("x-geoscored-signature", signature).body(body.to_owned());
        Ok(request.send().await?.status().as_u16())
    }
}

//! A small axum app: one provider, one route, one typed event.
//!
//! `SCREENSCORE_WEBHOOK_SECRET=… cargo run --example axum`

use axum::{Router, http::StatusCode, routing::post};
use countersign::{
    Secret,
    axum::{VerifyWebhook, Webhook},
    providers::{ScreenScore, ScreenScoreEvent},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secret = Secret::from_env("SCREENSCORE_WEBHOOK_SECRET")?;

    let app = Router::new().route("/webhooks/screenscore", post(on_event).layer(VerifyWebhook::screenscore(secret)));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}/webhooks/screenscore", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn on_event(hook: Webhook<ScreenScore>) -> StatusCode {
    match hook.event() {
        ScreenScoreEvent::AnalysisCompleted(analysis) => println!("{}: {:?}", analysis.id, analysis.score),
        other => println!("{}", other.name()),
    }
    StatusCode::OK
}

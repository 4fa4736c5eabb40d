//! A full receiver for all five providers on axum, ready to deploy.
//!
//! It reads its secrets from the environment (`src/lib.rs` has the names) and logs to stderr. For each verified delivery it
//! prints one JSON line on stdout before it answers 200; it prints nothing for a duplicate. On SIGTERM it finishes the
//! deliveries in flight, for up to `COUNTERSIGN_GRACE` seconds (default: 9). With `COUNTERSIGN_REDIS_URL`, several receivers share a
//! Redis and handle each delivery once.
//!
//! With `COUNTERSIGN_INBOX_URL` (`sqlite:PATH` or `postgres://…`), it stores each delivery before it answers 200, and prints
//! it after that. With `nats://…`, it hands it off, and a consumer prints it.

use std::future::IntoFuture;

use axum::{
    Router,
    http::StatusCode,
    response::IntoResponse,
    routing::{MethodRouter, post},
};
use countersign::{
    axum::{VerifyWebhook, Webhook},
    provider::Provider,
};
use receivers::{Intake, Settings};
use tokio::{net::TcpListener, sync::oneshot};
use tower_http::catch_panic::CatchPanicLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    receivers::log_to_stderr();
    let settings = Settings::from_env()?;
    let intake = Intake::from_env().await?;

    let app = Router::new()
        .route("/webhooks/screenscore", endpoint(VerifyWebhook::screenscore(settings.screenscore), &intake))
        .route(
            "/webhooks/screenshotcenter",
            endpoint(VerifyWebhook::screenshotcenter(settings.screenshotcenter), &intake),
        )
        .route("/webhooks/screenshotrun", endpoint(VerifyWebhook::screenshotrun(settings.screenshotrun), &intake))
        .route("/webhooks/zeodyn", endpoint(VerifyWebhook::zeodyn(settings.zeodyn), &intake))
        .route("/webhooks/geoscored", endpoint(VerifyWebhook::geoscored(settings.geoscored), &intake))
        // Outer layers see every request, with its URL token: never log URLs here.
        .layer(CatchPanicLayer::new());

    let listener = TcpListener::bind(settings.address).await?;
    tracing::info!("listening on {}", listener.local_addr()?);

    let work = intake.start(settings.grace);
    let (stop, stopping) = oneshot::channel::<()>();
    // `axum::serve` does not limit how long headers may take. Set that limit in the proxy, or use hyper-util.
    let server = axum::serve(listener, app).with_graceful_shutdown(async { _ = stopping.await });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        result = receivers::terminated() => result?,
        ended = &mut server => return Ok(ended??),
    }
    drop(stop);
    intake.ends_within(settings.grace, async { _ = server.await }).await;
    work.stop().await;
    Ok(())
}

fn endpoint<P: Provider>(verify: VerifyWebhook<P>, intake: &Intake) -> MethodRouter {
    match intake {
        Intake::Handler(dedupe) => post(on_event::<P>).layer(verify.with_dedupe(dedupe.clone())),
        Intake::Inbox(inbox) => post(inbox.store::<P>()).layer(verify),
        Intake::Nats(nats) => post(nats.hand_off.publish::<P>()).layer(verify.with_dedupe(nats.dedupe.clone())),
    }
}

/// Handles deliveries of any provider: the layer of the route decides which.
async fn on_event<P: Provider>(hook: Webhook<P>) -> impl IntoResponse {
    let name = countersign::ProviderEvent::name(hook.event());
    receivers::wait_for_tests(hook.resource_id()).await;
    match receivers::print_line(P::NAME, name, hook.resource_id()) {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            tracing::error!(provider = P::NAME, %error, "cannot write to stdout");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

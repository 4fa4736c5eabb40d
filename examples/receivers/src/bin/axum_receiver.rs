//! A full receiver for all five providers, as one would deploy it, on axum.
//!
//! It takes its secrets from the environment (`src/lib.rs` has the names), prints one JSON line on stdout for every
//! genuine delivery before it answers 200, and once however often it comes, logs to stderr, and on SIGTERM finishes what is
//! in flight. With `COUNTERSIGN_REDIS_URL`, several of them handle each delivery once between them.

use axum::{
    Router,
    http::StatusCode,
    response::IntoResponse,
    routing::{MethodRouter, post},
};
use countersign::{
    axum::{VerifyWebhook, Webhook},
    dedupe::Dedupe,
    provider::Provider,
};
use receivers::Settings;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::sleep,
};
use tower_http::catch_panic::CatchPanicLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    receivers::log_to_stderr();
    let settings = Settings::from_env()?;
    let dedupe = receivers::dedupe().await?;

    let app = Router::new()
        .route("/webhooks/screenscore", endpoint(VerifyWebhook::screenscore(settings.screenscore), &dedupe))
        .route(
            "/webhooks/screenshotcenter",
            endpoint(VerifyWebhook::screenshotcenter(settings.screenshotcenter), &dedupe),
        )
        .route("/webhooks/screenshotrun", endpoint(VerifyWebhook::screenshotrun(settings.screenshotrun), &dedupe))
        .route("/webhooks/zeodyn", endpoint(VerifyWebhook::zeodyn(settings.zeodyn), &dedupe))
        .route("/webhooks/geoscored", endpoint(VerifyWebhook::geoscored(settings.geoscored), &dedupe))
        // Outside the verification: it sees every request, so a layer that logs URLs must not stand here.
        .layer(CatchPanicLayer::new());

    let listener = TcpListener::bind(settings.address).await?;
    tracing::info!("listening on {}", listener.local_addr()?);

    let mut terminate = signal(SignalKind::terminate())?;
    let (stop, stopping) = watch::channel(());
    tokio::spawn(async move {
        terminate.recv().await;
        tracing::info!("stopping");
        drop(stop);
    });
    let stopped = |mut stopping: watch::Receiver<()>| async move { while stopping.changed().await.is_ok() {} };
    // `axum::serve` sets no limit on the time that headers may take: that is the proxy's in front of it, or hyper-util's.
    let server = axum::serve(listener, app).with_graceful_shutdown(stopped(stopping.clone()));
    tokio::select! {
        result = server => result?,
        // A connection that stalls must not hold the process up.
        () = async { stopped(stopping).await; sleep(receivers::GRACE).await } => tracing::warn!("stopped with connections open"),
    }
    Ok(())
}

fn endpoint<P: Provider>(verify: VerifyWebhook<P>, dedupe: &Dedupe) -> MethodRouter {
    post(on_event::<P>).layer(verify.with_dedupe(dedupe.clone()))
}

/// Works for every provider: the route's layer says which it is.
async fn on_event<P: Provider>(hook: Webhook<P>) -> impl IntoResponse {
    let name = countersign::Event::name(hook.event());
    match receivers::print_line(P::NAME, name, hook.resource_id()) {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            tracing::error!(provider = P::NAME, %error, "stdout is gone");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

//! A full receiver for all five providers, as one would deploy it, on axum.
//!
//! It takes its secrets from the environment (`receiver/mod.rs` has the names), prints one JSON line on stdout for every
//! genuine delivery before it answers 200, logs to stderr, and on SIGTERM finishes what is in flight.

mod receiver;

use axum::{Router, http::StatusCode, response::IntoResponse, routing::post};
use countersign::{
    Provider,
    axum::{VerifyWebhook, Webhook},
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};
use receiver::Settings;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::sleep,
};
use tower_http::catch_panic::CatchPanicLayer;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    receiver::log_to_stderr();
    let settings = Settings::from_env()?;

    let app = Router::new()
        .route(
            "/webhooks/screenscore",
            post(on_event::<ScreenScore>).layer(VerifyWebhook::screenscore(settings.screenscore)),
        )
        .route(
            "/webhooks/screenshotcenter",
            post(on_event::<ScreenshotCenter>).layer(VerifyWebhook::screenshotcenter(settings.screenshotcenter)),
        )
        .route(
            "/webhooks/screenshotrun",
            post(on_event::<ScreenshotRun>).layer(VerifyWebhook::screenshotrun(settings.screenshotrun)),
        )
        .route("/webhooks/zeodyn", post(on_event::<Zeodyn>).layer(VerifyWebhook::zeodyn(settings.zeodyn)))
        .route("/webhooks/geoscored", post(on_event::<GeoScored>).layer(VerifyWebhook::geoscored(settings.geoscored)))
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
        () = async { stopped(stopping).await; sleep(receiver::GRACE).await } => tracing::warn!("stopped with connections open"),
    }
    Ok(())
}

/// Works for every provider: the route's layer says which it is.
async fn on_event<P: Provider>(hook: Webhook<P>) -> impl IntoResponse {
    let name = countersign::Event::name(hook.event());
    match receiver::print_line(P::NAME, name, hook.resource_id()) {
        Ok(()) => StatusCode::OK,
        Err(error) => {
            tracing::error!(provider = P::NAME, %error, "stdout is gone");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

//! A full receiver for all five providers on actix-web, ready to deploy.
//!
//! It reads its secrets from the environment (`src/lib.rs` has the names) and logs to stderr. For each verified delivery it
//! prints one JSON line on stdout before it answers 200; it prints nothing for a duplicate. On SIGTERM it finishes the
//! deliveries in flight, for up to `COUNTERSIGN_GRACE` seconds (default: 9). With `COUNTERSIGN_REDIS_URL`, several receivers share a Redis and handle each delivery once.

use std::panic::AssertUnwindSafe;

use actix_web::{
    App, Error, HttpResponse, HttpServer,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorInternalServerError,
    middleware::{Next, from_fn},
    web,
};
use countersign::{
    actix::{VerifyWebhook, Webhook},
    provider::Provider,
};
use futures_util::FutureExt;
use receivers::Settings;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    receivers::log_to_stderr();
    let settings = Settings::from_env()?;
    let dedupe = receivers::dedupe().await?;

    // Created here and cloned into each worker, so that the secrets are prepared once.
    let screenscore = VerifyWebhook::screenscore(settings.screenscore).with_dedupe(dedupe.clone());
    let screenshotcenter = VerifyWebhook::screenshotcenter(settings.screenshotcenter).with_dedupe(dedupe.clone());
    let screenshotrun = VerifyWebhook::screenshotrun(settings.screenshotrun).with_dedupe(dedupe.clone());
    let zeodyn = VerifyWebhook::zeodyn(settings.zeodyn).with_dedupe(dedupe.clone());
    let geoscored = VerifyWebhook::geoscored(settings.geoscored).with_dedupe(dedupe.clone());
    let server = HttpServer::new(move || {
        App::new()
            .service(endpoint("/webhooks/screenscore", &screenscore))
            .service(endpoint("/webhooks/screenshotcenter", &screenshotcenter))
            .service(endpoint("/webhooks/screenshotrun", &screenshotrun))
            .service(endpoint("/webhooks/zeodyn", &zeodyn))
            .service(endpoint("/webhooks/geoscored", &geoscored))
            // Outer middleware sees every request, with its URL token: never log URLs here.
            .wrap(from_fn(catch_panic))
    })
    // A worker stops once it has no connection, and drops the handlers whose senders hung up. So the server stops last.
    .disable_signals()
    .shutdown_timeout(settings.grace.as_secs())
    .bind(settings.address)?;
    for address in server.addrs() {
        tracing::info!("listening on {address}");
    }
    let server = server.run();
    let handle = server.handle();
    let mut server = actix_web::rt::spawn(server);
    tokio::select! {
        result = receivers::terminated() => result?,
        ended = &mut server => return Ok(ended??),
    }
    let stopped = async {
        handle.pause().await;
        dedupe.idle().await;
        handle.stop(true).await;
    };
    receivers::ends_within(settings.grace, stopped, &dedupe).await;
    Ok(())
}

fn endpoint<P: Provider>(path: &str, verify: &VerifyWebhook<P>) -> impl actix_web::dev::HttpServiceFactory + 'static {
    web::resource(path).wrap(verify.clone()).route(web::post().to(on_event::<P>))
}

/// Handles deliveries of any provider: the middleware of the resource decides which.
async fn on_event<P: Provider>(hook: Webhook<P>) -> HttpResponse {
    let name = countersign::ProviderEvent::name(hook.event());
    receivers::wait_for_tests(hook.resource_id()).await;
    match receivers::print_line(P::NAME, name, hook.resource_id()) {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(error) => {
            tracing::error!(provider = P::NAME, %error, "cannot write to stdout");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// actix-web closes the connection if a handler panics. Answer the provider with 500 instead.
async fn catch_panic(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => Err(ErrorInternalServerError("the handler panicked")),
    }
}

//! A full receiver for all five providers on actix-web, ready to deploy.
//!
//! It reads its secrets from the environment (`src/lib.rs` has the names) and logs to stderr. For each verified delivery it
//! prints one JSON line on stdout before it answers 200; it prints nothing for a duplicate. On SIGTERM it finishes the
//! deliveries in flight, for up to `COUNTERSIGN_GRACE` seconds (default: 9). With `COUNTERSIGN_REDIS_URL`, several receivers share a
//! Redis and handle each delivery once.
//!
//! With `COUNTERSIGN_INBOX_URL` (`sqlite:PATH` or `postgres://…`), it stores each delivery before it answers 200, and prints
//! it after that. With `nats://…`, it hands it off, and a consumer prints it.

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
use receivers::{Intake, Settings};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    receivers::log_to_stderr();
    let settings = Settings::from_env()?;
    let intake = Intake::from_env().await?;

    // Created here and cloned into each worker, so that the secrets are prepared once.
    let screenscore = endpoint("/webhooks/screenscore", VerifyWebhook::screenscore(settings.screenscore), &intake);
    let screenshotcenter =
        endpoint("/webhooks/screenshotcenter", VerifyWebhook::screenshotcenter(settings.screenshotcenter), &intake);
    let screenshotrun =
        endpoint("/webhooks/screenshotrun", VerifyWebhook::screenshotrun(settings.screenshotrun), &intake);
    let zeodyn = endpoint("/webhooks/zeodyn", VerifyWebhook::zeodyn(settings.zeodyn), &intake);
    let geoscored = endpoint("/webhooks/geoscored", VerifyWebhook::geoscored(settings.geoscored), &intake);
    let server = HttpServer::new(move || {
        App::new()
            .configure(screenscore.clone())
            .configure(screenshotcenter.clone())
            .configure(screenshotrun.clone())
            .configure(zeodyn.clone())
            .configure(geoscored.clone())
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
    let work = intake.start(settings.grace);
    let server = server.run();
    let handle = server.handle();
    let mut server = actix_web::rt::spawn(server);
    tokio::select! {
        result = receivers::terminated() => result?,
        ended = &mut server => return Ok(ended??),
    }
    let stopped = async {
        handle.pause().await;
        if let Some(dedupe) = intake.dedupe() {
            dedupe.idle().await;
        }
        handle.stop(true).await;
    };
    intake.ends_within(settings.grace, stopped).await;
    work.stop().await;
    Ok(())
}

/// Mounts an endpoint in each worker.
fn endpoint<P: Provider>(
    path: &'static str,
    verify: VerifyWebhook<P>,
    intake: &Intake,
) -> impl FnOnce(&mut web::ServiceConfig) + Clone + 'static + use<P> {
    let intake = intake.clone();
    move |config| {
        let resource = web::resource(path);
        config.service(match intake {
            Intake::Handler(dedupe) => resource.wrap(verify.with_dedupe(dedupe)).route(web::post().to(on_event::<P>)),
            Intake::Inbox(inbox) => resource.wrap(verify).route(web::post().to(inbox.store::<P>())),
            Intake::Nats(nats) => {
                resource.wrap(verify.with_dedupe(nats.dedupe)).route(web::post().to(nats.hand_off.publish::<P>()))
            }
        });
    }
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

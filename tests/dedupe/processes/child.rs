//! A small receiver inside this test binary, which other tests start as a process. The environment sets its
//! lease and the point where it stops.

use std::{env, net::TcpListener, time::Duration};

use actix_web::{App, HttpResponse, HttpServer, web};
use axum::{Router, http::StatusCode, routing::post};
use countersign::{
    dedupe::{Dedupe, RedisStore},
    providers::Zeodyn,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::spawn_blocking,
    time::sleep,
};

use super::child_store::{ChildStore, IN_HANDLER, say, stop};
use crate::support::sender;

const PATH: &str = "/webhooks/zeodyn";

#[test]
#[ignore = "it is a process of other tests"]
fn receiver() {
    match env::var("CHILD_FRAMEWORK").as_deref() {
        Ok("axum") => tokio::runtime::Runtime::new().expect("a runtime").block_on(serve_axum()),
        Ok("actix") => actix_web::rt::System::new().block_on(serve_actix()),
        _ => {}
    }
}

fn setting(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

fn milliseconds(name: &str) -> Duration {
    Duration::from_millis(setting(name).parse().expect("a number"))
}

async fn dedupe() -> Dedupe {
    let store = RedisStore::connect(&setting("CHILD_REDIS")).await.expect("a Redis");
    let store = store.with_prefix(setting("CHILD_PREFIX"));
    // Long, so that a call which stops in the store is not given up.
    Dedupe::new(ChildStore(store))
        .with_lease(milliseconds("CHILD_LEASE"))
        .with_store_timeout(milliseconds("CHILD_STORE_TIMEOUT"))
}

fn listener() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    say(&format!("listening on {}", listener.local_addr().expect("an address")));
    listener
}

/// Takes the time that is set, or waits for a line on stdin.
async fn handle(id: Option<&str>) {
    stop(IN_HANDLER).await;
    say(&format!("started {}", id.unwrap_or_default()));
    match setting("CHILD_HANDLER").as_str() {
        "" => _ = spawn_blocking(|| std::io::stdin().lines().next()).await,
        _ => sleep(milliseconds("CHILD_HANDLER")).await,
    }
    say(&format!("handled {}", id.unwrap_or_default()));
}

async fn serve_axum() {
    async fn on_event(hook: countersign::axum::Webhook<Zeodyn>) -> StatusCode {
        handle(hook.resource_id()).await;
        StatusCode::OK
    }
    let verify = countersign::axum::VerifyWebhook::zeodyn(sender("zeodyn").secret()).with_dedupe(dedupe().await);
    let app = Router::new().route(PATH, post(on_event).layer(verify));
    let mut terminate = signal(SignalKind::terminate()).expect("a signal");
    let listener = tokio::net::TcpListener::from_std(listener()).expect("a socket");
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        terminate.recv().await;
    });
    server.await.expect("a server");
}

async fn serve_actix() {
    async fn on_event(hook: countersign::actix::Webhook<Zeodyn>) -> HttpResponse {
        handle(hook.resource_id()).await;
        HttpResponse::Ok().finish()
    }
    let verify = countersign::actix::VerifyWebhook::zeodyn(sender("zeodyn").secret()).with_dedupe(dedupe().await);
    let server = HttpServer::new(move || {
        App::new().service(web::resource(PATH).wrap(verify.clone()).route(web::post().to(on_event)))
    });
    let server = server.workers(2).shutdown_timeout(30);
    server.listen(listener()).expect("a socket").run().await.expect("a server");
}

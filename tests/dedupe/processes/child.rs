//! A small receiver inside this test binary, which other tests start as a process. Its leases are as short as it is told,
//! and it stops where it is told.

use std::{env, net::TcpListener, time::Duration};

use actix_web::{App, HttpResponse, HttpServer, web};
use axum::{Router, http::StatusCode, routing::post};
use countersign::{
    Provider,
    dedupe::{Dedupe, RedisStore},
    providers,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};

use super::child_store::{ChildStore, IN_HANDLER, say, stop};
use crate::support::sender;

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
    // What is stopped in the store is not to be given up.
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

/// What is said is what others print: it was handled.
async fn handle(id: Option<&str>) {
    stop(IN_HANDLER).await;
    say(&format!("started {}", id.unwrap_or_default()));
    sleep(milliseconds("CHILD_HANDLER")).await;
    say(&format!("handled {}", id.unwrap_or_default()));
}

async fn serve_axum() {
    async fn on_event<P: Provider>(hook: countersign::axum::Webhook<P>) -> StatusCode {
        handle(hook.resource_id()).await;
        StatusCode::OK
    }
    let dedupe = dedupe().await;
    macro_rules! router {
        ($($name:ident => $Provider:ident,)*) => {
            Router::new()$(.route(
                concat!("/webhooks/", stringify!($name)),
                post(on_event::<providers::$Provider>).layer(
                    countersign::axum::VerifyWebhook::$name(sender(stringify!($name)).secret()).with_dedupe(dedupe.clone()),
                ),
            ))*
        };
    }
    let app = countersign::__for_each_provider!(router);
    let mut terminate = signal(SignalKind::terminate()).expect("a signal");
    let listener = tokio::net::TcpListener::from_std(listener()).expect("a socket");
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        terminate.recv().await;
    });
    server.await.expect("a server");
}

async fn serve_actix() {
    async fn on_event<P: Provider>(hook: countersign::actix::Webhook<P>) -> HttpResponse {
        handle(hook.resource_id()).await;
        HttpResponse::Ok().finish()
    }
    let dedupe = dedupe().await;
    macro_rules! server {
        ($($name:ident => $Provider:ident,)*) => {{
            $(let $name = countersign::actix::VerifyWebhook::$name(sender(stringify!($name)).secret())
                .with_dedupe(dedupe.clone());)*
            HttpServer::new(move || {
                App::new()$(.service(
                    web::resource(concat!("/webhooks/", stringify!($name)))
                        .wrap($name.clone())
                        .route(web::post().to(on_event::<providers::$Provider>)),
                ))*
            })
        }};
    }
    let server = countersign::__for_each_provider!(server).workers(2).shutdown_timeout(9);
    server.listen(listener()).expect("a socket").run().await.expect("a server");
}

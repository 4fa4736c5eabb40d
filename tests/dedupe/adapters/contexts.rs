//! What stood around a handler, and where it ends: its context, its task, its runtime.

use std::{
    future::pending,
    sync::{Arc, mpsc},
    time::Duration,
};

use actix_web::{
    App, HttpResponse,
    dev::Service as _,
    test::{call_service, init_service, read_body},
    web,
};
use axum::{
    Router,
    body::Body,
    extract::Request,
    middleware::{Next, from_fn},
    routing::post,
};
use countersign::dedupe::{Admission, Dedupe, MemoryStore, Outcome};
use tower::ServiceExt;

use super::servers::{geoscored_test, zeodyn};
use crate::{
    capture::Capture,
    convert::{payload, to_actix, to_http},
    support::sender,
};

tokio::task_local! { static REQUEST: Arc<str>; }

fn seen() -> String {
    REQUEST.try_with(|request| request.to_string()).unwrap_or_else(|_| "lost".to_owned())
}

/// Without a context, and with one.
fn dedupes() -> [(Dedupe, &'static str); 2] {
    let with_context = Dedupe::new(MemoryStore::new()).with_context(|| {
        let request = REQUEST.get();
        move |run: &mut dyn FnMut()| REQUEST.sync_scope(Arc::clone(&request), run)
    });
    [(Dedupe::new(MemoryStore::new()), "lost"), (with_context, "42")]
}

/// In a task-local of this name.
async fn scoped(request: Request, next: Next) -> axum::response::Response {
    REQUEST.scope("42".into(), next.run(request)).await
}

#[tokio::test]
async fn c14_in_axum_a_handler_has_the_task_locals_of_its_request() {
    for (dedupe, expected) in dedupes() {
        let zeodyn_once =
            countersign::axum::VerifyWebhook::zeodyn(sender("zeodyn").secret()).with_dedupe(dedupe.clone());
        let geoscored_once =
            countersign::axum::VerifyWebhook::geoscored(sender("geoscored").secret()).with_dedupe(dedupe);
        let handler = || async { seen() };
        let app: Router = Router::new()
            .route("/webhooks/zeodyn", post(handler).layer(zeodyn_once))
            .route("/webhooks/geoscored", post(handler).layer(geoscored_once))
            .layer(from_fn(scoped));
        for request in [zeodyn("a"), geoscored_test()] {
            let response = app.clone().oneshot(to_http::<Body>(&request)).await.unwrap();
            let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
            assert_eq!(body, expected);
        }
    }
}

#[actix_web::test]
async fn c14_in_actix_a_handler_has_the_task_locals_of_its_request() {
    for (dedupe, expected) in dedupes() {
        let zeodyn_once =
            countersign::actix::VerifyWebhook::zeodyn(sender("zeodyn").secret()).with_dedupe(dedupe.clone());
        let geoscored_once =
            countersign::actix::VerifyWebhook::geoscored(sender("geoscored").secret()).with_dedupe(dedupe);
        let route = || web::post().to(|| async { HttpResponse::Ok().body(seen()) });
        let app = App::new()
            .service(web::resource("/webhooks/zeodyn").wrap(zeodyn_once).route(route()))
            .service(web::resource("/webhooks/geoscored").wrap(geoscored_once).route(route()))
            .wrap_fn(|request, service| REQUEST.scope("42".into(), service.call(request)));
        let app = init_service(app).await;
        for request in [zeodyn("a"), geoscored_test()] {
            let (test, _) = to_actix(&request).to_request().replace_payload(payload(&request));
            let response = call_service(&app, test).await;
            assert_eq!(read_body(response).await, expected);
        }
    }
}

/// A runtime that shuts down drops its tasks.
#[test]
fn c16_a_handler_that_its_runtime_drops_is_logged_with_the_delivery_id_only() {
    let capture = Capture::start();
    let dedupe = Dedupe::new(MemoryStore::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (started, starts) = mpsc::channel();
    let delivery = crate::deliveries::about(r"an id\nof two lines");
    let instance = dedupe.clone();
    runtime.block_on(async move {
        let Admission::Claimed(lease) = instance.admit(&delivery, tokio::time::sleep).await else {
            panic!("it is new");
        };
        let handler = async move {
            started.send(()).unwrap();
            pending::<()>().await;
        };
        tokio::spawn(lease.hold(handler, |()| Outcome::Done, tokio::time::sleep));
        tokio::time::sleep(Duration::from_millis(1)).await;
    });
    starts.recv().unwrap();
    assert_eq!(dedupe.running(), 1);
    drop(runtime);
    assert_eq!(dedupe.running(), 0);
    let (events, text) = capture.take();
    let [event] = &events[..] else { panic!("{text}") };
    assert_eq!(event.level, tracing::Level::WARN);
    let message = "the handler was dropped before it ended: its delivery stays claimed until the lease expires";
    let fields = [("message", message), ("provider", "zeodyn"), ("delivery_id", r"scan_complete/an id\nof two lines")];
    for (name, value) in fields {
        let found = event.field(name).unwrap_or_default();
        // Where it is logged as a string, it is quoted.
        assert!(found == value || found == format!("{value:?}"), "{name}: {found}");
    }
    assert_eq!(event.fields.len(), fields.len(), "{event:?}");
}

/// One that ended is not.
#[tokio::test]
async fn c16_a_handler_that_ended_is_not_logged() {
    let capture = Capture::start();
    let dedupe = Dedupe::new(MemoryStore::new());
    let Admission::Claimed(lease) = dedupe.admit(&crate::deliveries::about("a"), tokio::time::sleep).await else {
        panic!("it is new");
    };
    lease.hold(async {}, |()| Outcome::NotDone, tokio::time::sleep).await.unwrap();
    assert!(capture.take().0.is_empty());
}

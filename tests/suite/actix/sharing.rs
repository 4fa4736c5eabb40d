//! Requests that middleware outside holds while they are verified: actix-web can change only those that are not shared.

#![allow(clippy::await_holding_refcell_ref, reason = "a middleware that does so")]

use std::net::{SocketAddr, TcpListener};

use actix_web::{
    App, Error, HttpMessage, HttpServer,
    body::MessageBody,
    dev::{ServerHandle, Service, ServiceRequest, ServiceResponse},
    middleware::{Next, from_fn},
    web,
};
use countersign::{
    UnverifiedDelivery,
    actix::{VerifyWebhook, Webhook},
    dedupe::MemoryStore,
    provider::Provider,
    providers::{ScreenshotRun, Zeodyn},
};

use crate::actix::{
    convert::{documented, of},
    support::http::Request,
};

/// As a middleware does that counts or logs requests.
async fn keeps(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let kept = request.request().clone();
    let response = next.call(request).await?;
    assert!(!kept.path().is_empty());
    Ok(response)
}

async fn handle<P: Provider>(hook: Webhook<P>) -> String {
    hook.event_name().to_owned()
}

fn serve() -> (SocketAddr, ServerHandle) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let run = || VerifyWebhook::screenshotrun(of::<ScreenshotRun>().secret());
    let looked_up = VerifyWebhook::<ScreenshotRun>::from_lookup(|_: UnverifiedDelivery<'_>| async {
        Ok::<_, String>(Some(countersign::Secret::new(of::<ScreenshotRun>().secret()).unwrap()))
    });
    let (once, zeodyn) = (run().with_dedupe(MemoryStore::new()), VerifyWebhook::zeodyn(of::<Zeodyn>().secret()));
    let server = HttpServer::new(move || {
        // Holds a borrow of the extensions, which is another way to share a request.
        macro_rules! borrows {
            ($borrow:ident) => {
                |request: ServiceRequest, next: Next<_>| async move {
                    let kept = request.request().clone();
                    let held = kept.$borrow();
                    let response = next.call(request).await;
                    drop(held);
                    response
                }
            };
        }
        let run_post = || web::post().to(handle::<ScreenshotRun>);
        let zeodyn_post = || web::post().to(handle::<Zeodyn>);
        App::new()
            .service(web::resource("/run").wrap(run()).wrap(from_fn(keeps)).route(run_post()))
            .service(web::resource("/once").wrap(once.clone()).wrap(from_fn(keeps)).route(run_post()))
            .service(web::resource("/looked-up").wrap(looked_up.clone()).wrap(from_fn(keeps)).route(run_post()))
            .service(web::resource("/zeodyn").wrap(zeodyn.clone()).wrap(from_fn(keeps)).route(zeodyn_post()))
            .service(web::resource("/inside").wrap(from_fn(keeps)).wrap(run()).route(run_post()))
            .service(
                web::resource("/dropped")
                    .wrap(run())
                    .wrap_fn(|request, inner| {
                        drop(request.request().clone());
                        inner.call(request)
                    })
                    .route(run_post()),
            )
            .service(
                web::resource("/borrowed")
                    .wrap(zeodyn.clone())
                    .wrap(from_fn(borrows!(extensions)))
                    .route(zeodyn_post()),
            )
            .service(
                web::resource("/borrowed-mut")
                    .wrap(zeodyn.clone())
                    .wrap(from_fn(borrows!(extensions_mut)))
                    .route(zeodyn_post()),
            )
    });
    let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    (address, handle)
}

async fn send(address: SocketAddr, request: &Request, path: &str) -> (u16, String) {
    let target = request.target.replacen(request.target.split('?').next().unwrap(), path, 1);
    let request = request.clone().with_target(target);
    // It panics if the connection is closed without an answer.
    let answer = actix_web::rt::task::spawn_blocking(move || request.send(address)).await.unwrap();
    (answer.status, answer.body)
}

const HELD: &str = r#"{"detail":"The delivery could not be passed on. The log of the service says why.","status":500,"title":"Internal Server Error","type":"about:blank"}"#;

#[actix_web::test]
async fn c17_a_request_that_middleware_holds_is_answered() {
    let (address, server) = serve();
    let (run, zeodyn) = (documented::<ScreenshotRun>(), documented::<Zeodyn>());
    let wrong = of::<ScreenshotRun>().proven_with(b"guessed", run.body.clone());
    for path in ["/run", "/once", "/looked-up"] {
        for _ in 0..2 {
            assert_eq!(send(address, &run, path).await, (500, HELD.to_owned()), "{path}");
        }
    }
    for path in ["/run", "/once"] {
        assert_eq!(send(address, &wrong, path).await.0, 401, "{path}");
    }
    // The token of a look-up is checked later, so that both are answered alike.
    assert_eq!(send(address, &wrong, "/looked-up").await, (500, HELD.to_owned()));
    for path in ["/inside", "/dropped"] {
        assert_eq!(send(address, &run, path).await, (200, "screenshot.completed".to_owned()), "{path}");
    }
    // A signature is not removed, so that nothing has to be changed.
    assert_eq!(send(address, &zeodyn, "/zeodyn").await, (200, "score_change".to_owned()));
    for path in ["/borrowed", "/borrowed-mut"] {
        assert_eq!(send(address, &zeodyn, path).await, (500, HELD.to_owned()), "{path}");
    }
    server.stop(true).await;
}

//! C35: a proxy that adds upgrade headers to every POST. actix-web gives such a body no end.

use std::{
    net::TcpListener,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, HttpServer, dev::Service, web};
use countersign::{Rejection, providers::Zeodyn};

use crate::actix::{convert::documented, on_event, verify};

#[actix_web::test]
async fn c35_a_body_that_was_received_and_has_no_end_is_told_apart() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = HttpServer::new(move || {
        let seen = Arc::clone(&seen);
        let resource = web::resource("/webhooks/zeodyn").route(web::post().to(on_event::<Zeodyn>));
        let resource = resource.wrap(verify::<Zeodyn>().with_body_timeout(Duration::from_millis(300)));
        App::new().service(resource.wrap_fn(move |request, inner| {
            let (seen, response) = (Arc::clone(&seen), inner.call(request));
            async move {
                let response = response.await?;
                let detail =
                    response.response().extensions().get().and_then(Rejection::detail).map(ToString::to_string);
                seen.lock().unwrap().extend(detail);
                Ok(response)
            }
        }))
    });
    let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let genuine = documented::<Zeodyn>();
    let length = genuine.body.len();
    let upgrade = genuine.with_header("connection", "upgrade").with_header("upgrade", "websocket");
    let answer = actix_web::rt::task::spawn_blocking(move || upgrade.send(address)).await.unwrap();
    assert_eq!(answer.status, 408);
    let text = format!(
        "all {length} bytes that were declared were received, but the server did not end the body: the request may have \
         an `Upgrade` header that a proxy added"
    );
    assert_eq!(*told.lock().unwrap(), [text]);
    handle.stop(false).await;
}

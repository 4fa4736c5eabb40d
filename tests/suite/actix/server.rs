//! A real server on a real socket.

use std::{io::Write, net::SocketAddr, time::Duration};

use actix_web::{App, HttpServer, dev::ServerHandle, rt, web};
use countersign::{
    actix::Webhook,
    providers::{ScreenshotRun, Zeodyn},
};

use crate::actix::{
    convert::{documented, odd, of},
    support::http::{Answer, Framing, Request, connect, read_answer},
    verify,
};

/// As one would write it: made once, cloned into the factory.
fn serve() -> (SocketAddr, ServerHandle) {
    let zeodyn = verify::<Zeodyn>().with_body_timeout(Duration::from_millis(1500));
    let run = verify::<ScreenshotRun>();
    let server = HttpServer::new(move || {
        App::new()
            .service(web::resource("/webhooks/zeodyn").wrap(zeodyn.clone()).route(web::post().to(
                async |hook: Webhook<Zeodyn>, bytes: web::Bytes| {
                    assert_eq!(hook.body(), &bytes);
                    bytes
                },
            )))
            .service(
                web::resource("/webhooks/screenshotrun")
                    .wrap(run.clone())
                    .route(web::post().to(async |request: actix_web::HttpRequest| request.uri().to_string())),
            )
    });
    let server = server.workers(2).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    rt::spawn(server);
    (address, handle)
}

async fn send(address: SocketAddr, request: Request) -> Answer {
    rt::task::spawn_blocking(move || request.send(address)).await.unwrap()
}

#[actix_web::test]
async fn the_server_serves_genuine_deliveries_byte_for_byte() {
    let (address, handle) = serve();
    let request = of::<Zeodyn>().genuine(odd::<Zeodyn>(100_000));
    for framing in [Framing::Length, Framing::Chunked(1000), Framing::Chunked(usize::MAX)] {
        let answer = send(address, request.clone().framed(framing)).await;
        assert_eq!((answer.status, answer.body.as_bytes()), (200, &*request.body), "{framing:?}");
    }
    handle.stop(false).await;
}

#[actix_web::test]
async fn the_server_answers_what_is_rejected() {
    let (address, handle) = serve();
    let genuine = documented::<Zeodyn>();
    let over = of::<Zeodyn>().genuine(vec![b' '; countersign::adapter::DEFAULT_BODY_LIMIT + 1]);
    for (request, status) in [
        (of::<Zeodyn>().proven_with(b"guessed", genuine.body.clone()), 401),
        (genuine.clone().with_method("PUT"), 405),
        (over.clone(), 413),
        (over.framed(Framing::Chunked(10_000)), 413),
        (genuine.clone().with_header("content-encoding", "gzip"), 415),
        (genuine.clone().framed(Framing::Unfinished), 400),
        (genuine.clone().framed(Framing::Declared(100_000)), 400),
    ] {
        let answer = send(address, request).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
    let stalled = rt::task::spawn_blocking(move || {
        let stream = connect(address);
        (&stream).write_all(&genuine.head()).unwrap();
        read_answer(&stream)
    });
    assert_eq!(stalled.await.unwrap().unwrap().status, 408);
    handle.stop(false).await;
}

#[actix_web::test]
async fn t19_the_servers_handler_does_not_see_the_token() {
    let (address, handle) = serve();
    let genuine = documented::<ScreenshotRun>();
    let (path, token) = genuine.target.split_once('?').unwrap();
    for (query, kept) in [(token.to_owned(), path.to_owned()), (format!("a=%20&{token}&b"), format!("{path}?a=%20&b"))]
    {
        let answer = send(address, genuine.clone().with_target(format!("{path}?{query}"))).await;
        assert_eq!((answer.status, answer.body), (200, kept));
    }
    handle.stop(false).await;
}

//! The peer's address: where actix-web has it from, and where it does not.

use std::net::SocketAddr;

use actix_web::{App, HttpMessage, dev::Service, web};
use countersign::{AllowedSources, PeerAddr, RejectionKind, providers::Zeodyn};

use crate::actix::{
    app,
    convert::{documented, payload, to_actix},
    kind, on_event, verify,
};

/// An app that takes deliveries from these addresses.
macro_rules! from {
    ($allowed:expr) => {
        App::new().service(
            web::resource("/webhooks/zeodyn")
                .wrap(verify::<Zeodyn>().with_allowed_sources(AllowedSources::new([$allowed]).expect("ranges")))
                .route(web::post().to(on_event::<Zeodyn>)),
        )
    };
}

#[actix_web::test]
async fn t22_the_peer_is_actix_webs_and_no_headers() {
    let elsewhere: SocketAddr = "203.0.113.9:4711".parse().unwrap();
    let mapped: SocketAddr = "[::ffff:203.0.113.9]:4711".parse().unwrap();
    for (peer, allowed, reason) in [
        (Some(elsewhere), "203.0.113.0/24", None),
        (Some(mapped), "203.0.113.0/24", None),
        (Some(elsewhere), "127.0.0.1", Some(RejectionKind::SourceNotAllowed)),
        (None, "203.0.113.0/24", Some(RejectionKind::SourceUnknown)),
        (None, "0.0.0.0/0", Some(RejectionKind::SourceUnknown)),
    ] {
        let app = app!(from!(allowed));
        // What actix-web's own `ConnectionInfo` would believe.
        for header in ["forwarded", "x-forwarded-for"] {
            let value = if header == "forwarded" { "for=203.0.113.9" } else { "203.0.113.9" };
            let request = documented::<Zeodyn>().with_header(header, value);
            let mut test = to_actix(&request);
            if let Some(peer) = peer {
                test = test.peer_addr(peer);
            }
            let response = app.0(test, payload(&request)).await.unwrap();
            let status = if reason.is_some() { 401 } else { 200 };
            assert_eq!((response.status().as_u16(), kind(&response)), (status, reason), "{peer:?} {allowed}");
        }
    }
}

/// As a middleware outside would, that knows better.
#[actix_web::test]
async fn t22_the_peer_of_the_requests_extensions_wins() {
    let [elsewhere, loopback] = ["203.0.113.9:4711", "127.0.0.1:4711"].map(|peer| peer.parse::<SocketAddr>().unwrap());
    for (given, known, expected) in
        [(elsewhere, None, 200), (elsewhere, Some(loopback), 200), (loopback, Some(elsewhere), 401)]
    {
        let app = app!(
            App::new().service(
                web::resource("/webhooks/zeodyn")
                    .wrap(
                        verify::<Zeodyn>()
                            .with_allowed_sources(AllowedSources::new(["203.0.113.0/24"]).expect("ranges"))
                    )
                    .wrap_fn(move |request, service| {
                        request.extensions_mut().insert(PeerAddr::from(given));
                        service.call(request)
                    })
                    .route(web::post().to(on_event::<Zeodyn>)),
            )
        );
        let request = documented::<Zeodyn>();
        let mut test = to_actix(&request);
        if let Some(known) = known {
            test = test.peer_addr(known);
        }
        let response = app.0(test, payload(&request)).await.unwrap();
        assert_eq!(response.status().as_u16(), expected, "{given} {known:?}");
    }
}

/// As the documentation says: a Unix socket has no peer's address.
#[cfg(unix)]
#[actix_web::test]
async fn t22_deliveries_through_a_unix_socket_are_rejected() {
    use std::{
        io::{Read, Write},
        os::unix::net::UnixStream,
    };

    let path = std::env::temp_dir().join(format!("countersign-sources-{}.sock", std::process::id()));
    let server = actix_web::HttpServer::new(|| from!("0.0.0.0/0")).workers(1);
    let server = server.disable_signals().bind_uds(&path).unwrap().run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let socket = path.clone();
    let answer = actix_web::rt::task::spawn_blocking(move || {
        let mut stream = UnixStream::connect(socket).unwrap();
        stream.write_all(&documented::<Zeodyn>().bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    handle.stop(false).await;
    let _ = std::fs::remove_file(path);
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(answer.contains(r#""detail":"The delivery could not be verified.""#), "{answer}");
}

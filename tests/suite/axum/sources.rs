//! The peer's address: where axum has it from, and where it does not.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    Extension, Router,
    extract::connect_info::{ConnectInfo, Connected, MockConnectInfo},
    routing::post,
    serve::IncomingStream,
};
use countersign::{AllowedSources, PeerAddr, RejectionKind, axum::VerifyWebhook, providers::Zeodyn};
use tokio::net::TcpListener;

use crate::axum::{
    call,
    convert::{documented, of},
    kind, on_event, status,
};

const PATH: &str = "/webhooks/zeodyn";

/// Takes deliveries from one address.
fn from(address: &str) -> Router {
    let verify = VerifyWebhook::zeodyn(of::<Zeodyn>().secret())
        .with_allowed_sources(AllowedSources::new([address]).expect("ranges"));
    Router::new().route(PATH, post(on_event::<Zeodyn>).layer(verify))
}

fn elsewhere() -> SocketAddr {
    "203.0.113.9:4711".parse().unwrap()
}

/// The status of the documented delivery at an app that is served on a socket, whatever is made of it.
macro_rules! served {
    ($service:expr) => {{
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, $service).await });
        let answer = tokio::task::spawn_blocking(move || documented::<Zeodyn>().send(address)).await.unwrap();
        server.abort();
        answer.status
    }};
}

#[tokio::test]
async fn t22_the_peer_of_an_app_that_is_served_without_connect_info_is_rejected() {
    assert_eq!(served!(from("127.0.0.1")), 401);
    assert_eq!(served!(from("127.0.0.1").into_make_service()), 401);
    let response = call(&from("127.0.0.1"), &documented::<Zeodyn>()).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (401, Some(RejectionKind::SourceUnknown)));
}

/// Of the types that can be asked for, one is an address that cannot be mistaken.
#[tokio::test]
async fn t22_connect_info_of_another_type_is_ignored() {
    #[derive(Clone)]
    struct Theirs;

    impl Connected<IncomingStream<'_, TcpListener>> for Theirs {
        fn connect_info(_: IncomingStream<'_, TcpListener>) -> Self {
            Self
        }
    }
    assert_eq!(served!(from("127.0.0.1").into_make_service_with_connect_info::<Theirs>()), 401);
    let as_an_address = from("203.0.113.9").layer(Extension(ConnectInfo(elsewhere().ip())));
    assert_eq!(status(&as_an_address, &documented::<Zeodyn>()).await, 401);
}

#[tokio::test]
async fn t22_a_mock_stands_in_where_there_is_no_connection() {
    let genuine = documented::<Zeodyn>();
    let mocked = |address| from(address).layer(MockConnectInfo(elsewhere()));
    assert_eq!(status(&mocked("203.0.113.9"), &genuine).await, 200);
    let response = call(&mocked("127.0.0.1"), &genuine).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (401, Some(RejectionKind::SourceNotAllowed)));

    // As in axum's own extractor, what is known wins.
    for (address, status) in [("127.0.0.1", 200), ("203.0.113.9", 401)] {
        assert_eq!(served!(mocked(address).into_make_service_with_connect_info::<SocketAddr>()), status);
    }
}

/// Behind something that knows better than the connection, such as a TLS acceptor with a proxy protocol.
#[tokio::test]
async fn t22_a_peer_address_from_a_layer_outside_wins() {
    let genuine = documented::<Zeodyn>();
    let peer = |address| from(address).layer(Extension(PeerAddr::from(elsewhere())));
    assert_eq!(status(&peer("203.0.113.9"), &genuine).await, 200);
    assert_eq!(status(&peer("127.0.0.1"), &genuine).await, 401);
    for (address, status) in [("203.0.113.9", 200), ("127.0.0.1", 401)] {
        assert_eq!(served!(peer(address).into_make_service_with_connect_info::<SocketAddr>()), status);
    }

    // Inside it comes too late.
    let verify = VerifyWebhook::zeodyn(of::<Zeodyn>().secret())
        .with_allowed_sources(AllowedSources::new(["203.0.113.9"]).expect("ranges"));
    let handler = post(on_event::<Zeodyn>).layer::<_, Infallible>(Extension(PeerAddr::from(elsewhere())));
    let inside = Router::new().route(PATH, handler.layer(verify));
    let response = call(&inside, &genuine).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (401, Some(RejectionKind::SourceUnknown)));
}

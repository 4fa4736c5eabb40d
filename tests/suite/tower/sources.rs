//! The peer's address, where no framework tells it.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use countersign::{AllowedSources, PeerAddr, RejectionKind, providers::Zeodyn};
use http_body_util::Full;
use tower::{Layer, ServiceExt};

use crate::tower::{
    Count, Response,
    convert::{documented, to_http},
    counting, kind, layer,
};

const NOT_ALLOWED: Option<RejectionKind> = Some(RejectionKind::SourceNotAllowed);

async fn from(peer: Option<PeerAddr>, allowed: &str) -> (Response, usize) {
    let calls = Count::default();
    let service = layer::<Zeodyn>()
        .with_allowed_sources(AllowedSources::new([allowed]).expect("ranges"))
        .layer(counting::<Full<Bytes>>(&calls));
    let mut request = to_http(&documented::<Zeodyn>());
    if let Some(peer) = peer {
        request.extensions_mut().insert(peer);
    }
    let response = service.oneshot(request).await.unwrap();
    (response, calls.get())
}

#[tokio::test]
async fn t22_an_unknown_peer_is_rejected() {
    for allowed in ["127.0.0.1", "0.0.0.0/0", "::/0"] {
        let (response, calls) = from(None, allowed).await;
        assert_eq!((response.status().as_u16(), calls), (401, 0), "{allowed}");
        assert_eq!(kind(&response), Some(RejectionKind::SourceUnknown), "{allowed}");
    }
}

#[tokio::test]
async fn t22_ranges_contain_the_peers_address() {
    for (peer, allowed, reason) in [
        ("127.0.0.1", "127.0.0.1", None),
        ("127.0.0.1", "0.0.0.0/0", None),
        ("127.0.0.1", "::/0", NOT_ALLOWED),
        ("127.0.0.1", "203.0.113.0/24", NOT_ALLOWED),
        ("::ffff:203.0.113.9", "203.0.113.0/24", None),
        ("::ffff:203.0.113.9", "::ffff:203.0.113.0/120", None),
        ("::ffff:203.0.114.9", "203.0.113.0/24", NOT_ALLOWED),
        ("203.0.113.9", "::ffff:203.0.113.0/120", None),
        ("2001:db8::7", "2001:db8::/32", None),
        ("2001:db8::7", "0.0.0.0/0", NOT_ALLOWED),
        ("2001:db9::7", "2001:db8::/32", NOT_ALLOWED),
        ("::1", "127.0.0.1", NOT_ALLOWED),
    ] {
        let address: IpAddr = peer.parse().unwrap();
        for peer in [PeerAddr::from(address), PeerAddr::from(SocketAddr::new(address, 4711))] {
            let (response, calls) = from(Some(peer), allowed).await;
            let status = if reason.is_some() { 401 } else { 200 };
            assert_eq!((response.status().as_u16(), kind(&response)), (status, reason), "{peer:?} {allowed}");
            assert_eq!(calls, usize::from(reason.is_none()), "{peer:?} {allowed}");
        }
    }
}

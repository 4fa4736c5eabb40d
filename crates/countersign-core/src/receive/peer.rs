//! The address at the other end of the connection.

use std::net::{IpAddr, SocketAddr};

/// The address at the other end of the connection. Put it into the extensions of a request if your
/// framework does not provide it: [`AllowedSources`](crate::AllowedSources) need it.
///
/// * axum: serve the app with `into_make_service_with_connect_info::<SocketAddr>()`. If you cannot
///   (TLS acceptors, Unix sockets with a proxy protocol), insert a `PeerAddr` in an outer layer.
/// * Other tower services: insert it where connections are accepted, before `VerifyWebhook`.
/// * actix-web: nothing to do for TCP connections. On a Unix socket, insert it in an outer
///   middleware.
///
/// Never take it from a header. Behind a proxy, use
/// [`AllowedSources::with_trusted_proxies`](crate::AllowedSources::with_trusted_proxies).
///
/// ```
/// use countersign_core::PeerAddr;
///
/// # fn accepted(stream: std::net::TcpStream, mut request: http::Request<()>) -> std::io::Result<()> {
/// request.extensions_mut().insert(PeerAddr::from(stream.peer_addr()?));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PeerAddr(IpAddr);

impl PeerAddr {
    /// Returns the address, without a port.
    pub const fn ip(&self) -> IpAddr {
        self.0
    }
}

impl From<IpAddr> for PeerAddr {
    fn from(address: IpAddr) -> Self {
        Self(address)
    }
}

impl From<SocketAddr> for PeerAddr {
    fn from(address: SocketAddr) -> Self {
        Self(address.ip())
    }
}

//! A view of a request's head: `http`'s own, and what only axum knows.

use std::net::IpAddr;

use countersign_core::{PeerAddr, adapter::RequestHead};
use http::{Extensions, Request};

pub(crate) struct Head<'a, B>(pub(crate) &'a Request<B>);

impl<B> RequestHead for Head<'_, B> {
    fn method(&self) -> &str {
        self.0.method().as_str()
    }

    /// With the prefix of a nested axum router, which axum strips from the URI.
    fn path(&self) -> &str {
        #[cfg(feature = "axum")]
        if let Some(axum::extract::OriginalUri(uri)) = self.0.extensions().get() {
            return uri.path();
        }
        self.0.uri().path()
    }

    fn query(&self) -> Option<&str> {
        self.0.uri().query()
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        RequestHead::headers(self.0)
    }

    fn peer(&self) -> Option<IpAddr> {
        let extensions = self.0.extensions();
        extensions.get().map(PeerAddr::ip).or_else(|| connected_to(extensions))
    }

    /// Behind a route of axum, whose method router knows the other methods.
    #[cfg(feature = "axum")]
    fn adds_allow(&self) -> bool {
        self.0.extensions().get::<axum::extract::MatchedPath>().is_some()
    }
}

#[cfg(feature = "axum")]
fn connected_to(extensions: &Extensions) -> Option<IpAddr> {
    use axum::extract::connect_info::{ConnectInfo, MockConnectInfo};
    use std::net::SocketAddr;

    let mock = || extensions.get().map(|MockConnectInfo::<SocketAddr>(address)| address.ip());
    extensions.get().map(|ConnectInfo::<SocketAddr>(address)| address.ip()).or_else(mock)
}

#[cfg(not(feature = "axum"))]
fn connected_to(_: &Extensions) -> Option<IpAddr> {
    None
}

//! A request's head as core reads it: `http`'s own, and the peer's address wherever it is.

use std::net::IpAddr;

use countersign_core::RequestHead;
use http::{Extensions, Request};

pub(crate) struct Head<'a, B>(pub(crate) &'a Request<B>);

impl<B> RequestHead for Head<'_, B> {
    fn method(&self) -> &str {
        RequestHead::method(self.0)
    }

    fn path(&self) -> &str {
        self.0.path()
    }

    fn query(&self) -> Option<&str> {
        self.0.query()
    }

    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0.header_values(name)
    }

    fn peer(&self) -> Option<IpAddr> {
        self.0.peer().or_else(|| connected_to(self.0.extensions()))
    }
}

#[cfg(feature = "axum")]
fn connected_to(extensions: &Extensions) -> Option<IpAddr> {
    use axum::extract::connect_info::{ConnectInfo, MockConnectInfo};
    use std::net::SocketAddr;

    let real = || extensions.get().map(|ConnectInfo::<SocketAddr>(address)| address.ip());
    let mock = || extensions.get().map(|MockConnectInfo::<SocketAddr>(address)| address.ip());
    real().or_else(mock)
}

#[cfg(not(feature = "axum"))]
fn connected_to(_: &Extensions) -> Option<IpAddr> {
    None
}

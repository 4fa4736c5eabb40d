//! A request's head as core reads it: `http`'s own, and what only a framework knows.

use std::net::IpAddr;

use countersign_core::{PeerAddr, RequestHead};
use http::{Extensions, HeaderMap, Method, Request, Uri, request::Parts};

pub(crate) struct Head<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl<'a, B> From<&'a Request<B>> for Head<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
        }
    }
}

impl<'a> From<&'a Parts> for Head<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self { method: &parts.method, uri: &parts.uri, headers: &parts.headers, extensions: &parts.extensions }
    }
}

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn path(&self) -> &str {
        original(self.extensions).unwrap_or(self.uri).path()
    }

    fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    fn peer(&self) -> Option<IpAddr> {
        self.extensions.get().map(PeerAddr::ip).or_else(|| connected_to(self.extensions))
    }
}

/// The URI before axum takes the prefix of a nested router off.
#[cfg(feature = "axum")]
fn original(extensions: &Extensions) -> Option<&Uri> {
    extensions.get().map(|axum::extract::OriginalUri(uri)| uri)
}

#[cfg(not(feature = "axum"))]
fn original(_: &Extensions) -> Option<&Uri> {
    None
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

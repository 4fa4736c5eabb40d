//! actix-web's request head as core reads it.

use std::net::IpAddr;

use actix_web::{dev::RequestHead as ActixHead, http::header::HeaderValue};
use countersign_core::RequestHead;

pub(crate) struct Head<'a>(pub(crate) &'a ActixHead);

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.0.method.as_str()
    }

    fn path(&self) -> &str {
        self.0.uri.path()
    }

    fn query(&self) -> Option<&str> {
        self.0.uri.query()
    }

    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0.headers.get_all(name).map(HeaderValue::as_bytes)
    }

    fn peer(&self) -> Option<IpAddr> {
        self.0.peer_addr.map(|address| address.ip())
    }
}

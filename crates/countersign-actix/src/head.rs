//! A view of actix-web's request head.

use std::net::IpAddr;

use actix_web::{
    HttpMessage,
    dev::{RequestHead as ActixHead, ServiceRequest},
};
use countersign_core::{PeerAddr, adapter::RequestHead};

pub(crate) struct Head<'a> {
    head: &'a ActixHead,
    peer: Option<IpAddr>,
}

impl<'a> From<&'a ServiceRequest> for Head<'a> {
    fn from(request: &'a ServiceRequest) -> Self {
        let head = request.head();
        let given = request.extensions().get().map(PeerAddr::ip);
        Self { head, peer: given.or(head.peer_addr.map(|address| address.ip())) }
    }
}

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.head.method.as_str()
    }

    fn path(&self) -> &str {
        self.head.uri.path()
    }

    fn query(&self) -> Option<&str> {
        self.head.uri.query()
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    fn peer(&self) -> Option<IpAddr> {
        self.peer
    }
}

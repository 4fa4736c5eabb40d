//! The head of a request, as the verifier sees it.

use std::net::IpAddr;

use super::peer::PeerAddr;
use crate::proof::{Single, Source};

/// The head of a request: everything that is read before the body.
///
/// It is implemented for requests of `http` 1. Implement it to call the
/// [`Verifier`](crate::Verifier) from another framework. (It is a trait, because actix-web 4 uses
/// `http` 0.2 and other frameworks use `http` 1.)
///
/// ```
/// use countersign_core::adapter::RequestHead;
///
/// struct Head<'a> { headers: &'a [(&'a str, &'a [u8])] }
///
/// impl RequestHead for Head<'_> {
///     fn method(&self) -> &str { "POST" }
///     fn path(&self) -> &str { "/webhooks/zeodyn" }
///     fn query(&self) -> Option<&str> { None }
///     fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
///         self.headers.iter().copied()
///     }
/// }
/// ```
pub trait RequestHead {
    /// Returns the method, in upper case as on the wire.
    fn method(&self) -> &str;

    /// Returns the path of the request's URL as received, not decoded.
    fn path(&self) -> &str;

    /// Returns the query of the request's URL as received, without the `?`, not decoded.
    fn query(&self) -> Option<&str>;

    /// Returns every header line: its name (in either case) and its value. Lines with the same name
    /// are in the order received.
    fn headers(&self) -> impl Iterator<Item = (&str, &[u8])>;

    /// Returns every value of the header `name`, in the order received.
    ///
    /// It compares `name` with each header's name: for the few headers of a delivery, that is
    /// faster than hashing.
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Returns the address at the other end of the connection (default: `None`). Take it from the
    /// server and never from a header. If it is `None`, [`AllowedSources`](crate::AllowedSources)
    /// reject the delivery.
    fn peer(&self) -> Option<IpAddr> {
        None
    }

    /// Returns whether the framework adds the header `Allow` to a 405 that has none (default:
    /// `false`). It then knows all methods of the resource, and [`Answer`](crate::adapter::Answer)
    /// leaves the header to it.
    fn adds_allow(&self) -> bool {
        false
    }
}

/// A head for code that is compiled once for all frameworks.
pub(super) struct HeadSource<'h, H>(pub(super) &'h H);

impl<H: RequestHead> Source for HeadSource<'_, H> {
    fn method(&self) -> &str {
        self.0.method()
    }

    fn query(&self) -> Option<&str> {
        self.0.query()
    }

    fn header<'a>(&'a self, name: &str) -> Single<'a> {
        let mut found = Single::Missing;
        for (line, value) in self.0.headers() {
            if line.eq_ignore_ascii_case(name) {
                found.add(value);
            }
        }
        found
    }

    fn each_header<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8])) {
        self.0.headers().for_each(|(name, value)| visit(name, value));
    }
}

impl RequestHead for http::request::Parts {
    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn path(&self) -> &str {
        self.uri.path()
    }

    fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        lines(&self.headers)
    }

    fn peer(&self) -> Option<IpAddr> {
        self.extensions.get().map(PeerAddr::ip)
    }
}

impl<B> RequestHead for http::Request<B> {
    fn method(&self) -> &str {
        self.method().as_str()
    }

    fn path(&self) -> &str {
        self.uri().path()
    }

    fn query(&self) -> Option<&str> {
        self.uri().query()
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        lines(self.headers())
    }

    fn peer(&self) -> Option<IpAddr> {
        self.extensions().get().map(PeerAddr::ip)
    }
}

fn lines(headers: &http::HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()))
}

//! What the verifier needs to know of a request's head.

use std::net::IpAddr;

use crate::source::PeerAddr;

/// The head of a request: all that is looked at before a byte of the body is read.
///
/// A trait of our own, and not `http::HeaderMap`, because actix-web 4 is on `http` 0.2 and everything else on `http` 1.
/// It is there for `http` 1 requests; implement it to call the [`Verifier`](crate::Verifier) from another framework.
///
/// ```
/// use countersign_core::RequestHead;
///
/// struct Head<'a> { headers: &'a [(&'a str, &'a [u8])] }
///
/// impl RequestHead for Head<'_> {
///     fn method(&self) -> &str { "POST" }
///     fn path(&self) -> &str { "/webhooks/zeodyn" }
///     fn query(&self) -> Option<&str> { None }
///     fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
///         self.headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
///     }
/// }
/// ```
pub trait RequestHead {
    /// The method, in upper case as on the wire.
    fn method(&self) -> &str;

    /// The path of the request's URL as it came, not decoded.
    fn path(&self) -> &str;

    /// The query of the request's URL as it came, without the `?`, not decoded.
    fn query(&self) -> Option<&str>;

    /// Every value of the header `name` (in lower case), in the order they came; one item for each header line, even
    /// where a line is a list.
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]>;

    /// The address at the other end of the connection, as the server knows it and never as a header says. `None` where it
    /// is not known: then [`AllowedSources`](crate::AllowedSources) refuse.
    fn peer(&self) -> Option<IpAddr> {
        None
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

    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        values_of(&self.headers, name)
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

    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        values_of(self.headers(), name)
    }

    fn peer(&self) -> Option<IpAddr> {
        self.extensions().get().map(PeerAddr::ip)
    }
}

/// A comparison with each header: for as many as a delivery has that costs a third of what hashing the name does, which
/// has to be checked and brought into lower case for it.
fn values_of<'a>(headers: &'a http::HeaderMap, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers
        .iter()
        .filter(move |(found, _)| found.as_str().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_bytes())
}

/// The one value of a header that must not be repeated.
pub(crate) enum Single<'a> {
    Missing,
    One(&'a [u8]),
    Repeated,
}

pub(crate) fn single<'a>(head: &'a impl RequestHead, name: &'a str) -> Single<'a> {
    let mut values = head.header_values(name);
    match (values.next(), values.next()) {
        (None, _) => Single::Missing,
        (Some(value), None) => Single::One(value),
        (Some(_), Some(_)) => Single::Repeated,
    }
}

/// Whether a length is declared that is over `limit`. What is no number is not a declaration: the bytes are counted.
pub(crate) fn declares_more_than(head: &impl RequestHead, limit: usize) -> bool {
    head.header_values("content-length").any(|value| {
        let value = value.trim_ascii();
        !value.is_empty()
            && value.iter().all(u8::is_ascii_digit)
            && std::str::from_utf8(value).is_ok_and(|digits| {
                // Digits that fit no integer are more than any limit.
                digits
                    .parse::<u64>()
                    .ok()
                    .and_then(|length| usize::try_from(length).ok())
                    .is_none_or(|length| length > limit)
            })
    })
}

/// Whether every content coding is `identity`, which is to say none.
pub(crate) fn is_identity_encoded(head: &impl RequestHead) -> bool {
    head.header_values("content-encoding").flat_map(|value| value.split(|&byte| byte == b',')).all(|coding| {
        let coding = coding.trim_ascii();
        coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")
    })
}

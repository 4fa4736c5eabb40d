//! What the verifier needs to know of a request's head.

use std::net::IpAddr;

use crate::{provider::Provider, scheme::Scheme, source::PeerAddr};

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
///     fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
///         self.headers.iter().copied()
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

    /// Every header: its name, in either case, and its value. One item for each header line, even where a line is a list;
    /// the lines of one name in the order they came.
    fn headers(&self) -> impl Iterator<Item = (&str, &[u8])>;

    /// Every value of the header `name`, in the order they came.
    ///
    /// It compares each header's name. For as many as a delivery has, that costs less than a hash of the name.
    fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

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

/// What the verifier goes by of the headers, found in one pass over them.
pub(crate) struct Headers<'a> {
    /// Whether a length is declared that is over the limit.
    pub(crate) declares_too_much: bool,
    /// Whether there is a content coding other than `identity`, which is to say none.
    pub(crate) is_encoded: bool,
    pub(crate) signature: Single<'a>,
    pub(crate) timestamp: Single<'a>,
}

impl<'a> Headers<'a> {
    pub(crate) fn read<P: Provider>(head: &'a impl RequestHead, body_limit: usize) -> Self {
        let signature_name = match P::SCHEME {
            Scheme::HmacSha256 { header, .. } => Some(header),
            Scheme::UrlToken { .. } => None,
        };
        let mut found = Self {
            declares_too_much: false,
            is_encoded: false,
            signature: Single::Missing,
            timestamp: Single::Missing,
        };
        for (name, value) in head.headers() {
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
            if signature_name.is_some_and(is) {
                found.signature.add(value);
            } else if is("content-length") {
                found.declares_too_much |= declares_more_than(value, body_limit);
            } else if is("content-encoding") {
                found.is_encoded |= !is_identity(value);
            } else if P::UNVERIFIED_TIMESTAMP_HEADER.is_some_and(is) {
                found.timestamp.add(value);
            }
        }
        found
    }
}

/// The one value of a header that must not be repeated.
pub(crate) enum Single<'a> {
    Missing,
    One(&'a [u8]),
    Repeated,
}

impl<'a> Single<'a> {
    fn add(&mut self, value: &'a [u8]) {
        *self = match self {
            Self::Missing => Self::One(value),
            Self::One(_) | Self::Repeated => Self::Repeated,
        };
    }
}

/// What is no number is not a declaration: the bytes are counted.
fn declares_more_than(value: &[u8], limit: usize) -> bool {
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
}

fn is_identity(codings: &[u8]) -> bool {
    codings.split(|&byte| byte == b',').all(|coding| {
        let coding = coding.trim_ascii();
        coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")
    })
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;

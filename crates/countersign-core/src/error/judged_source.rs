//! The source address of a rejected delivery, and where it was found.

use std::{fmt, net::IpAddr, sync::Arc};

/// The source of a delivery that [`AllowedSources`](crate::AllowedSources) rejected: the address
/// that was judged, the peer, and where the address was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedSource(Arc<Judged>);

#[derive(Debug, PartialEq, Eq)]
struct Judged {
    peer: IpAddr,
    address: Option<IpAddr>,
    origin: SourceOrigin,
    header: Arc<str>,
}

/// Where the source's address was looked for. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceOrigin {
    /// The peer is the source: it is not a trusted proxy.
    Peer,
    /// The source is entry `number` of `count` in the proxies' header, counted from the left.
    Entry {
        /// The number of the entry: the first is 1.
        number: usize,
        /// The number of entries, in all lines of the header.
        count: usize,
    },
    /// Entry `number` of `count` is not an address.
    UnreadableEntry {
        /// The number of the entry: the first is 1.
        number: usize,
        /// The number of entries, in all lines of the header.
        count: usize,
    },
    /// Each of the `count` entries is a trusted proxy.
    OnlyProxies {
        /// The number of entries, in all lines of the header.
        count: usize,
    },
    /// The peer is a trusted proxy, and the request does not have the header.
    NoHeader {
        /// Whether the request has `Forwarded` (RFC 7239), which is not supported.
        has_forwarded: bool,
    },
}

impl JudgedSource {
    pub(crate) fn new(peer: IpAddr, address: Option<IpAddr>, origin: SourceOrigin, header: &Arc<str>) -> Self {
        Self(Arc::new(Judged { peer, address, origin, header: Arc::clone(header) }))
    }

    /// Returns the address that is not in an allowed range; `None` if none was found.
    pub fn address(&self) -> Option<IpAddr> {
        self.0.address
    }

    /// Returns the address at the other end of the connection.
    pub fn peer(&self) -> IpAddr {
        self.0.peer
    }

    /// Returns where the address was looked for.
    pub fn origin(&self) -> SourceOrigin {
        self.0.origin
    }

    /// Returns the name of the proxies' header, in lower case.
    pub fn header(&self) -> &str {
        &self.0.header
    }
}

impl fmt::Display for JudgedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Judged { peer, address, origin, header } = &*self.0;
        match *origin {
            SourceOrigin::Peer => write!(f, "the peer {peer} is not allowed, and is not a trusted proxy"),
            SourceOrigin::Entry { number, count } => write!(
                f,
                "{} is not allowed: it is entry {number} of {count} in {header}, as the proxy {peer} sent it. If it is \
                 one of your own proxies, list it with `with_trusted_proxies`",
                address.unwrap_or(*peer)
            ),
            SourceOrigin::UnreadableEntry { number, count } => {
                write!(f, "entry {number} of {count} in {header} is not an address, as the proxy {peer} sent it")
            }
            SourceOrigin::OnlyProxies { count } => write!(
                f,
                "every entry in {header} is a trusted proxy ({count} in all), as the proxy {peer} sent it: a range of \
                 proxies may be too wide"
            ),
            SourceOrigin::NoHeader { has_forwarded: true } => write!(
                f,
                "the trusted proxy {peer} sent `Forwarded`, which is not supported, and no {header}: have it append to \
                 {header}"
            ),
            SourceOrigin::NoHeader { has_forwarded: false } => {
                write!(f, "the trusted proxy {peer} sent no {header}: have it append to {header}")
            }
        }
    }
}

//! Where a delivery comes from: ranges of addresses that it has to come from, beside its proof.

use std::net::{IpAddr, SocketAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::{
    error::{SourceRangeError, VerifyErrorKind},
    head::RequestHead,
};

/// The address at the other end of the connection: put it into the extensions of a request where no framework knows it, so
/// that [`AllowedSources`] can be asked.
///
/// * axum: nothing to do if the app is served with `into_make_service_with_connect_info::<SocketAddr>()`; behind anything
///   else (TLS acceptors, Unix sockets with a proxy protocol) insert it in a layer outside.
/// * any other tower service: insert it where connections are accepted, before `VerifyWebhook`.
/// * actix-web: nothing to do; it knows the peer of every TCP connection. On a Unix socket, insert it in a middleware
///   outside.
///
/// Never take it from a header: [`AllowedSources::with_trusted_proxies`] is for that.
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
    /// The address, without a port.
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

/// Ranges of addresses that deliveries have to come from.
///
/// This is a check beside the proof and never instead of it: only a verifier takes it, and a verifier has secrets.
/// Addresses can be shared, and providers change theirs.
///
/// A range is `203.0.113.0/24`, `2001:db8::/32`, or a single address. An IPv4 address that was mapped into IPv6 is the
/// IPv4 address that it is, in ranges, of peers, and in headers; so `::/0` is IPv6 alone.
///
/// ```
/// use countersign_core::AllowedSources;
///
/// let sources = AllowedSources::new(["203.0.113.0/24", "2001:db8::7"])?
///     .with_trusted_proxies(["10.0.0.0/8"])?;
/// # let _ = sources;
/// # Ok::<(), countersign_core::SourceRangeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct AllowedSources {
    allowed: Vec<IpNet>,
    proxies: Vec<IpNet>,
    header: Box<str>,
}

impl AllowedSources {
    /// Deliveries have to come from one of `ranges`.
    ///
    /// # Errors
    ///
    /// If one is not a range of addresses, or there is none: nothing could be received.
    pub fn new(ranges: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, SourceRangeError> {
        let allowed = parse(ranges)?;
        if allowed.is_empty() {
            return Err(SourceRangeError::empty());
        }
        Ok(Self { allowed, proxies: Vec::new(), header: "x-forwarded-for".into() })
    }

    /// The same for a service that stands behind proxies at `ranges`: where one of them is the peer, the source is the
    /// rightmost address in `X-Forwarded-For` that is not a proxy's. What stands further to the left is the sender's own
    /// claim, and is not read. A delivery is refused if an entry is no address, or if there is no address but those of
    /// proxies.
    ///
    /// List your own proxies alone, and have them append to the header: every address in `ranges` is believed.
    ///
    /// # Errors
    ///
    /// If one is not a range of addresses.
    pub fn with_trusted_proxies(
        mut self,
        ranges: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, SourceRangeError> {
        self.proxies = parse(ranges)?;
        Ok(self)
    }

    /// Reads another header than `X-Forwarded-For` behind the trusted proxies: one with an address or a list of them,
    /// such as `cf-connecting-ip`. (`Forwarded`, RFC 7239, is not such a list.) The proxies have to set it themselves,
    /// and drop it where a client sent it.
    ///
    /// # Errors
    ///
    /// If `name` is not the name of a header.
    pub fn with_forwarded_header(mut self, name: impl AsRef<str>) -> Result<Self, SourceRangeError> {
        let name = name.as_ref();
        let header = http::HeaderName::try_from(name).map_err(|_| SourceRangeError::header(name))?;
        self.header = header.as_str().into();
        Ok(self)
    }

    pub(crate) fn check(&self, head: &impl RequestHead) -> Result<(), VerifyErrorKind> {
        let peer = head.peer().ok_or(VerifyErrorKind::SourceUnknown)?.to_canonical();
        let source = self.source(peer, head).ok_or(VerifyErrorKind::SourceNotAllowed)?;
        if contains(&self.allowed, source) { Ok(()) } else { Err(VerifyErrorKind::SourceNotAllowed) }
    }

    /// The peer, or whom it and the proxies behind it speak for.
    fn source(&self, peer: IpAddr, head: &impl RequestHead) -> Option<IpAddr> {
        if !contains(&self.proxies, peer) {
            return Some(peer);
        }
        let lines: Vec<&[u8]> = head.header_values(&self.header).collect();
        for entry in lines.into_iter().rev().flat_map(|line| line.rsplit(|&byte| byte == b',')) {
            let source = address(entry)?;
            if !contains(&self.proxies, source) {
                return Some(source);
            }
        }
        None
    }
}

macro_rules! from_ranges {
    ($([$($generics:tt)*] $type:ty),*) => {$(
        /// The shortcut for ranges that are known to be right; [`AllowedSources::new`] is the one that returns an error.
        ///
        /// # Panics
        ///
        /// If one is not a range of addresses, or there is none.
        impl<$($generics)*> From<$type> for AllowedSources {
            fn from(ranges: $type) -> Self {
                match Self::new(ranges) {
                    Ok(sources) => sources,
                    #[allow(clippy::panic, reason = "documented; at start-up, never on a request")]
                    Err(error) => panic!("{error}"),
                }
            }
        }
    )*};
}

from_ranges!([const N: usize] [&str; N], [] &[&str], [] Vec<&str>, [] &[String], [] Vec<String>);

fn parse(ranges: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Vec<IpNet>, SourceRangeError> {
    ranges
        .into_iter()
        .map(|range| range_of(range.as_ref()).ok_or_else(|| SourceRangeError::malformed(range.as_ref())))
        .collect()
}

/// An address that the standard library reads, so that one with leading zeros is none, and the length of a prefix.
fn range_of(text: &str) -> Option<IpNet> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => (address, prefix.parse().ok()?),
        Some(_) => return None,
        None => (text, if text.contains(':') { 128 } else { 32 }),
    };
    match address.parse().ok()? {
        IpAddr::V4(four) => Ipv4Net::new(four, prefix).ok().map(IpNet::V4),
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            // Of `::ffff:0:0/96` nothing belongs to the IPv4 address; a shorter prefix would be mostly IPv6.
            Some(four) => Ipv4Net::new(four, prefix.checked_sub(96)?).ok().map(IpNet::V4),
            None => Ipv6Net::new(six, prefix).ok().map(IpNet::V6),
        },
    }
}

fn contains(ranges: &[IpNet], address: IpAddr) -> bool {
    ranges.iter().any(|range| range.contains(&address))
}

/// One entry of a list of addresses: with or without a port, IPv6 in brackets where there is one.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    let bare = || text.parse().ok();
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    bare().or_else(with_port).or_else(bracketed).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;

//! An allow-list of source addresses, in addition to the proof.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::head::RequestHead;
use crate::error::{JudgedSource, Rejection, RejectionDetail, RejectionKind, SourceOrigin, SourceRangeError};

/// The address ranges from which deliveries are accepted.
///
/// This check is in addition to the proof and never replaces it. Addresses can be shared, and
/// providers change theirs.
///
/// A range is `203.0.113.0/24`, `2001:db8::/32`, or a single address. An IPv4-mapped IPv6 address
/// counts as the IPv4 address everywhere. So `::/0` matches only IPv6.
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
    header: Arc<str>,
}

impl AllowedSources {
    /// Accepts deliveries from `ranges`.
    ///
    /// # Errors
    ///
    /// Returns an error if a string is not an address range, or if the list is empty: every
    /// delivery would be rejected.
    pub fn new(ranges: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, SourceRangeError> {
        let allowed = parse(ranges)?;
        if allowed.is_empty() {
            return Err(SourceRangeError::empty());
        }
        Ok(Self { allowed, proxies: Vec::new(), header: "x-forwarded-for".into() })
    }

    /// Trusts the proxies at `ranges`, for a service behind proxies.
    ///
    /// If the peer is a trusted proxy, the source is the rightmost address in `X-Forwarded-For`
    /// that is not a trusted proxy. Entries to the left of it are not read: the sender could have
    /// written them. A delivery is rejected if an entry is not an address, or if all entries are
    /// trusted proxies.
    ///
    /// List only your own proxies, and configure them to append to the header. Some append their own
    /// address as well: behind Google's load balancer, list the address of its forwarding rule, too.
    /// At level DEBUG, a rejection says which address was judged.
    ///
    /// # Errors
    ///
    /// Returns an error if a string is not an address range.
    pub fn with_trusted_proxies(
        mut self,
        ranges: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, SourceRangeError> {
        self.proxies = parse(ranges)?;
        Ok(self)
    }

    /// Reads the source from the header `name` (default: `X-Forwarded-For`) if the peer is a
    /// trusted proxy. Its value must be an address or a list of addresses, as in
    /// `cf-connecting-ip`. (`Forwarded` of RFC 7239 is not supported.) The proxies must set the
    /// header, and must remove the one that a client sent.
    ///
    /// # Errors
    ///
    /// Returns an error if `name` is not a header name.
    pub fn with_forwarded_header(mut self, name: impl AsRef<str>) -> Result<Self, SourceRangeError> {
        let name = name.as_ref();
        let header = http::HeaderName::try_from(name).map_err(|_| SourceRangeError::header(name))?;
        self.header = header.as_str().into();
        Ok(self)
    }

    pub(crate) fn check(&self, head: &impl RequestHead) -> Result<(), Rejection> {
        let peer = head.peer().ok_or(RejectionKind::SourceUnknown)?.to_canonical();
        let (address, origin) = match self.source(peer, head) {
            Ok((source, _)) if contains(&self.allowed, source) => return Ok(()),
            Ok((source, origin)) => (Some(source), origin),
            Err(origin) => (None, origin),
        };
        let judged = JudgedSource::new(peer, address, origin, &self.header);
        Err(RejectionKind::SourceNotAllowed.with(RejectionDetail::Source(judged)))
    }

    /// Returns the peer, or the address for which it and the proxies behind it speak.
    fn source(&self, peer: IpAddr, head: &impl RequestHead) -> Result<(IpAddr, SourceOrigin), SourceOrigin> {
        if !contains(&self.proxies, peer) {
            return Ok((peer, SourceOrigin::Peer));
        }
        let lines: Vec<&[u8]> = head.header_values(&self.header).collect();
        let count = lines.iter().flat_map(|line| line.split(is_comma)).count();
        let entries = lines.into_iter().rev().flat_map(|line| line.rsplit(is_comma));
        for (behind, entry) in entries.enumerate() {
            let number = count.saturating_sub(behind);
            let source = address(entry).ok_or(SourceOrigin::UnreadableEntry { number, count })?;
            if !contains(&self.proxies, source) {
                return Ok((source, SourceOrigin::Entry { number, count }));
            }
        }
        if count > 0 {
            return Err(SourceOrigin::OnlyProxies { count });
        }
        Err(SourceOrigin::NoHeader { has_forwarded: head.header_values("forwarded").next().is_some() })
    }
}

fn is_comma(byte: &u8) -> bool {
    *byte == b','
}

fn parse(ranges: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Vec<IpNet>, SourceRangeError> {
    ranges
        .into_iter()
        .map(|range| range_of(range.as_ref()).ok_or_else(|| SourceRangeError::malformed(range.as_ref())))
        .collect()
}

/// An address that the standard library reads (so without leading zeros), and the length of a
/// prefix.
fn range_of(text: &str) -> Option<IpNet> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => (address, prefix.parse().ok()?),
        Some(_) => return None,
        None => (text, if text.contains(':') { 128 } else { 32 }),
    };
    match address.parse().ok()? {
        IpAddr::V4(four) => Ipv4Net::new(four, prefix).ok().map(IpNet::V4),
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            // `::ffff:0:0/96` is all of IPv4; a shorter prefix would be mostly IPv6.
            Some(four) => Ipv4Net::new(four, prefix.checked_sub(96)?).ok().map(IpNet::V4),
            None => Ipv6Net::new(six, prefix).ok().map(IpNet::V6),
        },
    }
}

fn contains(ranges: &[IpNet], address: IpAddr) -> bool {
    ranges.iter().any(|range| range.contains(&address))
}

/// Reads one entry of a list of addresses, with or without a port. IPv6 with a port is in brackets.
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

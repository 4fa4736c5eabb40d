//! Ranges, peers, and reading `X-Forwarded-For`.

use http::Request;
use proptest::prelude::*;

use super::*;
use crate::{PeerAddr, error::SourceRangeErrorKind};

const ALLOWED: Result<(), RejectionKind> = Ok(());
const REJECTED: Result<(), RejectionKind> = Err(RejectionKind::SourceNotAllowed);
const UNKNOWN: Result<(), RejectionKind> = Err(RejectionKind::SourceUnknown);

/// A head with only a peer and header lines, as of a framework that countersign does not know.
struct Head<'a> {
    peer: Option<IpAddr>,
    lines: &'a [(&'a str, &'a [u8])],
}

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        "POST"
    }

    fn path(&self) -> &str {
        "/"
    }

    fn query(&self) -> Option<&str> {
        None
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.lines.iter().copied()
    }

    fn peer(&self) -> Option<IpAddr> {
        self.peer
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn allowed<const N: usize>(ranges: [&str; N]) -> AllowedSources {
    AllowedSources::new(ranges).unwrap()
}

fn kind(checked: Result<(), Rejection>) -> Result<(), RejectionKind> {
    checked.map_err(|rejection| rejection.kind())
}

fn check(sources: &AllowedSources, peer: &str, lines: &[&[u8]]) -> Result<(), RejectionKind> {
    let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
    kind(sources.check(&Head { peer: Some(ip(peer)), lines: &lines }))
}

/// Whether `range` contains `peer`.
fn is_in(range: &str, peer: &str) -> bool {
    check(&allowed([range]), peer, &[]) == ALLOWED
}

/// 203.0.113.0/24 and 2001:db8:a::/48 may send, through proxies at 10.0.0.0/8 and fd00::/8.
fn proxied() -> AllowedSources {
    let sources = allowed(["203.0.113.0/24", "2001:db8:a::/48"]);
    sources.with_trusted_proxies(["10.0.0.0/8", "fd00::/8"]).unwrap()
}

#[test]
fn a_range_contains_its_addresses_and_no_others() {
    for (range, inside, outside) in [
        ("203.0.113.0/24", ["203.0.113.0", "203.0.113.255"], ["203.0.112.255", "203.0.114.0"]),
        ("203.0.113.77/24", ["203.0.113.0", "203.0.113.255"], ["203.0.112.255", "203.0.114.0"]),
        ("203.0.113.7", ["203.0.113.7", "::ffff:203.0.113.7"], ["203.0.113.6", "203.0.113.8"]),
        ("203.0.113.7/32", ["203.0.113.7", "::ffff:cb00:7107"], ["203.0.113.6", "203.0.113.8"]),
        ("203.0.113.6/31", ["203.0.113.6", "203.0.113.7"], ["203.0.113.5", "203.0.113.8"]),
        ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "2001:db8::1"]),
        ("2001:db8::/32", ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"], ["2001:db7:ffff::", "2001:db9::"]),
        ("2001:DB8::1/32", ["2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"], ["2001:db7:ffff::", "2001:db9::"]),
        ("2001:db8::7", ["2001:db8::7", "2001:db8:0:0::7"], ["2001:db8::6", "2001:db8::8"]),
        ("::/0", ["::", "ffff::"], ["203.0.113.7", "::ffff:203.0.113.7"]),
        ("::1.2.3.4", ["::1.2.3.4", "::102:304"], ["1.2.3.4", "::ffff:1.2.3.4"]),
    ] {
        assert_eq!(inside.map(|peer| is_in(range, peer)), [true, true], "{range}: {inside:?}");
        assert_eq!(outside.map(|peer| is_in(range, peer)), [false, false], "{range}: {outside:?}");
    }
}

/// T22: an IPv4-mapped IPv6 address is the IPv4 address, in ranges and of peers.
#[test]
fn t22_mapped_addresses_are_the_addresses_that_they_are() {
    for range in ["203.0.113.0/24", "::ffff:203.0.113.0/120", "::ffff:cb00:71ff/120", "::FFFF:203.0.113.9/120"] {
        for peer in ["203.0.113.0", "::ffff:203.0.113.0", "203.0.113.255", "::ffff:cb00:71ff"] {
            assert!(is_in(range, peer), "{peer} in {range}");
        }
        for peer in ["203.0.112.255", "::ffff:203.0.114.0", "::203.0.113.7", "::cb00:7107", "64:ff9b::203.0.113.7"] {
            assert!(!is_in(range, peer), "{peer} in {range}");
        }
    }
    assert!(is_in("::ffff:203.0.113.7", "203.0.113.7") && !is_in("::ffff:203.0.113.7", "203.0.113.8"));
    assert!(is_in("::ffff:203.0.113.7/128", "203.0.113.7") && !is_in("::ffff:203.0.113.7/127", "203.0.113.8"));
    assert!(is_in("::ffff:0:0/96", "0.0.0.0") && is_in("::ffff:0:0/96", "255.255.255.255"));
    assert!(!is_in("::ffff:0:0/96", "::") && !is_in("::/96", "0.0.0.0"));
}

/// T22: a user who maps an address but not its prefix does not allow the IPv6 loopback.
#[test]
fn t22_a_mapped_address_with_an_ipv4_prefix_does_not_open_ipv6() {
    for (range, peer) in
        [("::ffff:203.0.113.0/24", "::1"), ("::ffff:10.0.0.0/8", "::1"), ("::ffff:0.0.0.0/0", "2001::1")]
    {
        let is_open = AllowedSources::new([range]).is_ok_and(|sources| check(&sources, peer, &[]) == ALLOWED);
        assert!(!is_open, "{peer} in {range}");
    }
}

#[test]
fn what_is_no_range_is_an_error_that_names_it() {
    for range in [
        "",
        " ",
        "203.0.113.0/33",
        "203.0.113.0/-1",
        "203.0.113.0/",
        "203.0.113.0/24/24",
        "203.0.113.0/255.255.255.0",
        "203.0.113/24",
        "203.0.113.256",
        "203.0.113.0/24 ",
        " 203.0.113.7",
        "203.0.113.7:443",
        "203.0.113.0-203.0.113.9",
        "203.0.113.0/24,203.0.114.0/24",
        "2001:db8::/129",
        "[2001:db8::7]",
        "2001:db8::7%eth0",
        "2001:db8:::/32",
        "::ffff:203.0.113.0/129",
        "example.com",
        "*",
        "203.0.113.7\n",
        "２０３.0.113.7",
    ] {
        let error = AllowedSources::new(["203.0.113.0/24", range]).unwrap_err();
        assert_eq!(error.kind(), SourceRangeErrorKind::Malformed, "{range:?}");
        let expected = format!("{range:?} is not an address range: use one such as 203.0.113.0/24 or 2001:db8::/32");
        assert_eq!(error.to_string(), expected);
        let error = proxied().with_trusted_proxies(["10.0.0.0/8", range]).unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (SourceRangeErrorKind::Malformed, expected));
    }
}

/// An address is read the same way in a range, as a peer and in a header. Some readers take `010`
/// for ten, others for eight.
#[test]
fn t22_a_leading_zero_is_rejected_with_a_prefix_as_without() {
    for range in ["010.0.0.1", "010.0.0.0/8", "10.0.0.00/8", "::ffff:010.0.0.0/104"] {
        let kind = AllowedSources::new([range]).map_err(|error| error.kind());
        assert!(matches!(kind, Err(SourceRangeErrorKind::Malformed)), "{range} is taken");
    }
}

#[test]
fn no_range_at_all_is_an_error() {
    let error = AllowedSources::new([] as [&str; 0]).unwrap_err();
    assert_eq!(error.kind(), SourceRangeErrorKind::Empty);
    assert_eq!(
        error.to_string(),
        "the list of allowed sources is empty, so every delivery would be rejected: add a range"
    );
    assert_eq!(AllowedSources::new(Vec::<String>::new()).unwrap_err().kind(), SourceRangeErrorKind::Empty);
}

#[test]
fn every_kind_of_list_is_taken() {
    let owned = || vec!["203.0.113.0/24".to_owned()];
    for sources in [
        AllowedSources::new(["203.0.113.0/24"]),
        AllowedSources::new(&["203.0.113.0/24"][..]),
        AllowedSources::new(vec!["203.0.113.0/24"]),
        AllowedSources::new(&owned()[..]),
        AllowedSources::new(owned()),
    ] {
        let sources = sources.unwrap();
        assert_eq!(check(&sources, "203.0.113.7", &[]), ALLOWED);
        assert_eq!(check(&sources, "198.51.100.7", &[]), REJECTED);
    }
}

#[test]
fn an_unknown_peer_is_rejected_whatever_is_allowed() {
    let lines: &[(&str, &[u8])] = &[("x-forwarded-for", b"203.0.113.7")];
    for sources in [proxied(), allowed(["0.0.0.0/0", "::/0"])] {
        let sources = sources.with_trusted_proxies(["0.0.0.0/0", "::/0"]).unwrap();
        assert_eq!(kind(sources.check(&Head { peer: None, lines })), UNKNOWN);
        let request = Request::post("/").header("x-forwarded-for", "203.0.113.7").body(()).unwrap();
        assert_eq!(kind(sources.check(&request)), UNKNOWN);
        assert_eq!(kind(sources.check(&request.into_parts().0)), UNKNOWN);
    }
}

#[test]
fn the_peer_of_an_http_request_is_its_extension() {
    let sources = allowed(["203.0.113.0/24"]);
    for (peer, expected) in [
        (PeerAddr::from(ip("203.0.113.7")), ALLOWED),
        (PeerAddr::from(ip("::ffff:203.0.113.7")), ALLOWED),
        (PeerAddr::from(ip("2001:db8::7")), REJECTED),
        (PeerAddr::from("203.0.113.7:443".parse::<SocketAddr>().unwrap()), ALLOWED),
        (PeerAddr::from("[::ffff:203.0.113.7]:443".parse::<SocketAddr>().unwrap()), ALLOWED),
        (PeerAddr::from("198.51.100.7:443".parse::<SocketAddr>().unwrap()), REJECTED),
    ] {
        let mut request = Request::post("/").body(()).unwrap();
        request.extensions_mut().insert(peer);
        assert_eq!(kind(sources.check(&request)), expected, "{peer:?}");
        assert_eq!(kind(sources.check(&request.into_parts().0)), expected, "{peer:?}");
    }
    let peer = PeerAddr::from("203.0.113.7:443".parse::<SocketAddr>().unwrap());
    assert_eq!((peer.ip(), peer), (ip("203.0.113.7"), PeerAddr::from(ip("203.0.113.7"))));
}

#[path = "source_forwarded_tests.rs"]
mod forwarded;

//! T22: behind trusted proxies, `X-Forwarded-For` is read from the right up to the first address
//! that is not a trusted proxy.

use super::*;

const PROXY: &str = "10.0.0.1";

#[test]
fn t22_the_header_of_any_peer_but_a_trusted_proxy_is_ignored() {
    let genuine: &[u8] = b"203.0.113.7";
    for sources in [proxied(), allowed(["203.0.113.0/24"])] {
        for peer in ["198.51.100.7", "11.0.0.1", "::ffff:198.51.100.7", "2001:db8:b::7", "fe80::1", "::1"] {
            for lines in [&[genuine][..], &[genuine, genuine], &[b"203.0.113.7, 10.0.0.1"], &[b"10.0.0.1"], &[b"junk"]]
            {
                assert_eq!(check(&sources, peer, lines), REJECTED, "{peer}: {lines:?}");
            }
        }
        for lines in [&[&b"198.51.100.7"[..]][..], &[b"junk"], &[b""]] {
            assert_eq!(check(&sources, "203.0.113.7", lines), ALLOWED, "{lines:?}");
        }
    }
    // Without trusted proxies no header counts.
    assert_eq!(check(&allowed(["203.0.113.0/24"]), PROXY, &[genuine]), REJECTED);
    let none = proxied().with_trusted_proxies([] as [&str; 0]).unwrap();
    assert_eq!(check(&none, PROXY, &[genuine]), REJECTED);
}

#[test]
fn t22_the_source_is_the_rightmost_address_that_is_no_proxy() {
    for (lines, expected) in [
        (&["203.0.113.7"][..], ALLOWED),
        (&["198.51.100.7"], REJECTED),
        (&["2001:db8:a::7"], ALLOWED),
        (&["2001:db8:b::7"], REJECTED),
        // The sender's text is to the left of what the proxy appended.
        (&["203.0.113.7, 198.51.100.7"], REJECTED),
        (&["203.0.113.7,198.51.100.7"], REJECTED),
        (&["203.0.113.7,203.0.113.7,203.0.113.7,198.51.100.7"], REJECTED),
        (&["198.51.100.7, 203.0.113.7"], ALLOWED),
        (&["unknown, 203.0.113.7"], ALLOWED),
        // Several proxies, each of which appended its peer.
        (&["203.0.113.7, 10.0.0.2"], ALLOWED),
        (&["203.0.113.7, fd00::2, 10.0.0.2"], ALLOWED),
        (&["198.51.100.7, 10.0.0.3, 10.0.0.2"], REJECTED),
        (&["203.0.113.7, 198.51.100.7, 10.0.0.3, 10.0.0.2"], REJECTED),
        (&["203.0.113.7, 10.0.0.3, 198.51.100.7, 10.0.0.2"], REJECTED),
        (&["198.51.100.7, 10.0.0.3, 203.0.113.7, 10.0.0.2"], ALLOWED),
        // Several lines are one list, in their order.
        (&["203.0.113.7", "198.51.100.7"], REJECTED),
        (&["198.51.100.7", "203.0.113.7"], ALLOWED),
        (&["198.51.100.7, 203.0.113.7", "10.0.0.2"], ALLOWED),
        (&["203.0.113.7", "198.51.100.7, 10.0.0.3", "10.0.0.2"], REJECTED),
        (&["203.0.113.7", "10.0.0.3, 10.0.0.2", "10.0.0.4"], ALLOWED),
        // An empty line is not an address.
        (&["203.0.113.7", ""], REJECTED),
        (&["", "203.0.113.7"], ALLOWED),
        // A mapped address is the IPv4 address.
        (&["203.0.113.7, ::ffff:10.0.0.2"], ALLOWED),
        (&["::ffff:203.0.113.7, ::ffff:a00:2"], ALLOWED),
        (&["203.0.113.7, ::ffff:198.51.100.7"], REJECTED),
        // White space that HTTP knows.
        (&["203.0.113.7 \t,\t 10.0.0.2 "], ALLOWED),
    ] {
        let bytes: Vec<_> = lines.iter().map(|line| line.as_bytes()).collect();
        for peer in [PROXY, "10.255.255.255", "::ffff:10.0.0.1", "fd00::1"] {
            assert_eq!(check(&proxied(), peer, &bytes), expected, "{lines:?} by {peer}");
        }
        // The same through `http`.
        let mut request = Request::post("/").body(()).unwrap();
        request.extensions_mut().insert(PeerAddr::from(ip(PROXY)));
        for line in lines {
            request.headers_mut().append("x-forwarded-for", line.parse().unwrap());
        }
        assert_eq!(kind(proxied().check(&request)), expected, "{lines:?}");
    }
}

#[test]
fn t22_where_all_are_proxies_there_is_no_source() {
    for lines in [&[][..], &[&b"10.0.0.2"[..]], &[b"10.0.0.3, 10.0.0.2"], &[b"10.0.0.3", b"fd00::2"]] {
        assert_eq!(check(&proxied(), PROXY, lines), REJECTED, "{lines:?}");
    }
    let one = allowed(["10.0.0.3"]).with_trusted_proxies(["10.0.0.0/8"]).unwrap();
    assert_eq!(check(&one, "10.0.0.3", &[]), REJECTED);
    assert_eq!(check(&one, PROXY, &[]), REJECTED);
    assert_eq!(check(&one, PROXY, &[b"10.0.0.3"]), REJECTED);
    assert_eq!(check(&one, PROXY, &[b"10.0.0.3", b"10.0.0.2"]), REJECTED);
    assert_eq!(check(&one, "10.0.0.3", &[b"198.51.100.7"]), REJECTED);
}

#[test]
fn t22_garbage_is_rejected_where_it_decides_and_not_read_where_it_does_not() {
    for garbage in [
        &b"unknown"[..],
        b"_hidden",
        b"",
        b" ",
        b"1.2.3.4.5",
        b"1.2.3",
        b"1.2.3.256",
        b"203.0.113.07",
        b"0xcb.0.113.7",
        b"3405803783",
        b"203.0.113.7/32",
        b"203.0.113.7;",
        b"203.0.113.7 10.0.0.2",
        b"\"203.0.113.7\"",
        b"for=203.0.113.7",
        b"203.0.113.7:",
        b"203.0.113.7:x",
        b"203.0.113.7:65536",
        b"203.0.113.7\0",
        b"203.0.113.7\n",
        b"[203.0.113.7]",
        b"[2001:db8:a::7",
        b"2001:db8:a::7]",
        b"[[2001:db8:a::7]]",
        b"[2001:db8:a::7]:",
        b"[2001:db8:a::7]443",
        b"2001:db8:a::7%eth0",
        b"2001:db8:a::7%1",
        b"[2001:db8:a::7%1]",
        b"[2001:db8:a::7%eth0]:443",
        b"2001:db8:a:::7",
        b"localhost",
        b"\xff",
        b"\xef\xbc\x92\xef\xbc\x90\xef\xbc\x93.0.113.7",
        b"203.0.113.7\xa0",
        b"\xc2\xa0203.0.113.7",
    ] {
        let shown = String::from_utf8_lossy(garbage);
        let with = |left: &[u8], right: &[u8]| check(&proxied(), PROXY, &[&[left, garbage, right].concat()]);
        assert_eq!(with(b"", b""), REJECTED, "{shown:?}");
        assert_eq!(with(b"203.0.113.7, ", b""), REJECTED, "{shown:?}");
        assert_eq!(with(b"203.0.113.7, ", b", 10.0.0.2"), REJECTED, "{shown:?}");
        assert_eq!(check(&proxied(), PROXY, &[b"203.0.113.7", garbage, b"10.0.0.2"]), REJECTED, "{shown:?}");
        assert_eq!(with(b"", b", 203.0.113.7"), ALLOWED, "{shown:?}");
        assert_eq!(with(b"", b", 203.0.113.7, 10.0.0.2"), ALLOWED, "{shown:?}");
        assert_eq!(check(&proxied(), PROXY, &[garbage, b"203.0.113.7"]), ALLOWED, "{shown:?}");
    }
}

#[test]
fn t22_an_address_may_have_a_port_and_brackets() {
    for (entry, expected) in [
        (&b"203.0.113.7:80"[..], ALLOWED),
        (b"203.0.113.7:0", ALLOWED),
        (b"198.51.100.7:80", REJECTED),
        (b"[2001:db8:a::7]:443", ALLOWED),
        (b"[2001:db8:a::7]", ALLOWED),
        (b"2001:db8:a::7", ALLOWED),
        (b"[2001:db8:b::7]:443", REJECTED),
        (b"[::1]:443", REJECTED),
        (b"[::1]", REJECTED),
        (b"::ffff:203.0.113.7", ALLOWED),
        (b"[::ffff:203.0.113.7]", ALLOWED),
        (b"[::ffff:203.0.113.7]:443", ALLOWED),
        (b"::ffff:198.51.100.7", REJECTED),
        (b"::203.0.113.7", REJECTED),
    ] {
        let shown = String::from_utf8_lossy(entry);
        assert_eq!(check(&proxied(), PROXY, &[entry]), expected, "{shown}");
        assert_eq!(check(&proxied(), PROXY, &[entry, b"10.0.0.2:80"]), expected, "{shown}");
        assert_eq!(check(&proxied(), PROXY, &[b"junk", entry, b"[fd00::2]:80", b"[fd00::3]"]), expected, "{shown}");
        assert_eq!(check(&proxied(), PROXY, &[entry, b"198.51.100.7"]), REJECTED, "{shown}");
    }
    // A zone is part of an address where the standard library reads one, and says nothing of where it is.
    assert_eq!(check(&proxied(), PROXY, &[b"[2001:db8:a::7%1]:443"]), ALLOWED);
}

#[test]
fn t22_another_header_is_read_instead() {
    let sources = proxied().with_forwarded_header("CF-Connecting-IP").unwrap();
    let check = |lines: &[(&str, &[u8])]| kind(sources.check(&Head { peer: Some(ip(PROXY)), lines }));
    assert_eq!(check(&[("cf-connecting-ip", b"203.0.113.7"), ("x-forwarded-for", b"198.51.100.7")]), ALLOWED);
    assert_eq!(check(&[("cf-connecting-ip", b"198.51.100.7"), ("x-forwarded-for", b"203.0.113.7")]), REJECTED);
    assert_eq!(check(&[("x-forwarded-for", b"203.0.113.7")]), REJECTED);
    let lines: &[(&str, &[u8])] = &[("cf-connecting-ip", b"203.0.113.7")];
    assert_eq!(kind(sources.check(&Head { peer: Some(ip("198.51.100.7")), lines })), REJECTED);
}

/// Which address was judged, and where it was found: each way to a rejection has its own words.
#[test]
fn c21_a_rejection_says_which_address_was_judged() {
    let judged = |sources: &AllowedSources, peer: &str, lines: &[(&str, &[u8])]| {
        let rejection = sources.check(&Head { peer: Some(ip(peer)), lines }).unwrap_err();
        let Some(RejectionDetail::Source(judged)) = rejection.detail() else { panic!("{rejection:?}") };
        assert_eq!((judged.peer(), judged.header()), (ip(peer).to_canonical(), "x-forwarded-for"));
        (judged.address().map(|address| address.to_string()), judged.origin(), judged.to_string())
    };
    // As behind Google's load balancer, which appends its own address.
    let google = allowed(["203.0.113.0/24"]).with_trusted_proxies(["130.211.0.0/22", "35.191.0.0/16"]).unwrap();
    let lines: &[(&str, &[u8])] = &[("x-forwarded-for", b"203.0.113.9,34.117.5.5")];
    let text = "34.117.5.5 is not allowed: it is entry 2 of 2 in x-forwarded-for, as the proxy 130.211.0.7 sent it. If \
                it is one of your own proxies, list it with `with_trusted_proxies`";
    assert_eq!(
        judged(&google, "130.211.0.7", lines),
        (Some("34.117.5.5".to_owned()), SourceOrigin::Entry { number: 2, count: 2 }, text.to_owned())
    );
    let listed = google.with_trusted_proxies(["130.211.0.0/22", "34.117.5.5"]).unwrap();
    assert_eq!(kind(listed.check(&Head { peer: Some(ip("130.211.0.7")), lines })), ALLOWED);

    let lines: &[(&str, &[u8])] = &[("x-forwarded-for", b"junk, 198.51.100.7"), ("X-Forwarded-For", b" 10.0.0.2")];
    let (address, origin, _) = judged(&proxied(), PROXY, lines);
    assert_eq!((address.as_deref(), origin), (Some("198.51.100.7"), SourceOrigin::Entry { number: 2, count: 3 }));

    let lines: &[(&str, &[u8])] = &[("x-forwarded-for", b"203.0.113.9, for=203.0.113.9, 10.0.0.2")];
    let text = format!("entry 2 of 3 in x-forwarded-for is not an address, as the proxy {PROXY} sent it");
    assert_eq!(judged(&proxied(), PROXY, lines), (None, SourceOrigin::UnreadableEntry { number: 2, count: 3 }, text));

    let lines: &[(&str, &[u8])] = &[("x-forwarded-for", b"10.0.0.3, 10.0.0.2")];
    let text = format!(
        "every entry in x-forwarded-for is a trusted proxy (2 in all), as the proxy {PROXY} sent it: a range of proxies \
         may be too wide"
    );
    assert_eq!(judged(&proxied(), PROXY, lines), (None, SourceOrigin::OnlyProxies { count: 2 }, text));

    let text = format!("the trusted proxy {PROXY} sent no x-forwarded-for: have it append to x-forwarded-for");
    assert_eq!(judged(&proxied(), PROXY, &[]), (None, SourceOrigin::NoHeader { has_forwarded: false }, text));
    let text = format!(
        "the trusted proxy {PROXY} sent `Forwarded`, which is not supported, and no x-forwarded-for: have it append to \
         x-forwarded-for"
    );
    let forwarded = judged(&proxied(), PROXY, &[("Forwarded", b"for=203.0.113.9")]);
    assert_eq!(forwarded, (None, SourceOrigin::NoHeader { has_forwarded: true }, text));

    let text = "the peer 198.51.100.7 is not allowed, and is not a trusted proxy".to_owned();
    let peer = judged(&proxied(), "::ffff:198.51.100.7", &[("x-forwarded-for", b"203.0.113.9")]);
    assert_eq!(peer, (Some("198.51.100.7".to_owned()), SourceOrigin::Peer, text));
    let lines: &[(&str, &[u8])] = &[("cf-connecting-ip", b"junk")];
    let cloud = proxied().with_forwarded_header("CF-Connecting-IP").unwrap();
    let rejection = cloud.check(&Head { peer: Some(ip(PROXY)), lines }).unwrap_err();
    assert!(rejection.detail().unwrap().to_string().starts_with("entry 1 of 1 in cf-connecting-ip is not"));
}

#[test]
fn what_is_no_header_name_is_an_error_that_names_it() {
    for name in ["", "x forwarded for", "x-forwarded-for:", "é"] {
        let error = proxied().with_forwarded_header(name).unwrap_err();
        assert_eq!(error.kind(), SourceRangeErrorKind::Header);
        assert_eq!(error.to_string(), format!("{name:?} is not a header name: use one such as x-forwarded-for"));
    }
}

/// A peer that a proxy appends: any address but a proxy's.
fn sender() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        3 => any::<u8>().prop_map(|last| ip(&format!("203.0.113.{last}"))),
        3 => any::<u8>().prop_map(|last| ip(&format!("198.51.100.{last}"))),
        1 => any::<u16>().prop_map(|last| ip(&format!("2001:db8:a::{last:x}"))),
        1 => any::<IpAddr>(),
    ]
    .prop_filter("no proxy", |&address| !is_proxy(address))
}

fn is_proxy(address: IpAddr) -> bool {
    ["10.0.0.0/8", "fd00::/8"].iter().any(|range| is_in(range, &address.to_string()))
}

/// What a sender can write: lines of anything, much of it addresses that are allowed or a proxy's.
fn claimed() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let entry = prop_oneof!["203\\.0\\.113\\.[0-9]", "10\\.0\\.0\\.[0-9]", "[ -~]{0,9}", Just(String::new())];
    let line = prop_oneof![
        3 => prop::collection::vec(entry, 0..4).prop_map(|entries| entries.join(",").into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(line, 0..4)
}

proptest! {
    /// T22: whatever a sender writes, the address that our own proxies append decides.
    #[test]
    fn t22_what_the_sender_claims_changes_nothing(
        claimed in claimed(),
        sender in sender(),
        port in prop::option::of(any::<u16>()),
        proxies in prop::collection::vec("10\\.[0-9]\\.0\\.[1-9][0-9]?(:80)?|fd00::[1-9]", 0..3),
        by_line in any::<bool>(),
    ) {
        let is_allowed = ["203.0.113.0/24", "2001:db8:a::/48"].iter().any(|range| is_in(range, &sender.to_string()));
        let appended = port.map_or(sender.to_string(), |port| SocketAddr::new(sender, port).to_string());
        let ours: Vec<_> = std::iter::once(appended).chain(proxies).collect();
        prop_assert_eq!(check(&proxied(), PROXY, &[ours.join(", ").as_bytes()]).is_ok(), is_allowed);

        let mut lines = claimed;
        match lines.last_mut() {
            // Proxies append to the last line, or add lines.
            Some(last) if !by_line => last.extend_from_slice(format!(",{}", ours.join(",")).as_bytes()),
            _ => lines.extend(ours.into_iter().map(String::into_bytes)),
        }
        let lines: Vec<_> = lines.iter().map(Vec::as_slice).collect();
        prop_assert_eq!(check(&proxied(), PROXY, &lines).is_ok(), is_allowed);
        // Without a proxy the sender is its own source, whatever it claims.
        prop_assert_eq!(check(&proxied(), &sender.to_string(), &lines).is_ok(), is_allowed);
    }
}

//! T22: the source of a delivery behind proxies, and what their headers are worth.

use crate::{case::Case, servers::Server, support::http::Request};

const FORWARDED: &str = "X-Forwarded-For";

/// The lines of the header, and whether the source is an allowed one: 203.0.113.0/24 or 2001:db8::/32. The proxies are
/// 127.0.0.1, which is the peer, ::1 and 10.0.0.0/8.
const BEHIND_PROXIES: &[(&[&[u8]], bool)] = &[
    (&[b"203.0.113.9"], true),
    (&[b" \t203.0.113.9\t "], true),
    (&[b"203.0.113.9:4711"], true),
    (&[b"::ffff:203.0.113.9"], true),
    (&[b"[::ffff:203.0.113.9]:4711"], true),
    (&[b"2001:db8::7"], true),
    (&[b"[2001:db8::7]"], true),
    (&[b"[2001:db8::7]:4711"], true),
    (&[b"2001:DB8:0:0::7"], true),
    (&[b"198.51.100.1"], false),
    (&[b"::ffff:198.51.100.1"], false),
    (&[b"2001:db9::7"], false),
    // Through several proxies.
    (&[b"203.0.113.9, 10.0.0.1"], true),
    (&[b"203.0.113.9,10.0.0.1, 10.255.0.1,127.0.0.1"], true),
    (&[b"203.0.113.9, ::ffff:10.0.0.1, ::1"], true),
    (&[b"203.0.113.9", b"10.0.0.1"], true),
    (&[b"203.0.113.9, 10.0.0.1", b"10.0.0.2"], true),
    // What stands further to the left is the sender's own claim, whatever it says.
    (&[b"203.0.113.9, 198.51.100.1"], false),
    (&[b"203.0.113.9, 198.51.100.1, 10.0.0.1"], false),
    (&[b"203.0.113.9", b"198.51.100.1"], false),
    (&[b"203.0.113.9, 198.51.100.1", b"10.0.0.1"], false),
    (&[b"203.0.113.9", b"198.51.100.1", b"10.0.0.1"], false),
    (&[b"203.0.113.9, 203.0.113.9, 198.51.100.1"], false),
    (&[b"198.51.100.1, 203.0.113.9"], true),
    (&[b"198.51.100.1", b"203.0.113.9"], true),
    (&[b"unknown, 203.0.113.9"], true),
    (&[b"\xff\xfe", b"203.0.113.9, 10.0.0.1"], true),
    // An entry that is reached and is no address rejects.
    (&[b"unknown"], false),
    (&[b"203.0.113.9, unknown"], false),
    (&[b"203.0.113.9, unknown, 10.0.0.1"], false),
    (&[b"203.0.113.9", b""], false),
    (&[b"", b"203.0.113.9"], true),
    (&[b""], false),
    (&[b","], false),
    (&[b"203.0.113.9,"], false),
    (&[b"203.0.113.9;"], false),
    (&[b"203.0.113.9 10.0.0.1"], false),
    (&[b"\"203.0.113.9\""], false),
    (&[b"for=203.0.113.9"], false),
    (&[b"203.0.113.9/32"], false),
    (&[b"203.0.113"], false),
    (&[b"203.0.113.009"], false),
    (&[b"203.0.113.265"], false),
    (&[b"203.0.113.9:"], false),
    (&[b"203.0.113.9:65536"], false),
    (&[b"[203.0.113.9]"], false),
    (&[b"0xcb.0.113.9"], false),
    (&[b"3405803785"], false),
    (&[b"[2001:db8::7"], false),
    (&[b"2001:db8::7]"], false),
    (&[b"2001:db8::7%eth0"], false),
    (&["２０３.0.113.9".as_bytes()], false),
    (&[b"203.0.113.9\xff"], false),
    // A proxy speaks for itself alone, or for another proxy: neither is a source.
    (&[b"127.0.0.1"], false),
    (&[b"10.0.0.1, 10.0.0.2"], false),
    (&[], false),
];

fn with_lines(mut request: Request, name: &str, lines: &[&[u8]]) -> Request {
    for line in lines {
        request = request.with_header(name, *line);
    }
    request
}

#[track_caller]
fn is(case: &Case<'_>, request: &Request, is_allowed: bool) {
    if is_allowed {
        case.accepts(request);
    } else {
        case.rejects(request);
    }
}

pub(crate) fn t22_forwarded_addresses_are_read_from_the_right_up_to_the_first_that_is_not_a_proxy(server: &Server) {
    let case = Case::new(server, "zeodyn", "/behind/loopback/table");
    for (lines, is_allowed) in BEHIND_PROXIES {
        is(&case, &with_lines(case.documented(), FORWARDED, lines), *is_allowed);
    }
    let a_thousand_proxies = "10.0.0.1, ".repeat(300);
    let spoofed = format!("203.0.113.9, 198.51.100.1, {a_thousand_proxies}127.0.0.1");
    is(&case, &case.documented().with_header(FORWARDED, spoofed), false);
    let honest = format!("198.51.100.1, 203.0.113.9, {a_thousand_proxies}127.0.0.1");
    is(&case, &case.documented().with_header(FORWARDED, honest), true);
}

/// Where the peer is no trusted proxy, what it forwards is a claim like any other.
pub(crate) fn t22_forwarded_addresses_of_untrusted_peers_are_not_read(server: &Server) {
    for (mount, is_allowed) in [("/from/loopback", true), ("/from/elsewhere", false), ("/behind/another", false)] {
        let case = Case::new(server, "zeodyn", format!("{mount}/strangers"));
        for (lines, _) in BEHIND_PROXIES {
            is(&case, &with_lines(case.documented(), FORWARDED, lines), is_allowed);
        }
    }
}

pub(crate) fn t22_other_headers_say_nothing_of_the_source(server: &Server) {
    let case = Case::new(server, "zeodyn", "/behind/loopback/others");
    for name in ["Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Forwarded", "Via"] {
        for value in ["203.0.113.9", "for=203.0.113.9"] {
            is(&case, &case.documented().with_header(name, value), false);
            let both = case.documented().with_header(name, value).with_header(FORWARDED, "198.51.100.1");
            is(&case, &both, false);
        }
    }
}

pub(crate) fn t22_the_header_of_the_proxies_can_be_another(server: &Server) {
    let case = Case::new(server, "zeodyn", "/behind/cloud/header");
    for (value, is_allowed) in [("203.0.113.9", true), ("2001:db8::7", true), ("198.51.100.1", false), ("", false)] {
        let request = case.documented().with_header("CF-Connecting-IP", value);
        is(&case, &request, is_allowed);
        is(&case, &request.clone().with_header(FORWARDED, "198.51.100.1"), is_allowed);
        is(&case, &request.with_header(FORWARDED, "203.0.113.9"), is_allowed);
    }
    is(&case, &case.documented().with_header(FORWARDED, "203.0.113.9"), false);
}

pub(crate) fn t22_a_forwarded_source_proves_nothing(server: &Server) {
    let case = Case::new(server, "zeodyn", "/behind/loopback/proof");
    let body = case.sender.fixture().body;
    for request in [
        case.here(case.sender.unproven(body.clone())),
        case.proven_with("guessed", body.clone()),
        case.here(case.sender.with_tag("abc", body)),
    ] {
        case.rejects(&request.with_header(FORWARDED, "203.0.113.9"));
    }
}

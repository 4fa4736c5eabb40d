//! Where deliveries have to come from: the peer's address, beside the proof.

use std::io::Write;

use crate::{
    case::Case,
    rejections::UNAUTHORIZED,
    servers::Server,
    support::http::{Framing, connect, read_answer},
    third_parties::secret_of,
};

/// Which of the mounts a documented delivery is accepted at.
#[track_caller]
fn accepted_at(server: &Server, name: &str) -> Vec<&'static str> {
    const MOUNTS: [&str; 7] = [
        "loopback",
        "loopback-network",
        "elsewhere",
        "mapped-loopback",
        "mapped-elsewhere",
        "ipv6-loopback",
        "any-ipv6",
    ];
    let is_accepted = |mount: &&str| {
        let case = Case::new(server, "zeodyn", format!("/from/{mount}/{name}"));
        let documented = case.documented();
        let is_accepted = documented.send(server.address).status == 200;
        if is_accepted {
            assert_eq!(case.take_handled().len(), 1, "{mount}");
        } else {
            case.rejects(&documented);
        }
        is_accepted
    };
    MOUNTS.into_iter().filter(is_accepted).collect()
}

/// In ranges, an IPv4 address that was mapped into IPv6 is the IPv4 address.
pub(crate) fn t22_ipv4_peers_are_accepted_from_ranges_that_contain_them(server: &Server) {
    assert_eq!(accepted_at(server, "ipv4"), ["loopback", "loopback-network", "mapped-loopback"]);
}

pub(crate) fn t22_ipv4_peers_of_a_socket_for_both_are_ipv4(server: &Server) {
    // Where the machine has no IPv6 there is no such socket.
    let Some(server) = server.another_at("[::ffff:127.0.0.1]:0") else { return };
    assert_eq!(accepted_at(&server, "mapped"), ["loopback", "loopback-network", "mapped-loopback"]);
}

pub(crate) fn t22_ipv6_peers_are_accepted_from_ranges_that_contain_them(server: &Server) {
    let Some(server) = server.another_at("[::1]:0") else { return };
    assert_eq!(accepted_at(&server, "ipv6"), ["ipv6-loopback", "any-ipv6"]);
}

/// It is never the only check, and nothing tells which one failed.
pub(crate) fn t22_a_right_source_proves_nothing(server: &Server) {
    for mount in ["loopback", "elsewhere"] {
        let case = Case::new(server, "zeodyn", format!("/from/{mount}/proof"));
        let body = case.sender.fixture().body;
        case.rejects(&case.here(case.sender.unproven(body.clone())));
        case.rejects(&case.proven_with("guessed", body.clone()));
        case.rejects(&case.here(case.sender.with_tag("abc", body)));

        let case = Case::new(server, "screenshotrun", format!("/token-from/{mount}/proof"));
        let body = case.sender.fixture().body;
        case.rejects(&case.here(case.sender.unproven(body.clone())));
        case.rejects(&case.proven_with("guessed", body));
    }
    let case = Case::new(server, "screenshotrun", "/token-from/loopback/proof");
    case.accepts(&case.documented());
    let case = Case::new(server, "screenshotrun", "/token-from/elsewhere/proof");
    case.rejects(&case.documented());
}

/// The head is enough: a sender from elsewhere cannot make the server keep a body, or look a secret up.
pub(crate) fn t22_another_source_is_rejected_before_the_body_is_read(server: &Server) {
    for (provider, path) in [
        ("zeodyn", "/from/elsewhere/head"),
        ("screenshotrun", "/token-from/elsewhere/head"),
        ("geoscored", "/scan-from/elsewhere/head"),
    ] {
        let case = Case::new(server, provider, path);
        for framing in [Framing::Declared(100_000), Framing::Chunked(10)] {
            let request = case.documented().framed(framing);
            let stream = connect(server.address);
            (&stream).write_all(&request.head()).expect("a connection");
            let answer = read_answer(&stream).expect("an answer");
            assert_eq!((answer.status, &*answer.body), (401, UNAUTHORIZED), "{path}");
        }
        assert_eq!((case.take_handled(), case.asked()), (vec![], vec![]), "{path}");
    }
    let case = Case::new(server, "geoscored", "/scan-from/elsewhere/whole");
    case.rejects(&case.proven_with(&secret_of("known-1"), crate::case::scan("known-1")));
    assert_eq!(case.asked(), []);
}

/// 405, 413 (declared), 401 (proof's form), 401 (source), 415.
pub(crate) fn sources_have_their_place_among_the_rejections(server: &Server) {
    let elsewhere = Case::new(server, "zeodyn", "/from/elsewhere/order");
    let loopback = Case::new(server, "zeodyn", "/from/loopback/order");
    for case in [&elsewhere, &loopback] {
        case.answer(&case.documented().with_method("PUT"), 405);
        case.answer(
            &case.documented().framed(Framing::Declared(countersign::adapter::DEFAULT_BODY_LIMIT as u128 + 1)),
            413,
        );
    }
    elsewhere.rejects(&elsewhere.documented().with_header("content-encoding", "gzip"));
    loopback.answer(&loopback.documented().with_header("content-encoding", "gzip"), 415);
    elsewhere.rejects(&elsewhere.genuine("{}"));
    loopback.answer(&loopback.genuine("{}"), 422);
}

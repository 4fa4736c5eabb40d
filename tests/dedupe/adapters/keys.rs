//! Which deliveries are equal, as far as a route's settings and its handler decide it. The rest is in `crate::keys`.

use countersign::RejectionKind;

use super::{
    answers::{assert_duplicate, assert_handled, assert_undecodable},
    book::Step,
    servers::{Kind, Server, zeodyn},
    sites::secret_of,
};
use crate::support::{http::Request, sender, senders};

for_all![
    i6_namespaces_do_not_meet,
    i6_tenants_do_not_meet,
    a_body_that_cannot_be_read_is_released_every_time,
    a_body_that_cannot_be_read_is_handled_once_by_a_handler_that_takes_the_result,
];

/// All of them run, and then none of them.
#[track_caller]
fn assert_all_differ(server: &Server, requests: &[Request]) {
    requests.iter().for_each(|request| assert_handled(&server.send(request)));
    requests.iter().for_each(|request| assert_duplicate(&server.send(request)));
}

fn i6_namespaces_do_not_meet(kind: Kind) {
    let server = Server::start(kind);
    assert_all_differ(&server, &[zeodyn("a"), zeodyn("a").with_target("/elsewhere/zeodyn")]);
}

fn i6_tenants_do_not_meet(kind: Kind) {
    let server = Server::start(kind);
    let of = |tenant: &str| {
        let request = sender("zeodyn").proven_with(secret_of(tenant).as_bytes(), zeodyn("a").body);
        request.with_target("/tenants/zeodyn").with_header("X-Tenant", tenant)
    };
    // Nor do a tenant's and one without a tenant.
    assert_all_differ(&server, &[of("alice"), of("bob"), zeodyn("a")]);
}

fn a_body_that_cannot_be_read_is_released_every_time(kind: Kind) {
    let server = Server::start(kind);
    for sender in senders() {
        for body in ["", "{}", r#"{"event":7}"#, "[1]"] {
            for _ in 0..2 {
                assert_undecodable(&server.send(&sender.genuine(body)));
                server.assert_happened(&["claim", "release"]);
                server.assert_explained(&[RejectionKind::Undecodable]);
            }
        }
    }
    let counts = &server.counters;
    assert_eq!((counts.committed(), counts.duplicates(), counts.not_released()), (0, 0, 0));
}

/// Case C04: with a fixed secret and with a look-up.
fn a_body_that_cannot_be_read_is_handled_once_by_a_handler_that_takes_the_result(kind: Kind) {
    let server = Server::start(kind);
    let tenants = |body: &str| {
        let request = sender("zeodyn").proven_with(secret_of("alice").as_bytes(), body);
        request.with_target("/result-of-tenants/zeodyn").with_header("X-Tenant", "alice")
    };
    let fixed = |body: &str| sender("zeodyn").genuine(body).with_target("/result/zeodyn");
    for of in [&fixed as &dyn Fn(&str) -> Request, &tenants] {
        server.book.tell("unreadable", [Step::Answer(500)]);
        assert_eq!(server.send(&of("[1]")).status, 500);
        server.assert_happened(&["claim", "start unreadable", "end unreadable", "release"]);
        assert_handled(&server.send(&of("[1]")));
        server.assert_happened(&["claim", "start unreadable", "end unreadable", "commit"]);
        assert_duplicate(&server.send(&of("[1]")));
        server.assert_happened(&["claim"]);
        // Another body is another delivery.
        assert_handled(&server.send(&of("[2]")));
        server.assert_happened(&["claim", "start unreadable", "end unreadable", "commit"]);
    }
    server.assert_explained(&[]);
}

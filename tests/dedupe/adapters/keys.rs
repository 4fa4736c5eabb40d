//! Which deliveries are equal.

use super::{
    answers::{assert_duplicate, assert_handled, assert_undecodable},
    servers::{Kind, Server, zeodyn},
    sites::secret_of,
};
use crate::support::{http::Request, sender};
use countersign::VerifyErrorKind;

for_all![
    f28_the_same_under_the_previous_and_the_current_secret_is_handled_once,
    i6_equal_ids_of_other_events_do_not_meet,
    i6_equal_bodies_of_other_providers_do_not_meet,
    i6_namespaces_do_not_meet,
    i6_tenants_do_not_meet,
    i6_what_is_not_signed_is_no_part_of_it,
    unknown_events_are_handled_once_for_each_body,
    test_events_are_handled_every_time,
    a_body_that_cannot_be_decoded_is_given_up_every_time,
];

/// All of them run, and then none of them.
#[track_caller]
fn assert_all_differ(server: &Server, requests: &[Request]) {
    requests.iter().for_each(|request| assert_handled(&server.send(request)));
    requests.iter().for_each(|request| assert_duplicate(&server.send(request)));
}

fn f28_the_same_under_the_previous_and_the_current_secret_is_handled_once(kind: Kind) {
    let server = Server::start(kind);
    for provider in ["zeodyn", "screenshotrun"] {
        let sender = sender(provider);
        for (id, previous_first) in [("a", true), ("b", false)] {
            let body = format!(r#"{{"event":"{}","scanId":"{id}","data":{{"id":"{id}"}}}}"#, sender.events[1]);
            let mut copies = [sender.previous_secret(), sender.secret()]
                .map(|secret| sender.proven_with(secret.as_bytes(), body.as_str()));
            if !previous_first {
                copies.reverse();
            }
            assert_handled(&server.send(&copies[0]));
            assert_duplicate(&server.send(&copies[1]));
            assert_duplicate(&server.send(&copies[0]));
        }
    }
}

fn i6_equal_ids_of_other_events_do_not_meet(kind: Kind) {
    let server = Server::start(kind);
    let run = sender("screenshotrun");
    let body = |event| format!(r#"{{"event":"{event}","data":{{"id":"a"}}}}"#);
    assert_all_differ(&server, &["screenshot.completed", "screenshot.failed"].map(|event| run.genuine(body(event))));
}

fn i6_equal_bodies_of_other_providers_do_not_meet(kind: Kind) {
    let server = Server::start(kind);
    let body = r#"{"event":"new","scanId":"a","id":"a","scan_id":"a"}"#;
    let senders = crate::support::senders();
    assert_all_differ(&server, &senders.iter().map(|sender| sender.genuine(body)).collect::<Vec<_>>());
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
    // Nor does who is no tenant.
    assert_all_differ(&server, &[of("alice"), of("bob"), zeodyn("a")]);
}

fn i6_what_is_not_signed_is_no_part_of_it(kind: Kind) {
    let server = Server::start(kind);
    let scan = sender("geoscored").genuine(r#"{"event":"scan.completed","scan_id":"a"}"#);
    let shot = sender("screenshotcenter").genuine(r#"{"event":"screenshot.finished","screenshot_id":"a"}"#);
    for (request, header, values) in [
        (scan, "X-GeoScored-Timestamp", ["1700000000", "1800000000"]),
        (shot, "X-ScreenshotCenter-Event", ["screenshot.finished", "screenshot.failed"]),
        (zeodyn("a"), "Idempotency-Key", ["1", "2"]),
    ] {
        assert_handled(&server.send(&request.clone().with_header(header, values[0])));
        assert_duplicate(&server.send(&request.clone().with_header(header, values[1])));
        assert_duplicate(&server.send(&request.clone()));
        let target = format!("{}?attempt=2", request.target);
        assert_duplicate(&server.send(&request.with_target(target)));
    }
}

/// Nobody has said that one comes once for each id.
fn unknown_events_are_handled_once_for_each_body(kind: Kind) {
    let server = Server::start(kind);
    let body = |note| format!(r#"{{"event":"scan_renamed","scanId":"a","note":"{note}"}}"#);
    assert_all_differ(&server, &["one", "two"].map(|note| sender("zeodyn").genuine(body(note))));
}

fn test_events_are_handled_every_time(kind: Kind) {
    let server = Server::start(kind);
    let sender = sender("geoscored");
    let fixture = sender.fixtures().into_iter().find(|fixture| fixture.event == "scan.test").expect("a fixture");
    let request = sender.with_tag(&fixture.tag.expect("a tag"), fixture.body);
    for _ in 0..3 {
        assert_handled(&server.send(&request));
        server.assert_happened(&["start test_00000000", "end test_00000000"]);
    }
}

fn a_body_that_cannot_be_decoded_is_given_up_every_time(kind: Kind) {
    let server = Server::start(kind);
    for sender in crate::support::senders() {
        for body in ["", "{}", r#"{"event":7}"#, "[1]"] {
            for _ in 0..2 {
                assert_undecodable(&server.send(&sender.genuine(body)));
                server.assert_happened(&["claim", "release"]);
                server.assert_explained(&[VerifyErrorKind::Undecodable]);
            }
        }
    }
    let counts = &server.counters;
    assert_eq!((counts.committed(), counts.duplicates(), counts.not_released()), (0, 0, 0));
}

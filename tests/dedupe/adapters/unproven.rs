//! Unverified deliveries claim nothing.

use std::time::Duration;

use super::{
    answers::{assert_duplicate, assert_handled, assert_unauthorized},
    servers::{Kind, Server, zeodyn},
    sites::secret_of,
};
use crate::support::{
    http::{Framing, Request, connect, read_answer},
    sender,
};

for_all![
    t11_a_forged_copy_that_arrives_first_claims_nothing,
    i4_a_forged_copy_gets_the_same_answer_in_flight_and_after_a_success,
    f15_an_incomplete_delivery_claims_nothing,
    i6_a_tenant_cannot_claim_the_delivery_of_another,
];

fn forged() -> Vec<Request> {
    let (zeodyn, genuine) = (sender("zeodyn"), zeodyn("a"));
    let other = sender("zeodyn").genuine(r#"{"event":"scan_complete","scanId":"b"}"#);
    vec![
        zeodyn.with_tag(&"ab".repeat(32), genuine.body.clone()),
        zeodyn.with_tag("abc", genuine.body.clone()),
        zeodyn.unproven(genuine.body.clone()),
        zeodyn.proven_with(b"guessed", genuine.body.clone()),
        other.with_body(genuine.body),
    ]
}

fn t11_a_forged_copy_that_arrives_first_claims_nothing(kind: Kind) {
    let server = Server::start(kind);
    for request in forged() {
        assert_unauthorized(&server.send(&request));
        server.assert_happened(&[]);
    }
    let run = sender("screenshotrun");
    let body = r#"{"event":"screenshot.completed","data":{"id":"a"}}"#;
    assert_unauthorized(&server.send(&run.proven_with(b"guessed", body)));
    assert_handled(&server.send(&run.genuine(body)));
    assert_handled(&server.send(&zeodyn("a")));
    assert_eq!(server.counters.committed(), 2);
}

fn i4_a_forged_copy_gets_the_same_answer_in_flight_and_after_a_success(kind: Kind) {
    let server = Server::start(kind);
    server.book.tell("a", [super::book::Step::Wait(200)]);
    let first = server.begin(&zeodyn("a"));
    server.book.wait_for("start a", 1);
    forged().iter().for_each(|request| assert_unauthorized(&server.send(request)));
    server.book.let_go("a");
    assert_handled(&read_answer(&first).expect("an answer"));
    forged().iter().for_each(|request| assert_unauthorized(&server.send(request)));
    server.assert_happened(&["claim", "start a", "end a", "commit"]);
    assert_duplicate(&server.send(&zeodyn("a")));
}

fn f15_an_incomplete_delivery_claims_nothing(kind: Kind) {
    let server = Server::start(kind);
    for framing in [Framing::Length, Framing::Chunked(7)] {
        let request = zeodyn("a").framed(framing);
        let stream = connect(server.address);
        let bytes = request.bytes();
        std::io::Write::write_all(&mut &stream, &bytes[..bytes.len() - 9]).expect("a server that reads");
        stream.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
        assert_eq!(read_answer(&stream), None);
        drop(stream);
        server.assert_happened(&[]);
    }
    assert_handled(&server.send(&zeodyn("a")));
}

fn i6_a_tenant_cannot_claim_the_delivery_of_another(kind: Kind) {
    let server = Server::start(kind);
    let by = |secret: &str, tenant: &str| {
        let request = sender("zeodyn").proven_with(secret_of(secret).as_bytes(), zeodyn("a").body);
        request.with_target("/tenants/zeodyn").with_header("X-Tenant", tenant)
    };
    assert_unauthorized(&server.send(&by("mallory", "alice")));
    server.assert_happened(&[]);
    // As a tenant of her own she may send any ID, also one of another tenant.
    assert_handled(&server.send(&by("mallory", "mallory")));
    assert_handled(&server.send(&by("alice", "alice")));
}

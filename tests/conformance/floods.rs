//! What causes look-ups, and what does not: anybody can send what looks like a delivery.

use std::{sync::Barrier, thread};

use crate::{
    case::{Case, scan},
    servers::Server,
    support::{http::Framing, tag},
    third_parties::secret_of,
};

const LIMIT: usize = countersign::adapter::DEFAULT_BODY_LIMIT;

fn case<'a>(server: &'a Server, name: &str) -> Case<'a> {
    Case::new(server, "geoscored", format!("/lookups/{name}"))
}

pub(crate) fn t15_a_body_over_the_limit_is_never_looked_up(server: &Server) {
    let case = case(server, "too-large");
    let mut body = scan("known-1").into_bytes();
    body.resize(LIMIT + 1, b' ');
    for framing in [Framing::Length, Framing::Chunked(16 * 1024), Framing::Chunked(LIMIT + 1)] {
        case.answer(&case.proven_with(&secret_of("known-1"), body.clone()).framed(framing), 413);
    }
    let declared = Framing::Declared(LIMIT as u128 + 1);
    case.answer(&case.proven_with(&secret_of("known-1"), scan("known-1")).framed(declared), 413);
    assert_eq!(case.asked(), []);
}

pub(crate) fn a_body_that_ends_early_is_never_looked_up(server: &Server) {
    let case = case(server, "early");
    let genuine = case.proven_with(&secret_of("known-1"), scan("known-1"));
    let longer = Framing::Declared(genuine.body.len() as u128 + 1);
    for framing in [longer, Framing::Unfinished] {
        case.answer(&genuine.clone().framed(framing), 400);
    }
    assert_eq!(case.asked(), []);
}

pub(crate) fn what_the_head_rejects_is_never_looked_up(server: &Server) {
    let case = case(server, "heads");
    let genuine = case.proven_with(&secret_of("known-1"), scan("known-1"));
    let right = tag(secret_of("known-1").as_bytes(), scan("known-1").as_bytes());
    let (header, _) = case.sender.header();
    case.rejects(&case.here(case.sender.unproven(scan("known-1"))));
    for value in [
        "",
        "v1=",
        &*right,
        &format!("v1={}", &right[1..]),
        &format!("v1={right}0"),
        &format!("v1={}g", &right[1..]),
        &format!("v1= {right}"),
        &format!("V1={right}"),
        &format!("v2={right}"),
        &format!("v1={right},v1={right}"),
    ] {
        case.rejects(&case.here(case.sender.with_signature(value, scan("known-1"))));
    }
    case.rejects(&genuine.clone().with_header(header, format!("v1={right}")));
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        case.answer(&genuine.clone().with_method(method), 405);
    }
    case.answer(&genuine.clone().with_header("content-encoding", "gzip"), 415);
    assert_eq!(case.asked(), []);
    case.accepts(&genuine);
    assert_eq!(case.asked().len(), 1);
}

/// Forged ones at full speed, about scans that exist and scans that do not: all are rejected alike, each is looked up
/// once, and a genuine one among them is handled.
pub(crate) fn i4_forged_deliveries_at_full_speed_are_rejected_and_genuine_ones_are_not(server: &Server) {
    const THREADS: usize = 8;
    const FORGED: usize = 250;

    let case = case(server, "flood");
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (case, start) = (&case, &start);
            scope.spawn(move || {
                start.wait();
                for number in 0..FORGED {
                    let known = if number % 2 == 0 { "known" } else { "unknown" };
                    let body = scan(&format!("{known}-{thread}-{number}"));
                    let forged = case.here(case.sender.with_tag(&format!("{number:064x}"), body));
                    let answer = forged.send(server.address);
                    assert_eq!((answer.status, &*answer.body), (401, crate::rejections::UNAUTHORIZED));
                }
            });
        }
        for number in 0..20 {
            let id = format!("known-genuine-{number}");
            assert_eq!(case.accepts(&case.proven_with(&secret_of(&id), scan(&id))).id, id);
        }
    });
    assert_eq!(case.take_handled(), []);
    assert_eq!(case.asked().len(), THREADS * FORGED + 20);
}

//! Verified bodies that cannot be read: the handler decides, or is not called.

use countersign::RejectionKind;

use crate::{
    case::{Case, scan},
    servers::Server,
    support::http::Request,
    third_parties::secret_of,
};

const UNREADABLE: [&str; 7] =
    ["{}", "", "[]", "null", "{", r#"{"event":7}"#, r#"{"scan_id":"known-1","data":{"id":"known-1"}}"#];

/// Makes a verified delivery of a body.
type Prove = fn(&Case<'_>, &str) -> Request;

/// A case for each way to the secrets: fixed, looked up, and with a confirmation.
fn cases<'a>(server: &'a Server, mount: &str, name: &str) -> [(Case<'a>, Prove); 3] {
    let case = |provider: &str, way: &str| Case::new(server, provider, format!("/{mount}/{way}/{name}"));
    [
        (case("zeodyn", "fixed"), |case, body| case.genuine(body)),
        (case("geoscored", "looked-up"), |case, body| case.proven_with(&secret_of("known-1"), body)),
        (case("screenshotrun", "confirmed"), |case, body| case.genuine(body)),
    ]
}

/// With a look-up, a body without an ID has no secret: only bodies with one are verified.
fn is_verified(case: &Case<'_>, body: &str) -> bool {
    case.sender.name != "geoscored" || body.contains("known-1")
}

/// It is readable, too, whatever stands in one field.
pub(crate) fn c04_a_handler_has_a_say_however_the_secret_is_found(server: &Server) {
    for (case, prove) in cases(server, "decides", "own-say") {
        let body =
            scan("known-1").replace(r#""url""#, r#""data":{"id":"known-1","width":[]},"overall_score":"72.5","url""#);
        let answer = prove(&case, &body).send(server.address);
        assert_eq!(answer.status, 200, "{} {}", case.sender.name, answer.body);
        let unreadable = body.replace(r#""event":"scan.completed""#, r#""event":7"#);
        assert_ne!(body, unreadable);
        let answer = prove(&case, &unreadable).send(server.address);
        let expected = (202, "422: the delivery was verified, but its body could not be decoded");
        assert_eq!((answer.status, &*answer.body), expected, "{} {unreadable}", case.sender.name);
    }
}

pub(crate) fn a_handler_that_takes_a_result_decides_about_an_unreadable_body(server: &Server) {
    for (case, prove) in cases(server, "decides", "unreadable") {
        for body in UNREADABLE {
            let request = prove(&case, body);
            if !is_verified(&case, body) {
                case.rejects(&request);
                continue;
            }
            let answer = request.send(server.address);
            let expected = (202, "422: the delivery was verified, but its body could not be decoded");
            assert_eq!((answer.status, &*answer.body), expected, "{} {body}", case.sender.name);
            assert_eq!(server.shared.diary.take_reason(&case.path), None, "the handler decided");
        }
        // It is not called for a delivery that is not verified.
        case.rejects(&case.proven_with("guessed", r#"{"scan_id":"known-1"}"#));
        case.rejects(&case.here(case.sender.unproven("{}")));
    }
    for (case, prove) in cases(server, "decides", "readable") {
        let body = scan("known-1").replace(r#""url""#, r#""data":{"id":"known-1"},"url""#);
        case.accepts(&prove(&case, &body));
    }
    let own = Case::new(server, "zeodyn", "/decides-own/fixed/unreadable");
    assert_eq!(own.genuine("{}").send(server.address).status, 202, "also if rejections have another response");
}

pub(crate) fn a_handler_that_takes_the_delivery_is_not_called_for_an_unreadable_body(server: &Server) {
    for (case, prove) in cases(server, "takes", "unreadable") {
        for body in UNREADABLE.into_iter().filter(|body| is_verified(&case, body)) {
            let (_, (kind, cause)) = case.rejected(&prove(&case, body), 422);
            assert_eq!(kind, RejectionKind::Undecodable);
            assert!(cause.is_some(), "layers outside are told what is wrong with {body}");
        }
    }
    let zeodyn = Case::new(server, "zeodyn", "/takes/fixed/cause");
    let high = zeodyn.genuine(r#"{"event":"scan_complete","event":"other"}"#);
    let (_, (_, cause)) = zeodyn.rejected(&high, 422);
    let cause = cause.expect("a cause");
    assert!(cause.starts_with("the body does not fit the type that it is read as"), "{cause}");
}

pub(crate) fn an_unreadable_body_that_was_not_confirmed_does_not_reach_a_handler_that_demands_it(server: &Server) {
    let case = Case::new(server, "screenshotrun", "/decides/at-least-confirmed/unreadable");
    for body in UNREADABLE {
        let (_, (kind, _)) = case.rejected(&case.genuine(body), 422);
        assert_eq!(kind, RejectionKind::Undecodable, "{body}");
    }
    case.accepts(&case.genuine(r#"{"event":"screenshot.completed","data":{"id":"known-demanded"}}"#));
}

pub(crate) fn a_handler_that_ignores_the_delivery_gets_any_verified_body(server: &Server) {
    for mount in ["ignores", "ignores-own"] {
        let case = Case::new(server, "zeodyn", format!("/{mount}/unreadable"));
        let answer = case.genuine("no event").send(server.address);
        // Its own 422 is not taken for a rejection.
        assert_eq!((answer.status, &*answer.body), (422, "no event"), "{mount}");
        assert_eq!(server.shared.diary.take_reason(&case.path), None, "{mount}");
        assert_eq!(
            case.proven_with("guessed", "no event").send(server.address).status,
            if mount == "ignores" { 401 } else { 403 }
        );
    }
}

//! How sure a handler may be, and what a route may demand.

use countersign::Trust;

use crate::{case::Case, servers::Server};

fn run<'a>(server: &'a Server, mount: &str, name: &str) -> Case<'a> {
    Case::new(server, "screenshotrun", format!("/{mount}/{name}"))
}

pub(crate) fn a_handler_is_told_the_trust_of_its_delivery(server: &Server) {
    let case = Case::new(server, "zeodyn", "/signed/trust");
    assert_eq!(case.accepts(&case.documented()).trust, Trust::Signed);
    let case = run(server, "at-least-token", "told");
    assert_eq!(case.accepts(&case.documented()).trust, Trust::TokenOnly);
    let case = Case::new(server, "geoscored", "/lookups/trust");
    assert_eq!(case.accepts(&case.documented()).trust, Trust::Signed);
}

/// The token is right, and not enough.
pub(crate) fn what_is_trusted_less_than_demanded_is_rejected(server: &Server) {
    for mount in ["at-least-confirmed", "at-least-signed", "confirmed-but-not-signed"] {
        let case = run(server, mount, "demanded");
        case.rejects(&case.documented());
        case.rejects(&case.proven_with("guessed", case.sender.fixture().body));
        case.rejects(&case.here(case.sender.unproven(case.sender.fixture().body)));
        case.answer(&case.documented().with_method("PUT"), 405);
    }
}

/// It is known from the head that it will never be enough: nothing is confirmed.
pub(crate) fn what_cannot_be_enough_is_not_confirmed(server: &Server) {
    let case = run(server, "confirmed-but-not-signed", "known-from-the-head");
    let body = r#"{"event":"screenshot.completed","data":{"id":"known-but-not-signed"}}"#;
    case.rejects(&case.genuine(body));
    assert_eq!(server.shared.diary.confirmations("known-but-not-signed"), 0);
}

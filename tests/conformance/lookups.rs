//! Secrets that are looked up for each delivery: which proofs hold, and what a look-up is given.

use crate::{
    case::{Case, scan},
    diary::Asked,
    servers::Server,
    support::tag,
    third_parties::secret_of,
};

fn case<'a>(server: &'a Server, name: &str) -> Case<'a> {
    Case::new(server, "geoscored", format!("/lookups/{name}"))
}

fn asked_for(case: &Case<'_>, id: Option<&str>) -> Asked {
    Asked { path: case.path.clone(), query: None, tenants: Vec::new(), id: id.map(str::to_owned) }
}

/// The tags are openssl's.
pub(crate) fn documented_deliveries_are_verified_with_what_is_looked_up(server: &Server) {
    let case = case(server, "documented");
    for fixture in case.sender.fixtures().into_iter().filter(|fixture| fixture.event != "scan.test") {
        for (secret, tag) in [fixture.tag, fixture.previous_tag].into_iter().enumerate() {
            let tag = tag.expect("a signed fixture");
            let handled = case.accepts(&case.here(case.sender.with_tag(&tag, fixture.body.clone())));
            assert_eq!((&*handled.event, &*handled.id, handled.secret), (&*fixture.event, "abc123", secret));
        }
    }
    assert_eq!(case.asked(), vec![asked_for(&case, Some("abc123")); 4]);
}

pub(crate) fn a_known_scan_is_looked_up_once_and_handled_once(server: &Server) {
    let case = case(server, "known");
    for id in ["known-1", "late-1", "known-é\u{1f980} \\u00e9\\\"\\n"] {
        let handled = case.accepts(&case.proven_with(&secret_of(&unescaped(id)), scan(id)));
        assert_eq!((&*handled.event, &*handled.id), ("scan.completed", &*unescaped(id)));
    }
    let ids: Vec<_> = case.asked().into_iter().map(|asked| asked.id.expect("an id")).collect();
    assert_eq!(ids, ["known-1", "late-1", "known-é\u{1f980} é\"\n"]);
}

fn unescaped(id: &str) -> String {
    serde_json::from_str(&format!("\"{id}\"")).expect("a string")
}

pub(crate) fn t20_an_unknown_scan_is_rejected_like_a_wrong_signature(server: &Server) {
    let case = case(server, "unknown");
    for id in ["unknown-1", "", "unknown", "KNOWN-1", " known-1"] {
        // Whatever it is proven with: also with what is hashed in place of the secret that there is none of.
        for secret in [&*secret_of(id), "guessed", "", &"\0".repeat(32)] {
            case.rejects(&case.proven_with(secret, scan(id)));
        }
    }
    case.rejects(&case.proven_with("guessed", scan("known-1")));
    case.rejects(&case.here(case.sender.with_tag(&"0".repeat(64), scan("known-1"))));
    case.rejects(&case.here(case.sender.with_tag(&"0".repeat(64), scan("unknown-1"))));
}

/// The secret of one scan proves no delivery about another.
pub(crate) fn t25_the_secret_of_another_scan_proves_nothing(server: &Server) {
    let case = case(server, "others");
    for (body, secret) in [("known-a", "known-b"), ("known-b", "known-a")] {
        case.rejects(&case.proven_with(&secret_of(secret), scan(body)));
        let tag = tag(secret_of(secret).as_bytes(), scan(secret).as_bytes());
        case.rejects(&case.here(case.sender.with_tag(&tag, scan(body))));
        // Its id elsewhere in the body is not where the event has it.
        let elsewhere = format!(r#"{{"event":"scan.completed","data":{{"scan_id":"{secret}"}},"scan_id":"{body}"}}"#);
        case.rejects(&case.proven_with(&secret_of(secret), elsewhere));
        case.accepts(&case.proven_with(&secret_of(body), scan(body)));
    }
}

pub(crate) fn every_secret_that_is_found_is_tried(server: &Server) {
    let case = case(server, "several");
    let body = scan("rotated-1");
    assert_eq!(case.accepts(&case.proven_with("a newer one", body.clone())).secret, 0);
    assert_eq!(case.accepts(&case.proven_with(&secret_of("rotated-1"), body.clone())).secret, 1);
    case.rejects(&case.proven_with("an older one", body));
}

pub(crate) fn a_body_without_an_id_is_looked_up_as_such(server: &Server) {
    let case = case(server, "without");
    let bodies = [
        r#"{"event":"scan.completed"}"#,
        r#"{"event":"scan.completed","scan_id":null}"#,
        r#"{"event":"scan.completed","scan_id":7.5}"#,
        r#"{"event":"scan.completed","scan_id":["known-1"]}"#,
        r#"{"event":"scan.completed","scan_id":""}"#,
        r#"{"event":"scan.completed","SCAN_ID":"known-1"}"#,
        r#"[{"scan_id":"known-1"}]"#,
        "\u{feff}{\"scan_id\":\"known-1\"}",
        "known-1",
        "",
    ];
    for body in bodies {
        case.rejects(&case.proven_with(&secret_of("known-1"), body));
    }
    assert_eq!(case.asked(), vec![asked_for(&case, None); bodies.len()]);
}

/// It is genuine, and nothing that could be handled.
pub(crate) fn a_verified_body_that_is_not_an_event_is_undecodable(server: &Server) {
    let case = case(server, "undecodable");
    for body in [
        r#"{"scan_id":"known-1"}"#,
        r#"{"scan_id":"known-1","event":7}"#,
        r#"{"scan_id":"known-1","event":"scan.completed""#,
        r#"{"scan_id":"known-1","event":"scan.completed"}}"#,
        r#"{"scan_id":"known-1","event":"scan.completed","scan_id":"known-1"}"#,
    ] {
        case.answer(&case.proven_with(&secret_of("known-1"), body), 422);
        case.rejects(&case.proven_with("guessed", body));
    }
}

pub(crate) fn path_query_and_headers_are_given_as_they_came(server: &Server) {
    let case = case(server, "head%20of%2Fall");
    let request = case.proven_with(&secret_of("known-1"), scan("known-1"));
    let request = request.with_target(format!("{}?a=%20&b=x+y&&c", case.path));
    case.accepts(&request.with_header("X-Tenant", "one").with_header("x-tenant", "two, three"));
    let expected = Asked {
        query: Some("a=%20&b=x+y&&c".to_owned()),
        tenants: vec!["one".to_owned(), "two, three".to_owned()],
        ..asked_for(&case, Some("known-1"))
    };
    assert_eq!(case.asked(), [expected]);
}

/// GeoScored's test deliveries name no scan of ours.
pub(crate) fn a_fixed_secret_still_proves_test_deliveries(server: &Server) {
    let fixed = Case::new(server, "geoscored", "/webhooks/geoscored");
    let looked_up = case(server, "test");
    let fixture = fixed.sender.fixtures().into_iter().find(|fixture| fixture.event == "scan.test").expect("a fixture");
    let request = fixed.sender.with_tag(&fixture.tag.expect("a tag"), fixture.body);
    let (answer, lines) = server.exchange(&request);
    assert_eq!((answer.status, &*lines[0].event, &*lines[0].id), (200, "scan.test", "test_00000000"));
    looked_up.rejects(&looked_up.here(request));
}

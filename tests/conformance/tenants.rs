//! Tokens that are looked up by the tenant that the path names.

use crate::{
    case::Case,
    servers::Server,
    support::{escape, http::Request},
    third_parties::token_of,
};

fn case<'a>(server: &'a Server, tenant: &str) -> Case<'a> {
    Case::new(server, "screenshotrun", format!("/tenants/{tenant}/screenshotrun"))
}

fn with_query(case: &Case<'_>, query: &str) -> Request {
    Request::post(format!("{}?{query}", case.path), case.sender.fixture().body)
}

/// All of it in one: what is looked up at a path is counted.
pub(crate) fn t19_a_look_up_never_sees_the_token(server: &Server) {
    let case = case(server, "alice");
    let token = escape(token_of("alice").as_bytes());
    for (query, seen) in [
        (format!("token={token}"), None),
        (format!("a=1&token={token}&b=%20"), Some("a=1&b=%20")),
        (format!("token={token}&b"), Some("b")),
        (format!("a&token={token}"), Some("a")),
        ("a=1&token=wrong&b=2".to_owned(), Some("a=1&b=2")),
    ] {
        let before = case.asked().len();
        let request = with_query(&case, &query);
        if query.contains("wrong") {
            case.rejects(&request);
        } else {
            let handled = case.accepts(&request);
            assert_eq!((&*handled.event, handled.trust), ("screenshot.completed", countersign::Trust::TokenOnly));
        }
        let asked = case.asked();
        assert_eq!(asked.len(), before + 1);
        let last = asked.last().expect("it was asked");
        assert_eq!((last.query.as_deref(), &*last.path), (seen, &*case.path), "{query}");
    }
    // What is no token is nothing to look up.
    let before = case.asked().len();
    for query in [
        String::new(),
        "a=1".to_owned(),
        format!("token={token}&token={token}"),
        format!("%74oken={token}"),
        format!("Token={token}"),
    ] {
        case.rejects(&with_query(&case, &query));
    }
    case.answer(&with_query(&case, &format!("token={token}")).with_method("GET"), 405);
    assert_eq!(case.asked().len(), before);
}

pub(crate) fn t25_a_tenants_token_proves_no_other_tenants_delivery(server: &Server) {
    for (tenant, token, is_right) in [
        ("bob", "bob", true),
        ("bob", "alice", false),
        ("bob", "", false),
        ("Bob", "bob", false),
        ("b%6Fb", "bob", false),
        ("mallory", "mallory", false),
        ("mallory", "bob", false),
    ] {
        let case = case(server, tenant);
        let request = case.proven_with(&token_of(token), case.sender.fixture().body);
        if is_right {
            case.accepts(&request);
        } else {
            case.rejects(&request);
        }
    }
    // The path is given as it came, also in a nested router or a scope.
    assert_eq!(case(server, "b%6Fb").asked().len(), 1);
}

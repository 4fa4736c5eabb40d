//! What makes two deliveries equal, behind every adapter. Bodies and signatures are those of the cases; the matrix is in
//! `dedupe/keys.rs`.

use crate::{case::Case, servers::Server};

pub(crate) fn c09_two_endpoints_with_one_store_handle_their_own_deliveries(server: &Server) {
    let body = r#"{"event":"scan_complete","scanId":"s1","score":7}"#;
    for own in ["one", "two"] {
        let case = Case::new(server, "zeodyn", format!("/once/{own}/c09"));
        let request = case.proven_with(own, body);
        assert_eq!(case.accepts(&request).id, "s1");
        case.is_duplicate(&request);
    }
}

pub(crate) fn c09_endpoints_that_share_a_secret_are_told_apart_by_name(server: &Server) {
    let body = r#"{"event":"scan_complete","scanId":"named","score":7}"#;
    for name in ["billing", "alerts"] {
        let case = Case::new(server, "zeodyn", format!("/once/{name}/c09"));
        let request = case.proven_with("s3cr3t", body);
        assert_eq!(case.accepts(&request).id, "named");
        case.is_duplicate(&request);
    }
}

pub(crate) fn c11_later_news_of_the_same_thing_is_handled(server: &Server) {
    let case = Case::new(server, "screenscore", "/once/screenscore/c11");
    let at = |time: &str, score: u8, tag: &str| {
        let body = format!(
            r#"{{"event":"analysis.completed","created_at":"2026-04-16T{time}Z","data":{{"id":"ana_9","score":{score}}}}}"#
        );
        case.here(case.sender.with_tag(tag, body))
    };
    let first = at("10:00:00", 41, "94162a420da8df2a53f84a542c9db6fa08615c8c322ac5b4351cb4f21318f80c");
    let later = at("14:00:00", 78, "d7b38e51b945f883f46520eb95cac86550736f782e602a75daf572bb26861df4");
    for (request, score, id) in [
        (&first, 41.0, "analysis.completed@2026-04-16T10:00:00Z/ana_9"),
        (&later, 78.0, "analysis.completed@2026-04-16T14:00:00Z/ana_9"),
    ] {
        let handled = case.accepts(request);
        assert_eq!(handled.json["data"]["score"], score);
        assert_eq!(handled.delivery_id.as_deref(), Some(id));
    }
    // Retries still meet.
    case.is_duplicate(&first);
    case.is_duplicate(&later);
}

/// Of two events whose signed times cannot be read, neither is taken for the other.
pub(crate) fn c11_events_with_a_time_that_cannot_be_read_are_told_apart(server: &Server) {
    let case = Case::new(server, "screenscore", "/once/screenscore/c11-unreadable");
    for [first, later] in [
        ["1776334000", "1776348400"],
        [r#""2026-04-16T10:00:00""#, r#""2026-04-16T14:00:00""#],
        ["1776334000.5", "1776348400.5"],
        [r#"{"at":1}"#, r#"{"at":2}"#],
    ] {
        let at = |time: &str| {
            let body = format!(r#"{{"event":"analysis.completed","created_at":{time},"data":{{"id":"ana_9"}}}}"#);
            case.here(case.sender.proven_with(b"s3cr3t", body))
        };
        let requests = [at(first), at(later)];
        for request in &requests {
            case.accepts(request);
        }
        for request in &requests {
            case.is_duplicate(request);
        }
    }
}

pub(crate) fn c13_accounts_that_differ_by_secret_alone_are_told_apart(server: &Server) {
    let case = Case::new(server, "screenscore", "/once/accounts/c13");
    // printf %s BODY | openssl dgst -sha256 -hmac ka, and kb, and kb-before
    let body = r#"{"event":"analysis.completed","data":{"id":"1"}}"#;
    let by = |tag: &str| case.here(case.sender.with_tag(tag, body));
    let (a, b, b_before) = (
        by("a9e280949663abed6ddbdfea25528f0964f5480ccd944bab26d4af27fa28f451"),
        by("ecc03e1b6a67f558ff29a41f353e86cc57ff464c472d0584a01360e4786186e5"),
        by("e34eaa1845e87ec569ee3fea8b1b814ddf9ba974e3ab5e1dff1c801d64d1da26"),
    );
    for (request, label, tenant) in [(&a, "acct-a", "a"), (&b, "acct-b", "b")] {
        let handled = case.accepts(request);
        assert_eq!((handled.label.as_deref(), handled.tenant.as_deref()), (Some(label), Some(tenant)));
    }
    for again in [&a, &b, &b_before] {
        case.is_duplicate(again);
    }
}

/// Zeodyn does not document whether its test deliveries repeat.
pub(crate) fn c36_a_test_delivery_that_repeats_is_a_duplicate(server: &Server) {
    let case = Case::new(server, "zeodyn", "/once/billing/c36");
    let body = r#"{"event":"score_change","url":"https://example.com","previousScore":65,"newScore":72}"#;
    let tag = "5d77067ddf5423ae1240a282ef1f6741c26f2029350c31e124cbfd574f20cdbb";
    let play_button = case.here(case.sender.with_tag(tag, body));
    case.accepts(&play_button);
    case.is_duplicate(&play_button);
}

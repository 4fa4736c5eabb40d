//! Values in heads.

use super::*;

fn head(lines: &[(&str, &str)], query: Option<&str>) -> KeptHead {
    let mut head = KeptHead::new("POST", query);
    lines.iter().for_each(|(name, value)| head.add(name, value.as_bytes()));
    head
}

fn texts(place: &Place, lines: &[(&str, &str)]) -> Vec<String> {
    let head = head(lines, None);
    let mut found = Vec::new();
    each(&head, place, &mut |value| found.push(String::from_utf8(value.to_vec()).unwrap()));
    found
}

/// The shapes of lists as providers send them.
#[test]
fn members_of_lists_are_found() {
    let member = |delimiters, key| Place::member("x", delimiters, key);
    for (place, list, expected) in [
        (member("=,", "v1"), "t=1,v1=a,v1=b,v0=c", vec!["a", "b"]),
        // WorkOS and Sanity: blanks.
        (member("=,", "v1"), "t=1, v1=a ,\tv1=b", vec!["a", "b"]),
        // Paddle.
        (member("=;", "h1"), "ts=1;h1=a;h2=b;h1=c", vec!["a", "c"]),
        // Standard Webhooks, and Supabase, which writes a comma as well.
        (member(", ", "v1"), "v1,a= v1a,b= v1,c=", vec!["a=", "c="]),
        (member(", ", "v1"), "v1,a=, v1,b=", vec!["a=", "b="]),
        // The first `=` splits.
        (member("=,", "v1"), "v1=a==,v1==b", vec!["a==", "=b"]),
        (member("=,", "v1"), "v1,V1=a,xv1=b,v1 =c,=d,,", vec![]),
        (Place::any_member("x", "|&"), "key1|a&key2|b&c", vec!["a", "b"]),
        (Place::item("x", ",", 0), "1, a,b", vec!["1"]),
        (Place::items_from("x", ",", 1), "1, a,b", vec!["a", "b"]),
        (Place::items_from("x", ",", 3), "1,a,b", vec![]),
    ] {
        assert_eq!(texts(&place, &[("X", list)]), expected, "{list}");
        // A repeated header has no members: proxies disagree on which counts.
        assert!(texts(&place, &[("x", list), ("x", list)]).is_empty());
    }
}

#[test]
fn headers_that_may_be_repeated() {
    assert_eq!(texts(&Place::repeated_header("x"), &[("x", "a, b"), ("y", "c"), ("X", "d")]), ["a", "b", "d"]);
    let lines = [("x-2", "b"), ("X-1", "a"), ("x-01", "c"), ("x-", "d"), ("x-1a", "e"), ("x-99999999", "f")];
    assert_eq!(texts(&Place::numbered_headers("x-"), &lines), ["b", "a"]);
}

#[test]
fn credentials_are_behind_their_word() {
    let place = Place::authorization("Bearer");
    for (value, expected) in [
        ("Bearer a", vec!["a"]),
        ("bearer  a b", vec!["a b"]),
        ("Bearer", vec![]),
        ("Bearera", vec![]),
        ("Basic a", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(texts(&place, &[("Authorization", value)]), expected, "{value}");
    }
}

#[test]
fn t8_one_value_is_one() {
    let found = |place: Place, lines: &[(&str, &str)], query| match one(&head(lines, query), &place) {
        Found::Missing => "missing".to_owned(),
        Found::Malformed => "malformed".to_owned(),
        Found::One(value) => String::from_utf8(value.into_owned()).unwrap(),
    };
    let t = Place::member("x", "=,", "t");
    assert_eq!(found(t, &[("x", "t=1,v1=a")], None), "1");
    assert_eq!(found(t, &[("x", "t=1,t=1")], None), "malformed");
    assert_eq!(found(t, &[("x", "t=1"), ("x", "v1=a")], None), "malformed");
    assert_eq!((found(t, &[("x", "v1=a")], None), found(t, &[], None)), ("missing".to_owned(), "missing".to_owned()));
    assert_eq!(found(Place::header("x"), &[("x", "a"), ("X", "a")], None), "malformed");
    let id = Place::query("id");
    assert_eq!(found(id, &[], Some("a=1&id=%41+")), "A+");
    for query in ["id=1&id=1", "id=1&%69d=2", "%69d=1"] {
        assert_eq!(found(id, &[], Some(query)), "malformed", "{query}");
    }
    assert_eq!((found(id, &[], Some("ids=1")), found(id, &[], None)), ("missing".to_owned(), "missing".to_owned()));
}

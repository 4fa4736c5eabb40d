//! The kinds of places.

use super::*;

#[test]
fn a_place_is_of_one_kind() {
    const HEADER: Place = Place::header("x-acme-id");
    const QUERY: Place = Place::query("to-k_3N");
    const JSON: Place = Place::json("data.id");
    const FORM: Place = Place::form("Call Sid");
    let names = |place: Place| [place.as_header(), place.as_query(), place.as_json(), place.as_form()];
    assert_eq!(names(HEADER), [Some("x-acme-id"), None, None, None]);
    assert_eq!(names(QUERY), [None, Some("to-k_3N"), None, None]);
    assert_eq!(names(JSON), [None, None, Some("data.id"), None]);
    assert_eq!(names(FORM), [None, None, None, Some("Call Sid")]);
    assert_eq!(names(Place::member("x-acme", "=,", "v1")), [Some("x-acme"), None, None, None]);
    assert_eq!(names(Place::authorization("Bearer")), [Some("authorization"), None, None, None]);
    assert_eq!(names(Place::numbered_headers("x-acme-")), [None; 4]);
    assert_eq!([HEADER, QUERY, JSON, FORM].map(|place| place.is_in_body()), [false, false, true, true]);
    const IN_FORM: Place = Place::json_in_form("json", "data.id");
    assert_eq!((names(IN_FORM), IN_FORM.as_json_in_form()), ([None; 4], Some(("json", "data.id"))));
    assert_eq!((IN_FORM.is_in_body(), JSON.as_json_in_form(), FORM.as_json_in_form()), (true, None, None));
    assert_ne!(Place::header("id"), Place::query("id"));
    assert_ne!(Place::header("id"), Place::repeated_header("id"));
}

/// Equal in consts is equal at run time.
#[test]
fn places_are_equal_or_not_in_consts_too() {
    const ALL: [Place; 19] = [
        Place::header("x-a"),
        Place::header("x-b"),
        Place::repeated_header("x-a"),
        Place::numbered_headers("x-a"),
        Place::member("x-a", "=,", "a"),
        Place::member("x-a", "=;", "a"),
        Place::member("x-a", "|,", "a"),
        Place::member("x-a", "=,", "b"),
        Place::member("x-b", "=,", "a"),
        Place::any_member("x-a", "=,"),
        Place::item("x-a", ",", 0),
        Place::item("x-a", ",", 1),
        Place::items_from("x-a", ",", 1),
        Place::query("x-a"),
        Place::json("x-a"),
        Place::form("x-a"),
        Place::json_in_form("x-a", "a"),
        Place::json_in_form("x-a", "b"),
        Place::json_in_form("x-b", "a"),
    ];
    for (i, a) in ALL.iter().enumerate() {
        for (j, b) in ALL.iter().enumerate() {
            assert_eq!((a.is(b), a == b), (i == j, i == j), "{a:?} and {b:?}");
        }
    }
}

#[test]
fn a_place_is_described_in_words() {
    for (place, text) in [
        (Place::header("x-acme-id"), "the header `x-acme-id`"),
        (Place::repeated_header("x-acme"), "the header `x-acme`, which may be repeated"),
        (Place::numbered_headers("x-acme-"), "the headers `x-acme-1`, `x-acme-2`, …"),
        (Place::member("x-acme", "=,", "v1"), "`v1` in the header `x-acme`"),
        (Place::any_member("x-acme", "|&"), "a member of the header `x-acme`"),
        (Place::item("x-acme", ",", 0), "item 0 in the header `x-acme`"),
        (Place::items_from("x-acme", ",", 1), "the items from 1 on in the header `x-acme`"),
        (Place::authorization("Bearer"), "the header `authorization` behind `Bearer`"),
        (Place::query("token"), "`?token=` in the URL"),
        (Place::json("data.id"), "`data.id` in the body"),
        (Place::form("json"), "the form field `json` in the body"),
        (Place::json_in_form("json", "a.b"), "`a.b` in the form field `json` in the body"),
    ] {
        assert_eq!(place.to_string(), text);
    }
}

#[test]
fn a_name_is_spelt_in_one_way() {
    let panics = |make: fn(&'static str) -> Place, name| std::panic::catch_unwind(|| make(name)).is_err();
    for name in ["", "X-Upper", "x acme", "x-acmé", "x:"] {
        for make in [Place::header, Place::repeated_header, Place::numbered_headers, |name| Place::item(name, ",", 0)] {
            assert!(panics(make, name), "{name:?}");
        }
    }
    for name in ["", "a b", "a&b", "tok%65n", "tokén", "token=", "a+b"] {
        assert!(panics(Place::query, name), "{name:?}");
    }
    for delimiters in ["", "=", "==", "=,;", "é", "=é"] {
        assert!(panics(|delimiters| Place::member("x", delimiters, "a"), delimiters), "{delimiters:?}");
    }
    for word in ["", "Bearer ", "a b"] {
        assert!(panics(Place::authorization, word), "{word:?}");
    }
    assert!(panics(|path| Place::json_in_form("x", path), "") && panics(|name| Place::json_in_form(name, "x"), ""));
    assert!(panics(Place::json, "") && panics(Place::form, "") && panics(|key| Place::member("x", "=,", key), ""));
}

#[test]
fn numbered_headers_are_told_from_others() {
    let place = Place::numbered_headers("x-acme-signature-");
    for name in ["x-acme-signature-1", "X-Acme-Signature-2", "x-acme-signature-100"] {
        assert!(place.is_in_header(name), "{name}");
    }
    for name in ["x-acme-signature-", "x-acme-signature-0", "x-acme-signature-01", "x-acme-signature-a", "x-acme", ""] {
        assert!(!place.is_in_header(name), "{name}");
    }
    assert!(Place::member("x-acme", "=,", "t").is_in_header("X-Acme") && !Place::json("x-acme").is_in_header("x-acme"));
}

//! Fields that are set and taken out, where their names or their places are odd.

use countersign::providers::Zeodyn;
use countersign_testkit::{Payload, PayloadError};
use serde_json::Value;

fn set(text: &str, pointer: &str, value: impl Into<Value>) -> Result<String, PayloadError> {
    Payload::<Zeodyn>::new(text.to_owned()).with_field(pointer, value).map(text_of)
}

fn without(text: &str, pointer: &str) -> Result<String, PayloadError> {
    Payload::<Zeodyn>::new(text.to_owned()).without_field(pointer).map(text_of)
}

fn text_of(payload: Payload<Zeodyn>) -> String {
    String::from_utf8(payload.bytes().to_vec()).unwrap()
}

#[test]
fn a_name_is_found_however_it_is_written() {
    for (text, pointer, expected) in [
        (r#"{"\u0061":1}"#, "/a", r#"{"\u0061":9}"#),
        (r#"{"a\/b":1}"#, "/a~1b", r#"{"a\/b":9}"#),
        (r#"{"m~n":1}"#, "/m~0n", r#"{"m~n":9}"#),
        (r#"{"~1":1,"/":2}"#, "/~01", r#"{"~1":9,"/":2}"#),
        (r#"{"\"\\\n":1}"#, "/\"\\\n", r#"{"\"\\\n":9}"#),
        (r#"{"\ud83d\udcf8":1}"#, "/\u{1f4f8}", r#"{"\ud83d\udcf8":9}"#),
        // Composed and decomposed are two names.
        ("{\"\u{e9}\":1,\"e\u{301}\":2}", "/e\u{301}", "{\"\u{e9}\":1,\"e\u{301}\":9}"),
        (r#"{"":{"":1}}"#, "//", r#"{"":{"":9}}"#),
        (r#"{" ":1}"#, "/ ", r#"{" ":9}"#),
        (r#"{"-":1,"0":2}"#, "/-", r#"{"-":9,"0":2}"#),
        (r#"{"-":1,"0":2}"#, "/0", r#"{"-":1,"0":9}"#),
        (r#"{"a":1,"A":2}"#, "/A", r#"{"a":1,"A":9}"#),
    ] {
        assert_eq!(set(text, pointer, 9).unwrap(), expected);
        let removed: Value = serde_json::from_str(&without(text, pointer).unwrap()).unwrap();
        assert_eq!(removed.pointer(pointer), None, "{text}");
    }
}

#[test]
fn a_name_that_is_new_is_escaped() {
    for (pointer, name) in
        [("/a~1b", "a/b"), ("/m~0n", "m~n"), ("/~01", "~1"), ("/\"\\\n\u{1f4f8}", "\"\\\n\u{1f4f8}"), ("/", "")]
    {
        let text = set(r#"{"x":1}"#, pointer, 9).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json, serde_json::json!({"x": 1, name: 9}));
    }
}

#[test]
fn of_a_name_that_is_there_twice_one_value_is_changed() {
    assert_eq!(set(r#"{"n":1,"n":2,"m":3}"#, "/m", 9).unwrap(), r#"{"n":1,"n":2,"m":9}"#);
    assert_eq!(set(r#"{"n":1,"n":2}"#, "/n", 9).unwrap(), r#"{"n":9,"n":2}"#);
    assert_eq!(without(r#"{"n":1,"n":2}"#, "/n").unwrap(), r#"{"n":2}"#);
    assert_eq!(without(r#"{"n":1,"n":1}"#, "/n").unwrap(), r#"{"n":1}"#);
}

#[test]
fn what_is_taken_out_takes_one_comma_along() {
    for (text, pointer, expected) in [
        (r#"{"a":1}"#, "/a", "{}"),
        (r#"{ "a" : 1 }"#, "/a", "{  }"),
        (r#"{"a":1,"b":2}"#, "/a", r#"{"b":2}"#),
        (r#"{"a":1,"b":2}"#, "/b", r#"{"a":1}"#),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}", "/b", "{\n  \"a\": 1\n}"),
        ("{\n  \"a\": 1,\n  \"b\": 2\n}", "/a", "{\n  \"b\": 2\n}"),
        ("[1, 1, 1]", "/1", "[1, 1]"),
        ("[[1],[1]]", "/1/0", "[[1],[]]"),
    ] {
        assert_eq!(without(text, pointer).unwrap(), expected);
    }
}

#[test]
fn numbers_strings_and_nesting_elsewhere_are_not_read_at_all() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for other in ["1e999", "-0", "1.00", "123456789012345678901234567890", r#""\u00e9\/""#, &deep] {
        let text = format!(r#"{{"other":{other},"a":1,"more":[{other}]}}"#);
        assert_eq!(set(&text, "/a", 9).unwrap(), text.replace("\"a\":1", "\"a\":9"));
        assert_eq!(without(&text, "/a").unwrap(), text.replace("\"a\":1,", ""));
    }
}

/// JSON's grammar allows half a surrogate pair, and no Rust string holds it: the name cannot be pointed at.
#[test]
fn a_name_that_is_no_text_stays_where_it_is() {
    let text = r#"{"a":1,"\ud800":2,"b":3}"#;
    assert_eq!(set(text, "/a", 9).unwrap(), text.replace('1', "9"));
    assert_eq!(set(text, "/c", 9).unwrap(), text.replace('}', r#","c":9}"#));
    assert_eq!(without(text, "/a").unwrap(), r#"{"\ud800":2,"b":3}"#);
    assert_eq!(without(text, "/b").unwrap(), r#"{"a":1,"\ud800":2}"#);
    assert_eq!(set(r#"{"\ud800":1}"#, "/c", 9).unwrap(), r#"{"\ud800":1,"c":9}"#);
}

#[test]
fn white_space_around_the_document_is_not_part_of_it() {
    assert_eq!(set(" {\"a\": 1}\r\n", "/a", 9).unwrap(), " {\"a\": 9}\r\n");
    assert_eq!(set(" {\"a\": 1}\r\n", "", 9).unwrap(), " 9\r\n");
}

#[test]
fn one_field_after_another_can_be_changed() {
    let payload = Payload::<Zeodyn>::new("{}").with_field("/event", "e").unwrap().with_field("/list", Vec::<u8>::new());
    let payload = payload.unwrap().with_field("/list/-", 1).unwrap().with_field("/list/-", 2).unwrap();
    let payload = payload.with_field("/list/0", "first").unwrap().without_field("/event").unwrap();
    assert_eq!(text_of(payload), r#"{"list":["first",2]}"#);
}

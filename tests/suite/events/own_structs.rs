//! I10, K1: the same for the events of a provider of one's own, whatever types of one's own they have.

use std::collections::{BTreeMap, HashMap};

use countersign::{
    DecodeError, ProviderEvent, RawJson, Rfc3339, events,
    provider::{decode_json, field},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::events::support::capture::Capture;

events! {
    /// What Acme sends.
    enum AcmeEvent {
        id: ["order.id"];
        "optional" => Optional(Optional),
        "defaulted" => Defaulted(Box<Defaulted>),
        "required" => Required(Required) at order.id,
        "odd" => Odd(Odd),
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Optional {
    text: Option<String>,
    whole: Option<u8>,
    signed: Option<i64>,
    float: Option<f32>,
    flag: Option<bool>,
    letter: Option<char>,
    list: Option<Vec<u32>>,
    holes: Option<Vec<Option<u32>>>,
    pair: Option<(u8, String)>,
    map: Option<HashMap<String, u8>>,
    numbered: Option<BTreeMap<u8, u8>>,
    choice: Option<Choice>,
    nested: Option<Box<Optional>>,
    nesteds: Option<Vec<Optional>>,
    #[serde(default, deserialize_with = "field::count")]
    count: Option<u64>,
    raw: Option<RawJson>,
    at: Option<Rfc3339>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    Yes,
    No { because: Option<String> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Defaulted {
    text: String,
    whole: u64,
    list: Vec<String>,
    flag: bool,
    nested: Inner,
    nesteds: Vec<Inner>,
    fixed: [u8; 2],
}

impl Default for Defaulted {
    fn default() -> Self {
        let (text, list) = ("default".to_owned(), vec!["default".to_owned()]);
        Self { text, whole: 42, list, flag: true, nested: Inner { count: 9 }, nesteds: Vec::new(), fixed: [1, 2] }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Inner {
    count: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Required {
    order: Order,
    note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    id: String,
    #[serde(default)]
    lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    sku: String,
    count: Option<u32>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Odd {
    #[serde(flatten)]
    flat: Flat,
    #[serde(alias = "old_name")]
    renamed: Option<u8>,
    untagged: Option<Untagged>,
    value: Option<serde_json::Value>,
    text: Option<Box<RawValue>>,
}

impl PartialEq for Odd {
    fn eq(&self, other: &Self) -> bool {
        format!("{self:?}") == format!("{other:?}")
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Flat {
    inner: Option<u8>,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(u8),
    Struct { field: u8 },
}

#[track_caller]
fn decode(event: &str, fields: &str) -> AcmeEvent {
    try_decode(event, fields).unwrap_or_else(|error| panic!("{error}: {fields}"))
}

fn try_decode(event: &str, fields: &str) -> Result<AcmeEvent, DecodeError> {
    AcmeEvent::decode(format!(r#"{{"event":"{event}",{fields}}}"#).as_bytes())
}

/// The event with only what is readable: it is read at once, and so is strictly as documented.
#[track_caller]
fn assert_is(event: &str, odd: &str, same: &str) {
    assert_eq!(decode(event, odd), decode(event, same), "{odd}");
    // Whatever field stands beside it.
    assert_eq!(decode(event, &format!(r#""\ud83d":1e999,{odd}"#)), decode(event, same), "{odd}");
}

#[test]
fn c01_an_optional_field_of_another_shape_is_none() {
    for (odd, same) in [
        (
            r#""text":7,"whole":"7","signed":"-7.0","float":"1e2","flag":"1","letter":"ab""#,
            r#""text":"7","whole":7,"signed":-7,"float":100.0,"flag":true"#,
        ),
        (r#""text":{},"whole":256,"signed":1.5,"float":"x","flag":2,"letter":"\ud83d""#, "\"letter\":\"\u{fffd}\""),
        (r#""text":"a","text":"a","whole":7"#, r#""whole":7"#),
        (r#""list":["7",7,-7,null,"x",[7],7.0],"whole":7"#, r#""list":[7,7,7],"whole":7"#),
        (r#""list":{"1":2,"0":"1"}"#, r#""list":[1,2]"#),
        (r#""list":{"1":2,"x":1}"#, r#""list":null"#),
        (r#""list":{"1":2,"1":1}"#, r#""list":null"#),
        (r#""list":{}"#, r#""list":[]"#),
        (r#""holes":["7","x",null,8]"#, r#""holes":[7,null,null,8]"#),
        (r#""pair":["7","a"]"#, r#""pair":[7,"a"]"#),
        (r#""pair":["x","a"],"text":"b""#, r#""text":"b""#),
        (r#""pair":[7],"text":"b""#, r#""text":"b""#),
        (r#""map":{"a":1,"b":"2","c":[],"d":256,"e":3,"e":4}"#, r#""map":{"a":1,"b":2}"#),
        (r#""map":[1,2],"text":"b""#, r#""text":"b""#),
        (r#""numbered":{"1":"1","2":[]}"#, r#""numbered":{"1":1}"#),
        (r#""choice":"maybe","text":"b""#, r#""text":"b""#),
        (r#""choice":{"no":{"because":7}},"text":"b""#, r#""text":"b""#),
        (r#""choice":{"no":{"because":"x"}},"text":5"#, r#""choice":{"no":{"because":"x"}},"text":"5""#),
        (r#""nested":{"nested":{"text":[],"whole":7},"flag":0}"#, r#""nested":{"nested":{"whole":7},"flag":false}"#),
        (r#""nested":["a",7],"text":"b""#, r#""text":"b""#),
        (r#""nesteds":[{"text":[],"whole":7},7,{"list":["x"]}]"#, r#""nesteds":[{"whole":7},{"list":[]}]"#),
        (
            r#""nesteds":{"5":{"text":"b"},"3":{"nesteds":{"0":{"text":"c"}}}}"#,
            r#""nesteds":[{"nesteds":[{"text":"c"}]},{"text":"b"}]"#,
        ),
        (r#""count":"72.0""#, r#""count":72"#),
        (r#""count":-1,"raw":{ "a" : "\ud83d" ,"n":1.0,"n":1e999}"#, r#""raw":{ "a" : "\ud83d" ,"n":1.0,"n":1e999}"#),
        (r#""at":1776334000,"text":"b""#, r#""text":"b""#),
        (r#""at":"2026-02-22T10:30:00Z","text":5"#, r#""at":"2026-02-22T10:30:00Z","text":"5""#),
    ] {
        assert_is("optional", odd, same);
    }
}

#[test]
fn c01_a_field_with_a_default_has_it_if_it_is_of_another_shape() {
    for (odd, same) in [
        (r#""text":[],"whole":-1,"list":"x","flag":[],"nested":{"count":[]}"#, r#""nested":{}"#),
        (r#""text":null,"whole":null,"list":null,"flag":null,"nested":null,"nesteds":null,"fixed":null"#, r#""x":1"#),
        (
            r#""text":7,"whole":"7","list":["a",{}],"flag":0,"nested":{"count":"7"}"#,
            r#""text":"7","whole":7,"list":["a"],"flag":false,"nested":{"count":7}"#,
        ),
        (r#""nesteds":[{"count":"x"},{"count":"5"},7]"#, r#""nesteds":[{},{"count":5}]"#),
        (r#""fixed":[7],"whole":7"#, r#""whole":7"#),
        (r#""fixed":["7","8"],"whole":7"#, r#""whole":7,"fixed":[7,8]"#),
        (r#""whole":7,"whole":8,"text":"a""#, r#""text":"a""#),
    ] {
        assert_is("defaulted", odd, same);
    }
}

#[test]
fn a_required_field_that_cannot_be_read_costs_what_requires_it() {
    for (odd, same) in [
        (
            r#""order":{"id":"a","lines":[{"sku":"b","count":[]},{"sku":[]},{"count":7},{"sku":5}]}"#,
            r#""order":{"id":"a","lines":[{"sku":"b"},{"sku":"5"}]}"#,
        ),
        (r#""order":{"id":7712345},"note":[]"#, r#""order":{"id":"7712345"}"#),
        (r#""order":{"id":123456789012345678901234567890}"#, r#""order":{"id":"123456789012345678901234567890"}"#),
    ] {
        assert_is("required", odd, same);
    }
    for (fields, message) in [
        (r#""note":"b""#, "missing field `order` at line 1 column 31"),
        (r#""note":7"#, "expected a string at line 1 column 28"),
        (r#""order":{"id":[]}"#, "expected a string at line 1 column 34"),
        (r#""order":{"id":7.5}"#, "expected a string at line 1 column 37"),
        (r#""order":{"id":"a"},"order":{"id":"a"}"#, "duplicate field `order` at line 1 column 46"),
        (r#""order":[{"id":"a"}]"#, "expected a string at line 1 column 29"),
        (r#""order":{"\ud83d":1}"#, "missing field `id` at line 1 column 40"),
        (r#""order":{"\ud83d":1},"note":1e999"#, "missing field `id` at line 1 column 40"),
        (r#""note":1e999"#, "missing field `order`"),
    ] {
        let body = format!(r#"{{"event":"required",{fields}}}"#);
        let error = AcmeEvent::decode(body.as_bytes()).expect_err("an error").to_string();
        assert_eq!(error, format!("the body does not fit the type that it is read as: {message}"), "{body}");
    }
}

#[test]
fn what_serde_reads_ahead_is_read_whole_or_not_at_all() {
    for (odd, same) in [
        (r#""old_name":"8""#, r#""renamed":8"#),
        (r#""inner":7,"old_name":"8""#, r#""inner":7,"renamed":8"#),
        (r#""old_name":"8","more":["\ud83d"]"#, "\"renamed\":8,\"more\":[\"\u{fffd}\"]"),
        (
            r#""inner":7,"old_name":"8","more":[1e999],"even":"\ud83d""#,
            "\"inner\":7,\"renamed\":8,\"even\":\"\u{fffd}\"",
        ),
        (r#""renamed":7,"untagged":{"field":[]}"#, r#""renamed":7"#),
        (r#""renamed":"7","untagged":{"field":8}"#, r#""renamed":7,"untagged":{"field":8}"#),
        (r#""renamed":"7","value":{"a":[1,{"b":null}]}"#, r#""renamed":7,"value":{"a":[1,{"b":null}]}"#),
        (r#""renamed":"7","text": [ 1e999 , "\ud83d" ] "#, r#""renamed":7,"text":[ 1e999 , "\ud83d" ]"#),
    ] {
        let (odd, same) = (decode("odd", odd), decode("odd", same));
        let without = |event: &AcmeEvent| format!("{event:?}");
        assert_eq!(without(&odd), without(&same));
    }
}

/// A provider whose events are read by hand: an array of them, and a name that is no field.
#[test]
fn c01_a_type_without_events_is_read_in_the_same_way() {
    let list: Vec<Optional> =
        decode_json(br#"[{"text":7},{"whole":[],"text":"\ud83d"},null,{"\ud83d":1}]"#, &[]).expect("a list");
    let texts: Vec<_> = list.iter().map(|item| item.text.as_deref()).collect();
    assert_eq!(texts, [Some("7"), Some("\u{fffd}"), None]);
    let read =
        |body: &str| decode_json::<Required>(body.as_bytes(), &["order.id", "type"]).map_err(|error| error.to_string());
    assert_eq!(read(r#"{"type":1,"order":{"id":7},"note":[]}"#).expect("an order").order.id, "7");
    assert_eq!(read(r#"{"type":1,"order":{"id":"7"},"note":"b"}"#).expect("an order").note.as_deref(), Some("b"));
    for (body, message) in [
        (r#"{"order":{"id":"7"},"type":1,"type":2}"#, "duplicate field `type` at line 1 column 35"),
        (r#"{"order":{"id":7},"type":1,"t\u0079pe":2}"#, "duplicate field `type` at line 1 column 38"),
        (r#"{"note":7,"order":{"id":[]}}"#, "expected a string at line 1 column 9"),
        (r#"{"order":{"x":1}}"#, "missing field `id` at line 1 column 16"),
        ("[]", "missing field `order`"),
    ] {
        let error = read(body).expect_err(body);
        assert!(
            error.starts_with(&format!("the body does not fit the type that it is read as: {message}")) || body == "[]",
            "{error}"
        );
    }
    assert_eq!(read(r#"{"order":"#).expect_err("cut"), "the body is not JSON at line 1 column 9");
    assert_eq!(decode_json::<Required>(b"\xff", &[]).expect_err("not UTF-8").to_string(), "the body is not UTF-8");
}

/// A key of a map, and a field that no struct names, are data: an address, a name.
#[test]
fn t19_a_warning_names_the_fields_of_structs_and_no_other_key() {
    let capture = Capture::start();
    let fields_of = |event: &str, fields: &str| {
        decode(event, fields);
        let (events, everything) = capture.take();
        assert!(!everything.contains("c4n4ry"), "{everything}");
        let [event] = &events[..] else { panic!("one event: {events:?}") };
        event.field("fields").expect("fields").to_owned()
    };
    for (event, fields, expected) in [
        ("odd", r#""renamed":"7","c4n4ry":[1e999]"#, "renamed: string read as number, *: list"),
        (
            "odd",
            r#""renamed":[],"c4n4ry":{"c4n4ry":1e999},"c4n4ry2":{"renamed":[1e999]}"#,
            "renamed: list, *.*: number, *: object, *.*: list",
        ),
        ("odd", r#""c4n4ry":1,"c4n4ry":2,"renamed":"7""#, "renamed: string read as number, *: repeated"),
        ("optional", r#""map":{"c4n4ry":[],"b":1},"c4n4ry":[],"c4n4ry":1"#, "map.*: list"),
        ("optional", r#""map":{"c4n4ry":"1","c4n4ry2":"c4n4ry"}"#, "map.*: string read as number, map.*: string"),
        (
            "optional",
            r#""nested":{"nesteds":[{"c4n4ry":1,"map":{"c4n4ry":{"c4n4ry":[]}}}]}"#,
            "nested.nesteds[0].map.*: object",
        ),
        ("optional", r#""choice":{"c4n4ry":1},"text":{"c4n4ry":"c4n4ry"}"#, "choice: object, text: object"),
    ] {
        let said = fields_of(event, fields);
        let parts = |text: &str| text.split(", ").map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(parts(&said), parts(expected), "{fields}");
    }
}

/// Nulls in fields with defaults, in several objects: each costs at most one more reading of its object.
#[test]
fn i10_many_fields_that_are_not_options_may_be_null() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Plain {
        a: String,
        b: Vec<String>,
        c: String,
        d: Vec<Plain>,
        e: u64,
        f: Vec<u8>,
        g: bool,
    }

    let odd = r#""a":null,"b":null,"c":null,"f":null,"g":{},"e":[]"#;
    let mut body = format!(r#"{{{odd}}}"#);
    for _ in 0..5 {
        body = format!(r#"{{"d":[{body},{body}],{odd},"e":"7"}}"#).replace(r#""e":[],"e":"7""#, r#""e":"7""#);
    }
    fn count(plain: &Plain) -> usize {
        1 + plain.d.iter().map(count).sum::<usize>()
    }
    let read: Plain = decode_json(body.as_bytes(), &[]).expect("nothing is required");
    assert_eq!((count(&read), read.e, read.d[0].e, read.d[1].d[0].e), (63, 7, 7, 7));
    // Many in one object.
    let many: String = (0..300).map(|number| format!(r#""{number}":null,"#)).collect();
    let read: HashMap<String, Option<u8>> = decode_json(format!(r#"{{{many}"a":[]}}"#).as_bytes(), &[]).expect("a map");
    assert_eq!(read.len(), 301);
}

/// As deep as serde_json reads, and on the stack of a task.
#[test]
fn t4_types_that_contain_themselves_overflow_no_stack() {
    let run = || {
        for (depth, is_read) in [(10, true), (60, true), (126, true), (127, false), (200, false), (50_000, false)] {
            let nested = format!("{}1{}", r#"{"whole":"7","nested":"#.repeat(depth), "}".repeat(depth));
            let lists = format!("{}1{}", r#"{"nesteds":{"1":"#.repeat(depth / 2), "}}".repeat(depth / 2));
            let value = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            for (event, fields) in [
                ("optional", format!(r#""nested":{nested},"text":5"#)),
                ("optional", format!(r#""nested":{lists},"text":5"#)),
                ("odd", format!(r#""value":{value},"renamed":"5""#)),
            ] {
                match try_decode(event, &fields) {
                    Ok(event) => {
                        // Lists of an even depth: 126 and 127 are the same.
                        assert!(is_read || depth == 127, "{depth}");
                        assert!(format!("{event:?}").contains("5"));
                    }
                    Err(error) => {
                        assert!(!is_read, "{depth}: {error}");
                        let text = "the body does not fit the type that it is read as: nested more than 128 deep at line 1 column ";
                        assert!(error.to_string().starts_with(text), "{error}");
                    }
                }
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(run).expect("a thread");
    thread.join().expect("no panic");
}

#[test]
fn t4_a_megabyte_of_fields_with_defaults_is_read_in_linear_time() {
    let items = vec![r#"{"count":[]}"#; 80_000].join(",");
    let AcmeEvent::Defaulted(read) = decode("defaulted", &format!(r#""nesteds":[{items}],"whole":"7""#)) else {
        panic!()
    };
    assert_eq!((read.nesteds.len(), read.whole), (80_000, 7));
    let entries: String = (0..80_000).map(|number| format!(r#""{number}x":[],"#)).collect();
    let AcmeEvent::Optional(read) = decode("optional", &format!(r#""map":{{{entries}"a":1}},"whole":"7""#)) else {
        panic!()
    };
    assert_eq!((read.map.map(|map| map.len()), read.whole), (Some(1), Some(7)));
    let odd = format!(
        r#""text":[{0}],"whole":[{0}],"list":"x","flag":[{0}],"nested":[{0}],"fixed":"y""#,
        vec!["[]"; 80_000].join(",")
    );
    assert_is("defaulted", &odd, r#""x":1"#);
}

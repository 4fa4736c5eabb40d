//! Genuine deliveries, and what their bodies hold.

use serde_json::{Value, json};

use crate::{support::Sender, surfaces::Surface};

fn json_of(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("JSON")
}

/// The fields one can take away: those of the body and of the objects in it, but for `event`.
fn fields(json: &Value) -> Vec<String> {
    fn collect(json: &Value, path: &str, found: &mut Vec<String>) {
        for (name, value) in json.as_object().into_iter().flatten() {
            let path = format!("{path}/{name}");
            if path != "/event" {
                found.push(path.clone());
            }
            collect(value, &path, found);
        }
    }
    let mut found = Vec::new();
    collect(json, "", &mut found);
    found
}

pub(crate) fn verified_bodies_that_are_not_events_are_undecodable(sender: &Sender, surface: &Surface) {
    let event = &sender.fixture().event;
    let texts = [
        "",
        " ",
        "{",
        "{}",
        "[]",
        "null",
        "1",
        "\"event\"",
        "not JSON",
        "event=scan.completed",
        r#"{"Event":"x"}"#,
        r#"{"event":null}"#,
        r#"{"event":1}"#,
        r#"{"event":["x"]}"#,
        r#"{"event":{"name":"x"}}"#,
        r#"["scan.completed"]"#,
        r#"{"data":{"event":"x"}}"#,
        r#"{"event":"x",}"#,
        r#"{"event":"x"}}"#,
        r#"{"event":"x"}{"event":"x"}"#,
        r#"{"event":"x","#,
        "\u{feff}{\"event\":\"x\"}",
        r#"{"event":"\x"}"#,
        "{'event':'x'}",
    ];
    for text in texts {
        surface.rejects(&sender.genuine(text), 422);
    }
    let mut not_utf8 = format!(r#"{{"event":"{event}""#).into_bytes();
    not_utf8.extend_from_slice(b"\xff}");
    surface.rejects(&sender.genuine(not_utf8), 422);
    surface.rejects(&sender.genuine("[".repeat(100_000)), 422);
}

pub(crate) fn unknown_events_are_handled(sender: &Sender, surface: &Surface) {
    for name in ["something.new", "scan.completed.v2", "", "é\u{1f980}", "ANALYSIS.COMPLETED", "with \"quotes\""] {
        let mut json = json_of(&sender.fixture().body);
        json["event"] = name.into();
        let body = json.to_string();
        let id = sender.id_of(&sender.fixture().event, body.as_bytes());
        assert!(!id.is_empty(), "the first fixture has an id, and an unknown event is looked up likewise");
        surface.accepts(sender, &sender.genuine(body), name, &id);
        surface.accepts(sender, &sender.genuine(json!({ "event": name }).to_string()), name, "");
        let odd = json!({ "event": name, "data": [1, { "id": "x" }], "scan_id": null, "url": 5.5, "scanId": {} });
        surface.accepts(sender, &sender.genuine(odd.to_string()), name, "");
    }
}

pub(crate) fn t23_only_the_event_is_required(sender: &Sender, surface: &Surface) {
    for fixture in sender.fixtures() {
        let whole = json_of(&fixture.body);
        let bare = json!({ "event": fixture.event }).to_string();
        surface.accepts(sender, &sender.genuine(bare), &fixture.event, "");
        for path in fields(&whole) {
            let (parent, name) = path.rsplit_once('/').expect("a path");
            let mut without = whole.clone();
            without.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object").remove(name);
            let mut null = whole.clone();
            *null.pointer_mut(&path).expect("a field") = Value::Null;
            for json in [without, null] {
                let body = json.to_string();
                let id = sender.id_of(&fixture.event, body.as_bytes());
                surface.accepts(sender, &sender.genuine(body), &fixture.event, &id);
            }
        }
    }
}

pub(crate) fn t23_unexpected_fields_and_ids_are_tolerated(sender: &Sender, surface: &Surface) {
    for fixture in sender.fixtures() {
        let text = String::from_utf8(fixture.body.clone()).expect("UTF-8");
        let id = sender.id_of(&fixture.event, &fixture.body);
        // Numbers that fit no type, deep nesting and any name, in undocumented fields.
        let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        let more = format!(
            r#"{{"new":{{"a":[1,2.5,null,true]}},"":0,"big":123456789012345678901234567890,"huge":1e999,"deep":{deep},"é\ud83e\udd80":"\u0000","#
        );
        let before = text.replacen('{', &more, 1);
        surface.accepts(sender, &sender.genuine(before), &fixture.event, &id);

        // An id that is no text and no integer is no id, and rejects nothing.
        let json = json_of(&fixture.body);
        for odd in [json!(5.0), json!(1.5), json!(true), json!(["x"]), json!({ "x": "y" }), json!("")] {
            let mut json = json.clone();
            let Some(place) = json.pointer_mut(&sender.id_at(&fixture.event)) else { continue };
            *place = odd;
            surface.accepts(sender, &sender.genuine(json.to_string()), &fixture.event, "");
        }
    }
}

pub(crate) fn whole_numbers_may_have_a_fraction_of_zero(sender: &Sender, surface: &Surface) {
    for fixture in sender.fixtures() {
        let id = sender.id_of(&fixture.event, &fixture.body);
        let text = String::from_utf8(fixture.body).expect("UTF-8");
        let with_fractions: String = text
            .lines()
            .map(|line| match line.trim_end_matches(',').rsplit_once(": ") {
                Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                    let comma = if line.ends_with(',') { "," } else { "" };
                    format!("{name}: {number}.0{comma}\n")
                }
                _ => format!("{line}\n"),
            })
            .collect();
        surface.accepts(sender, &sender.genuine(with_fractions), &fixture.event, &id);
    }
}

pub(crate) fn t23_fields_that_are_there_twice_are_undecodable(sender: &Sender, surface: &Surface) {
    for fixture in sender.fixtures() {
        let text = String::from_utf8(fixture.body).expect("UTF-8");
        let end = text.rfind('}').expect("an object");
        let twice = format!(r#"{},"event":"other"}}"#, &text[..end].trim_end());
        surface.rejects(&sender.genuine(twice), 422);
        let escaped = format!(r#"{},"\u0065vent":"{}"}}"#, &text[..end].trim_end(), fixture.event);
        surface.rejects(&sender.genuine(escaped), 422);
    }
    let (known, unknown) = (sender.fixture().event, "something.new");
    for event in [known.as_str(), unknown] {
        let ids = match sender.id_at(event).rsplit_once('/').expect("a path") {
            ("", name) => format!(r#""{name}":"a","{name}":"b""#),
            (_, name) => format!(r#""data":{{"{name}":"a","{name}":"b"}}"#),
        };
        surface.rejects(&sender.genuine(format!(r#"{{"event":"{event}",{ids}}}"#)), 422);
    }
}

/// A documented payload with each field in turn replaced by each of `values`, and the name of the event. Where the
/// event's ID is, or is no longer, `is_about_an_id` says.
fn with_each_field_replaced(sender: &Sender, values: &[&str], mut check: impl FnMut(&str, String, bool)) {
    for fixture in sender.fixtures() {
        let whole = json_of(&fixture.body);
        let id_at = sender.id_at(&fixture.event);
        for path in fields(&whole) {
            let mut marked = whole.clone();
            *marked.pointer_mut(&path).expect("a field") = "\u{7f}".into();
            let marked = marked.to_string();
            for value in values {
                let is_about_an_id = format!("{id_at}/").starts_with(&format!("{path}/"));
                check(&fixture.event, marked.replace("\"\u{7f}\"", value), is_about_an_id);
            }
        }
    }
}

/// What PHP, JavaScript, SQL and people make of a value.
const ODD: [&str; 20] = [
    r#""78""#,
    r#""""#,
    r#""\ud83d""#,
    "0",
    "1776334000",
    "-1.5",
    "1e999",
    "18446744073709551616",
    "true",
    r#"["a",null]"#,
    "[[[]]]",
    r#"[{"id":"x"}]"#,
    "{}",
    r#"{"0":"a","2":"b"}"#,
    r#"{"0":"a","0":"b"}"#,
    r#"{"id":["x"],"message":{},"code":504,"width":"x","retina":"maybe","visual_clarity":[]}"#,
    r#"{"\ud83d":{"a":1,"a":2}}"#,
    r#"{"event":"x","event":"y"}"#,
    r#"{"id":{"id":null}}"#,
    "[7,7.5,\"a\",{\"a\":[]},true,null]",
];

/// I10: the signature proves that the provider sent it. What the documentation says of a type is the weaker claim.
pub(crate) fn c01_any_json_in_any_documented_field_is_handled(sender: &Sender, surface: &Surface) {
    with_each_field_replaced(sender, &ODD, |event, body, is_about_an_id| {
        if is_about_an_id {
            return; // Below, and in `c05`.
        }
        let id = sender.id_of(event, body.replace("1e999", "0").replace("\\ud83d", "").as_bytes());
        surface.accepts(sender, &sender.genuine(body), event, &id);
    });
    let no_ids = ["true", "[]", r#"[{"id":"x"}]"#, r#"{"0":"a","2":"b"}"#, "1e999", "7.0", r#"{"id":["x"]}"#];
    with_each_field_replaced(sender, &no_ids, |event, body, is_about_an_id| {
        if is_about_an_id {
            surface.accepts(sender, &sender.genuine(body), event, "");
        }
    });
}

/// RFC 8259, 8.2. `JSON.stringify` writes it when a text was cut after some UTF-16 units.
pub(crate) fn c03_half_of_an_emoji_is_handled(sender: &Sender, surface: &Surface) {
    with_each_field_replaced(sender, &[r#""Homepage \ud83d""#], |event, body, is_about_an_id| {
        // Two IDs that have lost a character could be one.
        let id =
            if is_about_an_id { String::new() } else { sender.id_of(event, body.replace("\\ud83d", "").as_bytes()) };
        surface.accepts(sender, &sender.genuine(body.clone()), event, &id);
        let (before, after) = body.split_once("\\ud83d").expect("it is there");
        let not_utf8 = [before.as_bytes(), b"\xed\xa0\xbd", after.as_bytes()].concat();
        surface.accepts(sender, &sender.genuine(not_utf8), event, &id);
    });
    for name in [r"new \ud83d", r"\udc00"] {
        let body = format!(r#"{{"event":"{name}","\ud83d":"\ud83d"}}"#);
        surface.accepts(
            sender,
            &sender.genuine(body),
            &name.replace(r"\ud83d", "\u{fffd}").replace(r"\udc00", "\u{fffd}"),
            "",
        );
    }
}

/// K2: a row's number is its ID as much as a text.
pub(crate) fn c05_an_integer_is_an_id(sender: &Sender, surface: &Surface) {
    for fixture in sender.fixtures() {
        for event in [&*fixture.event, "something.new"] {
            for id in ["7712345", "0", "-7", "18446744073709551615", "123456789012345678901234567890"] {
                let (mut json, path) = (json!({ "event": event }), sender.id_at(event));
                match path.rsplit_once('/').expect("a path") {
                    ("", name) => json[name] = "\u{7f}".into(),
                    (_, name) => json["data"] = json!({ name: "\u{7f}" }),
                }
                let body = json.to_string().replace("\"\u{7f}\"", id);
                surface.accepts(sender, &sender.genuine(body), event, id);
            }
        }
    }
}

pub(crate) fn t24_ids_are_text_and_nothing_else(sender: &Sender, surface: &Surface) {
    let event = sender.fixture().event;
    let forged_line = "x\"}\n{\"provider\":\"zeodyn\",\"event\":\"scan_complete\",\"id\":\"forged\"}";
    for id in [forged_line, "\r\n", "../../etc/passwd", "\u{1b}[31m", "é\u{1f980}\u{202e}", "\u{0}", "%s{}$(id)"] {
        let mut json = json!({ "event": event });
        match sender.id_at(&event).rsplit_once('/').expect("a path") {
            ("", name) => json[name] = id.into(),
            (_, name) => json["data"] = json!({ name: id }),
        }
        surface.accepts(sender, &sender.genuine(json.to_string()), &event, id);
    }
}

//! Properties of fields set by pointer, over any JSON there is: `serde_json`'s own pointers agree, and no byte changes that
//! is not meant to.

use countersign::providers::Zeodyn;
use countersign_testkit::{Payload, PayloadErrorKind};
use proptest::{prelude::*, sample::Index};
use serde_json::Value;

use crate::testkit::documents::{Document, any_document, any_value};

fn payload(text: &str) -> Payload<Zeodyn> {
    Payload::new(text.to_owned())
}

fn text_of(payload: &Payload<Zeodyn>) -> String {
    String::from_utf8(payload.bytes().to_vec()).expect("UTF-8")
}

fn json_of(payload: &Payload<Zeodyn>) -> Value {
    serde_json::from_slice(payload.bytes()).expect("JSON")
}

/// `json` without what stands at `pointer`.
fn removed(json: &Value, pointer: &str) -> Option<Value> {
    let mut json = json.clone();
    let (parent, last) = pointer.rsplit_once('/')?;
    let last = last.replace("~1", "/").replace("~0", "~");
    match json.pointer_mut(parent)? {
        Value::Object(members) => drop(members.remove(&last)?),
        Value::Array(elements) => {
            let index =
                last.parse().ok().filter(|index: &usize| *index < elements.len() && index.to_string() == last)?;
            elements.remove(index);
        }
        _ => return None,
    }
    Some(json)
}

/// `json` with `value` at `pointer`: where it is, or as a new member, or at an array's end.
fn assigned(json: &Value, pointer: &str, value: &Value) -> Option<Value> {
    let mut json = json.clone();
    if let Some(found) = json.pointer_mut(pointer) {
        *found = value.clone();
        return Some(json);
    }
    let (parent, last) = pointer.rsplit_once('/')?;
    match json.pointer_mut(parent)? {
        Value::Object(members) => drop(members.insert(last.replace("~1", "/").replace("~0", "~"), value.clone())),
        Value::Array(elements) if last == "-" => elements.push(value.clone()),
        _ => return None,
    }
    Some(json)
}

/// RFC 6901's grammar.
fn is_pointer(text: &str) -> bool {
    let mut escapes = text.split('~').skip(1);
    (text.is_empty() || text.starts_with('/')) && escapes.all(|rest| rest.starts_with('0') || rest.starts_with('1'))
}

/// Text that is a pointer into some document as often as not.
fn any_pointer() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "(/[ab0-2~/-]{0,3}){0,4}", "(/(a|b|0|1|-|~0|~1|event|a~1b|m~0n)){0,4}"]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(countersign_test_support::cases(1000)) })]

    #[test]
    fn documents_are_written_as_they_are_meant(document in any_document()) {
        let Document { json, text, places } = document;
        prop_assert_eq!(&serde_json::from_str::<Value>(&text).expect("JSON"), &json);
        for place in places {
            let value: Value = serde_json::from_str(&text[place.value]).expect("JSON");
            prop_assert_eq!(Some(&value), json.pointer(&place.pointer));
        }
    }

    #[test]
    fn a_field_is_set_and_no_other_byte_changes(document in any_document(), at: Index, value in any_value()) {
        let Document { json, text, places } = document;
        let place = at.get(&places);
        // What is around the whole document: `fields.rs` has it.
        let text = if place.pointer.is_empty() { text[place.value.clone()].to_owned() } else { text };
        let range = if place.pointer.is_empty() { 0..text.len() } else { place.value.clone() };

        let set = payload(&text).with_field(&place.pointer, value.clone()).expect("it is there");
        prop_assert_eq!(text_of(&set), format!("{}{value}{}", &text[..range.start], &text[range.end..]));
        let mut expected = json;
        *expected.pointer_mut(&place.pointer).expect("it is there") = value;
        prop_assert_eq!(json_of(&set), expected);
    }

    #[test]
    fn a_field_is_taken_out_and_no_other_byte_changes(document in any_document(), at: Index) {
        let Document { json, text, places } = document;
        prop_assume!(places.len() > 1);
        let place = at.get(&places[1..]);

        let without = payload(&text).without_field(&place.pointer).expect("it is there");
        prop_assert_eq!(Some(json_of(&without)), removed(&json, &place.pointer));
        let written = text_of(&without);
        let (before, behind) = (&text[..place.room.start], &text[place.room.end..]);
        prop_assert!(written.starts_with(before) && written.ends_with(behind), "{text} became {written}");
        let between = &written[before.len()..written.len() - behind.len()];
        prop_assert!(between.matches(',').count() <= 1, "{text} became {written}");
        prop_assert!(between.chars().all(|char| " \r\n\t,".contains(char)), "{text} became {written}");
    }

    #[test]
    fn any_pointer_leads_where_serde_jsons_does(document in any_document(), pointer in any_pointer(), value in any_value()) {
        let Document { json, text, .. } = document;
        let set = payload(&text).with_field(&pointer, value.clone());
        let without = payload(&text).without_field(&pointer);
        if !is_pointer(&pointer) {
            let kinds = [set.expect_err("no pointer").kind(), without.expect_err("no pointer").kind()];
            prop_assert_eq!(kinds, [PayloadErrorKind::MalformedPointer; 2]);
            return Ok(());
        }
        let kind = |result: &Result<Payload<Zeodyn>, countersign_testkit::PayloadError>| {
            result.as_ref().err().map(countersign_testkit::PayloadError::kind)
        };
        match assigned(&json, &pointer, &value) {
            Some(expected) => prop_assert_eq!(json_of(&set.expect("a place")), expected),
            None => prop_assert_eq!(kind(&set), Some(PayloadErrorKind::NoSuchField)),
        }
        match removed(&json, &pointer) {
            Some(expected) => prop_assert_eq!(json_of(&without.expect("a field")), expected),
            None => prop_assert_eq!(kind(&without), Some(PayloadErrorKind::NoSuchField)),
        }
    }

    #[test]
    fn nothing_that_is_not_json_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40), pointer in any_pointer()) {
        let payload = Payload::<Zeodyn>::new(bytes.clone());
        let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_ok();
        let set = payload.clone().with_field(&pointer, 1).err().map(|error| error.kind());
        let without = payload.without_field(&pointer).err().map(|error| error.kind());
        let rejected = [set, without].map(|kind| kind == Some(PayloadErrorKind::NotJson));
        prop_assert_eq!(rejected, [!is_json; 2]);
    }
}

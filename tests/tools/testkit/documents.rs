//! JSON documents, written as nobody would, with what is where in them.

use std::ops::Range;

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::Value;

/// A document as a value and as a text.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) json: Value,
    pub(crate) text: String,
    pub(crate) places: Vec<Place>,
}

/// Where a value stands in the text.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) pointer: String,
    pub(crate) value: Range<usize>,
    /// From behind the bracket or the entry before, to the entry after or the bracket: none of it is another entry.
    pub(crate) room: Range<usize>,
}

/// Keys that a pointer, or JSON, has to escape, and keys that look like something else.
const KEYS: [&str; 16] =
    ["a", "b", "event", "a/b", "m~n", "~1", "~0", "", " ", "-", "0", "01", "\"q\"\\", "\n\0", "\u{e9}", "\u{1f4f8}"];

pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e6..1e6_f64).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let key = prop_oneof![4 => any::<Index>().prop_map(|at| at.get(&KEYS).to_string()), 1 => any::<String>()];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            vec((key.clone(), inner), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A document, more often than not an object or an array.
pub(crate) fn any_document() -> impl Strategy<Value = Document> {
    let values = vec(any_value(), 1..4).prop_map(|values| match values.len() {
        1 => values.into_iter().next().unwrap(),
        _ => Value::from(values),
    });
    (values, vec(any::<u8>(), 1..40)).prop_map(|(json, choices)| {
        let mut writer = Writer { text: String::new(), places: Vec::new(), choices: choices.into_iter().cycle() };
        writer.space();
        writer.value(&json, "", 0..0);
        writer.space();
        let Writer { text, places, .. } = writer;
        Document { json, text, places }
    })
}

/// The parts of a pointer as it is written.
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

struct Writer<C> {
    text: String,
    places: Vec<Place>,
    choices: C,
}

impl<C: Iterator<Item = u8>> Writer<C> {
    fn choose(&mut self) -> u8 {
        self.choices.next().unwrap()
    }

    fn space(&mut self) {
        let spaces = ["", "", "", " ", "\n  ", "\r\n\t"];
        let choice = usize::from(self.choose()) % spaces.len();
        self.text.push_str(spaces[choice]);
    }

    fn string(&mut self, string: &str) {
        if !self.choose().is_multiple_of(3) {
            self.text.push_str(&Value::from(string).to_string());
            return;
        }
        self.text.push('"');
        for unit in string.encode_utf16() {
            self.text.push_str(&format!("\\u{unit:04x}"));
        }
        self.text.push('"');
    }

    fn value(&mut self, value: &Value, pointer: &str, room: Range<usize>) {
        let at = self.places.len();
        let start = self.text.len();
        self.places.push(Place { pointer: pointer.to_owned(), value: start..start, room });
        match value {
            Value::Object(members) => {
                let entries = members.iter().map(|(name, value)| (Some(name.as_str()), escaped(name), value));
                self.entries('{', entries.collect(), '}', pointer);
            }
            Value::Array(elements) => {
                let entries = elements.iter().enumerate().map(|(index, value)| (None, index.to_string(), value));
                self.entries('[', entries.collect(), ']', pointer);
            }
            Value::String(string) => self.string(string),
            other => self.text.push_str(&other.to_string()),
        }
        self.places[at].value = start..self.text.len();
    }

    fn entries(&mut self, open: char, entries: Vec<(Option<&str>, String, &Value)>, close: char, pointer: &str) {
        self.text.push(open);
        let mut before: Option<usize> = None;
        let mut behind = self.text.len();
        for (name, token, value) in entries {
            if before.is_some() {
                self.space();
                self.text.push(',');
            }
            self.space();
            if let Some(before) = before {
                self.places[before].room.end = self.text.len();
            }
            if let Some(name) = name {
                self.string(name);
                self.space();
                self.text.push(':');
                self.space();
            }
            before = Some(self.places.len());
            self.value(value, &format!("{pointer}/{token}"), behind..0);
            behind = self.text.len();
        }
        self.space();
        if let Some(before) = before {
            self.places[before].room.end = self.text.len();
        }
        self.text.push(close);
    }
}

use serde_json::{Value, json};

use super::{remove, set};

const TEXT: &str = "{\n  \"event\": \"e\",\n  \"data\": {\"id\": \"1\", \"a/b\": 1, \"m~n\": 2},\n  \"list\": [1, [2]], \"e\": {}, \"x\": []\n}";

#[test]
fn nothing_changes_but_what_is_set() {
    for (pointer, value, expected) in [
        ("/event", "\"f\"", TEXT.replace("\"e\",", "\"f\",")),
        ("/data/id", "null", TEXT.replace("\"1\"", "null")),
        ("/data/a~1b", "7", TEXT.replace("\"a/b\": 1", "\"a/b\": 7")),
        ("/data/m~0n", "7", TEXT.replace("\"m~n\": 2", "\"m~n\": 7")),
        ("/list/1/0", "[]", TEXT.replace("[2]", "[[]]")),
        ("/list/-", "3", TEXT.replace("[2]]", "[2], 3]")),
        ("/list/1/-", "3", TEXT.replace("[2]]", "[2,3]]")),
        ("/x/-", "3", TEXT.replace("\"x\": []", "\"x\": [3]")),
        ("/e/new", "3", TEXT.replace("\"e\": {}", "\"e\": {\"new\":3}")),
        ("/data/new", "3", TEXT.replace("2}", "2, \"new\": 3}")),
        ("/data/", "3", TEXT.replace("2}", "2, \"\": 3}")),
        ("", "3", "3".to_owned()),
    ] {
        assert_eq!(set(TEXT, pointer, value).unwrap(), expected, "{pointer}");
    }
}

#[test]
fn what_is_removed_takes_its_comma_along() {
    for (pointer, expected) in [
        ("/event", TEXT.replace("\"event\": \"e\",\n  ", "")),
        ("/data/id", TEXT.replace("\"id\": \"1\", ", "")),
        ("/data/m~0n", TEXT.replace(", \"m~n\": 2", "")),
        ("/list/0", TEXT.replace("[1, [2]]", "[[2]]")),
        ("/list/1", TEXT.replace("[1, [2]]", "[1]")),
        ("/list/1/0", TEXT.replace("[2]", "[]")),
        ("/x", TEXT.replace(", \"x\": []", "")),
    ] {
        assert_eq!(remove(TEXT, pointer).unwrap(), expected, "{pointer}");
    }
}

#[test]
fn what_is_not_there_is_said() {
    for pointer in ["/none/id", "/event/id", "/list/2", "/list/01", "/list/+1", "/list/x", "/list/1/0/0"] {
        let expected = format!("`{pointer}` leads to nothing in this payload");
        assert_eq!(set(TEXT, pointer, "1").unwrap_err().to_string(), expected);
        assert_eq!(remove(TEXT, pointer).unwrap_err().to_string(), expected);
    }
    for pointer in ["", "/none", "/list/-"] {
        assert!(remove(TEXT, pointer).is_err(), "{pointer}");
    }
    let error = set(TEXT, "event", "1").unwrap_err();
    assert_eq!(error.to_string(), "`event` is not a JSON pointer: it must start with `/`, as in `/data/id`");
    for pointer in ["/~", "/a~2", "/~~0"] {
        let error = set(TEXT, pointer, "1").unwrap_err().to_string();
        assert_eq!(error, format!("`{pointer}` is not a JSON pointer: write `~` as `~0`, and `/` in a name as `~1`"));
    }
}

/// `serde_json`'s own pointers agree, wherever they lead.
#[test]
fn serde_json_reads_what_was_set() {
    for text in [TEXT, "  [1, {\"a\": [true, {\"b\": \"\\u00e9 \u{1f4f8}\"}]} ]\n", "{\"\\u0061\": {\"b\": 1}}"] {
        let json: Value = serde_json::from_str(text).unwrap();
        let mut pointers = vec![(String::new(), &json)];
        let mut at = 0;
        while let Some((pointer, value)) = pointers.get(at).cloned() {
            match value {
                Value::Object(members) => {
                    pointers.extend(members.iter().map(|(name, value)| {
                        (format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), value)
                    }))
                }
                Value::Array(elements) => {
                    pointers.extend(
                        elements.iter().enumerate().map(|(index, value)| (format!("{pointer}/{index}"), value)),
                    );
                }
                _ => {}
            }
            at += 1;
        }
        assert!(pointers.len() > 2, "{text}");
        for (pointer, _) in pointers {
            let mut expected = json.clone();
            *expected.pointer_mut(&pointer).unwrap() = json!({"set": [1]});
            let written = set(text, &pointer, "{\"set\":[1]}").unwrap();
            assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), expected, "{pointer} in {text}");
        }
    }
}

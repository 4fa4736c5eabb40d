//! A look at a body that is not verified yet, for the one string that a secret is looked up by.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
};

use super::decode::{NAME, Text};

/// How much of a body is looked at: what is skipped before the id costs a stack of at most this many brackets.
pub(crate) const LIMIT: usize = 16 * 1024;

/// How long an id may be, in bytes.
const MAX_ID: usize = 256;

/// The id in the `start` of a body, borrowed unless it has escapes: the first usable one at one of the `paths` that belong
/// to its event.
///
/// It is read with what reads the typed event, and stops at the first field of that name. Whether the event agrees is
/// known once the body is proven and decoded.
pub(crate) fn id<'a>(start: &'a [u8], paths: fn(&str) -> &'static [&'static str]) -> Option<Cow<'a, str>> {
    let start = start.get(..LIMIT).unwrap_or(start);
    // Without a name it is no event, and refused once it is proven.
    let event = first(start, NAME).unwrap_or_default();
    paths(&event).iter().find_map(|path| first(start, path)).filter(|id| id.len() <= MAX_ID)
}

fn first<'a>(start: &'a [u8], path: &str) -> Option<Cow<'a, str>> {
    let mut found = None;
    // It ends in an error whenever something stands behind the id, and says nothing that `found` does not.
    let _ = serde_json::Deserializer::from_slice(start).deserialize_map(At { path, found: &mut found });
    found.filter(|id| !id.is_empty())
}

/// The first string at a path, put into `found`. What stands behind it is not read.
struct At<'a, 'de> {
    path: &'a str,
    found: &'a mut Option<Cow<'de, str>>,
}

impl<'de> DeserializeSeed<'de> for At<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, or an object on the way to it")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        *self.found = self.path.is_empty().then_some(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        *self.found = self.path.is_empty().then(|| Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let (name, rest) = self.path.split_once('.').unwrap_or((self.path, ""));
        while let Some(Text(key)) = fields.next_key()? {
            if !name.is_empty() && key == name {
                return fields.next_value_seed(At { path: rest, found: self.found });
            }
            fields.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peek(body: &str) -> Option<String> {
        id(body.as_bytes(), |_| &["scan_id"]).map(Cow::into_owned)
    }

    #[test]
    fn the_first_string_at_the_path_is_borrowed() {
        let body = br#"{"event":"scan.completed","scan_id":"abc","more":"#;
        let id = id(body, |_| &["scan_id"]).expect("an id");
        assert!(matches!(id, Cow::Borrowed("abc")));
        assert_eq!(
            super::id(br#" { "a" : {"id":"no"}, "data" : {"x":[{}],"id":"7"}} "#, |_| &["data.id"]).unwrap(),
            "7"
        );
    }

    #[test]
    fn the_paths_are_those_of_the_event() {
        fn zeodyn(event: &str) -> &'static [&'static str] {
            match event {
                "score_change" => &["url"],
                "scan_complete" => &["scanId"],
                _ => &["scanId", "batchId", "url"],
            }
        }
        let id = |body: &'static str| id(body.as_bytes(), zeodyn).unwrap_or_default();
        assert_eq!(id(r#"{"event":"new","url":"u","batchId":"b"}"#), "b");
        assert_eq!(id(r#"{"url":"u","batchId":"b"}"#), "b");
        assert_eq!(id(r#"{"url":"u","scanId":"s","event":"score_change"}"#), "u");
        assert_eq!(id(r#"{"event":"scan_c\u006fmplete","url":"u","scanId":"s"}"#), "s");
        assert_eq!(id(r#"{"event":"scan_complete","url":"u"}"#), "");
    }

    #[test]
    fn escapes_are_read_as_the_event_reads_them() {
        assert_eq!(peek(r#"{"sc\u0061n_id":"\u00e9\n\"\ud83d\ude00"}"#).as_deref(), Some("é\n\"😀"));
    }

    #[test]
    fn whatever_is_no_string_is_no_id() {
        for value in
            ["1", "null", "true", "1.5", "-3", "[]", "[\"abc\"]", "{}", "{\"scan_id\":\"abc\"}", "\"\"", "\"\\ud800\""]
        {
            assert_eq!(peek(&format!(r#"{{"scan_id":{value},"scan_id":"abc"}}"#)), None, "{value}");
        }
        for body in [
            "",
            "{",
            "[]",
            "\"scan_id\"",
            "{\"scan_id\"",
            "{\"scan_id\":",
            "{\"scan_id\":\"abc",
            "nonsense",
            "{\"data\":{\"scan_id\":\"abc\"}}",
            "\u{feff}{\"scan_id\":\"abc\"}",
        ] {
            assert_eq!(peek(body), None, "{body}");
        }
        assert_eq!(id(b"{\"scan_id\":\"\xff\"}", |_| &["scan_id"]), None);
        assert_eq!(id(br#"{"data":"7"}"#, |_| &["data.id"]), None);
        assert_eq!(id(br#"{"data":[{"id":"7"}]}"#, |_| &["data.id"]), None);
        assert_eq!(id(br#"{"id":"7"}"#, |_| &[]), None);
    }

    #[test]
    fn it_is_bounded_in_size_and_depth() {
        let long = |length| peek(&format!(r#"{{"scan_id":"{}"}}"#, "x".repeat(length))).is_some();
        assert_eq!([long(MAX_ID), long(MAX_ID + 1)], [true, false]);
        let behind = |length: usize| peek(&format!(r#"{{"a":"{}","scan_id":"abc"}}"#, "x".repeat(length))).is_some();
        let most = LIMIT - r#"{"a":"","scan_id":"abc""#.len();
        assert_eq!([behind(most), behind(most + 1)], [true, false]);
        assert_eq!(peek(&format!(r#"{{"a":{}"#, "[".repeat(10_000_000))), None);
        assert_eq!(peek(&"{\"a\":".repeat(1_000_000)), None);
    }
}

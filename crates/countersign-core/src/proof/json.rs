//! Values at paths in the JSON of an unverified body, read in one pass over each object on the way.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize,
    de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// What is at a path. A repeated field on the way to it makes the whole body malformed: two readers
/// could see two values.
pub(super) type Value<'a> = Option<Cow<'a, str>>;

/// Reads the values at `paths` (names of fields and positions in arrays, separated by `.`) to
/// `values`. Strings are decoded; numbers, `true` and `false` are taken as written. Missing values
/// and `null` are `None`.
///
/// `None` if the body is not JSON, repeats a field on the way, or has an object or array at a path.
pub(super) fn read<'a>(body: &'a [u8], paths: &[&'static str], values: &mut [Value<'a>]) -> Option<()> {
    let text = std::str::from_utf8(body).ok()?;
    let wanted: Vec<_> = paths.iter().copied().zip(0..).collect();
    descend(text, &wanted, values)
}

/// The rest of a path, and the position of its value.
type Wanted = (&'static str, usize);

fn descend<'a>(text: &'a str, wanted: &[Wanted], values: &mut [Value<'a>]) -> Option<()> {
    let mut names: Vec<&'static str> = wanted.iter().map(|(path, _)| split(path).0).collect();
    names.sort_unstable();
    names.dedup();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let fields = deserializer.deserialize_any(Fields { names: &names }).ok()?;
    deserializer.end().ok()?;
    for (name, raw) in names.iter().zip(fields) {
        let Some(raw) = raw else { continue };
        let mut deeper = Vec::new();
        for (path, position) in wanted.iter().filter(|(path, _)| split(path).0 == *name) {
            match split(path).1 {
                Some(rest) => deeper.push((rest, *position)),
                None => *values.get_mut(*position)? = scalar(raw.get())?,
            }
        }
        if !deeper.is_empty() {
            descend(raw.get(), &deeper, values)?;
        }
    }
    Some(())
}

fn split(path: &'static str) -> (&'static str, Option<&'static str>) {
    path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)))
}

fn scalar(raw: &str) -> Option<Value<'_>> {
    match raw.as_bytes().first()? {
        b'"' => serde_json::from_str::<Text<'_>>(raw).ok().map(|text| Some(text.0)),
        b'{' | b'[' => None,
        b'n' => Some(None),
        _ => Some(Some(raw.into())),
    }
}

/// A string, borrowed unless it has escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The values of some fields of an object, or of some items of an array. Anything else has none.
struct Fields<'n> {
    names: &'n [&'static str],
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = Vec<Option<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = vec![None; self.names.len()];
        while let Some(Text(key)) = map.next_key()? {
            match self.names.binary_search(&&*key).ok().and_then(|position| found.get_mut(position)) {
                Some(slot) if slot.is_some() => return Err(A::Error::custom("a repeated field")),
                Some(slot) => *slot = Some(map.next_value()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = vec![None; self.names.len()];
        let mut position = 0_usize;
        while let Some(item) = items.next_element::<&RawValue>()? {
            let is_it = |name: &&str| name.parse() == Ok(position);
            if let Some(slot) = self.names.iter().position(is_it).and_then(|slot| found.get_mut(slot)) {
                *slot = Some(item);
            }
            position = position.saturating_add(1);
        }
        Ok(found)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(vec![None; self.names.len()])
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        self.visit_unit()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        self.visit_unit()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        self.visit_unit()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        self.visit_unit()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        self.visit_unit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<const N: usize>(body: &str, paths: [&'static str; N]) -> Option<[Option<String>; N]> {
        let mut values = [const { None }; N];
        read(body.as_bytes(), &paths, &mut values)?;
        Some(values.map(|value| value.map(Cow::into_owned)))
    }

    fn value(body: &str, path: &'static str) -> Option<Option<String>> {
        values(body, [path]).map(|[value]| value)
    }

    #[test]
    fn values_are_found_at_their_paths() {
        let body = r#" {"a": {"b": [ {"c": "x"}, {"c": 10.50, "d": true} ], "e": null}, "f\u0067": "\u0041\n"} "#;
        assert_eq!(
            values(body, ["a.b.0.c", "a.b.1.c", "a.b.1.d", "a.b.2.c", "a.e", "fg", "a.x", "a.b.c", "a.b.0.c.d"]),
            Some(
                [Some("x"), Some("10.50"), Some("true"), None, None, Some("A\n"), None, None, None]
                    .map(|value| value.map(str::to_owned))
            )
        );
        assert_eq!(value("[1,2]", "1"), Some(Some("2".to_owned())));
        for body in ["1", "\"x\"", "null", "[]", "{}"] {
            assert_eq!(value(body, "a"), Some(None), "{body}");
        }
    }

    /// T23: two readers must not see two values.
    #[test]
    fn t23_a_body_that_can_be_read_in_two_ways_is_malformed() {
        for body in [
            "",
            "{",
            "{}x",
            "{}{}",
            "{'a':1}",
            r#"{"a":1,"a":1}"#,
            r#"{"a":{},"\u0061":1}"#,
            r#"{"a":{}}"#,
            r#"{"a":[]}"#,
            r#"{"a":"\ud800"}"#,
        ] {
            assert_eq!(value(body, "a"), None, "{body}");
        }
        assert_eq!(value(r#"{"a":{"b":1,"b":2}}"#, "a.b"), None);
        // What is not on the way is not looked at.
        assert_eq!(value(r#"{"x":1,"x":2,"a":{"y":1,"y":1,"b":3}}"#, "a.b"), Some(Some("3".to_owned())));
        assert_eq!(read(b"{\"a\":\"\xff\"}", &["a"], &mut [None]), None);
    }
}

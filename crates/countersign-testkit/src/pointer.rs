//! Changes the field of a JSON text at a JSON pointer (RFC 6901), and keeps all other bytes.

use std::{fmt, ops::Range};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{PayloadError, PayloadErrorKind};

/// Sets `value` at `pointer`. `text` is JSON.
pub(crate) fn set(text: &str, pointer: &str, value: &str) -> Result<String, PayloadError> {
    let Some((parents, last)) = parse(pointer)? else { return Ok(splice(text, Node::whole(text).range, value)) };
    let parent = parents.iter().try_fold(Node::whole(text), |node, name| node.child(name)).ok();
    let parent = parent.ok_or_else(|| nowhere(pointer))?;
    match parent.child(&last) {
        Ok(found) => Ok(splice(text, found.range, value)),
        Err(Siblings::Members(members)) => {
            let key = serde_json::Value::from(last).to_string();
            let entries: Vec<_> = members.iter().map(|member| member.key.start..member.value.end).collect();
            let colon = members.last().and_then(|member| text.get(member.key.end..member.value.start)).unwrap_or(":");
            Ok(append(text, &parent, &entries, &format!("{key}{colon}{value}")))
        }
        Err(Siblings::Elements(elements)) if last == "-" => Ok(append(text, &parent, &elements, value)),
        Err(_) => Err(nowhere(pointer)),
    }
}

/// Removes the field at `pointer`. `text` is JSON.
pub(crate) fn remove(text: &str, pointer: &str) -> Result<String, PayloadError> {
    let Some((parents, last)) = parse(pointer)? else { return Err(nowhere(pointer)) };
    let parent = parents.iter().try_fold(Node::whole(text), |node, name| node.child(name)).ok();
    let parent = parent.ok_or_else(|| nowhere(pointer))?;
    let found = parent.child(&last).map_err(|_| nowhere(pointer))?.range;
    let entries: Vec<_> = match parent.siblings() {
        Siblings::Members(members) => members.iter().map(|member| member.key.start..member.value.end).collect(),
        Siblings::Elements(elements) => elements,
        Siblings::None => Vec::new(),
    };
    let mut before: Option<&Range<usize>> = None;
    let mut rest = entries.iter();
    while let Some(entry) = rest.next() {
        if entry.end == found.end {
            // With the comma after it, or for the last one with the comma before it.
            let gone = match (rest.next(), before) {
                (Some(next), _) => entry.start..next.start,
                (None, Some(before)) => before.end..entry.end,
                (None, None) => entry.clone(),
            };
            return Ok(splice(text, gone, ""));
        }
        before = Some(entry);
    }
    Err(nowhere(pointer))
}

/// Returns what is at `pointer`, as written. `text` is JSON.
pub(crate) fn get<'a>(text: &'a str, pointer: &str) -> Option<&'a str> {
    let (parents, last) = parse(pointer).ok()??;
    let found = parents.iter().chain([&last]).try_fold(Node::whole(text), |node, name| node.child(name)).ok()?;
    text.get(found.range)
}

/// Writes the field at `pointer` a second time, behind itself. `text` is JSON.
pub(crate) fn repeat(text: &str, pointer: &str) -> Result<String, PayloadError> {
    let (parents, last) = parse(pointer)?.ok_or_else(|| nowhere(pointer))?;
    let parent = parents.iter().try_fold(Node::whole(text), |node, name| node.child(name)).ok();
    let members = match parent.map(|parent| parent.siblings()) {
        Some(Siblings::Members(members)) => members,
        _ => return Err(nowhere(pointer)),
    };
    let found = members.iter().find(|member| member.name.as_deref() == Some(&last)).ok_or_else(|| nowhere(pointer))?;
    let member = text.get(found.key.start..found.value.end).unwrap_or_default();
    Ok(splice(text, found.value.end..found.value.end, &format!(",{member}")))
}

/// Splits `pointer` into its reference tokens, the last one apart; `None` for the whole document.
fn parse(pointer: &str) -> Result<Option<(Vec<String>, String)>, PayloadError> {
    if pointer.is_empty() {
        return Ok(None);
    }
    let malformed = |what| {
        let message = format!("`{pointer}` is not a JSON pointer: {what}");
        PayloadError::new(PayloadErrorKind::MalformedPointer, message)
    };
    let path = pointer.strip_prefix('/').ok_or_else(|| malformed("it must start with `/`, as in `/data/id`"))?;
    let unescape = |token: &str| {
        let is_escaped = token.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        let token = is_escaped.then(|| token.replace("~1", "/").replace("~0", "~"));
        token.ok_or_else(|| malformed("write `~` as `~0`, and `/` in a name as `~1`"))
    };
    let mut tokens = path.split('/').map(unescape).collect::<Result<Vec<_>, _>>()?;
    Ok(tokens.pop().map(|last| (tokens, last)))
}

fn nowhere(pointer: &str) -> PayloadError {
    PayloadError::new(PayloadErrorKind::NoSuchField, format!("`{pointer}` leads to nothing in this payload"))
}

fn splice(text: &str, range: Range<usize>, new: &str) -> String {
    let (before, after) = (text.get(..range.start), text.get(range.end..));
    [before.unwrap_or_default(), new, after.unwrap_or_default()].concat()
}

/// Adds `new` after the last entry of `parent`, spaced as the entries before it.
fn append(text: &str, parent: &Node<'_>, entries: &[Range<usize>], new: &str) -> String {
    let opening = parent.range.start.saturating_add(1);
    let (at, separator) = match entries {
        [] => (opening, String::new()),
        [only] => (only.end, format!(",{}", text.get(opening..only.start).unwrap_or_default())),
        [.., before, last] => (last.end, text.get(before.end..last.start).unwrap_or(",").to_owned()),
    };
    splice(text, at..at, &format!("{separator}{new}"))
}

/// A value in a text.
struct Node<'a> {
    text: &'a str,
    range: Range<usize>,
}

/// The parts of a value.
enum Siblings {
    Members(Vec<Member>),
    Elements(Vec<Range<usize>>),
    None,
}

struct Member {
    /// `None` if it has half a surrogate pair, to which no pointer leads.
    name: Option<String>,
    key: Range<usize>,
    value: Range<usize>,
}

impl<'a> Node<'a> {
    fn whole(text: &'a str) -> Self {
        let start = text.len().saturating_sub(text.trim_start().len());
        Self { text, range: start..text.trim_end().len() }
    }

    /// Returns what `name` leads to from here, or what is here instead.
    fn child(&self, name: &str) -> Result<Self, Siblings> {
        let siblings = self.siblings();
        let found = match &siblings {
            Siblings::Members(members) => {
                members.iter().find(|member| member.name.as_deref() == Some(name)).map(|found| &found.value)
            }
            // RFC 6901: no leading zeros.
            Siblings::Elements(elements) if name == "0" || !name.starts_with(['0', '+']) => {
                name.parse::<usize>().ok().and_then(|index| elements.get(index))
            }
            _ => None,
        };
        match found {
            Some(range) => Ok(Self { text: self.text, range: range.clone() }),
            None => Err(siblings),
        }
    }

    fn siblings(&self) -> Siblings {
        let text = self.text.get(self.range.clone()).unwrap_or_default();
        if let Ok(Members(members)) = serde_json::from_str(text) {
            let member = |(key, value): (&RawValue, &RawValue)| {
                let name = serde_json::from_str(key.get()).ok();
                Member { name, key: self.range_of(key), value: self.range_of(value) }
            };
            return Siblings::Members(members.into_iter().map(member).collect());
        }
        match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(elements) => Siblings::Elements(elements.into_iter().map(|element| self.range_of(element)).collect()),
            Err(_) => Siblings::None,
        }
    }

    /// Returns the position of a part of the text.
    fn range_of(&self, part: &RawValue) -> Range<usize> {
        let start = part.get().as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        start..start.saturating_add(part.get().len())
    }
}

/// The members of an object in their order, as written.
struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
#[path = "pointer_tests.rs"]
mod tests;

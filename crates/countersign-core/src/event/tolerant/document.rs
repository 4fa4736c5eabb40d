//! A JSON text in which each value is found without reading the ones before it again.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
};

use super::super::text::Text;

/// A valid JSON text, and where each list and object of it ends.
pub(super) struct Document<'de> {
    /// The text with readable strings.
    text: &'de str,
    /// The same text, in which lone surrogates stand as they came. It is as long.
    raw: &'de str,
    /// Every list and object, in the order of their starts.
    containers: Vec<Container>,
}

struct Container {
    start: usize,
    end: usize,
    /// How many lists and objects are inside each other, from this one to the deepest.
    height: usize,
}

/// A field of an object.
pub(super) struct Field<'de> {
    pub(super) key: Cow<'de, str>,
    /// Where its value starts.
    pub(super) start: usize,
    /// The end of the second key of this name, if there is one.
    pub(super) repeated_at: Option<usize>,
}

impl<'de> Document<'de> {
    /// `text` and `raw` are valid JSON. Otherwise values are missing, and nothing panics.
    pub(super) fn new(text: &'de str, raw: &'de str) -> Self {
        let mut containers: Vec<Container> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let (mut is_in_string, mut is_escaped) = (false, false);
        for (position, byte) in text.bytes().enumerate() {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if is_in_string => is_escaped = true,
                b'"' => is_in_string = !is_in_string,
                _ if is_in_string => {}
                b'{' | b'[' => {
                    open.push(containers.len());
                    containers.push(Container { start: position, end: text.len(), height: 1 });
                }
                b'}' | b']' => {
                    let Some(closed) = open.pop().and_then(|index| containers.get_mut(index)) else { continue };
                    closed.end = position.saturating_add(1);
                    let height = closed.height.saturating_add(1);
                    if let Some(around) = open.last().and_then(|index| containers.get_mut(*index)) {
                        around.height = around.height.max(height);
                    }
                }
                _ => {}
            }
        }
        Self { text, raw, containers }
    }

    /// Where the body starts.
    pub(super) fn start(&self) -> usize {
        self.next(0)
    }

    /// The text of the value at `start`, without white space around it.
    pub(super) fn value(&self, start: usize) -> &'de str {
        self.text.get(start..self.end(start)).unwrap_or_default()
    }

    /// The same as it came.
    pub(super) fn raw_value(&self, start: usize) -> &'de str {
        self.raw.get(start..self.end(start)).unwrap_or_default()
    }

    /// Returns whether nothing stands behind the value at `start`.
    pub(super) fn ends_with(&self, start: usize) -> bool {
        self.end(start) >= self.text.len()
    }

    /// The starts of the items of a list.
    pub(super) fn items(&self, list: usize) -> Vec<usize> {
        let end = self.end(list).saturating_sub(1);
        let mut position = self.next(list.saturating_add(1));
        let mut items = Vec::new();
        while position < end {
            items.push(position);
            position = self.next(self.end(position));
        }
        items
    }

    /// The fields of an object, in the order in which each is there for the first time.
    pub(super) fn fields(&self, object: usize) -> Vec<Field<'de>> {
        let positions = self.items(object);
        let mut fields: Vec<Field<'de>> = Vec::with_capacity(positions.len() / 2);
        let mut known = HashMap::new();
        for pair in positions.chunks_exact(2) {
            let &[at, start] = pair else { continue };
            let Ok(Text(key)) = serde_json::from_str::<Text<'_>>(self.value(at)) else { continue };
            match known.entry(key) {
                Entry::Vacant(entry) => {
                    fields.push(Field { key: entry.key().clone(), start, repeated_at: None });
                    entry.insert(fields.len().saturating_sub(1));
                }
                Entry::Occupied(entry) => {
                    if let Some(field) = fields.get_mut(*entry.get()) {
                        field.repeated_at.get_or_insert(self.end(at));
                    }
                }
            }
        }
        fields
    }

    /// The line and the column of a position, as `serde_json` counts them.
    pub(super) fn place(&self, position: usize) -> (usize, usize) {
        let before = self.text.get(..position).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1);
        let column = before.bytes().rev().take_while(|byte| *byte != b'\n').count();
        (line, column)
    }

    /// Finds the value of the first field `name` of an object, and the end of its second key, if
    /// there is one.
    pub(super) fn find(&self, object: usize, name: &str) -> Option<(usize, Option<usize>)> {
        let end = self.end(object).saturating_sub(1);
        let (mut at, mut found) = (self.next(object.saturating_add(1)), None);
        while at < end {
            let start = self.next(self.end(at));
            if serde_json::from_str::<Text<'_>>(self.value(at)).is_ok_and(|Text(key)| key == name) && start < end {
                match found {
                    None => found = Some((start, None)),
                    Some((first, _)) => return Some((first, Some(self.end(at)))),
                }
            }
            at = self.next(self.end(start));
        }
        found
    }

    /// How many lists and objects are inside each other at `start`: 0 for a scalar.
    pub(super) fn height(&self, start: usize) -> usize {
        self.container(start).map_or(0, |container| container.height)
    }

    fn container(&self, start: usize) -> Option<&Container> {
        let found = self.containers.binary_search_by_key(&start, |container| container.start);
        found.ok().and_then(|index| self.containers.get(index))
    }

    /// Skips what stands between values.
    fn next(&self, position: usize) -> usize {
        let is_between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':');
        let between = self.bytes(position).iter().take_while(|byte| is_between(byte)).count();
        position.saturating_add(between)
    }

    fn end(&self, start: usize) -> usize {
        let bytes = self.bytes(start);
        let length = match bytes.first() {
            Some(b'{' | b'[') => {
                return self.container(start).map_or(self.text.len(), |container| container.end);
            }
            Some(b'"') => {
                let mut is_escaped = true; // The first quote does not end it.
                let content = bytes.iter().take_while(|byte| {
                    let is_end = **byte == b'"' && !is_escaped;
                    is_escaped = **byte == b'\\' && !is_escaped;
                    !is_end
                });
                content.count().saturating_add(1)
            }
            _ => bytes
                .iter()
                .take_while(|byte| !matches!(byte, b',' | b']' | b'}' | b' ' | b'\t' | b'\r' | b'\n'))
                .count()
                // Also where the JSON is not valid: there is an end to it.
                .max(1),
        };
        start.saturating_add(length).min(self.text.len())
    }

    fn bytes(&self, start: usize) -> &'de [u8] {
        self.text.as_bytes().get(start..).unwrap_or_default()
    }
}

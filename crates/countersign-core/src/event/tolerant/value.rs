//! A value of a body: its place, its shape, and the other ways to read it.

use std::{
    borrow::Cow,
    cell::{Cell, OnceCell, RefCell},
    collections::{HashMap, HashSet},
};

use super::{
    super::{id::is_integer, text::Text},
    document::{Document, Field},
    notes::{Notes, Outcome},
    view::View,
};

/// How deep a body is read: as deep as `serde_json` reads.
const MAX_DEPTH: usize = 128;

/// How often the bytes of a body may be read again, on average, because a struct requires a field
/// that cannot be read.
const MAX_ROUNDS: usize = 8;

/// How many bytes may be read again in any case.
const FREE: usize = 256 * 1024;

/// A body while it is read.
pub(super) struct Reading<'de> {
    pub(super) document: Document<'de>,
    /// The paths of the event's IDs.
    ids: &'static [&'static str],
    pub(super) notes: RefCell<Notes>,
    /// Whether a character of the body was replaced by U+FFFD.
    is_altered: bool,
    /// How many bytes may be read again.
    budget: Cell<usize>,
    /// The fields that are left out of each object, by the starts of the object and of their
    /// values. It is kept when an object around them is read again.
    left_out: RefCell<HashMap<usize, HashSet<usize>>>,
    /// Where a value starts that is nested too deeply to be read.
    pub(super) too_deep: Cell<Option<usize>>,
}

impl<'de> Reading<'de> {
    pub(super) fn new(text: &'de str, raw: &'de str, is_altered: bool, ids: &'static [&'static str]) -> Self {
        let budget = text.len().saturating_mul(MAX_ROUNDS).saturating_add(FREE).into();
        let (notes, left_out, too_deep) = Default::default();
        Self { document: Document::new(text, raw), ids, notes, is_altered, budget, left_out, too_deep }
    }
}

/// A value and its way from the body.
pub(super) struct Value<'a, 'de> {
    pub(super) reading: &'a Reading<'de>,
    pub(super) start: usize,
    pub(super) is_repeated: bool,
    parent: Option<&'a Value<'a, 'de>>,
    step: Step<'a>,
    depth: usize,
    fields: OnceCell<Vec<Field<'de>>>,
}

/// The step from a value to one that it contains.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Body,
    /// Only the name of a struct's field is noted: the key of a map is data.
    Field {
        key: &'a str,
        is_name: bool,
    },
    Item(usize),
}

impl<'a, 'de> Value<'a, 'de> {
    /// The body without the field `name`.
    pub(super) fn body(reading: &'a Reading<'de>, name: Option<&str>) -> Self {
        let body = Self {
            reading,
            start: reading.document.start(),
            is_repeated: false,
            parent: None,
            step: Step::Body,
            depth: 1,
            fields: OnceCell::new(),
        };
        if let Some(name) = name {
            let name = body.fields().iter().find(|field| field.key == name).map(|field| field.start);
            reading.left_out.borrow_mut().entry(body.start).or_default().extend(name);
        }
        body
    }

    pub(super) fn child<'c>(&'c self, step: Step<'c>, start: usize, is_repeated: bool) -> Value<'c, 'de> {
        Value {
            reading: self.reading,
            start,
            is_repeated,
            parent: Some(self),
            step,
            depth: self.depth.saturating_add(1),
            fields: OnceCell::new(),
        }
    }

    pub(super) fn text(&self) -> &'de str {
        self.reading.document.value(self.start)
    }

    fn first_byte(&self) -> u8 {
        self.text().as_bytes().first().copied().unwrap_or_default()
    }

    pub(super) fn is_object(&self) -> bool {
        self.first_byte() == b'{'
    }

    pub(super) fn is_list(&self) -> bool {
        self.first_byte() == b'['
    }

    pub(super) fn is_null(&self) -> bool {
        self.first_byte() == b'n'
    }

    pub(super) fn is_too_deep(&self) -> bool {
        self.depth > MAX_DEPTH && (self.is_object() || self.is_list())
    }

    fn is_at_the_end(&self) -> bool {
        self.reading.document.ends_with(self.start)
    }

    pub(super) fn is_body(&self) -> bool {
        self.parent.is_none()
    }

    pub(super) fn fields(&self) -> &[Field<'de>] {
        self.fields.get_or_init(|| self.reading.document.fields(self.start))
    }

    /// The values of an object whose keys are integers, in the order of the keys.
    pub(super) fn numbered(&self) -> Option<Vec<usize>> {
        let number = |field: &Field<'_>| {
            let number: i64 =
                field.key.parse().ok().filter(|_| is_integer(&field.key) && field.repeated_at.is_none())?;
            Some((number, field.start))
        };
        let mut values: Vec<_> = self.fields().iter().map(number).collect::<Option<_>>()?;
        values.sort_unstable();
        Some(values.into_iter().map(|(_, start)| start).collect())
    }

    /// The other ways to read it, the closest first.
    pub(super) fn other_views(&self) -> Vec<View> {
        let mut views = Vec::new();
        match self.first_byte() {
            b'"' => {
                if let Ok(Text(text)) = serde_json::from_str(self.text()) {
                    views.extend(View::of_scalar(&text));
                }
            }
            b'-' | b'0'..=b'9' => {
                // The ID is the same before and after verification: only an integer is one.
                let is_id = self.is_id();
                if !is_id {
                    views.extend(View::of_scalar(self.text()));
                }
                if !is_id || is_integer(self.text()) {
                    views.push(View::Text);
                }
            }
            b'{' if !self.is_too_deep() && self.numbered().is_some() => views.push(View::List),
            _ => {}
        }
        views
    }

    /// Whether an ID of the event is here.
    fn is_id(&self) -> bool {
        self.reading.ids.iter().any(|path| {
            let mut value = Some(self);
            let is_on_the_way = path.rsplit('.').all(|name| {
                let Some(Value { step: Step::Field { key, .. }, parent, .. }) = value else { return false };
                value = *parent;
                name == *key
            });
            is_on_the_way && value.is_some_and(Self::is_body)
        })
    }

    fn shape(&self) -> &'static str {
        match self.first_byte() {
            _ if self.is_repeated => "repeated",
            _ if self.is_too_deep() => "nested too deeply",
            b'"' => "string",
            b'{' => "object",
            b'[' => "list",
            b't' | b'f' => "boolean",
            b'n' => "null",
            _ => "number",
        }
    }

    pub(super) fn note(&self, outcome: Outcome) {
        let depth = self.depth.saturating_add(self.reading.document.height(self.start)).saturating_sub(1);
        if outcome == Outcome::Dropped && depth > MAX_DEPTH && !self.is_id() {
            self.reading.too_deep.set(Some(self.start));
        }
        // In a list, a null is an item.
        if outcome != Outcome::Dropped || !self.is_null() || self.is_repeated || matches!(self.step, Step::Item(_)) {
            self.reading.notes.borrow_mut().add(self.start, || self.path(), self.shape(), outcome);
        }
    }

    fn path(&self) -> String {
        let (mut steps, mut value) = (Vec::new(), Some(self));
        while let Some(Value { step, parent, .. }) = value {
            steps.push(*step);
            value = *parent;
        }
        let mut path = String::new();
        for step in steps.iter().rev() {
            match step {
                Step::Body => {}
                Step::Field { key, is_name } => {
                    let separator = if path.is_empty() { "" } else { "." };
                    path.extend([separator, if *is_name { key } else { "*" }]);
                }
                Step::Item(index) => path.push_str(&format!("[{index}]")),
            }
        }
        if path.is_empty() { "the body".to_owned() } else { path }
    }

    /// Leaves out the field with the value at `start`, if this may be read again without it. Also
    /// leaves out what is null: of many such fields each would be another round.
    pub(super) fn leave_out(&self, start: usize) {
        let budget = &self.reading.budget;
        if let Some(rest) = budget.get().checked_sub(self.text().len()) {
            budget.set(rest);
            let is_null =
                |field: &&Field<'_>| field.repeated_at.is_none() && self.reading.document.value(field.start) == "null";
            let nulls = self.fields().iter().filter(is_null).map(|field| field.start);
            let mut left_out = self.reading.left_out.borrow_mut();
            left_out.entry(self.start).or_default().extend(nulls.chain([start]));
        }
    }

    pub(super) fn leaves_out(&self, start: usize) -> bool {
        self.reading.left_out.borrow().get(&self.start).is_some_and(|left_out| left_out.contains(&start))
    }

    /// Notes it if characters of the text that it is were lost.
    pub(super) fn note_lost_characters(&self) {
        let is_lost = || ["\u{fffd}", "\\ufffd"].iter().any(|lost| self.text().contains(lost));
        if self.reading.is_altered && self.first_byte() == b'"' && is_lost() {
            self.note(Outcome::ReadAs("string with U+FFFD"));
        }
    }

    /// Reads the text or the integer at `path`. If fields may be repeated, the first one counts.
    ///
    /// # Errors
    ///
    /// Returns the name and the place of a field that is repeated on the way.
    pub(super) fn text_at(
        &self,
        path: &'static str,
        may_be_repeated: bool,
    ) -> Result<Option<Cow<'de, str>>, (&'static str, usize)> {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        if !self.is_object() {
            return Ok(None);
        }
        let Some((start, repeated_at)) = self.reading.document.find(self.start, name) else { return Ok(None) };
        if let Some(position) = repeated_at.filter(|_| !may_be_repeated) {
            return Err((name, position));
        }
        let value = self.child(Step::Field { key: name, is_name: true }, start, false);
        if !rest.is_empty() {
            return value.text_at(rest, may_be_repeated);
        }
        let text = value.text();
        Ok(match serde_json::from_str(text) {
            Ok(Text(text)) => Some(text),
            // Where a body is cut, digits may be missing.
            Err(_) if value.is_at_the_end() || !is_integer(text) => None,
            Err(_) => Some(Cow::Borrowed(text)),
        })
    }

    pub(super) fn count_of_left_out(&self) -> usize {
        self.reading.left_out.borrow().get(&self.start).map_or(0, HashSet::len)
    }
}

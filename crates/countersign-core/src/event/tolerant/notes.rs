//! Notes of what was not as documented: paths and shapes, never a value.

use std::fmt;

/// How many fields one warning names. More are only mentioned.
const MAX: usize = 16;

/// The longest path that is named.
const MAX_PATH: usize = 128;

/// What became of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Dropped,
    /// It was read as this.
    ReadAs(&'static str),
}

/// The fields that were not as documented, each once.
#[derive(Debug, Default)]
pub(in crate::event) struct Notes {
    notes: Vec<Note>,
    has_more: bool,
}

#[derive(Debug)]
struct Note {
    /// Where its value starts. The same value may be tried again.
    position: usize,
    path: String,
    shape: &'static str,
    outcome: Outcome,
}

impl Notes {
    /// `path` is asked for only if it is noted.
    pub(super) fn add(
        &mut self,
        position: usize,
        path: impl FnOnce() -> String,
        shape: &'static str,
        outcome: Outcome,
    ) {
        if let Some(note) = self.notes.iter_mut().find(|note| note.position == position) {
            (note.shape, note.outcome) = (shape, outcome);
        } else if self.notes.len() < MAX {
            let mut path = path();
            if path.len() > MAX_PATH {
                let end = (0..=MAX_PATH).rev().find(|end| path.is_char_boundary(*end)).unwrap_or_default();
                path.truncate(end);
                path.push('…');
            }
            self.notes.push(Note { position, path, shape, outcome });
        } else {
            self.has_more = true;
        }
    }

    /// Logs them, if there are any. `event` is the name of a documented event.
    pub(in crate::event) fn warn(&self, provider: Option<&'static str>, event: Option<&str>) {
        if !self.notes.is_empty() {
            tracing::warn!(
                target: "countersign", provider, event, fields = %self,
                "an event has fields that are not as documented: what cannot be read is missing from it"
            );
        }
    }
}

/// `data.score: string read as number, data.feedback[1]: null`.
impl fmt::Display for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Note { path, shape, outcome, .. }) in self.notes.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{path}: {shape}")?;
            if let Outcome::ReadAs(read_as) = outcome {
                write!(f, " read as {read_as}")?;
            }
        }
        if self.has_more { f.write_str(", and more") } else { Ok(()) }
    }
}

//! Reads a body that is not as documented: what cannot be read is missing, and the rest is kept.
//!
//! The strict decoder has rejected it. Only such a body is read again, in time that is linear in
//! its length.

mod document;
mod key;
mod notes;
mod reader;
mod value;
mod view;

use std::borrow::Cow;

use serde::{
    Deserializer,
    de::{Error as _, IgnoredAny},
};

pub(super) use notes::Notes;

use self::{
    value::{Reading, Value},
    view::View,
};
use super::{id::is_usable, text::without_lone_surrogates};
use crate::error::DecodeError;

/// A body to be read again.
pub(super) struct Tolerant<'de> {
    reading: Reading<'de>,
    name: Option<&'static str>,
}

impl<'de> Tolerant<'de> {
    /// `text` is a valid JSON object in which the field `name`, if any, is read already. `raw` is the same
    /// text, in which lone surrogates stand as they came. `ids` are the paths of the event's IDs.
    pub(super) fn new(
        text: &'de str,
        raw: &'de str,
        is_altered: bool,
        name: Option<&'static str>,
        ids: &'static [&'static str],
    ) -> Self {
        Self { reading: Reading::new(text, raw, is_altered, ids), name }
    }

    /// Returns the first usable ID at one of `paths`.
    ///
    /// # Errors
    ///
    /// Returns an error if a field on the way to any ID is repeated: two readers could see two
    /// resources.
    pub(super) fn id(&self, paths: &[&'static str]) -> Result<Option<Cow<'de, str>>, DecodeError> {
        let body = Value::body(&self.reading, self.name);
        let mut found = None;
        for path in paths {
            let text = body.text_at(path, false).map_err(|(name, position)| {
                let (line, column) = self.reading.document.place(position);
                DecodeError::repeated(name, line, column)
            })?;
            found = found.or(text.filter(|id| is_usable(id)));
        }
        Ok(found)
    }

    /// Reads the fields other than the name.
    ///
    /// # Errors
    ///
    /// Returns an error if a field cannot be read and is required.
    pub(super) fn read<T>(&self, read: impl Read<'de, T>) -> Result<T, serde_json::Error> {
        let body = Value::body(&self.reading, self.name);
        body.read_with(&View::Found, |reader| read.read(reader))
    }

    /// Returns the notes of what was read.
    ///
    /// # Errors
    ///
    /// Returns an error if a documented field is nested too deeply.
    pub(super) fn notes(self) -> Result<Notes, DecodeError> {
        if let Some(position) = self.reading.too_deep.get() {
            let (line, column) = self.reading.document.place(position);
            return Err(DecodeError::too_deep(line, column));
        }
        Ok(self.reading.notes.into_inner())
    }
}

/// Reads the texts and integers at `paths`, also in the start of a body that is not verified yet.
/// If fields may be `repeated`, the first one counts.
///
/// # Errors
///
/// Returns an error if fields may not be repeated, and the body is not JSON or one of them is.
pub(super) fn texts(
    json: &[u8],
    paths: &[&'static str],
    may_be_repeated: bool,
) -> Result<Vec<Option<String>>, serde_json::Error> {
    let raw = String::from_utf8_lossy(json);
    let text = without_lone_surrogates(&raw);
    if !may_be_repeated {
        serde_json::from_str::<IgnoredAny>(&text)?;
    }
    let reading = Reading::new(&text, &raw, false, &[]);
    let body = Value::body(&reading, None);
    let text_at = |path: &&'static str| body.text_at(path, may_be_repeated);
    let texts: Result<_, (&str, usize)> = paths.iter().map(|path| Ok(text_at(path)?.map(Cow::into_owned))).collect();
    texts.map_err(|(name, _)| serde_json::Error::custom(format_args!("duplicate field `{name}`")))
}

/// Reads a value from any deserializer. It may be called again.
pub(super) trait Read<'de, T> {
    fn read<D: Deserializer<'de>>(&self, body: D) -> Result<T, D::Error>;
}

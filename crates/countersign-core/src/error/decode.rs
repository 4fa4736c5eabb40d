//! The error of a verified body that is not an event.

use std::{error::Error, fmt, sync::Arc};

/// The error of a body that could not be decoded as a provider's event.
///
/// The message names what was expected and where, never what was found: bodies do not reach logs.
/// The error of your own [`Event`](crate::Event) is the [source](std::error::Error::source), and
/// `Display` and `Debug` do not show it. An error report that prints sources does.
///
/// ```
/// use countersign_core::{ProviderEvent, providers::ZeodynEvent};
///
/// let error = ZeodynEvent::decode(br#"{"event":5}"#).unwrap_err();
/// assert_eq!(error.to_string(), "the body does not fit the type that it is read as: expected a string at line 1 column 10");
/// ```
#[derive(Clone)]
pub struct DecodeError {
    kind: DecodeErrorKind,
    message: Box<str>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// The kind of a [`DecodeError`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The body is not UTF-8, and not JSON with invalid UTF-8 in its strings.
    NotUtf8,
    /// The body is not JSON.
    NotJson,
    /// The body is JSON, but not an object, or it has no event name. Or the name, the ID, or an
    /// object around the ID is repeated. Or a documented field is nested more than 128 deep, or a
    /// field that your own struct requires cannot be read.
    NotAsDocumented,
    /// Your own [`Event`](crate::Event) returned an error: see [`DecodeError::other`].
    Other,
}

impl DecodeError {
    /// Returns the kind of the error.
    pub const fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// Creates the error of your own [`Event`](crate::Event). `error` can be an error of another
    /// crate or a text, and may quote the body: it becomes the source, and is not logged. (For an
    /// error of `serde_json`, use `?` instead: its message is kept without what was found.)
    ///
    /// ```
    /// use std::error::Error;
    /// use countersign_core::DecodeError;
    ///
    /// let error = DecodeError::other("no such order: 4711");
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the delivery could not be read by your own `Event`: the source of this error says why"
    /// );
    /// assert_eq!(error.source().unwrap().to_string(), "no such order: 4711");
    /// ```
    pub fn other(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let message = "the delivery could not be read by your own `Event`: the source of this error says why";
        Self { source: Some(error.into().into()), ..Self::new(DecodeErrorKind::Other, message) }
    }

    fn new(kind: DecodeErrorKind, message: impl Into<Box<str>>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// `what` has no part of the body.
    pub(crate) fn not_as_documented(what: &str) -> Self {
        Self::new(
            DecodeErrorKind::NotAsDocumented,
            format!("the body does not fit the type that it is read as: {what}"),
        )
    }

    /// `field` is the name of a documented field.
    pub(crate) fn repeated(field: &'static str, line: usize, column: usize) -> Self {
        Self::not_as_documented(&format!("duplicate field `{field}` at line {line} column {column}"))
    }

    pub(crate) fn too_deep(line: usize, column: usize) -> Self {
        Self::not_as_documented(&format!("nested more than 128 deep at line {line} column {column}"))
    }

    pub(crate) fn not_utf8() -> Self {
        Self::new(DecodeErrorKind::NotUtf8, "the body is not UTF-8")
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// `Debug` does not show the source: it may quote the body.
impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError").field("kind", &self.kind).field("message", &self.message).finish()
    }
}

impl Error for DecodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Keeps only those parts of serde's message that cannot come from the body: names of known fields,
/// what was expected, and where.
impl From<serde_json::Error> for DecodeError {
    fn from(error: serde_json::Error) -> Self {
        let place = format!("at line {} column {}", error.line(), error.column());
        if !error.is_data() {
            if error.to_string().starts_with("recursion limit exceeded") {
                return Self::too_deep(error.line(), error.column());
            }
            return Self::new(DecodeErrorKind::NotJson, format!("the body is not JSON {place}"));
        }
        let text = error.to_string();
        let text = text.strip_suffix(&place).unwrap_or(&text).trim_end();
        // A body that is read again has no lines.
        let place = if error.line() == 0 { String::new() } else { format!(" {place}") };
        let is_known = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
        let what = if is_known(&["missing field `", "duplicate field `"]) {
            text
        } else if let (true, Some(position)) =
            (is_known(&["invalid type: ", "invalid value: "]), text.rfind(", expected "))
        {
            text.get(position..).unwrap_or_default().trim_start_matches(", ")
        } else {
            "unexpected value"
        };
        Self::not_as_documented(&format!("{what}{place}"))
    }
}

//! The error of a verified body that is not an event.

/// The error of a body that could not be decoded as a provider's event.
///
/// The message names what was expected and where, never what was found: bodies do not reach logs.
///
/// ```
/// use countersign_core::{Event, providers::ZeodynEvent};
///
/// let error = ZeodynEvent::decode(br#"{"event":5}"#).unwrap_err();
/// assert_eq!(error.to_string(), "the body does not match the documentation: expected a string at line 1 column 10");
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct DecodeError {
    kind: DecodeErrorKind,
    message: Box<str>,
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
}

impl DecodeError {
    /// Returns the kind of the error.
    pub const fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    /// `field` is the name of a documented field.
    pub(crate) fn repeated(field: &'static str, line: usize, column: usize) -> Self {
        Self {
            kind: DecodeErrorKind::NotAsDocumented,
            message: format!(
                "the body does not match the documentation: duplicate field `{field}` at line {line} column {column}"
            )
            .into(),
        }
    }

    pub(crate) fn too_deep(line: usize, column: usize) -> Self {
        Self {
            kind: DecodeErrorKind::NotAsDocumented,
            message: format!(
                "the body does not match the documentation: nested more than 128 deep at line {line} column {column}"
            )
            .into(),
        }
    }

    pub(crate) fn not_utf8() -> Self {
        Self { kind: DecodeErrorKind::NotUtf8, message: "the body is not UTF-8".into() }
    }
}

/// Keeps only those parts of serde's message that cannot come from the body: names of known fields,
/// what was expected, and where.
impl From<serde_json::Error> for DecodeError {
    fn from(error: serde_json::Error) -> Self {
        let place = format!("at line {} column {}", error.line(), error.column());
        if !error.is_data() {
            return Self { kind: DecodeErrorKind::NotJson, message: format!("the body is not JSON {place}").into() };
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
        Self {
            kind: DecodeErrorKind::NotAsDocumented,
            message: format!("the body does not match the documentation: {what}{place}").into(),
        }
    }
}

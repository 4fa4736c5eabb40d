//! Errors of payloads and of tampering.

use countersign_core::provider::Page;

/// The error of a payload that could not be made: see its [`kind`](Self::kind).
///
/// ```
/// use countersign::providers::Zeodyn;
/// use countersign_testkit::{Payload, PayloadErrorKind};
///
/// let error = Payload::<Zeodyn>::documented("scan.complete").unwrap_err();
/// assert_eq!(error.kind(), PayloadErrorKind::UnknownEvent);
/// assert_eq!(
///     error.to_string(),
///     "Zeodyn does not document an event `scan.complete`, only score_change, scan_complete, threshold_alert, batch_complete",
/// );
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct PayloadError {
    kind: PayloadErrorKind,
    message: Box<str>,
}

/// The kind of a [`PayloadError`]. More kinds may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PayloadErrorKind {
    /// The provider does not document an event of this name.
    UnknownEvent,
    /// The payload is not JSON, so it has no fields.
    NotJson,
    /// The string is not a JSON pointer (RFC 6901).
    MalformedPointer,
    /// The pointer leads to nothing in this payload, or the provider's page names no such place.
    NoSuchField,
    /// The value cannot be written at its place.
    InvalidValue,
}

impl PayloadError {
    /// Returns the kind of this error.
    pub fn kind(&self) -> PayloadErrorKind {
        self.kind
    }

    pub(crate) fn new(kind: PayloadErrorKind, message: impl Into<Box<str>>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn unknown_event(page: &Page, known: &[(&str, &str)], name: &str) -> Self {
        let title = page.title;
        let message = if known.is_empty() {
            format!("the test kit has no documented payloads of {title}: use `example`, or a payload that you recorded")
        } else {
            let documented: Vec<_> = known.iter().map(|(name, _)| *name).collect();
            format!("{title} does not document an event `{name}`, only {}", documented.join(", "))
        };
        Self::new(PayloadErrorKind::UnknownEvent, message)
    }
}

/// The error of a delivery that could not be tampered with: see its [`kind`](Self::kind).
///
/// ```
/// use countersign::providers::ScreenshotRun;
/// use countersign_testkit::{Payload, Tampering};
///
/// let request = Payload::<ScreenshotRun>::documented("screenshot.completed")?.signed_with("t0ken");
/// let error = request.tampered(Tampering::WrongPrefix).unwrap_err();
/// assert_eq!(error.to_string(), "wrong-prefix is not possible for ScreenshotRun: its proof is not a signature");
/// # Ok::<(), countersign_testkit::PayloadError>(())
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct TamperingError {
    kind: TamperingErrorKind,
    message: Box<str>,
}

/// The kind of a [`TamperingError`]. More kinds may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TamperingErrorKind {
    /// No tampering has this name.
    UnknownName,
    /// The delivery does not have the part that the tampering changes.
    Impossible,
}

impl TamperingError {
    /// Returns the kind of this error.
    pub fn kind(&self) -> TamperingErrorKind {
        self.kind
    }

    pub(crate) fn new(kind: TamperingErrorKind, message: impl Into<Box<str>>) -> Self {
        Self { kind, message: message.into() }
    }
}

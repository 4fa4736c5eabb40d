//! What can be wrong with a payload, or with what is asked of one.

use countersign_core::{Event, Provider};

/// Why a payload could not be made as asked. Opaque: ask for its [`kind`](Self::kind).
///
/// ```
/// use countersign_core::providers::Zeodyn;
/// use countersign_testkit::{Payload, PayloadErrorKind};
///
/// let error = Payload::<Zeodyn>::documented("scan.complete").unwrap_err();
/// assert_eq!(error.kind(), PayloadErrorKind::UnknownEvent);
/// assert_eq!(
///     error.to_string(),
///     "Zeodyn documents no event `scan.complete`; it documents score_change, scan_complete, threshold_alert, batch_complete",
/// );
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct PayloadError {
    kind: PayloadErrorKind,
    message: Box<str>,
}

/// What kind of [`PayloadError`] it is. More kinds may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PayloadErrorKind {
    /// The provider documents no event of this name.
    UnknownEvent,
    /// The payload is not JSON, so that it has no fields.
    NotJson,
    /// The text is no JSON pointer (RFC 6901).
    MalformedPointer,
    /// The pointer leads nowhere in this payload.
    NoSuchField,
}

impl PayloadError {
    /// What kind of error it is.
    pub fn kind(&self) -> PayloadErrorKind {
        self.kind
    }

    pub(crate) fn new(kind: PayloadErrorKind, message: impl Into<Box<str>>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn unknown_event<P: Provider>(name: &str) -> Self {
        let documented = P::Event::NAMES.join(", ");
        let message = format!("{} documents no event `{name}`; it documents {documented}", P::TITLE);
        Self::new(PayloadErrorKind::UnknownEvent, message)
    }
}

/// Why a delivery could not be tampered with. Opaque: ask for its [`kind`](Self::kind).
///
/// ```
/// use countersign_core::providers::ScreenshotRun;
/// use countersign_testkit::{Payload, Tampering};
///
/// let request = Payload::<ScreenshotRun>::documented("screenshot.completed")?.signed_with("t0ken");
/// let error = request.tampered(Tampering::WrongPrefix).unwrap_err();
/// assert_eq!(error.to_string(), "wrong-prefix cannot be done to ScreenshotRun: its proof is a token in the URL");
/// # Ok::<(), countersign_testkit::PayloadError>(())
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct TamperingError {
    kind: TamperingErrorKind,
    message: Box<str>,
}

/// What kind of [`TamperingError`] it is. More kinds may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TamperingErrorKind {
    /// There is no tampering of this name.
    UnknownName,
    /// It cannot be done to this delivery, which has nothing of the sort.
    Impossible,
}

impl TamperingError {
    /// What kind of error it is.
    pub fn kind(&self) -> TamperingErrorKind {
        self.kind
    }

    pub(crate) fn new(kind: TamperingErrorKind, message: impl Into<Box<str>>) -> Self {
        Self { kind, message: message.into() }
    }
}

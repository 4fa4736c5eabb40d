//! The error of a secret that could not be created.

/// The error of a [`Secret`](crate::Secret) that cannot be used: it is empty, its environment
/// variable is unset or not Unicode, or it is not a key of the provider's form. Also the error of a
/// malformed [`PublicUrl`](crate::PublicUrl).
///
/// ```
/// let error = countersign_core::Secret::new("").unwrap_err();
/// assert_eq!(error.to_string(), "a webhook secret must not be empty");
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SecretError {
    kind: SecretErrorKind,
    message: Box<str>,
}

/// The kind of a [`SecretError`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecretErrorKind {
    /// The secret is empty.
    Empty,
    /// The environment variable is not set.
    Unset,
    /// The environment variable is not Unicode.
    NotUnicode,
    /// The secret is not a key of the form that the provider issues.
    NotAKey,
    /// The public URL is malformed, or missing where the provider signs it.
    Url,
}

impl SecretError {
    /// Returns the kind of the error.
    ///
    /// ```
    /// use countersign_core::{Secret, SecretErrorKind};
    ///
    /// // A previous secret may be left out, and must not be empty.
    /// let previous = match Secret::from_env("COUNTERSIGN_DOC_PREVIOUS") {
    ///     Err(error) if error.kind() == SecretErrorKind::Unset => None,
    ///     secret => Some(secret?),
    /// };
    /// # assert!(previous.is_none());
    /// # Ok::<(), countersign_core::SecretError>(())
    /// ```
    pub const fn kind(&self) -> SecretErrorKind {
        self.kind
    }

    /// Returns what was set, for setters that panic.
    #[doc(hidden)]
    #[track_caller]
    pub fn or_panic<T>(set: Result<T, Self>) -> T {
        match set {
            Ok(set) => set,
            #[expect(clippy::panic, reason = "documented by the setters; at start-up, never on a request")]
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn empty() -> Self {
        Self { kind: SecretErrorKind::Empty, message: "a webhook secret must not be empty".into() }
    }

    pub(crate) fn new(kind: SecretErrorKind, message: &str) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn missing_url(title: &str) -> Self {
        let message = format!("{title} signs the public URL of the endpoint: give the URL as registered with {title}");
        Self { kind: SecretErrorKind::Url, message: message.into() }
    }

    /// `form` is what a key looks like, and `shape` what the given one looks like.
    pub(crate) fn not_a_key(title: &str, form: &dyn std::fmt::Display, shape: &str) -> Self {
        let message = format!("a secret of {title} is {form}: the given one is not, {shape}");
        Self { kind: SecretErrorKind::NotAKey, message: message.into() }
    }

    pub(crate) fn of_variable(kind: SecretErrorKind, name: &str) -> Self {
        let what = match kind {
            SecretErrorKind::Empty => "empty",
            SecretErrorKind::Unset => "not set",
            _ => "not Unicode",
        };
        Self { kind, message: format!("the environment variable {name} is {what}").into() }
    }
}

/// For a [`PublicUrl`](crate::PublicUrl) where a text could be.
impl From<std::convert::Infallible> for SecretError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

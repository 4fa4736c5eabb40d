//! The error of a secret that could not be created.

/// The error of a [`Secret`](crate::Secret) that could not be created: it is empty, or its
/// environment variable is unset or not Unicode.
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

    pub(crate) fn empty() -> Self {
        Self { kind: SecretErrorKind::Empty, message: "a webhook secret must not be empty".into() }
    }

    pub(crate) fn of_variable(kind: SecretErrorKind, name: &str) -> Self {
        let what = match kind {
            SecretErrorKind::Empty => "empty",
            SecretErrorKind::Unset => "not set",
            SecretErrorKind::NotUnicode => "not Unicode",
        };
        Self { kind, message: format!("the environment variable {name} is {what}").into() }
    }
}

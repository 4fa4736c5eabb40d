//! The error of a delivery that cannot be signed.

/// The error of a delivery that cannot be signed: see [`Scheme::sign`](crate::provider::Scheme::sign).
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .kind.message())]
pub struct SignError {
    kind: SignErrorKind,
}

/// The kind of a [`SignError`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignErrorKind {
    /// The secret is not a key of the scheme's form.
    NotAKey,
    /// The scheme signs a URL, and the draft has none.
    MissingUrl,
    /// The scheme signs a value that the draft does not have.
    MissingValue,
}

impl SignError {
    pub(crate) const fn new(kind: SignErrorKind) -> Self {
        Self { kind }
    }

    /// Returns the kind of the error.
    pub const fn kind(&self) -> SignErrorKind {
        self.kind
    }
}

impl SignErrorKind {
    const fn message(self) -> &'static str {
        match self {
            Self::NotAKey => "the secret is not a key of the form that the provider issues",
            Self::MissingUrl => "the provider signs the public URL of the endpoint: give the URL",
            Self::MissingValue => "the provider signs a value that the delivery does not have",
        }
    }
}

//! Secrets: never empty, never printed, and wiped when dropped.

use std::{fmt, sync::Arc};

use zeroize::Zeroizing;

use crate::error::{SecretError, SecretErrorKind};

/// A webhook secret, exactly as the provider issued it.
///
/// Its bytes are the key: nothing is trimmed, decoded or stripped (GeoScored's `whsec_` prefix is
/// part of the key). A secret is never empty, and is wiped from memory when dropped. It cannot be
/// read back, and `Debug` does not show it.
///
/// A warning is logged at start-up if a secret looks as if something was added to it, or as if it
/// was not the secret: white space at its ends, quotes, a placeholder. The warning describes its
/// shape and not its value. The secret is used as given.
///
/// ```
/// use countersign_core::Secret;
///
/// let secret = Secret::new("s3cr3t")?.with_label("2026-q4");
/// assert_eq!(format!("{secret:?}"), "Secret([redacted], label: \"2026-q4\")");
/// # Ok::<(), countersign_core::SecretError>(())
/// ```
#[derive(Clone)]
pub struct Secret {
    bytes: Zeroizing<Vec<u8>>,
    label: Option<Arc<str>>,
    /// The environment variable from which it was read.
    variable: Option<Arc<str>>,
}

impl Secret {
    /// Creates a secret from its bytes.
    ///
    /// # Errors
    ///
    /// Returns an error if `bytes` is empty: an attacker could sign with an empty key.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, SecretError> {
        let bytes = Zeroizing::new(bytes.into());
        if bytes.is_empty() {
            return Err(SecretError::empty());
        }
        Ok(Self { bytes, label: None, variable: None })
    }

    /// Creates a secret from a literal, for tests and examples.
    ///
    /// # Panics
    ///
    /// Panics if `text` is empty. [`Secret::new`] returns an error instead.
    pub fn from_static(text: &'static str) -> Self {
        assert!(!text.is_empty(), "a webhook secret must not be empty");
        Self { bytes: Zeroizing::new(text.into()), label: None, variable: None }
    }

    /// Reads the secret in the environment variable `name`, verbatim.
    ///
    /// # Errors
    ///
    /// Returns an error if the variable is not set, is empty, or is not Unicode. The message names
    /// the variable, never its value.
    ///
    /// ```
    /// let error = countersign_core::Secret::from_env("COUNTERSIGN_DOC_UNSET").unwrap_err();
    /// assert_eq!(error.to_string(), "the environment variable COUNTERSIGN_DOC_UNSET is not set");
    /// ```
    pub fn from_env(name: &str) -> Result<Self, SecretError> {
        let value = std::env::var(name).map_err(|error| match error {
            std::env::VarError::NotPresent => SecretError::of_variable(SecretErrorKind::Unset, name),
            std::env::VarError::NotUnicode(_) => SecretError::of_variable(SecretErrorKind::NotUnicode, name),
        })?;
        let secret = Self::new(value).map_err(|_| SecretError::of_variable(SecretErrorKind::Empty, name))?;
        Ok(Self { variable: Some(name.into()), ..secret })
    }

    /// Sets a label. [`Delivery::matched_secret`](crate::Delivery::matched_secret) returns it if
    /// this secret verified the delivery. Labels can appear in logs: do not put a secret into a
    /// label.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<Arc<str>>) -> Self {
        self.label = Some(label.into());
        self
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn label(&self) -> Option<Arc<str>> {
        self.label.clone()
    }

    pub(crate) fn variable(&self) -> Option<&str> {
        self.variable.as_deref()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.label {
            Some(label) => write!(f, "Secret([redacted], label: {label:?})"),
            None => f.write_str("Secret([redacted])"),
        }
    }
}

/// The accepted secrets: a current one, and any number of previous ones during a rotation.
///
/// Every secret is tried on every delivery, so each one adds the cost of one hash.
///
/// ```
/// use countersign_core::{Secret, Secrets};
///
/// let secrets = Secrets::new(Secret::new("new")?.with_label("2026-q4"))
///     .add_previous(Secret::new("old")?.with_label("2026-q3"));
/// # let _ = secrets;
/// # Ok::<(), countersign_core::SecretError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Secrets {
    current: Secret,
    previous: Vec<Secret>,
    tenant: Option<Arc<str>>,
}

impl Secrets {
    /// Accepts only `current`.
    #[must_use]
    pub fn new(current: Secret) -> Self {
        Self { current, previous: Vec::new(), tenant: None }
    }

    /// Accepts `previous` in addition.
    #[must_use]
    pub fn add_previous(mut self, previous: Secret) -> Self {
        self.previous.push(previous);
        self
    }

    /// Sets the tenant to which the secrets belong, for an endpoint that receives deliveries for
    /// several tenants. A [look-up](crate::SecretLookup) sets it on the secrets that it returns.
    ///
    /// [Deduplication](crate::dedupe) then keeps tenants apart: a delivery is never a duplicate of
    /// another tenant's. The name can appear in logs.
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<Arc<str>>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    pub(crate) fn tenant(&self) -> Option<Arc<str>> {
        self.tenant.clone()
    }

    /// The current secret first, then the previous ones in the order they were added.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

impl From<Secret> for Secrets {
    fn from(current: Secret) -> Self {
        Self::new(current)
    }
}

/// A type that converts into secrets: `&str`, `String`, `&String`, [`Secret`] or [`Secrets`]. This
/// trait is sealed.
///
/// If a string is empty, constructors panic. Each has a `try_` variant that returns an error.
pub trait IntoSecrets: sealed::Sealed {
    /// Converts into secrets.
    ///
    /// # Errors
    ///
    /// Returns an error if a string is empty.
    fn into_secrets(self) -> Result<Secrets, SecretError>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! into_secrets {
    ($($type:ty => |$secrets:ident| $convert:expr;)*) => {$(
        impl sealed::Sealed for $type {}

        impl IntoSecrets for $type {
            fn into_secrets(self) -> Result<Secrets, SecretError> {
                let $secrets = self;
                $convert
            }
        }
    )*};
}

into_secrets! {
    &str => |text| Secret::new(text).map(Secrets::new);
    // Taken over whole, not copied: no second copy is left in memory unwiped.
    String => |text| Secret::new(text).map(Secrets::new);
    &String => |text| Secret::new(text.as_str()).map(Secrets::new);
    Secret => |secret| Ok(Secrets::new(secret));
    Secrets => |secrets| Ok(secrets);
}

/// The accepted secret that verified a delivery.
///
/// Remove a previous secret once deliveries no longer match it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedSecret {
    position: usize,
    label: Option<Arc<str>>,
    tenant: Option<Arc<str>>,
}

impl MatchedSecret {
    pub(crate) fn new(position: usize, label: Option<Arc<str>>, tenant: Option<Arc<str>>) -> Self {
        Self { position, label, tenant }
    }

    /// Returns whether it was the current secret.
    pub fn is_current(&self) -> bool {
        self.position == 0
    }

    /// Returns the position: 0 for the current secret, 1 for the first previous one, and so on.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Returns the label set by [`Secret::with_label`].
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// Returns the tenant to which the secret belongs, set by [`Secrets::with_tenant`].
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C19: a warning names the variable.
    #[test]
    fn c19_a_secret_knows_its_variable() {
        assert_eq!(Secret::from_env("PATH").unwrap().variable(), Some("PATH"));
        assert_eq!(Secret::new("s3cr3t").unwrap().variable(), None);
    }
}

//! Secrets: never empty, never printed, and wiped when dropped.

use std::{fmt, sync::Arc};

use zeroize::Zeroizing;

pub use crate::secrets::{MatchedSecret, Secrets};

use crate::error::{SecretError, SecretErrorKind};

/// A webhook secret, exactly as the provider issued it.
///
/// Its bytes are the key: nothing is trimmed, decoded or stripped (GeoScored's `whsec_` prefix is
/// part of the key), unless the provider's page says [how a key is made](crate::provider::Key) from
/// the secret. A secret is never empty, and is wiped from memory when dropped. It cannot be read
/// back, and `Debug` does not show it.
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
    tenant: Option<Arc<str>>,
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
        Ok(Self { bytes, label: None, tenant: None, variable: None })
    }

    /// Creates a secret from a literal, for tests and examples.
    ///
    /// # Panics
    ///
    /// Panics if `text` is empty. [`Secret::new`] returns an error instead.
    pub fn from_static(text: &'static str) -> Self {
        assert!(!text.is_empty(), "a webhook secret must not be empty");
        Self { bytes: Zeroizing::new(text.into()), label: None, tenant: None, variable: None }
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

    /// Sets the tenant to which this secret belongs, for an endpoint that receives deliveries for
    /// several tenants with [a secret each](Secrets::add).
    /// [`Delivery::tenant`](crate::Delivery::tenant) returns it if this secret verified the
    /// delivery.
    ///
    /// It replaces a tenant set by [`Secrets::with_tenant`]. [Deduplication](crate::dedupe) keeps
    /// tenants apart. The name can appear in logs.
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<Arc<str>>) -> Self {
        self.tenant = Some(tenant.into());
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

    pub(crate) fn tenant(&self) -> Option<Arc<str>> {
        self.tenant.clone()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted]")?;
        for (name, value) in [("label", &self.label), ("tenant", &self.tenant)] {
            if let Some(value) = value {
                write!(f, ", {name}: {value:?}")?;
            }
        }
        f.write_str(")")
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

//! Secrets: never empty, never printed, wiped when dropped.

use std::{fmt, sync::Arc};

use zeroize::Zeroizing;

use crate::error::{SecretError, SecretErrorKind};

/// A webhook secret, exactly as the provider issued it.
///
/// Its bytes are the key: nothing is trimmed, decoded or stripped (GeoScored's `whsec_` belongs to the key). It is never
/// empty, `Debug` never shows it, there is no way to read it back, and it is wiped from memory when dropped.
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
}

impl Secret {
    /// A secret of these bytes.
    ///
    /// # Errors
    ///
    /// If `bytes` is empty: anybody could sign with an empty key.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, SecretError> {
        let bytes = Zeroizing::new(bytes.into());
        if bytes.is_empty() {
            return Err(SecretError::empty());
        }
        Ok(Self { bytes, label: None })
    }

    /// The secret in the environment variable `name`, as it stands there.
    ///
    /// # Errors
    ///
    /// If the variable is not set, is empty, or is not Unicode; the message names the variable, never its value.
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
        Self::new(value).map_err(|_| SecretError::of_variable(SecretErrorKind::Empty, name))
    }

    /// The same secret with a label that [`Delivery::matched_secret`](crate::Delivery::matched_secret) reports when it
    /// verified a delivery. Labels reach logs: give a name, nothing secret.
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
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.label {
            Some(label) => write!(f, "Secret([redacted], label: {label:?})"),
            None => f.write_str("Secret([redacted])"),
        }
    }
}

macro_rules! secret_from {
    ($($type:ty),*) => {$(
        /// The shortcut for secrets that are known to be there; [`Secret::new`] is the one that returns an error.
        ///
        /// # Panics
        ///
        /// If the secret is empty.
        impl From<$type> for Secret {
            fn from(bytes: $type) -> Self {
                // Taken over whole, not copied: no second copy is left behind unwiped.
                match Self::new(bytes) {
                    Ok(secret) => secret,
                    #[allow(clippy::panic, reason = "documented; for start-up, and not reachable from what a request carries")]
                    Err(error) => panic!("{error}"),
                }
            }
        }
    )*};
}

secret_from!(String, Vec<u8>, &str, &[u8]);

/// As from `&str`.
///
/// # Panics
///
/// If the secret is empty.
impl From<&String> for Secret {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

/// The secrets that are accepted: a current one, and any number of previous ones while a rotation is under way.
///
/// Every secret is tried on every delivery, whichever matches, so each one costs its share of hashing.
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
    /// Accepts `current` alone.
    ///
    /// # Panics
    ///
    /// If `current` is not a [`Secret`] yet and is empty.
    pub fn new(current: impl Into<Secret>) -> Self {
        Self { current: current.into(), previous: Vec::new(), tenant: None }
    }

    /// Accepts `previous` too.
    ///
    /// # Panics
    ///
    /// If `previous` is not a [`Secret`] yet and is empty.
    #[must_use]
    pub fn add_previous(mut self, previous: impl Into<Secret>) -> Self {
        self.previous.push(previous.into());
        self
    }

    /// The same secrets as those of a tenant, where one endpoint receives for several: a
    /// [look-up](crate::SecretLookup) says so of what it finds. What equal deliveries have in common is then told apart by
    /// tenant, so that none can have another's taken for [handled](crate::dedupe) before it came. Names reach logs.
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

/// A current secret and no previous one.
///
/// # Panics
///
/// If it is not a [`Secret`] yet and is empty.
impl<T: Into<Secret>> From<T> for Secrets {
    fn from(current: T) -> Self {
        Self::new(current)
    }
}

/// Which of the accepted secrets verified a delivery.
///
/// Once no delivery matches a previous secret any more, it can be taken out.
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

    /// Whether it was the current secret.
    pub fn is_current(&self) -> bool {
        self.position == 0
    }

    /// 0 for the current secret, 1 for the first previous one, and so on.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The label it was given with [`Secret::with_label`].
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The tenant whose secret it is, as [`Secrets::with_tenant`] said.
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }
}

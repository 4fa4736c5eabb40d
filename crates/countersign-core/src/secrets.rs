//! The accepted secrets, by account, and the one that matched.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use crate::{fingerprint::Fingerprint, secret::Secret};

/// The accepted secrets: a current one, and any number of previous ones during a rotation. An
/// endpoint that several accounts share accepts [more](Self::add).
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
///
/// [Deduplication](crate::dedupe) tells accounts apart by their oldest accepted secret. So a
/// delivery is one under the current and the previous secret, also while some machines do not have
/// the current one yet. Once you remove the previous secret, a retry or a replay of a delivery that
/// came during the rotation is handled once more: keep it for as long as deliveries are remembered.
#[derive(Clone)]
pub struct Secrets {
    first: Account,
    others: Vec<Account>,
    tenant: Option<Arc<str>>,
}

/// A secret and its predecessors.
#[derive(Clone)]
struct Account {
    current: Secret,
    previous: Vec<Secret>,
    /// Of the oldest, once it is asked for. Clones of what was asked have it.
    fingerprint: OnceLock<Fingerprint>,
}

impl Account {
    fn new(current: Secret) -> Self {
        Self { current, previous: Vec::new(), fingerprint: OnceLock::new() }
    }

    /// From the current secret to the oldest.
    fn iter(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    fn fingerprint(&self) -> Fingerprint {
        *self.fingerprint.get_or_init(|| Fingerprint::of(self.previous.last().unwrap_or(&self.current)))
    }
}

impl Secrets {
    /// Accepts only `current`.
    #[must_use]
    pub fn new(current: Secret) -> Self {
        Self { first: Account::new(current), others: Vec::new(), tenant: None }
    }

    /// Accepts `previous` in addition: the predecessor of the secret that was given last. Give
    /// several from the newest to the oldest.
    #[must_use]
    pub fn add_previous(mut self, previous: Secret) -> Self {
        let account = self.others.last_mut().unwrap_or(&mut self.first);
        account.previous.push(previous);
        account.fingerprint = OnceLock::new();
        self
    }

    /// Accepts `secret` in addition, as the current secret of another account. For example, two
    /// accounts with the provider send to one URL. A delivery is never a duplicate of another
    /// account's, unless both accounts have the same oldest secret: then name their tenants.
    ///
    /// ```
    /// use countersign_core::{Secret, Secrets};
    ///
    /// let secrets = Secrets::new(Secret::new("of-alice")?.with_tenant("alice"))
    ///     .add(Secret::new("new-of-bob")?.with_tenant("bob"))
    ///     .add_previous(Secret::new("old-of-bob")?);
    /// # let _ = secrets;
    /// # Ok::<(), countersign_core::SecretError>(())
    /// ```
    #[must_use]
    #[allow(clippy::should_implement_trait, reason = "it adds to a list, as `add_previous` does")]
    pub fn add(mut self, secret: Secret) -> Self {
        self.others.push(Account::new(secret));
        self
    }

    /// Sets the tenant of every secret that has none, for an endpoint that receives deliveries for
    /// several tenants. A [look-up](crate::SecretLookup) sets it on the secrets that it returns.
    ///
    /// [Deduplication](crate::dedupe) then keeps tenants apart: a delivery is never a duplicate of
    /// another tenant's. The name can appear in logs.
    ///
    /// The tenant of a delivery is that of the secret that matched ([`Secret::with_tenant`]), or
    /// else the one that its account names, the current secret first, or else this one.
    #[must_use]
    pub fn with_tenant(mut self, tenant: impl Into<Arc<str>>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    fn accounts(&self) -> impl Iterator<Item = &Account> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// In the order they were added.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.accounts().flat_map(Account::iter)
    }

    /// Computes the fingerprints now, for all clones.
    pub(crate) fn prepare(&self) {
        for account in self.accounts() {
            let _ = account.fingerprint();
        }
    }

    /// Returns what is told of the secret at this position if it matches.
    pub(crate) fn matched(&self, position: usize) -> Option<MatchedSecret> {
        let mut age = position;
        for account in self.accounts() {
            if let Some(secret) = account.iter().nth(age) {
                let of_account = || account.iter().find_map(Secret::tenant);
                return Some(MatchedSecret {
                    position,
                    is_current: age == 0,
                    label: secret.label(),
                    tenant: secret.tenant().or_else(of_account).or_else(|| self.tenant.clone()),
                    account: Some(account.fingerprint()),
                });
            }
            age = age.checked_sub(account.iter().count())?;
        }
        None
    }
}

impl From<Secret> for Secrets {
    fn from(current: Secret) -> Self {
        Self::new(current)
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Secrets");
        for account in self.accounts() {
            shown.field("current", &account.current).field("previous", &account.previous);
        }
        shown.field("tenant", &self.tenant).finish()
    }
}

/// The accepted secret that verified a delivery.
///
/// Remove a previous secret once deliveries no longer match it.
#[derive(Clone, PartialEq, Eq)]
pub struct MatchedSecret {
    position: usize,
    is_current: bool,
    label: Option<Arc<str>>,
    tenant: Option<Arc<str>>,
    account: Option<Fingerprint>,
}

impl MatchedSecret {
    /// Returns whether it was the current secret of its account.
    pub fn is_current(&self) -> bool {
        self.is_current
    }

    /// Returns the position in the order they were added: 0 for the first current secret, 1 for
    /// the next, and so on.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Returns the label set by [`Secret::with_label`].
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// Returns the tenant to which the secret belongs, set by [`Secret::with_tenant`] or
    /// [`Secrets::with_tenant`].
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// What tells its account from others; `None` of a delivery that was sealed, because a fingerprint
    /// never leaves the process.
    pub(crate) fn account(&self) -> Option<Fingerprint> {
        self.account
    }

    /// That of a delivery that was sealed.
    pub(crate) fn reopened(position: usize, is_current: bool, label: Option<&str>, tenant: Option<&str>) -> Self {
        Self { position, is_current, label: label.map(Into::into), tenant: tenant.map(Into::into), account: None }
    }
}

/// Does not show the account.
impl fmt::Debug for MatchedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MatchedSecret")
            .field("position", &self.position)
            .field("label", &self.label)
            .field("tenant", &self.tenant)
            .finish()
    }
}

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;

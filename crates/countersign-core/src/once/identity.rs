//! The identity of a store.

use std::{
    any::Any,
    fmt,
    sync::{Arc, Weak},
};

use super::store::Erased;

/// The identity of a store of claims: equal for its clones. [`Dedupe`](super::Dedupe) warns of
/// layers that share a store and should not, or the reverse.
#[derive(Clone)]
pub struct StoreIdentity {
    /// `None` if it is not known.
    state: Option<Arc<dyn Any + Send + Sync>>,
    is_local: bool,
}

impl StoreIdentity {
    /// Returns the identity of a store that keeps its claims in `state`, in the memory of this
    /// process. Only clones of the store see them.
    pub fn in_memory<T: Any + Send + Sync>(state: &Arc<T>) -> Self {
        Self { state: Some(Arc::<T>::clone(state)), is_local: true }
    }

    /// Returns the identity of a store whose clones share `state`, such as a connection. The claims
    /// are elsewhere, so a store that is not a clone may see them, too.
    pub fn elsewhere<T: Any + Send + Sync>(state: &Arc<T>) -> Self {
        Self { state: Some(Arc::<T>::clone(state)), is_local: false }
    }

    /// Returns an identity that differs from all others. Only clones of one
    /// [`Dedupe`](super::Dedupe) are known to share the store.
    #[must_use]
    pub fn unknown() -> Self {
        Self { state: None, is_local: false }
    }

    /// What is alive for as long as the store, and at the same address for all that are known to
    /// share it.
    pub(super) fn state(&self, store: &Arc<dyn Erased>) -> Weak<dyn Any + Send + Sync> {
        match &self.state {
            Some(state) => Arc::downgrade(state),
            None => Arc::downgrade(&(Arc::clone(store) as Arc<dyn Any + Send + Sync>)),
        }
    }

    pub(super) fn is_local(&self) -> bool {
        self.is_local
    }
}

impl fmt::Debug for StoreIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreIdentity").finish_non_exhaustive()
    }
}

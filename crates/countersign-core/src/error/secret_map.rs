//! Why a map takes no more secrets.

/// Why a [`SecretMap`](crate::SecretMap) does not take another secret: it is full of secrets that are still in use, and
/// forgetting one of them would refuse its deliveries.
///
/// ```
/// let map = countersign_core::SecretMap::new().with_capacity(0);
/// let error = map.insert("scan", "s3cr3t").unwrap_err();
/// assert_eq!(error.to_string(), "the map is full: it holds 0 secrets that have not expired");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the map is full: it holds {capacity} secrets that have not expired")]
pub struct SecretMapFull {
    pub(crate) capacity: usize,
}

//! The error of a map that is full.

/// The error of a full [`SecretMap`](crate::SecretMap). A full map does not evict another secret,
/// because that secret's deliveries would then be rejected.
///
/// ```
/// use countersign_core::{Secret, SecretMap};
///
/// let map = SecretMap::new().with_capacity(1);
/// map.insert("scan", Secret::from_static("s3cr3t")).unwrap();
/// let error = map.insert("another", Secret::from_static("s3cr3t")).unwrap_err();
/// assert_eq!(error.to_string(), "the secret map is full, with 1 unexpired secrets: set a larger capacity, or a shorter expiry");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret map is full, with {capacity} unexpired secrets: set a larger capacity, or a shorter expiry")]
pub struct SecretMapFull {
    pub(crate) capacity: usize,
}

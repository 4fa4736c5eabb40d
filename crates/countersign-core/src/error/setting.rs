//! The error of a setting that is 0.

/// The error of a setting that makes no sense: a duration or a size of 0.
///
/// ```
/// use countersign_core::{SettingErrorKind, Verifier, providers::Zeodyn};
///
/// let error = Verifier::<Zeodyn>::new("s3cr3t").try_with_body_limit(0).unwrap_err();
/// assert_eq!(error.kind(), SettingErrorKind::Zero);
/// assert_eq!(error.to_string(), "the body limit must not be 0");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {setting} must not be 0")]
pub struct SettingError {
    setting: &'static str,
}

/// The kind of a [`SettingError`]. More may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SettingErrorKind {
    /// The setting is 0.
    Zero,
}

impl SettingError {
    /// Returns the kind of the error.
    pub const fn kind(&self) -> SettingErrorKind {
        SettingErrorKind::Zero
    }

    /// Returns an error if the setting of this name is 0.
    #[doc(hidden)]
    pub fn if_zero<T: Default + PartialEq>(setting: &'static str, value: &T) -> Result<(), Self> {
        if *value == T::default() { Err(Self { setting }) } else { Ok(()) }
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
}

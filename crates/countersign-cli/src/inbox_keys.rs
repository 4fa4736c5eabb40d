//! The keys of an inbox, as far as they are at hand.

use std::env::{VarError, var};

use crate::output::Failure;
use countersign_core::{
    Secret,
    seal::{Contents, SealErrorKind, SealKeys, Sealed},
};

const CURRENT: &str = "COUNTERSIGN_INBOX_KEY";
const PREVIOUS: &str = "COUNTERSIGN_INBOX_PREVIOUS_KEY";

/// The keys; `None` if there are none.
pub(crate) struct InboxKeys(Option<SealKeys>);

/// What the seal of a delivery says.
pub(crate) enum SealState {
    /// It is right.
    Right(Contents),
    /// It is right, and the body was purged.
    Purged,
    /// It cannot be opened: the text says why.
    Wrong(String),
    /// There is no key to check it with.
    Unknown,
}

impl SealState {
    /// `right`, or what is wrong with it; `None` if it was not checked.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Right(_) | Self::Purged => Some("right"),
            Self::Wrong(why) => Some(why),
            Self::Unknown => None,
        }
    }
}

impl InboxKeys {
    /// Takes the keys from the environment, or the one from the file `beside` the inbox.
    pub(crate) fn new(beside: Option<Secret>, namespace: Option<&str>) -> Result<Self, Failure> {
        let Some(current) = from_env(CURRENT)?.or(beside) else {
            return Ok(Self(None));
        };
        let mut keys = SealKeys::new(current).map_err(Failure::of)?;
        if let Some(previous) = from_env(PREVIOUS)? {
            keys = keys.add_previous(previous).map_err(Failure::of)?;
        }
        Ok(Self(Some(keys.with_namespace(namespace.unwrap_or_default()))))
    }

    /// The texts that may stand for a resource ID.
    pub(crate) fn resources(&self, id: &str) -> Vec<String> {
        self.0.as_ref().map_or_else(|| vec![id.to_owned()], |keys| keys.resources(id))
    }

    /// Checks a seal.
    pub(crate) fn check(&self, sealed: &Sealed) -> SealState {
        let Some(keys) = &self.0 else { return SealState::Unknown };
        match sealed.contents(keys) {
            Ok(contents) => SealState::Right(contents),
            Err(error) if error.kind() == SealErrorKind::Purged => SealState::Purged,
            Err(error) => SealState::Wrong(error.to_string()),
        }
    }
}

fn from_env(name: &str) -> Result<Option<Secret>, Failure> {
    match var(name) {
        Err(VarError::NotPresent) => Ok(None),
        _ => Secret::from_env(name).map(Some).map_err(Failure::of),
    }
}

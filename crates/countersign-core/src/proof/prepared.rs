//! Accepted secrets, and what is told of each if it matches: prepared once, at start-up.

use crate::secret::{MatchedSecret, Secrets};

/// Keys of a kind, by position, and what is told of each if it matches.
pub(crate) struct Prepared<K> {
    pub(super) keys: K,
    pub(super) matches: Vec<MatchedSecret>,
}

impl<K> Prepared<K> {
    pub(super) fn new(keys: K, secrets: &Secrets) -> Self {
        Self { keys, matches: (0..).map_while(|position| secrets.matched(position)).collect() }
    }

    #[inline]
    pub(super) fn matched(&self, position: Option<usize>) -> Option<&MatchedSecret> {
        position.and_then(|position| self.matches.get(position))
    }
}

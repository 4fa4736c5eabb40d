//! The fencing token of a lease.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// The fencing token of a lease. Each claim has a new one, so that a caller that lost its lease
/// cannot end another caller's.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseToken(u128);

impl LeaseToken {
    /// Creates a token that no other call returns, in this process or another.
    #[must_use]
    pub fn unique() -> Self {
        // 64 bits that the standard library takes from the operating system, and a number.
        static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()));
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        Self((u128::from(*PROCESS) << 64) | u128::from(NUMBER.fetch_add(1, Ordering::Relaxed)))
    }

    /// Returns the token's bytes, for a store.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

/// Creates a token, for tests of stores.
impl From<[u8; 16]> for LeaseToken {
    fn from(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }
}

/// Writes lower-case hex.
impl fmt::Display for LeaseToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for LeaseToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeaseToken({self})")
    }
}

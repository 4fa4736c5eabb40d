#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "contract")]
pub mod contract;
mod memory;
#[cfg(feature = "redis")]
mod redis;

pub use memory::MemoryStore;

#[cfg(feature = "redis")]
pub use self::redis::{RedisStore, RedisStoreError};

#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::unwrap_used))]

#[cfg(feature = "actix")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
mod backoff;
#[cfg(any(test, feature = "contract"))]
#[cfg_attr(docsrs, doc(cfg(feature = "contract")))]
pub mod contract;
mod counters;
mod end;
mod error;
pub mod hand_off;
mod handler;
mod inbox;
mod intake;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod open;
#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub mod postgres;
mod received;
mod received_any;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub mod sqlite;
pub mod store;
mod taking;
mod watch;
mod worker;

pub use backoff::Backoff;
pub use counters::Counters;
pub use end::{End, IntoEnd};
pub use error::{StoreError, StoreErrorKind};
pub use handler::Handler;
pub use inbox::Inbox;
pub use intake::Store;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "postgres", feature = "sqlite"))))]
pub use open::open_ledger;
#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use postgres::PostgresStore;
pub use received::Received;
pub use received_any::ReceivedAny;
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub use sqlite::SqliteStore;

//! An inbox in a file: SQLite.

mod claim;
mod connection;
mod failures;
mod filter;
mod insert;
mod key;
mod line;
mod lock;
mod place;
mod purge;
mod reader;
mod recover;
mod rows;
mod schema;
mod settings;
mod settle;
mod store;
mod sweep;
mod turns;
mod writer;

pub use schema::migrations;
pub use settings::Settings;
pub use store::SqliteStore;

#[cfg(test)]
mod tests;

//! An inbox on a Postgres server, for any number of machines.

mod alarm;
mod claim;
mod clock;
mod connector;
mod failures;
mod filter;
mod insert;
mod known;
mod line;
mod open;
mod purge;
mod recover;
mod rows;
mod schema;
mod server;
mod settings;
mod settle;
mod store;
mod sweep;
mod text;
#[cfg(feature = "postgres-tls")]
mod tls;
mod totals;
mod transaction;
mod turns;
mod url;
mod writer;

pub use schema::migrations;
pub use settings::Settings;
pub use store::PostgresStore;

#[cfg(test)]
mod tests;

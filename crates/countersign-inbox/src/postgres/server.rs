//! What the calls of a store share.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use deadpool_postgres::Pool;
use tokio::sync::{Mutex, Notify, Semaphore};

use super::{clock::Clock, settings::Settings, totals::Totals, transaction::Kind};

/// The deadline of calls that people make.
const LONG: Duration = Duration::from_secs(60);

pub(super) struct Server {
    pub(super) pool: Pool,
    pub(super) settings: Settings,
    /// The schema of the tables, quoted.
    pub(super) schema: Arc<str>,
    pub(super) clock: Clock,
    pub(super) totals: Totals,
    /// How many long calls run at the same time: others find a connection all the while.
    pub(super) long: Arc<Semaphore>,
    /// The right to clean the tables.
    pub(super) cleaning: Mutex<()>,
    /// Something was stored.
    pub(super) stored: Notify,
}

impl Server {
    pub(super) fn deadline(&self, kind: Kind) -> Duration {
        match kind {
            Kind::Short => self.settings.deadline,
            Kind::Long | Kind::Count => LONG.max(self.settings.deadline),
        }
    }
}

/// The tables, as the statements name them.
const TABLES: &str = "countersign_inbox";

/// Names the schema of the tables, so that a statement does not depend on the search path of the connection.
pub(super) fn qualified(sql: &str, schema: &str) -> String {
    let mut qualified = String::with_capacity(sql.len().saturating_mul(2));
    for (number, part) in sql.split(TABLES).enumerate() {
        if number > 0 {
            let _ = write!(qualified, "{schema}.{TABLES}");
        }
        qualified.push_str(part);
    }
    qualified
}

/// Quotes a name.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

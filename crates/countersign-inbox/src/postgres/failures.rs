//! What an error of Postgres means for the caller.

use std::{error::Error as _, fmt};

use deadpool_postgres::{PoolError, TimeoutType};
use tokio_postgres::error::SqlState;

use crate::error::{
    StoreError,
    StoreErrorKind::{self, Unavailable, Unusable},
};

/// What prepared statements are missing for.
pub(super) const FORGETS: &str = "the inbox's server forgets prepared statements: let PgBouncer pool sessions, or keep \
    the statements (`max_prepared_statements` of version 1.21 or later)";

/// Why a call failed.
#[derive(Debug)]
pub(super) struct Failure {
    what: What,
    /// Whether it failed while it was committed: then it may be done.
    pub(super) is_doubtful: bool,
}

#[derive(Debug)]
enum What {
    Sql(tokio_postgres::Error),
    /// The server did not answer in time.
    Late,
    /// All connections are in use.
    NoConnection,
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self { what: What::Sql(error), is_doubtful: false }
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        let what = match error {
            PoolError::Backend(error) => What::Sql(error),
            PoolError::Timeout(TimeoutType::Wait) | PoolError::Closed => What::NoConnection,
            _ => What::Late,
        };
        Self { what, is_doubtful: false }
    }
}

impl Failure {
    pub(super) const fn late() -> Self {
        Self { what: What::Late, is_doubtful: false }
    }

    pub(super) fn code(&self) -> Option<&SqlState> {
        match &self.what {
            What::Sql(error) => error.code(),
            What::Late | What::NoConnection => None,
        }
    }

    fn class(&self) -> &str {
        self.code().and_then(|code| code.code().get(..2)).unwrap_or_default()
    }

    /// Whether the same call may succeed if it is made again at once.
    pub(super) fn is_passing(&self) -> bool {
        let is_of_the_connection = matches!(&self.what, What::Sql(error) if error.is_closed());
        // Others were in the way; or the connection has forgotten its statements, as behind a pooler.
        let passes = [
            &SqlState::T_R_SERIALIZATION_FAILURE,
            &SqlState::T_R_DEADLOCK_DETECTED,
            &SqlState::INVALID_SQL_STATEMENT_NAME,
        ];
        let is_passing = self.is_of_a_change() || self.code().is_some_and(|code| passes.contains(&code));
        !self.is_doubtful && (is_of_the_connection || is_passing)
    }

    /// Whether a migration has changed what a prepared statement returns.
    fn is_of_a_change(&self) -> bool {
        let What::Sql(error) = &self.what else { return false };
        error.as_db_error().is_some_and(|error| error.routine() == Some("RevalidateCachedQuery"))
    }

    /// Whether the values are to blame, and not the server.
    pub(super) fn is_of_the_row(&self) -> bool {
        matches!(self.class(), "22" | "23" | "54" | "P0")
    }

    fn kind(&self) -> StoreErrorKind {
        let is_of_tls = matches!(&self.what, What::Sql(error) if is_of_tls(error));
        let is_to_be_changed = is_of_tls || matches!(self.class(), "28" | "3D") || self.is_denied();
        if is_to_be_changed { Unusable } else { Unavailable }
    }

    /// Whether the role may not do this.
    pub(super) fn is_denied(&self) -> bool {
        self.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE)
    }

    fn message(&self) -> &'static str {
        let Some(code) = self.code() else {
            return match &self.what {
                What::Late => "the inbox's server did not answer in time",
                What::NoConnection => {
                    "all connections to the inbox's server are in use: raise `connections`, or find out what is slow"
                }
                What::Sql(error) if is_of_tls(error) => {
                    "there is no TLS to the inbox's server: check its certificate and its name, set `sslrootcert` to the \
                     roots, or append `?sslmode=disable` to the URL in a network that you trust"
                }
                What::Sql(_) => "the inbox's server cannot be reached: start it, and the inbox goes on by itself",
            };
        };
        match (code.code(), self.class()) {
            ("53100", _) => "the disk of the inbox's server is full: free some space, and the inbox goes on by itself",
            ("53300", _) => {
                "the inbox's server has no connection left: raise its `max_connections`, or lower `connections`"
            }
            // The second one says that no transaction that writes can begin.
            ("25006" | "0A000", _) => "the inbox's server only reads: connect to the primary",
            ("28P01" | "28000", _) => {
                "the inbox's server rejects this user: check the user and the password of the URL"
            }
            ("3D000", _) => "the inbox's server has no such database: create it, or check the URL",
            ("42501", _) => {
                "this role may not use the inbox's tables: grant it SELECT, INSERT, UPDATE and DELETE on them, and USAGE \
                 on their schema and sequence"
            }
            ("26000" | "42P05", _) => FORGETS,
            ("42P01" | "3F000", _) => "the inbox's tables are gone: restart the service, which creates them",
            ("57014" | "55P03", _) | (_, "40") => {
                "the inbox's server did not get to it in time: find out what keeps it busy, and the inbox goes on by \
                 itself"
            }
            (_, "57" | "08") => "the inbox's server cannot be reached: start it, and the inbox goes on by itself",
            (_, "22" | "23" | "54" | "P0") => "the inbox's server does not take this row",
            _ => "the inbox's server fails: look into its log",
        }
    }
}

fn is_of_tls(error: &tokio_postgres::Error) -> bool {
    // It has no accessor.
    error.to_string().starts_with("error performing TLS handshake")
}

impl From<&Failure> for StoreError {
    fn from(failure: &Failure) -> Self {
        let error = Self::new(failure.kind(), failure.message());
        match &failure.what {
            What::Sql(error_of) => error.with_source(Cause::new(error_of)),
            What::Late | What::NoConnection => error,
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        Self::from(&failure)
    }
}

/// What a server said, without what may be a part of a row: the values are in the details, and in some messages.
#[derive(Debug)]
struct Cause(String);

impl Cause {
    fn new(error: &tokio_postgres::Error) -> Self {
        let Some(database) = error.as_db_error() else {
            return Self(error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}")));
        };
        let code = database.code().code();
        let names_values = ["22", "23", "P0"].iter().any(|class| code.starts_with(class));
        Self(match (names_values, database.constraint()) {
            (false, _) => format!("{} (SQLSTATE {code})", database.message()),
            (true, Some(constraint)) => format!("constraint {constraint} (SQLSTATE {code})"),
            (true, None) => format!("SQLSTATE {code}"),
        })
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

/// Says that so many calls wait for the server.
pub(super) fn busy() -> StoreError {
    StoreError::new(Unavailable, "the inbox's server is too slow: 1024 calls wait for it already")
}

/// Says that the tasks that write are gone.
pub(super) fn stopped() -> StoreError {
    StoreError::new(Unavailable, "the inbox's runtime has ended: restart the service")
}

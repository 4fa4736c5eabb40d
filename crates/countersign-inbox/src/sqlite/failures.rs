//! What an error of SQLite means for the caller.

use std::sync::Arc;

use rusqlite::{Error, ErrorCode};

use crate::error::{StoreError, StoreErrorKind::Unavailable};

/// Whether nothing else in the transaction can succeed either.
pub(super) fn is_of_the_file(error: &Error) -> bool {
    !matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch)
    )
}

/// Makes the error of a call. Each call of a transaction gets one with the same cause.
pub(super) fn unavailable(error: &Arc<Error>) -> StoreError {
    let message = match error.sqlite_error_code() {
        _ if matches!(**error, Error::InvalidPath(_)) => {
            "the inbox's file was removed or replaced: put it back, or restart the service"
        }
        Some(ErrorCode::DiskFull) => "the inbox's disk is full: free some space, and the inbox goes on by itself",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            "the inbox's file cannot be written: check its permissions and the disk, and the inbox goes on by itself"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another process keeps the inbox's file locked: end its transaction, and the inbox goes on by itself"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the inbox's file is damaged: stop the service, and restore the file from a backup or with `.recover` of \
             `sqlite3`"
        }
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
            "the inbox's file does not take this row"
        }
        _ => "the inbox's file cannot be read or written: check the disk",
    };
    StoreError::new(Unavailable, message).with_source(Arc::clone(error))
}

/// Says that so many calls wait for the file.
pub(super) fn busy() -> StoreError {
    StoreError::new(Unavailable, "the inbox's disk is too slow: 1024 calls wait for it already")
}

/// Says that the thread of the file is gone.
pub(super) fn stopped() -> StoreError {
    StoreError::new(Unavailable, "the inbox's thread has ended: restart the service")
}

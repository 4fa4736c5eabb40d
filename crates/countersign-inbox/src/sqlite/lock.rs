//! Who works: whoever has the lock of a file. It is released when the file is closed, and by the operating
//! system when the process ends, however it does.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use super::place::{Identity, beside, private, unusable};
use crate::error::StoreError;

/// Takes the lock of the inbox at `path`. `None` if another worker has it.
pub(super) fn try_take(path: &Path) -> Result<Option<File>, StoreError> {
    let path = beside(path, ".lock");
    let failed = |what| unusable(&path, what, "check the folder's permissions, and that it is on a local disk");
    let file = private().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|error| failed("cannot be opened").with_source(error))?;
    match file.try_lock() {
        // One whose name somebody removed meanwhile keeps nobody out.
        Ok(()) if file.metadata().is_ok_and(|of| Identity::of(&path).is_ok_and(|named| named == (&of).into())) => {
            Ok(Some(file))
        }
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed("cannot be locked").with_source(error)),
    }
}

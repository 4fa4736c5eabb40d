//! The key of an inbox, in a file beside it.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use countersign_core::Secret;
use zeroize::Zeroizing;

use super::place::{beside, create, unusable};
use crate::error::StoreError;

/// How many bytes a key has. The file has them in hex, and that text is the key.
const BYTES: usize = 32;

/// Where the key of the inbox at `path` is.
pub(super) fn path_of(path: &Path) -> PathBuf {
    beside(path, ".key")
}

/// Reads the key; `None` if there is none.
pub(super) fn read(inbox: &Path) -> Result<Option<Secret>, StoreError> {
    let path = path_of(inbox);
    let unreadable = |error| unusable(&path, "cannot be read", "check its permissions").with_source(error);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let mode = file.metadata().map_err(unreadable)?.mode();
        if mode & 0o077 != 0 {
            let what = "can be read by other users, and whoever reads it can forge deliveries";
            return Err(unusable(&path, what, "make it readable by its owner only (`chmod 600`)"));
        }
    }
    // Room for all that is needed, so that no part of a key is left in memory by growing.
    let mut text = Zeroizing::new(String::with_capacity(256));
    io::Read::read_to_string(&mut io::Read::take(file, 256), &mut text).map_err(unreadable)?;
    let key = text.trim_end();
    if key.len() != BYTES.saturating_mul(2) || !key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let remedy = "restore it, since only the key that sealed the inbox's deliveries opens them";
        return Err(unusable(&path, "is not a key of 64 hexadecimal digits", remedy));
    }
    let failed = |error| unusable(&path, "is not a key", "restore it").with_source(error);
    Secret::new(key.as_bytes()).map(Some).map_err(failed)
}

/// Says that there is no key, but that there are deliveries which one has sealed.
pub(super) fn missing(inbox: &Path) -> StoreError {
    let remedy = "restore it, or move the inbox away to begin with a new one";
    unusable(&path_of(inbox), "is missing, and without it the inbox's deliveries cannot be opened", remedy)
}

/// Says that the key is not the one that sealed the deliveries.
pub(super) fn other(inbox: &Path) -> StoreError {
    let what = "is not the key that sealed the inbox's deliveries";
    let remedy = "restore that one, or open the inbox with both (`Inbox::on_store`)";
    unusable(&path_of(inbox), what, remedy)
}

/// Makes a key, unless another process makes one at the same time: then that one is the key.
pub(super) fn make(inbox: &Path) -> Result<(), StoreError> {
    let path = path_of(inbox);
    let failed = |error| unusable(&path, "cannot be created", "check the folder's permissions").with_source(error);
    let mut bytes = Zeroizing::new([0; BYTES]);
    getrandom::fill(&mut *bytes).map_err(|error| failed(error.into()))?;
    let mut text = Zeroizing::new(String::with_capacity(BYTES.saturating_mul(2).saturating_add(1)));
    for byte in bytes.iter() {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
        }
    }
    text.push('\n');
    create(&path, text.as_bytes()).map_err(failed)
}

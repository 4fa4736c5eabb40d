//! Reads files and standard input.

use std::{
    fs::File,
    io::{self, Read, stdin},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::output::Failure;

/// No body is longer, in bytes: sixteen times the default limit of a receiver.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Reads `file`, or standard input if it is `-`. `what` names it in messages: `the body`.
pub(crate) fn read(what: &str, file: &Path) -> Result<Vec<u8>, Failure> {
    read_up_to(what, file, LONGEST)
}

/// Reads `file` or standard input, which must not be longer than `longest`.
pub(crate) fn read_up_to(what: &str, file: &Path, longest: u64) -> Result<Vec<u8>, Failure> {
    static IS_READ: AtomicBool = AtomicBool::new(false);

    if file.as_os_str() != "-" {
        return read_file(what, file, longest);
    }
    if IS_READ.swap(true, Ordering::Relaxed) {
        return Err(Failure::usage(format!("{what} cannot be standard input, which is read already: give a file")));
    }
    read_from(what, file, stdin().lock(), longest)
}

/// Reads `file`, which must not be longer than `longest`.
pub(crate) fn read_file(what: &str, file: &Path, longest: u64) -> Result<Vec<u8>, Failure> {
    let opened = File::open(file).map_err(|error| Failure::of_file(what, file, &error))?;
    read_from(what, file, opened, longest)
}

fn read_from(what: &str, file: &Path, reader: impl Read, longest: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = reader.take(longest.saturating_add(1)).read_to_end(&mut bytes);
    read.and_then(|count| {
        let is_too_long = u64::try_from(count).map_or(true, |count| count > longest);
        if is_too_long { Err(io::Error::other(format!("it is longer than {longest} bytes"))) } else { Ok(bytes) }
    })
    .map_err(|error| Failure::of_file(what, file, &error))
}

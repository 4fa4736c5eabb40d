//! Reads files and standard input.

use std::{
    fs::File,
    io::{self, Read, stdin},
    path::Path,
};

use crate::output::Failure;

/// No body is longer, in bytes: sixteen times the default limit of a receiver.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Reads `file`, or standard input if it is `-`. `what` names it in messages: `the body`.
pub(crate) fn read(what: &str, file: &Path) -> Result<Vec<u8>, Failure> {
    if file.as_os_str() == "-" {
        read_from(what, file, stdin().lock(), LONGEST)
    } else {
        read_file(what, file, LONGEST)
    }
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

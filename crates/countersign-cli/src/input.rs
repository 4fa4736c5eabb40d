//! What is read from files and from standard input.

use std::{
    fs,
    io::{Read, stdin},
    path::Path,
};

use crate::output::Failure;

/// The bytes of `file`, or of standard input if it is `-`. `what` names them in messages: `the body`.
pub(crate) fn read(what: &str, file: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(file)
    };
    bytes.map_err(|error| Failure::of_file(what, file, &error))
}

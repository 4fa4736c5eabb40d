//! Standard output, and the exit code.

use std::{
    fmt,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use serde::Serialize;

/// A delivery does not verify, or was not answered as expected.
const NEGATIVE: u8 = 1;
/// The command could not run: the arguments, a file, a secret.
const TROUBLE: u8 = 2;

/// How a command ended, if it could run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Well,
    Badly,
}

/// Why a command could not run.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A message for the user.
    Message(String),
    /// Standard output cannot be written.
    Output(io::Error),
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Message(message.into())
    }

    pub(crate) fn of(error: impl fmt::Display) -> Self {
        Self::Message(error.to_string())
    }

    pub(crate) fn of_file(what: &str, file: &Path, error: &io::Error) -> Self {
        Self::Message(format!("{what} in {} cannot be read: {error}", file.display()))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Escapes text that came from elsewhere, so that it cannot control a terminal.
pub(crate) fn printable(text: &str) -> String {
    let escaped = |character: char| -> String {
        if controls_a_terminal(character) { character.escape_default().collect() } else { character.into() }
    };
    text.chars().map(escaped).collect()
}

/// Texts from a body may be as long as the body.
const SHOWN: usize = 200;

/// Escapes like [`printable`], and cuts what is too long for a line.
pub(crate) fn shortened(text: &str) -> String {
    let printable = printable(text);
    let mut shown: String = printable.chars().take(SHOWN).collect();
    if shown.len() < printable.len() {
        shown.push('…');
    }
    shown
}

/// Control characters, and those that reverse the direction of text.
pub(crate) fn controls_a_terminal(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Standard output, as text or as JSON.
pub(crate) struct Output {
    is_json: bool,
    out: anstream::AutoStream<io::StdoutLock<'static>>,
}

impl Output {
    pub(crate) fn new(is_json: bool) -> Self {
        Self { is_json, out: anstream::AutoStream::auto(io::stdout().lock()) }
    }

    /// Prints a line of text; nothing if JSON is asked for.
    pub(crate) fn line(&mut self, line: impl fmt::Display) -> io::Result<()> {
        if self.is_json { Ok(()) } else { writeln!(self.out, "{line}") }
    }

    /// Prints bytes unchanged; nothing if JSON is asked for.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.is_json {
            return Ok(());
        }
        self.raw(bytes)
    }

    /// Not through `out`, which removes escape sequences from data, too.
    fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.flush()?;
        io::stdout().write_all(bytes)
    }

    /// Prints a document in one line, if JSON is asked for.
    pub(crate) fn json(&mut self, document: &impl Serialize) -> io::Result<()> {
        if !self.is_json {
            return Ok(());
        }
        let mut text = String::new();
        for character in serde_json::to_string(document)?.chars() {
            // They occur only in strings, where the escape means the same: no document controls a terminal.
            if controls_a_terminal(character) {
                text.push_str(&format!("\\u{:04x}", u32::from(character)));
            } else {
                text.push(character);
            }
        }
        text.push('\n');
        self.raw(text.as_bytes())?;
        io::stdout().flush()
    }

    /// Prints a warning on standard error.
    pub(crate) fn warn(&self, warning: impl fmt::Display) {
        anstream::eprintln!("warning: {}", printable(&warning.to_string()));
    }

    /// Prints the error, and returns the exit code.
    pub(crate) fn finish(mut self, ended: Result<Ended, Failure>) -> ExitCode {
        let ended = ended.and_then(|ended| self.out.flush().map(|()| ended).map_err(Failure::Output));
        match ended {
            Ok(Ended::Well) => ExitCode::SUCCESS,
            Ok(Ended::Badly) => NEGATIVE.into(),
            // `countersign … | head` is not an error.
            Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => TROUBLE.into(),
            Err(Failure::Output(error)) => {
                anstream::eprintln!("error: cannot write the output: {error}");
                TROUBLE.into()
            }
            Err(Failure::Message(message)) => {
                anstream::eprintln!("error: {}", printable(&message));
                TROUBLE.into()
            }
        }
    }
}

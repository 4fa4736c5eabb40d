//! The result, as text and as JSON.

use std::io;

use serde::Serialize;

use super::mistake::Cause;
use crate::output::{Ended, Output, printable, shortened};

/// The result for a captured delivery.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(super) provider: &'static str,
    pub(super) verified: bool,
    pub(super) reason: Option<&'static str>,
    pub(super) causes: Vec<Cause>,
    pub(super) event: Option<String>,
    pub(super) delivery_id: Option<String>,
    pub(super) resource_id: Option<String>,
    pub(super) trust: Option<&'static str>,
    /// In seconds since 1970.
    pub(super) sent_at: Option<u64>,
    pub(super) sent_at_is_signed: Option<bool>,
    pub(super) notes: Vec<String>,
    /// The first line, if it verifies.
    #[serde(skip)]
    pub(super) first_line: String,
    /// More of a delivery that verifies: headings and texts.
    #[serde(skip)]
    pub(super) details: Vec<(&'static str, String)>,
}

impl Report {
    pub(crate) fn ended(&self) -> Ended {
        if self.verified && self.causes.is_empty() { Ended::Well } else { Ended::Badly }
    }

    pub(crate) fn print(&self, output: &mut Output) -> io::Result<()> {
        output.json(self)?;
        let first_line = self.first_line();
        output.line(if self.verified { shortened(&first_line) } else { printable(&first_line) })?;
        let width = self.details.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, words) in &self.details {
            output.line(format_args!("  {name:width$}  {}", shortened(words)))?;
        }
        if !self.causes.is_empty() {
            output.line("\nwhat to change:")?;
        }
        for cause in &self.causes {
            output.line(format_args!("  {}", printable(&cause.advice)))?;
        }
        for note in &self.notes {
            output.line(format_args!("\nnote: {}", printable(note)))?;
        }
        Ok(())
    }

    /// The answer in one line.
    fn first_line(&self) -> String {
        if self.verified {
            return self.first_line.clone();
        }
        let messages: Vec<_> = self.causes.iter().map(|cause| cause.message.as_str()).collect();
        format!("not verified: {}", messages.join("; and "))
    }
}

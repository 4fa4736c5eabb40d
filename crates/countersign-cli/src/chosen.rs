//! The provider of a command: by name, or by a file with its scheme.

use std::path::PathBuf;

use clap::Args;

use crate::{
    catalog::{Entry, names},
    output::Failure,
    scheme_file,
};

/// The provider, by name or by its scheme.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct Chosen {
    /// The provider: `countersign providers` lists them
    #[arg(value_name = "NAME", value_parser = names(), hide_possible_values = true)]
    name: Option<&'static Entry>,

    /// A TOML file with the scheme of your own provider; `-` is standard input. It has no secret in it.
    /// The README of countersign-cli shows the format
    #[arg(long, value_name = "FILE")]
    scheme: Option<PathBuf>,
}

impl Chosen {
    /// Reads the file, if it is one.
    pub(crate) fn entry(&self) -> Result<&'static Entry, Failure> {
        match (self.name, &self.scheme) {
            (Some(entry), _) => Ok(entry),
            (None, Some(file)) => scheme_file::read(file),
            (None, None) => Err(Failure::usage("no provider given: use its NAME, or --scheme")),
        }
    }
}

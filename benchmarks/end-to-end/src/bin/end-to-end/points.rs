//! What grows, for a plot: `panel`, `series`, what x is, what y is, x, y, with tabs between.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
};

use crate::Failure;

/// A file that points are appended to, or none.
pub struct Points(Option<File>);

impl Points {
    pub fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let open = |path| OpenOptions::new().create(true).append(true).open(path);
        Ok(Self(path.map(open).transpose()?))
    }

    pub fn add(&mut self, panel: &str, series: &str, labels: (&str, &str), point: (f64, f64)) -> Result<(), Failure> {
        if let Some(file) = &mut self.0 {
            writeln!(file, "{panel}\t{series}\t{}\t{}\t{}\t{:.3}", labels.0, labels.1, point.0, point.1)?;
        }
        Ok(())
    }
}

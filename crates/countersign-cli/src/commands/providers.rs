//! `countersign providers`: the table, or one provider's page.

use clap::ValueEnum;
use countersign_testkit::Documented;
use owo_colors::OwoColorize;

use crate::{
    arguments::ProvidersCommand,
    catalog::{Job, Name},
    output::{Ended, Failure, Output},
    page::Page,
};

struct MakePage;

impl Job for MakePage {
    type Output = Page;

    fn run<P: Documented>(self) -> Page {
        Page::of::<P>()
    }
}

pub(crate) fn run(command: &ProvidersCommand, output: &mut Output) -> Result<Ended, Failure> {
    match command.name {
        Some(name) => show(&name.dispatch(MakePage), output),
        None => list(output),
    }
}

fn list(output: &mut Output) -> Result<Ended, Failure> {
    let mut rows = vec![["name", "provider", "proof", "answer within", "retries"].map(str::to_owned)];
    for name in Name::value_variants() {
        let page = name.dispatch(MakePage);
        output.json(&page)?;
        rows.push([page.name.to_owned(), page.title.to_owned(), page.proof, page.deadline, page.retries]);
    }
    for row in &rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.len()).max().unwrap_or_default();
            line.push_str(&format!("{cell:width$}  "));
        }
        output.line(line.trim_end())?;
    }
    output.line("\n`countersign providers NAME` shows one of them.")?;
    Ok(Ended::Well)
}

fn show(page: &Page, output: &mut Output) -> Result<Ended, Failure> {
    output.json(page)?;
    output.line(format_args!("{} ({})", page.title.bold(), page.name))?;
    output.line(page.docs)?;
    output.line("")?;
    output.line(format_args!("{:15}{}", "proof", page.proof))?;
    output.line(format_args!("{:15}{}", "signed bytes", page.signed_bytes))?;
    output.line(format_args!("{:15}{}", "answer within", page.deadline))?;
    output.line(format_args!("{:15}{}", "retries", page.retries))?;
    output.line("")?;
    let width = page.events.iter().map(|event| event.name.len()).max().unwrap_or_default();
    for (heading, event) in headed("events", &page.events) {
        output.line(format_args!("{heading:15}{:width$}  delivery ID: {}", event.name, event.delivery_id))?;
    }
    output.line("")?;
    for (heading, line) in headed("not protected", &page.not_protected) {
        output.line(format_args!("{heading:15}{line}"))?;
    }
    Ok(Ended::Well)
}

/// The rows of a section, with its heading before the first.
fn headed<'a, T>(heading: &'static str, rows: &'a [T]) -> impl Iterator<Item = (&'static str, &'a T)> {
    std::iter::once(heading).chain(std::iter::repeat("")).zip(rows)
}

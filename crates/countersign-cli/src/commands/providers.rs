//! `countersign providers`: the table, or one provider's page.

use std::time::Duration;

use owo_colors::OwoColorize;

use crate::{
    arguments::ProvidersCommand,
    catalog::ENTRIES,
    output::{Ended, Failure, Output},
    page::PageInWords,
    scheme_file, words,
};

pub(crate) fn run(command: &ProvidersCommand, output: &mut Output) -> Result<Ended, Failure> {
    match (command.name, &command.scheme) {
        (Some(entry), _) => show(&PageInWords::of(entry), output),
        (None, Some(file)) => {
            let entry = scheme_file::read(file)?;
            let rust = Some(scheme_file::rust::page(entry.page));
            show(&PageInWords { rust, ..PageInWords::of(entry) }, output)
        }
        (None, None) => list(output),
    }
}

fn list(output: &mut Output) -> Result<Ended, Failure> {
    let pages: Vec<_> = ENTRIES.iter().map(PageInWords::of).collect();
    let name = pages.iter().map(|page| page.name.len()).max().unwrap_or_default();
    let title = pages.iter().map(|page| page.title.len()).max().unwrap_or_default();
    let mut group = "";
    for page in &pages {
        output.json(page)?;
        if page.group != group {
            output.line(if group.is_empty() { "" } else { "\n" }.to_owned() + &heading(page.group))?;
            group = page.group;
        }
        output.line(format_args!("  {:name$}  {:title$}  {}", page.name, page.title, page.proof))?;
    }
    output.line("\n`countersign providers NAME` shows one of them.")?;
    Ok(Ended::Well)
}

/// `Developer tools`
fn heading(group: &str) -> String {
    match (group, group.split_at_checked(1)) {
        ("ai", _) => "AI".to_owned(),
        ("customers", _) => "CRM and support".to_owned(),
        (_, Some((first, rest))) => first.to_ascii_uppercase() + &rest.replace('_', " "),
        (_, None) => String::new(),
    }
}

fn show(page: &PageInWords, output: &mut Output) -> Result<Ended, Failure> {
    output.json(page)?;
    output.line(format_args!("{} ({})", page.title.bold(), page.name))?;
    if !page.docs.is_empty() {
        output.line(page.docs)?;
    }
    output.line("")?;
    let mut row = |heading: &str, text: &str| output.line(format_args!("{heading:15}{text}"));
    row("proof", &page.proof)?;
    row("signed bytes", &page.signed_bytes)?;
    row("trust", page.trust.1)?;
    row("secret", &page.secret)?;
    if page.signs_url {
        row("URL", "signed: give it as registered, with --url")?;
    }
    if let Some(time) = &page.time {
        let tolerance = page.tolerance_seconds.map(Duration::from_secs);
        let tolerance = tolerance.map_or_else(
            || "any time is accepted".to_owned(),
            |tolerance| format!("accepted within {} of the clock", words::span(tolerance)),
        );
        row("time", &format!("{time}, {tolerance}"))?;
    }
    row("answer within", &page.deadline)?;
    row("retries", &page.retries)?;
    for (heading, handshake) in headed("handshake", &page.handshakes) {
        row(heading, handshake)?;
    }
    for feature in page.features {
        row("feature", &format!("{feature}, in the library"))?;
    }
    output.line("")?;
    if page.events.is_empty() {
        let event = page.event.as_ref().map_or_else(|| "not named".to_owned(), |event| event.place.clone());
        output.line(format_args!("{:15}{event}", "event"))?;
        output.line(format_args!("{:15}{}", "delivery ID", page.delivery_id))?;
    }
    let width = page.events.iter().map(|event| event.name.len()).max().unwrap_or_default();
    for (heading, event) in headed("events", &page.events) {
        output.line(format_args!("{heading:15}{:width$}  delivery ID: {}", event.name, event.delivery_id))?;
    }
    output.line("")?;
    for (heading, line) in headed("not protected", &page.not_protected) {
        output.line(format_args!("{heading:15}{line}"))?;
    }
    if let Some(rust) = &page.rust {
        output.line(format_args!("\nits page, for your own crate:\n\n{rust}"))?;
    }
    Ok(Ended::Well)
}

/// The rows of a section, with its heading before the first.
fn headed<'a, T>(heading: &'static str, rows: &'a [T]) -> impl Iterator<Item = (&'static str, &'a T)> {
    std::iter::once(heading).chain(std::iter::repeat("")).zip(rows)
}

//! `countersign inbox`

mod shown;

use std::{
    env,
    future::Future,
    io::{IsTerminal, Write, stdin, stdout},
    time::{SystemTime, UNIX_EPOCH},
};

use countersign_inbox::{
    postgres, sqlite,
    store::{Filter, Ledger, Purge, RowId, State},
};
use serde::Serialize;
use shown::{lines, shown, time};

use crate::{
    inbox_arguments::{InboxAction, InboxCommand, Sure},
    inbox_keys::{InboxKeys, SealState},
    output::{Ended, Failure, Output, printable, shortened},
};

#[derive(Serialize)]
struct ShownCounts {
    ready: u64,
    claimed: u64,
    done: u64,
    dead: u64,
    oldest_open: Option<String>,
}

#[derive(Serialize)]
struct Changed {
    changed: usize,
}

pub(crate) fn run(command: &InboxCommand, output: &mut Output) -> Result<Ended, Failure> {
    let now = SystemTime::now();
    let url = url(command)?;
    if let InboxAction::Migrate { print: true } = command.action {
        let is_postgres = url.as_deref().is_some_and(|url| url.starts_with("postgres"));
        let migrations = if is_postgres { postgres::migrations() } else { sqlite::migrations() };
        for statement in &migrations {
            output.bytes(statement.as_bytes())?;
        }
        output.json(&migrations)?;
        return Ok(Ended::Well);
    }
    let url =
        url.ok_or_else(|| Failure::usage("which inbox? Give it with --store, such as --store sqlite:inbox.db"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::of)?;
    let opened = runtime.block_on(countersign_inbox::open_ledger(&url));
    let (ledger, key) = opened.map_err(Failure::of)?;
    let keys = InboxKeys::new(key, command.namespace.as_deref())?;
    let ask = Ask { runtime, ledger };
    match &command.action {
        InboxAction::List { which, limit } => list(&ask, which.filter(&keys, now), limit.get(), output),
        InboxAction::Show { id, body } => show(&ask, RowId(*id), *body, &keys, output),
        InboxAction::Counts { which } => counts(&ask, which.filter(&keys, now), output),
        InboxAction::Redrive { which, sure } => {
            let filter = which.filter_of_change(sure, &keys, now)?;
            let change = |filter| ask.ledger.redrive(filter, milliseconds(now));
            let left = " (left alone: what is being handled or is due already, and what has no body any more)";
            changed(&ask, filter, sure, ("redrive", "redriven", left), change, output)
        }
        InboxAction::Purge { which, rows, sure } => {
            let filter = which.filter_of_change(sure, &keys, now)?;
            let purge = if *rows { Purge::Rows } else { Purge::Bodies };
            let words = if *rows {
                ("remove", "removed", " (left alone: what is being handled)")
            } else {
                ("purge the bodies of", "purged", " (left alone: what is being handled, and what has no body any more)")
            };
            changed(&ask, filter, sure, words, |filter| ask.ledger.purge(filter, purge), output)
        }
        // It was brought up to date when it was opened.
        InboxAction::Migrate { .. } => {
            output.line("the schema is up to date")?;
            output.json(&Changed { changed: 0 })?;
            Ok(Ended::Well)
        }
    }
}

fn url(command: &InboxCommand) -> Result<Option<String>, Failure> {
    let Some(name) = &command.store_env else { return Ok(command.store.clone()) };
    let url = env::var(name).map_err(|error| Failure::usage(format!("--store-env {name}: {error}")))?;
    Ok(Some(url))
}

/// A store, and what waits for it.
struct Ask {
    runtime: tokio::runtime::Runtime,
    ledger: Box<dyn Ledger>,
}

impl Ask {
    fn wait<T>(&self, answer: impl Future<Output = Result<T, countersign_inbox::StoreError>>) -> Result<T, Failure> {
        self.runtime.block_on(answer).map_err(Failure::of)
    }
}

fn list(ask: &Ask, filter: Filter, limit: usize, output: &mut Output) -> Result<Ended, Failure> {
    let rows = ask.wait(ask.ledger.list(filter, limit))?;
    for row in &rows {
        output.json(&shown(row, &SealState::Unknown, None))?;
        let columns = row.sealed.columns();
        let error = row.errors.last().filter(|_| row.state != State::Done);
        let error = error.map(|error| format!("  {}", shortened(&error.why))).unwrap_or_default();
        output.line(format_args!(
            "{:>6}  {:<7}  {}  {} {} {}  attempts {}{error}",
            row.id,
            row.state.name(),
            time(columns.received_at),
            printable(&columns.provider),
            shortened(&columns.event),
            shortened(columns.resource.as_deref().unwrap_or_default()),
            row.attempts,
        ))?;
    }
    if rows.is_empty() {
        output.line("no delivery matches")?;
    }
    Ok(if rows.is_empty() { Ended::Badly } else { Ended::Well })
}

fn show(ask: &Ask, id: RowId, with_body: bool, keys: &InboxKeys, output: &mut Output) -> Result<Ended, Failure> {
    let Some(row) = ask.wait(ask.ledger.show(id))? else {
        output.line(format_args!("there is no delivery {id}"))?;
        return Ok(Ended::Badly);
    };
    let seal = keys.check(&row.sealed);
    let body = match &seal {
        SealState::Right(contents) => Some(&contents.body),
        SealState::Purged => None,
        SealState::Wrong(why) if with_body && row.sealed.is_encrypted() => {
            return Err(Failure::of(format_args!("the body cannot be decrypted: {why}")));
        }
        SealState::Unknown if with_body && row.sealed.is_encrypted() => {
            return Err(Failure::usage("the body is encrypted: set COUNTERSIGN_INBOX_KEY to the inbox's key"));
        }
        SealState::Wrong(_) | SealState::Unknown => row.sealed.columns().body.as_ref(),
    };
    let body = body.filter(|_| with_body);
    output.json(&shown(&row, &seal, body))?;
    for line in lines(&row, &seal) {
        output.line(line)?;
    }
    if let Some(body) = body {
        output.line("")?;
        if stdout().is_terminal() {
            for line in String::from_utf8_lossy(body).split('\n') {
                output.line(printable(line))?;
            }
        } else {
            output.bytes(body)?;
        }
    }
    Ok(Ended::Well)
}

fn counts(ask: &Ask, filter: Filter, output: &mut Output) -> Result<Ended, Failure> {
    let counts = ask.wait(ask.ledger.counts(filter))?;
    let oldest_open = counts.oldest.map(time);
    for (name, count) in
        [("ready", counts.ready), ("claimed", counts.claimed), ("done", counts.done), ("dead", counts.dead)]
    {
        output.line(format_args!("{name:<8} {count:>9}"))?;
    }
    output.line(format_args!("oldest that is not ended: {}", oldest_open.as_deref().unwrap_or("none")))?;
    let (ready, claimed, done, dead) = (counts.ready, counts.claimed, counts.done, counts.dead);
    output.json(&ShownCounts { ready, claimed, done, dead, oldest_open })?;
    Ok(Ended::Well)
}

/// Says how many deliveries match, asks, and changes them.
fn changed<'a, F>(
    ask: &'a Ask,
    filter: Filter,
    sure: &Sure,
    (verb, done, left_alone): (&str, &str, &str),
    change: impl FnOnce(Filter) -> F,
    output: &mut Output,
) -> Result<Ended, Failure>
where
    F: Future<Output = Result<usize, countersign_inbox::StoreError>> + 'a,
{
    let counts = ask.wait(ask.ledger.counts(filter.clone()))?;
    let all = [counts.ready, counts.claimed, counts.done, counts.dead];
    let matching = all.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
    if matching == 0 {
        output.line("no delivery matches")?;
        output.json(&Changed { changed: 0 })?;
        return Ok(Ended::Badly);
    }
    if !sure.yes {
        if !stdin().is_terminal() {
            let what = deliveries(matching);
            return Err(Failure::usage(format!("without a terminal to ask on, give --yes to {verb} {what}")));
        }
        let mut error = std::io::stderr();
        write!(error, "{verb} {} (those of them that can be)? [y/N] ", deliveries(matching))?;
        error.flush()?;
        let mut answer = String::new();
        stdin().read_line(&mut answer)?;
        if !matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
            output.line("nothing was changed")?;
            return Ok(Ended::Badly);
        }
    }
    let count = ask.wait(change(filter))?;
    let why = if u64::try_from(count).is_ok_and(|count| count < matching) { left_alone } else { "" };
    output.line(format_args!("{count} of {} {done}{why}", deliveries(matching)))?;
    output.json(&Changed { changed: count })?;
    Ok(if count > 0 { Ended::Well } else { Ended::Badly })
}

fn deliveries(count: u64) -> String {
    format!("{count} {}", if count == 1 { "delivery" } else { "deliveries" })
}

fn milliseconds(time: SystemTime) -> i64 {
    i64::try_from(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(i64::MAX)
}

//! Prints each attempt as soon as it ends, and a summary at the end.

use std::{error::Error, io, time::Duration};

use countersign_core::provider::{Page, Retries};
use countersign_testkit::{Attempt, NextAttempt, Report, SendError, SendErrorKind, Tampering};
use owo_colors::{OwoColorize, Style};
use serde::Serialize;

use super::{Outgoing, UNDOCUMENTED_DEADLINE, expectation::Expectation};
use crate::{
    arguments::SendCommand,
    output::{Ended, Failure, Output},
    words,
};

pub(super) struct Printer<'a> {
    output: &'a mut Output,
    title: &'static str,
    retries: Retries,
    does_retry: bool,
    tampering: Option<Tampering>,
    /// The length of the longest label.
    width: usize,
    counts: Counts,
    times: Vec<Duration>,
    /// The first error of writing.
    broken: Option<io::Error>,
}

#[derive(Default, Serialize)]
struct Counts {
    deliveries: usize,
    attempts: usize,
    accepted: usize,
    duplicates: usize,
    rejected: usize,
    unanswered: usize,
    unexpected: usize,
    #[serde(skip)]
    unauthorized: usize,
}

#[derive(Serialize)]
struct AttemptDocument<'a> {
    delivery: &'a str,
    attempt: u32,
    status: Option<u16>,
    error: Option<String>,
    duplicate: bool,
    took_ms: f64,
    deadline_ms: Option<u128>,
    next: &'static str,
    next_after_ms: Option<u128>,
    as_expected: bool,
}

impl<'a> Printer<'a> {
    pub(super) fn new(output: &'a mut Output, command: &SendCommand, page: &Page, deliveries: &[Outgoing]) -> Self {
        // The last copy has the longest number.
        let labels = deliveries.iter().filter_map(|delivery| delivery.labels(command.repeat).next_back());
        Self {
            output,
            title: page.title,
            retries: page.retries,
            does_retry: command.retry,
            tampering: command.tamper,
            width: labels.map(|label| label.chars().count()).max().unwrap_or_default(),
            counts: Counts::default(),
            times: Vec::new(),
            broken: None,
        }
    }

    /// Prints one attempt.
    pub(super) fn attempt(&mut self, label: &str, expectation: Expectation, attempt: &Attempt) {
        add(&mut self.counts.attempts, true);
        self.times.push(attempt.took);
        // What the provider's page says, also if no retries are asked for.
        let next =
            if attempt.is_accepted() { NextAttempt::None } else { NextAttempt::of(&self.retries, attempt.number) };
        let line = self.line(label, expectation, attempt, next);
        let document = AttemptDocument {
            delivery: label,
            attempt: attempt.number,
            status: attempt.status().map(|status| status.as_u16()),
            error: attempt.result.as_ref().err().map(|error| self.in_full(error)),
            duplicate: is_duplicate(attempt),
            took_ms: attempt.took.as_secs_f64() * 1000.0,
            deadline_ms: self.retries.deadline.map(|deadline| deadline.as_millis()),
            next: match next {
                NextAttempt::None => "none",
                NextAttempt::After(_) => "after",
                NextAttempt::Undocumented => "undocumented",
                NextAttempt::GivenUp => "given_up",
                _ => "unknown",
            },
            next_after_ms: if let NextAttempt::After(delay) = next { Some(delay.as_millis()) } else { None },
            as_expected: expectation.is_met(attempt),
        };
        if let Err(error) = self.output.line(line).and_then(|()| self.output.json(&document)) {
            self.broken.get_or_insert(error);
        }
    }

    /// Counts a delivery after its last attempt.
    pub(super) fn delivered(&mut self, expectation: Expectation, report: &Report) -> Result<(), Failure> {
        let Some(last) = report.attempts().last() else { return Ok(()) };
        let counts = &mut self.counts;
        add(&mut counts.deliveries, true);
        add(&mut counts.accepted, last.is_accepted());
        add(&mut counts.duplicates, is_duplicate(last));
        add(&mut counts.rejected, last.result.is_ok() && !last.is_accepted());
        add(&mut counts.unanswered, last.result.is_err());
        add(&mut counts.unexpected, !expectation.is_met(last));
        add(&mut counts.unauthorized, last.status().is_some_and(|status| status.as_u16() == 401));
        self.broken.take().map_or(Ok(()), |error| Err(error.into()))
    }

    /// Prints the summary.
    pub(super) fn finish(self) -> Result<Ended, Failure> {
        self.output.json(&serde_json::json!({ "summary": self.counts }))?;
        let summary = self.summary();
        self.output.line(summary)?;
        if self.tampering.is_none() && self.counts.unauthorized > 0 {
            self.output.line(
                "A 401 does not say why. The server's log does, and `countersign verify` for a captured request.",
            )?;
        }
        // Copies may be answered 409, but not all of them.
        let is_well = self.counts.unexpected == 0 && (self.tampering.is_some() || self.counts.accepted > 0);
        Ok(if is_well { Ended::Well } else { Ended::Badly })
    }

    fn line(&self, label: &str, expectation: Expectation, attempt: &Attempt, next: NextAttempt) -> String {
        let style = if expectation.is_met(attempt) { Style::new().green() } else { Style::new().red() };
        let answer = attempt.status().map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let again = if attempt.number > 1 { format!("attempt {}: ", attempt.number) } else { String::new() };
        let took = words::duration(attempt.took);
        let deadline = self.retries.deadline.map(|deadline| format!(" of {}", words::duration(deadline)));
        let error = attempt.result.as_ref().err().map(|error| format!("{}; ", self.in_full(error)));
        format!(
            "{label:width$}  {}  {took}{}  {again}{}{}",
            answer.style(style),
            deadline.unwrap_or_default(),
            error.unwrap_or_default(),
            self.remark(expectation, attempt, next),
            width = self.width,
        )
    }

    /// What the answer means.
    fn remark(&self, expectation: Expectation, attempt: &Attempt, next: NextAttempt) -> String {
        let (is_met, is_accepted) = (expectation.is_met(attempt), attempt.is_accepted());
        let remark = match self.tampering {
            None if is_met && !is_accepted && !self.does_retry => "another copy is being handled",
            None if is_duplicate(attempt) => "accepted as a duplicate",
            None => return self.what_comes_next(attempt, next),
            Some(_) if expectation == Expectation::Control && is_met => "accepted: not tampered with",
            Some(_) if expectation == Expectation::Control => {
                "NOT AS EXPECTED: a server that rejects the original as well proves nothing about the tampered one"
            }
            Some(_) if !is_met => "NOT AS EXPECTED",
            Some(Tampering::Duplicate) if is_duplicate(attempt) => "as expected: accepted as a duplicate",
            Some(Tampering::Duplicate) => "accepted; the server does not say whether it is a duplicate",
            Some(Tampering::Stale) if is_accepted => "accepted: the server sets no maximum age",
            Some(Tampering::StaleTime) if is_accepted => "accepted: the server sets no tolerance of the signed time",
            Some(Tampering::FlippedBody | Tampering::Reserialised) if is_accepted => {
                "NOT PROTECTED: the proof does not cover the body"
            }
            Some(_) => "as expected",
        };
        remark.to_owned()
    }

    fn what_comes_next(&self, attempt: &Attempt, next: NextAttempt) -> String {
        let title = self.title;
        match (next, self.does_retry) {
            (NextAttempt::None, _) => "accepted".to_owned(),
            (NextAttempt::After(delay), true) => format!("retried after {}", words::duration(delay)),
            (NextAttempt::After(delay), false) => {
                let of = self.retries.attempts.map_or(String::new(), |attempts| format!(" of {attempts}"));
                let number = attempt.number.saturating_add(1);
                format!("{title} would retry after {}: attempt {number}{of}", words::duration(delay))
            }
            (NextAttempt::Undocumented, _) => format!("{title} would retry; its page does not say when"),
            (NextAttempt::Unknown, _) => format!("countersign does not know when {title} retries"),
            (_, true) => format!("{title} does not retry again"),
            (_, false) => format!("{title} would not retry again"),
        }
    }

    /// An error and the last of its causes, which says what to look at.
    fn in_full(&self, error: &SendError) -> String {
        if error.kind() == SendErrorKind::DeadlineExceeded && self.retries.deadline.is_none() {
            return format!("no answer within {}", words::duration(UNDOCUMENTED_DEADLINE));
        }
        let mut cause = error.source();
        while let Some(deeper) = cause.and_then(Error::source) {
            cause = Some(deeper);
        }
        cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
    }

    fn summary(&self) -> String {
        let Counts { deliveries, attempts, accepted, duplicates, rejected, unanswered, unexpected, .. } = self.counts;
        let mut times = self.times.clone();
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        let longest = times.last().copied().unwrap_or_default();
        let plural = if deliveries == 1 { "delivery" } else { "deliveries" };
        let retried = if attempts > deliveries { format!(" in {attempts} attempts") } else { String::new() };
        let mut summary = format!("{deliveries} {plural}{retried}: {accepted} accepted");
        let duplicate = if duplicates == 1 { "duplicate" } else { "duplicates" };
        for (count, what) in [(duplicates, duplicate), (rejected, "rejected"), (unanswered, "not answered")] {
            if count > 0 {
                summary.push_str(&format!(", {count} {what}"));
            }
        }
        match (self.tampering, unexpected) {
            (None, _) => {}
            (Some(_), 0) => summary.push_str("; all as expected"),
            (Some(_), _) => summary.push_str(&format!("; {unexpected} NOT as expected")),
        }
        format!("{summary}; {} median, {} longest", words::duration(median), words::duration(longest))
    }
}

fn add(count: &mut usize, does_count: bool) {
    *count = count.saturating_add(usize::from(does_count));
}

fn is_duplicate(attempt: &Attempt) -> bool {
    attempt.result.as_ref().is_ok_and(countersign_testkit::Answer::is_duplicate)
}

//! What is printed of deliveries while they are sent, and of all of them at the end.

use std::{error::Error, io, time::Duration};

use countersign_core::{Provider, Retries};
use countersign_testkit::{Attempt, NextAttempt, Report, SendError, SendErrorKind, Tampering};
use owo_colors::{OwoColorize, Style};
use serde::Serialize;

use super::{Outgoing, UNDOCUMENTED_DEADLINE, expectation::Expectation, progress::Progress};
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
    /// The longest label's length.
    width: usize,
    progress: Progress,
    counts: Counts,
    times: Vec<Duration>,
    /// The first line that could not be written.
    broken: Option<io::Error>,
}

#[derive(Default, Serialize)]
struct Counts {
    deliveries: usize,
    attempts: usize,
    accepted: usize,
    duplicates: usize,
    refused: usize,
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

#[derive(Serialize)]
struct SummaryDocument<'a> {
    summary: &'a Counts,
}

impl<'a> Printer<'a> {
    pub(super) fn new<P: Provider>(output: &'a mut Output, command: &SendCommand, deliveries: &[Outgoing<P>]) -> Self {
        let count = u64::try_from(deliveries.len()).unwrap_or(u64::MAX);
        // The last copy has the longest number.
        let labels = deliveries.iter().filter_map(|delivery| delivery.labels(command.repeat).next_back());
        Self {
            output,
            title: P::TITLE,
            retries: P::RETRIES,
            does_retry: command.retry,
            tampering: command.tamper,
            width: labels.map(|label| label.chars().count()).max().unwrap_or_default(),
            progress: Progress::new(u64::from(command.repeat).saturating_mul(count), command.retry),
            counts: Counts::default(),
            times: Vec::new(),
            broken: None,
        }
    }

    /// One attempt, as soon as it is over.
    pub(super) fn attempt(&mut self, label: &str, expectation: Expectation, attempt: &Attempt) {
        self.counts.attempts = self.counts.attempts.saturating_add(1);
        self.times.push(attempt.took);
        let next = self.next(attempt);
        let line = self.line(label, expectation, attempt, next);
        let document = AttemptDocument {
            delivery: label,
            attempt: attempt.number,
            status: attempt.status().map(|status| status.as_u16()),
            error: attempt.result.as_ref().err().map(|error| self.in_full(error)),
            duplicate: is_duplicate(attempt),
            took_ms: attempt.took.as_secs_f64() * 1000.0,
            deadline_ms: self.retries.deadline.map(|deadline| deadline.as_millis()),
            next: code(next),
            next_after_ms: if let NextAttempt::After(delay) = next { Some(delay.as_millis()) } else { None },
            as_expected: expectation.is_met(attempt),
        };
        let output = &mut *self.output;
        let printed = self.progress.aside(|| output.line(line).and_then(|()| output.json(&document)));
        if let Err(error) = printed {
            self.broken.get_or_insert(error);
        }
        if let (true, NextAttempt::After(delay)) = (self.does_retry, next) {
            self.progress.waiting(format!(", waiting {} for {label}", words::duration(delay)));
        }
    }

    /// What became of a delivery.
    pub(super) fn delivered(&mut self, expectation: Expectation, report: &Report) -> Result<(), Failure> {
        self.progress.delivered();
        self.progress.waiting(String::new());
        let Some(last) = report.attempts().last() else { return Ok(()) };
        let count = |count: &mut usize, does_count: bool| *count = count.saturating_add(usize::from(does_count));
        count(&mut self.counts.deliveries, true);
        count(&mut self.counts.accepted, last.is_accepted());
        count(&mut self.counts.duplicates, is_duplicate(last));
        count(&mut self.counts.refused, last.result.is_ok() && !last.is_accepted());
        count(&mut self.counts.unanswered, last.result.is_err());
        count(&mut self.counts.unexpected, !expectation.is_met(last));
        count(&mut self.counts.unauthorized, last.status().is_some_and(|status| status.as_u16() == 401));
        self.broken.take().map_or(Ok(()), |error| Err(error.into()))
    }

    /// The summary.
    pub(super) fn finish(self) -> Result<Ended, Failure> {
        self.progress.finish();
        self.output.json(&SummaryDocument { summary: &self.counts })?;
        let summary = self.summary();
        self.output.line(summary)?;
        if self.tampering.is_none() && self.counts.unauthorized > 0 {
            self.output.line(
                "A 401 does not say why. The server's log does; of a captured request, `countersign verify` does.",
            )?;
        }
        // Copies may be answered 409, but not all of them.
        let is_well = self.counts.unexpected == 0 && (self.tampering.is_some() || self.counts.accepted > 0);
        Ok(if is_well { Ended::Well } else { Ended::Badly })
    }

    /// What the provider does next: what its page says, also where no retries were asked for.
    fn next(&self, attempt: &Attempt) -> NextAttempt {
        if attempt.is_accepted() { NextAttempt::None } else { NextAttempt::of(&self.retries, attempt.number) }
    }

    fn line(&self, label: &str, expectation: Expectation, attempt: &Attempt, next: NextAttempt) -> String {
        let is_met = expectation.is_met(attempt);
        let style = if is_met { Style::new().green() } else { Style::new().red() };
        let answer = match &attempt.result {
            Ok(answer) => answer.status.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        let again = if attempt.number > 1 { format!("attempt {}: ", attempt.number) } else { String::new() };
        let width = self.width;
        format!(
            "{label:width$}  {}  {}  {again}{}",
            answer.style(style),
            self.time(attempt),
            self.remark(expectation, attempt, next)
        )
    }

    fn time(&self, attempt: &Attempt) -> String {
        let took = words::duration(attempt.took);
        match self.retries.deadline {
            Some(deadline) => format!("{took} of {}", words::duration(deadline)),
            None => took,
        }
    }

    /// What it means.
    fn remark(&self, expectation: Expectation, attempt: &Attempt, next: NextAttempt) -> String {
        let is_met = expectation.is_met(attempt);
        let mut remark = match &attempt.result {
            Err(error) => format!("{}; ", self.in_full(error)),
            Ok(_) => String::new(),
        };
        match self.tampering {
            Some(_) if expectation == Expectation::Control => remark.push_str(if is_met {
                "accepted, being genuine"
            } else {
                "NOT AS IT HAS TO BE: it is genuine, so that refusing others shows nothing"
            }),
            Some(_) if is_met => remark.push_str(self.tampered_remark(attempt)),
            Some(_) => remark.push_str("NOT AS IT HAS TO BE"),
            None if is_met && !attempt.is_accepted() && !self.does_retry => {
                remark.push_str("another copy is being handled");
            }
            None if is_duplicate(attempt) => remark.push_str("accepted, as a duplicate"),
            None => remark.push_str(&self.what_comes_next(attempt, next)),
        }
        remark
    }

    fn tampered_remark(&self, attempt: &Attempt) -> &'static str {
        match self.tampering {
            Some(Tampering::Duplicate) if is_duplicate(attempt) => "as it has to be: accepted as a duplicate",
            Some(Tampering::Duplicate) => "accepted; the server does not say whether it knew it",
            Some(Tampering::Stale) if attempt.is_accepted() => "accepted: the server demands no maximum age",
            Some(Tampering::FlippedBody | Tampering::Reserialised) if attempt.is_accepted() => {
                "NOT PROTECTED: nothing tells it from a genuine delivery"
            }
            _ => "as it has to be",
        }
    }

    fn what_comes_next(&self, attempt: &Attempt, next: NextAttempt) -> String {
        let title = self.title;
        match (next, self.does_retry) {
            (NextAttempt::None, _) => "accepted".to_owned(),
            (NextAttempt::After(delay), true) => format!("sent again after {}", words::duration(delay)),
            (NextAttempt::After(delay), false) => {
                let of = self.retries.attempts.map_or(String::new(), |attempts| format!(" of {attempts}"));
                let number = attempt.number.saturating_add(1);
                format!("{title} would send it again after {}: attempt {number}{of}", words::duration(delay))
            }
            (NextAttempt::Undocumented, _) => format!("{title} would send it again; its page does not say when"),
            (NextAttempt::Unknown, _) => format!("{title}'s page says nothing of retries"),
            (_, true) => format!("{title} gives it up"),
            (_, false) => format!("{title} would give it up"),
        }
    }

    /// An error and the last of its causes, which is the one that says what to look at.
    fn in_full(&self, error: &SendError) -> String {
        if error.kind() == SendErrorKind::DeadlineExceeded && self.retries.deadline.is_none() {
            return format!("there was no answer within {}", words::duration(UNDOCUMENTED_DEADLINE));
        }
        let mut cause = error.source();
        while let Some(deeper) = cause.and_then(Error::source) {
            cause = Some(deeper);
        }
        cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
    }

    fn summary(&self) -> String {
        let Counts { deliveries, attempts, accepted, duplicates, refused, unanswered, unexpected, .. } = &self.counts;
        let mut times = self.times.clone();
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        let longest = times.last().copied().unwrap_or_default();
        let plural = if *deliveries == 1 { "delivery" } else { "deliveries" };
        let mut summary = format!("{deliveries} {plural}");
        if attempts > deliveries {
            summary.push_str(&format!(" in {attempts} attempts"));
        }
        summary.push_str(&format!(": {accepted} accepted"));
        for (count, what) in [(duplicates, "as a duplicate"), (refused, "refused"), (unanswered, "without an answer")] {
            if *count > 0 {
                summary.push_str(&format!(", {count} {what}"));
            }
        }
        if self.tampering.is_some() {
            let all = if *unexpected == 0 {
                "all as it has to be".to_owned()
            } else {
                format!("{unexpected} NOT as it has to be")
            };
            summary.push_str(&format!("; {all}"));
        }
        summary.push_str(&format!("; {} median, {} longest", words::duration(median), words::duration(longest)));
        summary
    }
}

fn is_duplicate(attempt: &Attempt) -> bool {
    attempt.result.as_ref().is_ok_and(countersign_testkit::Answer::is_duplicate)
}

fn code(next: NextAttempt) -> &'static str {
    match next {
        NextAttempt::None => "none",
        NextAttempt::After(_) => "after",
        NextAttempt::Undocumented => "undocumented",
        NextAttempt::GivenUp => "given_up",
        _ => "unknown",
    }
}

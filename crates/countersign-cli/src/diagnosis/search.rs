//! The search for the simplest explanation: every single mistake first, then every two.

use std::time::{Duration, SystemTime};

use countersign_core::{
    __private::{RunTimeTerms, verify_at_run_time},
    Secret, Secrets, SentAt,
    adapter::RequestHead,
    provider::Scheme,
};

use super::{
    Delivered, bodies,
    edits::{self, Edit},
    heads,
    mistake::{Meant, Named},
    secrets, times, urls,
};
use crate::capture::Captured;

/// No more work is done, in bytes that are hashed: a second or two.
pub(super) const MOST_WORK: usize = 2 * 1024 * 1024 * 1024;
/// What an attempt costs in addition to its body.
const ATTEMPT: usize = 64 * 1024;
/// Of a head with more bytes or headers, which no server accepts, nothing is tried.
const LONGEST_HEAD: usize = 64 * 1024;
const MOST_HEADERS: usize = 256;

/// What the search found.
#[derive(Default)]
pub(super) struct Found {
    /// The mistakes that explain why the proof does not match: one, or else two.
    pub(super) mistakes: Option<Vec<Named>>,
    /// Whether there was more to try.
    pub(super) is_cut: bool,
}

/// Searches for the mistakes that explain why the proof does not match, as long as its work lasts.
pub(super) fn explain(delivered: &Delivered<'_>, mut work: usize) -> Found {
    let Some(search) = Search::new(delivered) else { return Found::default() };
    let (scheme, captured, secret) = (delivered.scheme(), &search.captured, &delivered.secret.bytes);
    // As the causes are told.
    let groups = [
        secrets::all(scheme.key(), delivered.secret, delivered.previous),
        bodies::all(delivered.page(), delivered.captured),
        edits::all(scheme, captured, secret),
        heads::all(captured, scheme, secret),
        urls::all(delivered.url.as_ref(), scheme, captured),
    ];
    let [secrets, bodies, edits, heads, urls] = &groups;
    let singles = [edits, heads, urls, bodies, secrets].into_iter().flatten().map(|meant| vec![meant]);
    let pairs = groups.iter().enumerate().rev().flat_map(|(index, firsts)| {
        // Of a group, only edits can be two.
        let own = if std::ptr::eq(firsts, edits) { firsts.as_slice() } else { &[] };
        let others = groups.iter().skip(index.saturating_add(1)).flatten();
        let seconds = own.iter().chain(others);
        firsts.iter().flat_map(move |first| seconds.clone().map(move |second| vec![first, second]))
    });
    let attempt = captured.body().len().saturating_add(ATTEMPT);
    for meant in singles.chain(pairs) {
        let Some(left) = work.checked_sub(attempt) else { return Found { is_cut: true, mistakes: None } };
        work = left;
        if let Some(mistakes) = search.explains(&meant) {
            return Found { mistakes: Some(mistakes), is_cut: false };
        }
    }
    Found::default()
}

/// Whether nothing is tried.
pub(super) fn is_too_long(captured: &Captured) -> bool {
    let target = captured.path().len().saturating_add(captured.query().unwrap_or_default().len());
    let lengths = captured.headers().map(|(name, value)| name.len().saturating_add(value.len()));
    lengths.fold(target, usize::saturating_add) > LONGEST_HEAD || captured.headers().count() > MOST_HEADERS
}

/// Returns what is wrong with the time of a delivery whose signature is right.
pub(super) fn explain_time(delivered: &Delivered<'_>) -> Found {
    Found { mistakes: Search::new(delivered).and_then(|search| search.explains(&[])), is_cut: false }
}

/// What is the same in every attempt.
struct Search<'a> {
    delivered: &'a Delivered<'a>,
    captured: Captured,
    secret: Secrets,
    now: SystemTime,
}

impl<'a> Search<'a> {
    fn new(delivered: &'a Delivered<'a>) -> Option<Self> {
        let secret = Secret::new(delivered.secret.bytes.as_slice()).ok()?.into();
        Some(Self { delivered, captured: delivered.as_plain_post(), secret, now: delivered.now() })
    }

    /// Returns the mistakes, and what is wrong with the time, if the verifier accepts the delivery
    /// without them.
    fn explains(&self, meant: &[&Meant]) -> Option<Vec<Named>> {
        if meant.iter().filter(|meant| meant.secret.is_some()).count() > 1 {
            return None;
        }
        let edit = match meant {
            [Meant { edit: Some(one), .. }, Meant { edit: Some(other), .. }] => Some(one.and(other)?),
            _ => meant.iter().find_map(|meant| meant.edit.clone()),
        };
        let scheme = edit.as_ref().map_or(self.delivered.scheme(), |edit| edit.scheme);
        let time = self.verify(meant, scheme)?;
        let mistakes = meant.iter().map(|meant| meant.mistake.clone());
        let Some(stale) = times::stale(self.delivered, scheme, time) else { return Some(mistakes.collect()) };
        // A time in another unit is far away.
        let edits = edit.map_or_else(|| scheme.__each().iter().map(Edit::none).collect(), |edit| vec![edit]);
        let other_units = edits.iter().flat_map(Edit::units).filter_map(|(edit, named)| {
            let time = self.verify(meant, edit.scheme)?;
            let stale = times::stale(self.delivered, edit.scheme, time);
            is_near(time, self.now).then(|| std::iter::once(named).chain(stale).collect::<Vec<_>>())
        });
        let about_time = other_units.into_iter().next().unwrap_or_else(|| vec![stale]);
        Some(mistakes.chain(about_time).collect())
    }

    /// Returns the time of sending if the verifier accepts the delivery, whatever its time is.
    fn verify(&self, meant: &[&Meant], scheme: &'static Scheme) -> Option<Option<SentAt>> {
        let mut page = *self.delivered.page();
        page.scheme = scheme;
        let secrets = meant.iter().find_map(|meant| meant.secret.as_ref()).unwrap_or(&self.secret);
        let url = meant.iter().find_map(|meant| meant.url.as_ref()).or(self.delivered.url.as_ref());
        let head = meant.iter().find_map(|meant| meant.head.as_ref()).unwrap_or(&self.captured);
        let body = meant.iter().find_map(|meant| meant.body.as_ref()).unwrap_or(self.captured.body());
        let terms = RunTimeTerms { secrets, url, now: self.now, any_time: true };
        // A secret that is not a key explains nothing.
        Some(verify_at_run_time(&page, &terms, head, body).ok()?.ok()?.sent_at)
    }
}

/// Within ten years: for the same digits in another unit, it is decades at least.
fn is_near(time: Option<SentAt>, now: SystemTime) -> bool {
    const YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    let Some(SentAt::Signed(time)) = time else { return false };
    now.duration_since(time).unwrap_or_else(|ahead| ahead.duration()) < YEARS
}

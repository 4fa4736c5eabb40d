//! The search for the simplest explanation: every single mistake first, then every two.

use std::time::SystemTime;

use countersign_core::{
    __private::{RunTimeTerms, verify_at_run_time},
    Secret, Secrets, SentAt,
};

use super::{
    Delivered, bodies, edits, heads,
    mistake::{Meant, Named},
    rejected::LONG,
    secrets, times, urls,
};
use crate::capture::Captured;

/// Returns the mistakes that explain why the proof does not match: one, or else two.
pub(super) fn explain(delivered: &Delivered<'_>) -> Option<Vec<Named>> {
    let search = Search::new(delivered)?;
    let (scheme, captured) = (delivered.scheme(), &search.captured);
    // As the causes are told.
    let groups = [
        secrets::all(scheme.key(), delivered.secret, delivered.previous),
        bodies::all(delivered.page(), delivered.captured),
        edits::all(scheme, captured),
        heads::all(captured, scheme),
        urls::all(delivered.url.as_ref(), captured),
    ];
    let [secrets, bodies, edits, heads, urls] = &groups;
    let singles = [edits, heads, urls, bodies, secrets].into_iter().flatten();
    let single = singles.into_iter().find_map(|meant| search.explains(&[meant], true));
    if single.is_some() || delivered.captured.body().len() > LONG {
        return single;
    }
    let pairs = groups.iter().enumerate().rev().flat_map(|(index, firsts)| {
        // Of a group, only edits can be two.
        let own = if std::ptr::eq(firsts, edits) { firsts.as_slice() } else { &[] };
        let others = groups.iter().skip(index.saturating_add(1)).flatten();
        firsts.iter().flat_map(move |first| others.clone().chain(own).map(move |second| [first, second]))
    });
    pairs.into_iter().find_map(|pair| search.explains(&pair, true))
}

/// Returns the mistake with the form of the signed time that explains why it is not in the tolerance.
pub(super) fn explain_time(delivered: &Delivered<'_>) -> Option<Vec<Named>> {
    let search = Search::new(delivered)?;
    let edits = edits::all(delivered.scheme(), &search.captured);
    let mut units = edits.iter().filter(|meant| meant.edit.as_ref().is_some_and(edits::Edit::is_of_unit));
    units.find_map(|meant| search.explains(&[meant], false))
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

    /// Returns the mistakes, and a stale time, if the verifier accepts the delivery without them.
    fn explains(&self, meant: &[&Meant], any_time: bool) -> Option<Vec<Named>> {
        let mut page = *self.delivered.page();
        page.scheme = match meant {
            [Meant { edit: Some(one), .. }, Meant { edit: Some(other), .. }] => one.and(other)?.scheme,
            _ => meant.iter().find_map(|meant| meant.edit.as_ref()).map_or(page.scheme, |edit| edit.scheme),
        };
        let secrets = meant.iter().find_map(|meant| meant.secret.as_ref()).unwrap_or(&self.secret);
        let url = meant.iter().find_map(|meant| meant.url.as_ref()).or(self.delivered.url.as_ref());
        let head = meant.iter().find_map(|meant| meant.head.as_ref()).unwrap_or(&self.captured);
        let body = meant.iter().find_map(|meant| meant.body.as_ref()).unwrap_or(self.captured.body());
        let terms = RunTimeTerms { secrets, url, now: self.now, any_time };
        // A secret that is not a key explains nothing.
        let sent_at: Option<SentAt> = verify_at_run_time(&page, &terms, head, body).ok()?.ok()?.sent_at;
        let stale = times::stale(self.delivered, page.scheme, sent_at);
        Some(meant.iter().map(|meant| meant.mistake.clone()).chain(stale).collect())
    }
}

//! The rows, and what each call does to them.

use std::collections::HashMap;

use countersign_core::dedupe::LeaseState;

use super::{DEAD, LEASE, Op};
use crate::store::{Known, Recovered, RowId, State, Stored, Swept};

#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) number: usize,
    pub(super) key: u8,
    pub(super) provider: usize,
    pub(super) tenant: Option<u8>,
    pub(super) resource: Option<u8>,
    pub(super) ordered: bool,
    pub(super) state: State,
    pub(super) suspect: bool,
    pub(super) alone: bool,
    pub(super) attempts: u32,
    pub(super) deaths: u32,
    pub(super) received: i64,
    pub(super) due: i64,
    pub(super) lease: Option<(u8, i64)>,
    pub(super) settled: Option<i64>,
    pub(super) body: bool,
    pub(super) body_until: Option<i64>,
    pub(super) duplicates: u32,
    pub(super) errors: usize,
    /// It was redriven while a newer one ran.
    pub(super) behind: bool,
}

impl Row {
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Ready | State::Claimed)
    }

    pub(super) fn line(&self) -> (usize, Option<u8>, Option<u8>) {
        (self.provider, self.tenant, self.resource)
    }

    pub(super) fn keep_until(&self) -> i64 {
        self.received + 30
    }
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) rows: Vec<Row>,
    pub(super) stored: usize,
    pub(super) now: i64,
    /// Every claim that was ever made: the row, the worker, and the attempt.
    pub(super) claims: Vec<(usize, u8, u32)>,
}

impl Model {
    pub(super) fn waits(&self, row: &Row) -> bool {
        let is_older = |other: &Row| other.is_open() && other.number < row.number && other.line() == row.line();
        row.ordered && row.resource.is_some() && (row.behind || self.rows.iter().any(is_older))
    }

    /// One of a line has run, or has ended.
    fn release(&mut self, line: (usize, Option<u8>, Option<u8>)) {
        if let Some(oldest) = self.rows.iter_mut().find(|row| row.is_open() && row.line() == line) {
            oldest.behind = false;
        }
    }

    pub(super) fn store(&mut self, op: &Op) -> Stored {
        let &Op::Store { key, provider, tenant, resource, ordered, unreadable } = op else { unreachable!() };
        // The databases count those up, too.
        self.stored += 1;
        if let Some(row) = self.rows.iter_mut().find(|row| row.key == key) {
            row.duplicates += 1;
            let row = Known::new(RowId(i64::try_from(row.number).unwrap()), row.state, false);
            return Stored::Duplicate(row);
        }
        let state = if unreadable { State::Dead } else { State::Ready };
        self.rows.push(Row {
            number: self.stored,
            key,
            provider,
            tenant,
            resource,
            ordered,
            state,
            suspect: false,
            alone: false,
            attempts: 0,
            deaths: 0,
            received: self.now,
            due: self.now,
            lease: None,
            settled: unreadable.then_some(self.now),
            body: true,
            body_until: None,
            duplicates: 0,
            errors: usize::from(unreadable),
            behind: false,
        });
        Stored::New
    }

    pub(super) fn claim(
        &mut self,
        by: u8,
        at_most: usize,
        rooms: [usize; 2],
        running: usize,
        fair: bool,
    ) -> Vec<(u8, u32)> {
        let mut left = rooms.map(|room| room.min(at_most));
        if at_most == 0 || self.rows.iter().any(|row| row.alone && row.lease.is_some_and(|(other, _)| other == by)) {
            return Vec::new();
        }
        let is_due = |row: &&Row| row.state == State::Ready && row.due <= self.now && !self.waits(row);
        let mut due: Vec<&Row> = self.rows.iter().filter(is_due).collect();
        due.sort_by_key(|row| (row.due, row.number));
        let mut chosen = Vec::new();
        if due.iter().any(|row| row.suspect) && running > 0 {
            return Vec::new();
        }
        if let Some(row) = due.iter().find(|row| row.suspect && left[row.provider] > 0) {
            chosen.push(row.number);
        } else {
            due.retain(|row| !row.suspect);
            let mut turns: HashMap<_, usize> = HashMap::new();
            let mut of_provider: HashMap<_, usize> = HashMap::new();
            if fair {
                let mut by_turn = Vec::new();
                for row in &due {
                    // No more than there is room for at all.
                    let seen = of_provider.entry((row.tenant, row.provider)).or_default();
                    *seen += 1;
                    if *seen <= left[row.provider] {
                        let turn = turns.entry(row.tenant).or_default();
                        by_turn.push((*turn, *row));
                        *turn += 1;
                    }
                }
                by_turn.sort_by_key(|(turn, row)| (*turn, row.due, row.number));
                due = by_turn.into_iter().map(|(_, row)| row).collect();
            }
            for row in due {
                if chosen.len() < at_most && left[row.provider] > 0 {
                    left[row.provider] -= 1;
                    chosen.push(row.number);
                }
            }
        }
        let until = self.now + i64::try_from(LEASE.as_millis()).unwrap();
        let mut claimed = Vec::new();
        for number in chosen {
            let row = self.rows.iter_mut().find(|row| row.number == number).unwrap();
            (row.state, row.alone, row.lease) = (State::Claimed, row.suspect, Some((by, until)));
            row.attempts += 1;
            self.claims.push((number, by, row.attempts));
            claimed.push((row.key, row.attempts));
        }
        claimed
    }

    pub(super) fn settle(&mut self, (number, by, attempt): (usize, u8, u32), end: u8) -> LeaseState {
        let now = self.now;
        let is_held = |row: &&mut Row| {
            row.number == number && row.attempts == attempt && row.lease.is_some_and(|(other, _)| other == by)
        };
        let Some(row) = self.rows.iter_mut().find(is_held) else { return LeaseState::Lost };
        row.lease = None;
        row.suspect = row.suspect && end == 4;
        row.alone = false;
        match end {
            0 | 1 => {
                (row.state, row.settled) = (State::Done, Some(now));
                row.body = row.body && end == 1;
                row.body_until = (end == 1).then_some(now + 10);
            }
            2 => (row.state, row.due, row.errors) = (State::Ready, now + 5, row.errors + 1),
            3 => (row.state, row.settled, row.errors) = (State::Dead, Some(now), row.errors + 1),
            _ => (row.state, row.attempts) = (State::Ready, row.attempts - 1),
        }
        let line = row.line();
        self.release(line);
        LeaseState::Held
    }

    pub(super) fn recover(&mut self, by: u8, sole: bool) -> Recovered {
        let now = self.now;
        let (mut recovered, mut lines) = (Recovered::default(), Vec::new());
        for row in &mut self.rows {
            let is_lost = row.lease.is_some_and(|(other, until)| other != by && (sole || until <= now));
            if !is_lost {
                continue;
            }
            lines.push(row.line());
            row.lease = None;
            (row.state, row.suspect) = (State::Ready, true);
            if !std::mem::take(&mut row.alone) {
                row.attempts -= 1;
                recovered.suspects += 1;
                continue;
            }
            (row.deaths, row.errors) = (row.deaths + 1, row.errors + 1);
            if row.deaths < 2 {
                recovered.charged += 1;
            } else {
                (row.state, row.suspect, row.settled) = (State::Dead, false, Some(now));
                recovered.dead.push(RowId(i64::try_from(row.number).unwrap()));
            }
        }
        for line in lines {
            self.release(line);
        }
        recovered
    }

    pub(super) fn sweep(&mut self) -> Swept {
        let (now, before) = (self.now, self.rows.len());
        let mut bodies = 0;
        for row in &mut self.rows {
            if row.state == State::Done && row.body_until.is_some_and(|until| until <= now) {
                (row.body, row.body_until) = (false, None);
                bodies += 1;
            }
        }
        let dead_before = now - i64::try_from(DEAD.as_millis()).unwrap();
        self.rows.retain(|row| match row.state {
            State::Done => row.body_until.is_some() || row.keep_until() > now,
            State::Dead => row.settled.is_none_or(|settled| settled > dead_before) || row.keep_until() > now,
            _ => true,
        });
        Swept { bodies, rows: before - self.rows.len() }
    }

    pub(super) fn redrive(&mut self, provider: Option<usize>, state: Option<State>) -> usize {
        let now = self.now;
        let matches = |row: &&mut Row| {
            provider.is_none_or(|provider| row.provider == provider)
                && state.is_none_or(|state| row.state == state)
                && row.body
                && match row.state {
                    State::Ready => row.attempts > 0 || row.due > now,
                    state => state != State::Claimed,
                }
        };
        let mut redriven = 0;
        let claimed: Vec<_> =
            self.rows.iter().filter(|row| row.state == State::Claimed).map(|row| (row.line(), row.number)).collect();
        for row in self.rows.iter_mut().filter(matches) {
            row.behind = claimed.iter().any(|&(line, number)| line == row.line() && number != row.number);
            if row.state != State::Ready {
                row.deaths = 0;
            }
            (row.state, row.attempts, row.due) = (State::Ready, 0, now);
            (row.settled, row.body_until) = (None, None);
            redriven += 1;
        }
        redriven
    }

    pub(super) fn purge(&mut self, key: u8, rows: bool) -> usize {
        let Some(position) = self.rows.iter().position(|row| row.key == key && row.state != State::Claimed) else {
            return 0;
        };
        let (line, was_open) = (self.rows[position].line(), self.rows[position].is_open());
        if rows {
            self.rows.remove(position);
            if was_open {
                self.release(line);
            }
            return 1;
        }
        let row = &mut self.rows[position];
        // What was purged before it was handled says so, and that stays.
        let is_marked = row.state == State::Dead && !row.body && row.errors == 1;
        let changed = was_open || row.body || (row.errors > 0 && !is_marked);
        (row.body, row.body_until) = (false, None);
        if was_open {
            // When, only the system's clock knows.
            (row.state, row.suspect, row.settled, row.errors) = (State::Dead, false, None, 1);
        } else if !is_marked {
            row.errors = 0;
        }
        if was_open {
            self.release(line);
        }
        changed.into()
    }
}

//! What is claimed of each provider, and tenants in turn: of what is due, the first of each tenant, then the
//! second.

use std::{collections::HashMap, hash::Hash};

use crate::store::ClaimRequest;

/// A row that is due: by time, and then by number.
pub(crate) type Due = (i64, i64);

/// What is due of each tenant, of any provider.
pub(crate) type DueOf<'a, T> = HashMap<Option<T>, Vec<(Due, &'a str)>>;

/// The providers that have room, each once, and how much of it.
pub(crate) fn rooms(request: &ClaimRequest) -> HashMap<&str, usize> {
    request
        .providers
        .iter()
        .map(|(name, room)| (name.as_str(), (*room).min(request.at_most)))
        .filter(|&(_, room)| room > 0)
        .collect()
}

pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Deals in turns, within each provider's room. Returns the rows, and the number of the last turn.
pub(crate) fn deal<T: Eq + Hash>(due: DueOf<'_, T>, rooms: &HashMap<&str, usize>, at_most: usize) -> (Vec<i64>, usize) {
    let mut turns: Vec<(usize, Due, &str)> = Vec::new();
    for (_, mut rows) in due {
        rows.sort_unstable();
        turns.extend(rows.into_iter().enumerate().map(|(turn, (due, provider))| (turn, due, provider)));
    }
    turns.sort_unstable();
    let (mut rooms, mut chosen, mut last) = (rooms.clone(), Vec::new(), 0);
    for (turn, (_, id), provider) in turns {
        if chosen.len() >= at_most {
            break;
        }
        let Some(room) = rooms.get_mut(provider).filter(|room| **room > 0) else { continue };
        *room = room.saturating_sub(1);
        chosen.push(id);
        last = turn;
    }
    (chosen, last)
}

/// How many rows of each tenant are looked at: first one, and more if those were not enough.
pub(crate) struct Depth(usize);

impl Depth {
    pub(crate) const fn first() -> Self {
        Self(1)
    }

    /// Returns what was chosen, if nothing that was not looked at comes before it. Otherwise, looks deeper.
    pub(crate) fn enough(
        &mut self,
        (chosen, last_turn): (Vec<i64>, usize),
        at_most: usize,
        tenants: usize,
        is_more: bool,
    ) -> Option<Vec<i64>> {
        let is_enough = chosen.len() >= at_most && last_turn < self.0;
        if !is_more || tenants == 0 || self.0 >= at_most || is_enough {
            return Some(chosen);
        }
        let share = at_most.checked_div(tenants).unwrap_or_default().saturating_add(1);
        self.0 = self.0.saturating_mul(4).max(share);
        None
    }

    pub(crate) const fn rows(&self) -> usize {
        self.0
    }
}

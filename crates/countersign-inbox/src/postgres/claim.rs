//! Claims what is due.

use std::{borrow::Cow, collections::HashMap, time::Duration};

use tokio_postgres::Row;

use super::{
    clock::Clock,
    failures::Failure,
    rows::{after, count_after, sealed, sealed_columns},
    text,
    transaction::Tx,
    turns,
};
use crate::{
    sql::turns::{limit, rooms},
    store::{ClaimId, ClaimRequest, Claimed, RowId, Waiting},
};

/// How often a claim looks again if others have what is due.
const LOOKS: u32 = 4;

/// Whether the worker handles a suspect, and whether one is due.
pub(super) const SUSPECTS: &str = "SELECT
    EXISTS (SELECT 1 FROM countersign_inbox WHERE suspect <> 0 AND suspect = 2 AND state = 1 AND lease = $1),
    EXISTS (SELECT 1 FROM countersign_inbox WHERE suspect <> 0 AND state = 0 AND NOT waits AND due_at <= $2
      AND (provider = ANY($3) OR $4))";

/// The first suspect that no other worker takes, of providers that have room.
pub(super) const SUSPECT: &str = "SELECT id FROM countersign_inbox
    WHERE suspect <> 0 AND state = 0 AND NOT waits AND due_at <= $1
      AND (provider = ANY($2) OR ($4 AND provider <> ALL($3)))
    ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED";

/// The rest of a claim: of the rows in `due`.
macro_rules! take {
    () => {
        concat!(
            "taken AS (UPDATE countersign_inbox AS r SET state = 1,
              attempts = least(greatest(r.attempts, 0), 4294967294) + 1,
              suspect = CASE WHEN r.suspect = 0 THEN 0 ELSE 2 END, lease = $1, lease_until = $2
              FROM due WHERE r.id = due.id RETURNING r.*)
            SELECT ",
            sealed_columns!(),
            ", r.attempts, r.suspect, r.id FROM taken AS r LEFT JOIN countersign_inbox_body AS b ON b.id = r.id
            ORDER BY r.due_at, r.id"
        )
    };
}

/// What is due of each provider, and of that the first. What another worker claims at this moment is passed over.
pub(super) const OLDEST: &str = concat!(
    "WITH due AS MATERIALIZED (
      SELECT d.id FROM unnest($3::text[], $4::bigint[]) AS p (provider, room) CROSS JOIN LATERAL (
        SELECT r.id, r.due_at FROM countersign_inbox AS r
        WHERE r.state = 0 AND NOT r.waits AND r.suspect = 0 AND r.provider = p.provider AND r.due_at <= $5
        ORDER BY r.due_at, r.id LIMIT p.room FOR UPDATE SKIP LOCKED) AS d
      ORDER BY d.due_at, d.id LIMIT $6), ",
    take!()
);

/// The first of those that were chosen.
pub(super) const CHOSEN: &str = concat!(
    "WITH due AS MATERIALIZED (
      SELECT r.id FROM unnest($3::bigint[]) WITH ORDINALITY AS c (id, turn)
      JOIN countersign_inbox AS r ON r.id = c.id WHERE r.state = 0 AND NOT r.waits
      ORDER BY c.turn LIMIT $4 FOR UPDATE OF r SKIP LOCKED), ",
    take!()
);

/// Whether something is due that could be claimed.
pub(super) const IS_DUE: &str = "SELECT 1 FROM unnest($1::text[]) AS p (provider) CROSS JOIN LATERAL (
      SELECT 1 FROM countersign_inbox AS r
      WHERE r.state = 0 AND NOT r.waits AND r.suspect = 0 AND r.provider = p.provider AND r.due_at <= $2 LIMIT 1) AS d
    LIMIT 1";

pub(super) async fn claim(tx: &Tx, clock: &Clock, request: &ClaimRequest) -> Result<Vec<Claimed>, Failure> {
    let mut request = in_the_tables(clock, request);
    let token = request.token.to_bytes();
    if request.at_most == 0 {
        return Ok(Vec::new());
    }
    let named: Vec<String> = request.providers.iter().map(|(provider, _)| provider.clone()).collect();
    let suspects = tx.query(SUSPECTS, &[&&token[..], &request.now, &named, &request.others]).await?;
    let (is_alone, has_suspect) = match suspects.first() {
        Some(row) => (row.try_get(0)?, row.try_get(1)?),
        None => (false, false),
    };
    if is_alone || (has_suspect && request.running > 0) {
        return Ok(Vec::new());
    }
    if has_suspect {
        let with_room: Vec<&String> =
            request.providers.iter().filter(|(_, room)| *room > 0).map(|(provider, _)| provider).collect();
        let found = tx.query(SUSPECT, &[&request.now, &with_room, &named, &request.others]).await?;
        if let Some(row) = found.first() {
            return take(tx, &request, &[row.try_get(0)?], 1).await;
        }
    }
    if request.others {
        for row in tx.query(PROVIDERS, &[]).await? {
            let provider: String = row.try_get(0)?;
            if !named.contains(&provider) {
                request.providers.push((provider, request.at_most));
            }
        }
    }
    for look in 1.. {
        let claimed = if request.is_fair {
            let chosen = turns::choose(tx, &request).await?;
            take(tx, &request, &chosen, request.at_most).await?
        } else {
            oldest(tx, &request).await?
        };
        if !claimed.is_empty() || look >= LOOKS {
            return Ok(claimed);
        }
        // Others may have all that is due at this moment, and take only some of it.
        let providers: Vec<&str> = rooms(&request).into_keys().collect();
        if tx.query(IS_DUE, &[&providers, &request.now]).await?.is_empty() {
            return Ok(claimed);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(Vec::new())
}

/// The request in the server's time, and in texts as they are written.
fn in_the_tables(clock: &Clock, request: &ClaimRequest) -> ClaimRequest {
    let mut request = request.clone();
    (request.now, request.until) = (clock.to_server(request.now), clock.to_server(request.until));
    for (provider, _) in &mut request.providers {
        if let Cow::Owned(written) = text::written(provider) {
            *provider = written;
        }
    }
    request
}

async fn oldest(tx: &Tx, request: &ClaimRequest) -> Result<Vec<Claimed>, Failure> {
    let token = request.token.to_bytes();
    let (providers, rooms): (Vec<&str>, Vec<i64>) =
        rooms(request).into_iter().map(|(provider, room)| (provider, limit(room))).unzip();
    let most = limit(request.at_most);
    let rows = tx.query(OLDEST, &[&&token[..], &request.until, &providers, &rooms, &request.now, &most]).await?;
    rows.iter().map(|row| read(row, request)).collect()
}

/// Takes the first of these rows, in this order.
async fn take(tx: &Tx, request: &ClaimRequest, chosen: &[i64], most: usize) -> Result<Vec<Claimed>, Failure> {
    let token = request.token.to_bytes();
    let rows = tx.query(CHOSEN, &[&&token[..], &request.until, &chosen, &limit(most)]).await?;
    let mut claimed = rows.iter().map(|row| read(row, request)).collect::<Result<Vec<_>, _>>()?;
    let turns: HashMap<i64, usize> = chosen.iter().enumerate().map(|(turn, &id)| (id, turn)).collect();
    claimed.sort_by_key(|claimed| turns.get(&claimed.claim.id.0).copied());
    Ok(claimed)
}

fn read(row: &Row, request: &ClaimRequest) -> Result<Claimed, Failure> {
    let attempt = count_after(row, 0)?;
    let suspect: i16 = after(row, 1)?;
    let id = RowId(after(row, 2)?);
    Ok(Claimed::new(ClaimId::new(id, request.token, attempt), sealed(row)?, suspect != 0))
}

/// The providers that have a row which can be claimed, and when the first one is due: by jumps from one to the next.
macro_rules! providers {
    () => {
        "WITH RECURSIVE p AS (
          (SELECT provider, due_at FROM countersign_inbox WHERE state = 0 AND NOT waits AND suspect = 0
            ORDER BY provider, due_at, id LIMIT 1)
          UNION ALL
          SELECT n.provider, n.due_at FROM p CROSS JOIN LATERAL (
            SELECT provider, due_at FROM countersign_inbox
            WHERE state = 0 AND NOT waits AND suspect = 0 AND provider > p.provider
            ORDER BY provider, due_at, id LIMIT 1) AS n)
        SELECT provider, due_at FROM p"
    };
}

pub(super) const PROVIDERS: &str = providers!();

pub(super) const WAITING: &str = concat!(
    "SELECT provider, min(due_at) FROM (",
    providers!(),
    " UNION ALL SELECT provider, due_at FROM countersign_inbox WHERE suspect <> 0 AND state = 0 AND NOT waits) AS w
    GROUP BY provider ORDER BY provider"
);

/// When the first row of each provider is due.
pub(super) async fn waiting(tx: &Tx, clock: &Clock) -> Result<Vec<Waiting>, Failure> {
    let ahead = clock.ahead();
    let rows = tx.query(WAITING, &[]).await?;
    let read = |row: &Row| -> Result<Waiting, Failure> {
        let (provider, due): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Waiting::new(text::read(provider), due.saturating_sub(ahead)))
    };
    rows.iter().map(read).collect()
}

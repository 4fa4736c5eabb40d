//! Reads rows. What was not sealed does not open, whatever it is.

use bytes::Bytes;
use countersign_core::seal::{Sealed, SealedColumns};
use tokio_postgres::Row;

use super::{failures::Failure, text};
use crate::sql::state::clamped;

/// The columns of a sealed delivery, of the tables `r` and `b`.
macro_rules! sealed_columns {
    () => {
        "r.key, r.provider, r.tenant, r.event, r.resource, r.received_at, r.meta, r.seal, b.body, b.confirmed"
    };
}
/// The same, without the body.
macro_rules! bodiless_columns {
    () => {
        "r.key, r.provider, r.tenant, r.event, r.resource, r.received_at, r.meta, r.seal, NULL::bytea, NULL::bytea"
    };
}
pub(super) use {bodiless_columns, sealed_columns};

/// How many columns these are.
pub(super) const SEALED_COLUMNS: usize = 10;

/// Reads these columns, which come first.
pub(super) fn sealed(row: &Row) -> Result<Sealed, Failure> {
    let mut key = [0; 32];
    key.iter_mut().zip(row.try_get::<_, &[u8]>(0)?).for_each(|(byte, read)| *byte = *read);
    let bytes = |column: usize| -> Result<Option<Bytes>, Failure> {
        Ok(row.try_get::<_, Option<&[u8]>>(column)?.map(Bytes::copy_from_slice))
    };
    let texts = |column: usize| -> Result<Option<String>, Failure> {
        Ok(row.try_get::<_, Option<String>>(column)?.map(text::read))
    };
    Ok(SealedColumns {
        key: key.into(),
        provider: texts(1)?.unwrap_or_default(),
        tenant: texts(2)?,
        event: texts(3)?.unwrap_or_default(),
        resource: texts(4)?,
        received_at: row.try_get(5)?,
        meta: bytes(6)?.unwrap_or_default(),
        seal: bytes(7)?.unwrap_or_default(),
        body: bytes(8)?,
        confirmed: bytes(9)?,
    }
    .into())
}

/// Reads a column after these.
pub(super) fn after<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, number: usize) -> Result<T, Failure> {
    Ok(row.try_get(SEALED_COLUMNS.saturating_add(number))?)
}

/// Reads a number of times after these.
pub(super) fn count_after(row: &Row, number: usize) -> Result<u32, Failure> {
    after(row, number).map(clamped)
}

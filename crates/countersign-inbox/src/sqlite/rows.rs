//! Reads rows. A row may have been written by hand: whatever it holds is read as something, and what
//! was not sealed does not open.

use std::fmt;

use bytes::Bytes;
use countersign_core::seal::{Sealed, SealedColumns};
use rusqlite::{
    ToSql,
    types::{ToSqlOutput, ValueRef},
};

use crate::{sql, store::State};

/// The columns of a sealed delivery, of the tables `r` and `b`.
pub(super) const SEALED: &str =
    "r.key, r.provider, r.tenant, r.event, r.resource, r.received_at, r.meta, r.seal, b.body, b.confirmed";

/// How many columns [`SEALED`] has.
pub(super) const SEALED_COLUMNS: usize = 10;

/// Reads the columns of [`SEALED`], which come first.
pub(super) fn sealed(row: &rusqlite::Row<'_>) -> rusqlite::Result<Sealed> {
    let mut key = [0; 32];
    key.iter_mut().zip(bytes(row.get_ref(0)?).unwrap_or_default()).for_each(|(byte, read)| *byte = read);
    Ok(SealedColumns {
        key: key.into(),
        provider: text(row.get_ref(1)?).unwrap_or_default(),
        tenant: text(row.get_ref(2)?),
        event: text(row.get_ref(3)?).unwrap_or_default(),
        resource: text(row.get_ref(4)?),
        received_at: integer(row.get_ref(5)?).unwrap_or_default(),
        meta: bytes(row.get_ref(6)?).unwrap_or_default(),
        seal: bytes(row.get_ref(7)?).unwrap_or_default(),
        body: bytes(row.get_ref(8)?),
        confirmed: bytes(row.get_ref(9)?),
    }
    .into())
}

/// Reads a text; what is not UTF-8 becomes other characters.
pub(super) fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
    }
}

/// A text, byte for byte, to find it again: it need not be UTF-8.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Text(Vec<u8>);

impl Text {
    pub(super) const EMPTY: Self = Self(Vec::new());

    pub(super) fn read(value: ValueRef<'_>) -> Option<Self> {
        value.as_bytes_or_null().ok().flatten().map(|bytes| Self(bytes.to_vec()))
    }

    /// `None` if it is not UTF-8.
    pub(super) fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

/// What is not UTF-8 becomes other characters.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl ToSql for Text {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(&self.0)))
    }
}

pub(super) fn bytes(value: ValueRef<'_>) -> Option<Bytes> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(Bytes::copy_from_slice(bytes)),
        _ => None,
    }
}

pub(super) fn integer(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(number) => Some(number),
        _ => None,
    }
}

/// Reads a number of times.
pub(super) fn count(value: ValueRef<'_>) -> u32 {
    sql::state::clamped(integer(value).unwrap_or_default())
}

/// Reads a state.
pub(super) fn state(value: ValueRef<'_>) -> State {
    sql::state::state(integer(value))
}

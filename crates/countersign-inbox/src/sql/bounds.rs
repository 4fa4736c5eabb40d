//! How much an inbox takes.

use countersign_core::seal::SealedColumns;

use crate::error::{StoreError, StoreErrorKind::Full};

/// How many deliveries may be open, and how many bytes they may have.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) max_open_rows: u64,
    pub(crate) max_bytes: u64,
}

impl Bounds {
    /// Says what there is too much of, if `more` bytes are too many.
    pub(crate) fn full(self, open: i64, stored: i64, more: i64) -> Option<StoreError> {
        let of = |number: i64| u64::try_from(number).unwrap_or_default();
        let message = if of(open) >= self.max_open_rows {
            format!(
                "the inbox has {open} deliveries that wait: find out why they are not handled, or raise `max_open_rows`"
            )
        } else if of(stored.saturating_add(more)) > self.max_bytes {
            format!(
                "the inbox has {stored} bytes of deliveries that wait: find out why they are not handled, or raise \
                 `max_bytes`"
            )
        } else {
            return None;
        };
        Some(StoreError::new(Full, message))
    }
}

/// How many bytes the body and the confirmed event of a delivery have.
pub(crate) fn bytes(columns: &SealedColumns) -> i64 {
    let length = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len);
    let sum = length(columns.body.as_deref()).saturating_add(length(columns.confirmed.as_deref()));
    i64::try_from(sum).unwrap_or(i64::MAX)
}

//! The example receivers, as processes.

use countersign::Provider;
pub(crate) use support::receiver::{Line, Receiver};

use crate::support;

impl Line {
    pub(crate) fn of<P: Provider>(event: &str, id: &str) -> Self {
        Self { provider: P::NAME.to_owned(), event: event.to_owned(), id: id.to_owned() }
    }
}

//! What the command line does.

pub(crate) mod inbox;
pub(crate) mod key;
pub(crate) mod providers;
pub(crate) mod send;
pub(crate) mod sign;
pub(crate) mod verify;

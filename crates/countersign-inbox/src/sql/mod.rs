//! What the stores on SQL have in common.

pub(crate) mod bounds;
pub(crate) mod errors;
pub(crate) mod state;
pub(crate) mod turns;

#[cfg(test)]
pub(crate) mod given;
#[cfg(test)]
pub(crate) mod model;

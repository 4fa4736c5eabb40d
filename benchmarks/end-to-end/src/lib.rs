//! What the servers and the driver have in common: who takes part, and what is delivered.

pub mod contenders;
pub mod deliveries;

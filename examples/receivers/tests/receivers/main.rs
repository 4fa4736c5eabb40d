//! The two full receivers as processes: their settings, their output, their shutdown, and attacks on them.

#![cfg(target_os = "linux")] // signals, and /proc for memory, time and files
#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, reason = "tests fail by panicking")]

use countersign_test_support as support;

/// Turns each function into one test for each receiver. The receiver's name is its argument.
macro_rules! for_both {
    ($($test:ident,)*) => { for_both!(@ read $($test)*); };
    // Tests that load the machine run one at a time: otherwise they would disturb each other's timing.
    (exclusive: $($test:ident,)*) => { for_both!(@ write $($test)*); };
    (@ $lock:ident $($test:ident)*) => {
        mod axum {
            $(#[test]
            fn $test() {
                let _turn = crate::TURNS.$lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                super::$test("axum_receiver");
            })*
        }

        mod actix {
            $(#[test]
            fn $test() {
                let _turn = crate::TURNS.$lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                super::$test("actix_receiver");
            })*
        }
    };
}

mod deliveries;
mod disconnects;
mod framing;
mod inbox;
mod leaks;
mod load;
mod postgres;
mod process;
mod settings;
mod shutdown;
mod slow;

static TURNS: std::sync::RwLock<()> = std::sync::RwLock::new(());

//! The two full receivers as processes: their settings, what they print, how they end, and what an attacker may do to
//! them.

#![cfg(target_os = "linux")] // signals, and what /proc says of memory, time and files
#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, reason = "tests fail by panicking")]

use countersign_test_support as support;

/// Makes of every function a test for each receiver, whose name is the argument.
macro_rules! for_both {
    ($($test:ident,)*) => { for_both!(@ read $($test)*); };
    // Those that fill the machine, whose clocks would be wrong beside others, or make those of others wrong.
    (alone: $($test:ident,)*) => { for_both!(@ write $($test)*); };
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
mod framing;
mod hang_ups;
mod leaks;
mod load;
mod process;
mod settings;
mod shutdown;
mod slow;

static TURNS: std::sync::RwLock<()> = std::sync::RwLock::new(());

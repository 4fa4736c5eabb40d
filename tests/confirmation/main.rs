//! ScreenshotRun's deliveries confirmed by its API, through both adapters, with a real HTTPS server as that API.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use countersign_test_support::{self as support, capture, convert};

/// Makes of every function a test for each adapter.
macro_rules! for_both {
    ($($test:ident,)*) => {
        mod axum {
            $(#[test]
            fn $test() {
                let name = concat!(module_path!(), "::", stringify!($test));
                crate::environment::without_proxies(name, || super::$test(crate::receivers::Adapter::Axum));
            })*
        }

        mod actix {
            $(#[test]
            fn $test() {
                let name = concat!(module_path!(), "::", stringify!($test));
                crate::environment::without_proxies(name, || super::$test(crate::receivers::Adapter::Actix));
            })*
        }
    };
}

/// Makes a test of every function.
macro_rules! for_all {
    ($($test:ident,)*) => {
        mod all {
            $(#[test]
            fn $test() {
                let name = concat!(module_path!(), "::", stringify!($test));
                crate::environment::without_proxies(name, super::$test);
            })*
        }
    };
}

mod agreement;
mod api;
mod breaks;
mod certificates;
mod comparisons;
mod connections;
mod debug;
mod deliveries;
mod denials;
mod environment;
mod errors;
mod events;
mod hang_ups;
mod hangs;
mod ids;
mod inside;
mod proxies;
mod raw;
mod receivers;
mod redirects;
mod settings;
mod shapes;
mod sizes;
mod statuses;
mod tls;
mod turns;
mod unasked;

use std::{
    thread,
    time::{Duration, Instant},
};

/// Whether it is so, now or within a few seconds.
fn until(is_so: impl Fn() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if start.elapsed() > Duration::from_secs(10) {
            return false;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

//! Receivers as processes on a Redis that they share: killed, stopped, and left without it.

/// Makes of every function a test for each framework, whose name is the argument.
macro_rules! for_both {
    ($($test:ident,)*) => {
        mod axum {
            $(#[test]
            fn $test() {
                super::$test("axum");
            })*
        }

        mod actix {
            $(#[test]
            fn $test() {
                super::$test("actix");
            })*
        }
    };
}

mod child;
mod child_store;
mod kills;
mod outages;
mod own_redis;
mod receivers;
mod schedules;
mod shutdown;
mod unreachable;
mod victim;

//! The command line against what it is for: the two full receivers, `curl`, and the README's transcripts. What needs no
//! server is tested in its own crate.

use countersign_test_support as support;

/// Makes of every function a test for each receiver, whose name is the argument.
macro_rules! for_both {
    ($($test:ident,)*) => {
        mod axum {
            $(#[test]
            fn $test() {
                super::$test("axum_receiver");
            })*
        }

        mod actix {
            $(#[test]
            fn $test() {
                super::$test("actix_receiver");
            })*
        }
    };
}

mod command;
mod curl;
mod every;
mod key;
mod readme;
mod retries;
mod schemes;
mod send;
mod sign;
mod tampering;
mod terminal;
mod tls;
mod trouble;
mod vectors;

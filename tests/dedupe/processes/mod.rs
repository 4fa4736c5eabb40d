//! Receivers as processes on a Redis that they share: killed, stopped, and left without it.

/// Makes a test of each function and runs it for both frameworks at the same time: it mostly waits. The argument is the
/// framework's name.
macro_rules! for_both {
    ($($test:ident: $run:expr,)*) => {
        $(#[test]
        fn $test() {
            std::thread::scope(|scope| {
                let runs = ["axum", "actix"].map(|framework| (framework, scope.spawn(move || $run(framework))));
                for (framework, run) in runs {
                    assert!(run.join().is_ok(), "with {framework}");
                }
            });
        })*
    };
}

mod child;
mod child_store;
mod kills;
mod outages;
mod receivers;
mod shutdown;
mod unreachable;
mod victim;

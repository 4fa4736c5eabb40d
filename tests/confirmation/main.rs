//! The client of ScreenshotRun's API, with an HTTPS server in the place of that API. What both adapters make of its
//! verdicts is tested by the conformance suite.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::{env, process::Command, time::Duration};

use countersign_test_support::{self as support, capture, convert};

/// Makes a test of every async function. Client and API share its runtime, which has one thread.
macro_rules! for_all {
    ($($test:ident,)*) => {
        mod all {
            $(#[test]
            fn $test() {
                crate::run(concat!(module_path!(), "::", stringify!($test)), super::$test());
            })*
        }
    };
}

mod api;
mod certificates;
mod comparisons;
mod connections;
mod debug;
mod deliveries;
mod errors;
mod events;
mod ids;
mod inside;
mod limits;
mod settings;
mod shapes;
mod verdicts;

const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Runs a test. The client takes proxies from the environment, also for `localhost`: if there are any, the test runs in
/// another process, without them.
fn run(name: &str, test: impl Future<Output = ()>) {
    countersign_test_support::capture::enable();
    if PROXIES.iter().all(|proxy| env::var_os(proxy).is_none()) {
        actix_web::rt::System::new().block_on(test);
    } else {
        run_again(name, &[]);
    }
}

/// Runs this test once more, in another process, with no other proxy than this.
fn run_again(name: &str, proxy: &[(&str, &str)]) {
    let mut command = Command::new(env::current_exe().expect("this test's program"));
    // The test's name does not begin with the crate's.
    let (_, name) = name.split_once("::").expect("a path");
    command.args(["--exact", name]);
    for variable in PROXIES.iter().chain(&["NO_PROXY", "no_proxy"]) {
        command.env_remove(variable);
    }
    let output = command.envs(proxy.iter().copied()).output().expect("this test's program");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// Waits until it is so. A test that waits in vain fails after a minute, however busy the machine is.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !is_so() {
        assert!(start.elapsed().as_secs() < 60, "{what}");
        // Not with the clock of tokio, which a test may have paused.
        std::thread::sleep(Duration::from_millis(1));
        tokio::task::yield_now().await;
    }
}

//! What the machine's environment would change.

use std::{env, process::Command};

/// The client takes proxies from the environment, also for `localhost`. Where there are any, the test runs once more, in
/// a process that knows of none.
pub(crate) fn without_proxies(name: &str, test: impl FnOnce()) {
    const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    if PROXIES.iter().all(|proxy| env::var_os(proxy).is_none()) {
        return test();
    }
    let mut command = Command::new(env::current_exe().expect("this test's program"));
    // The name of the test has no name of the crate.
    let (_, name) = name.split_once("::").expect("a path");
    command.args(["--exact", name]);
    for proxy in PROXIES {
        command.env_remove(proxy);
    }
    let output = command.output().expect("this test's program");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

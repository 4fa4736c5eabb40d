//! Describes what is measured, and on which machine.

use std::{fs, process::Command};

pub fn print() {
    let version = value_of("version", include_str!("../../Cargo.toml"), '=').unwrap_or("of an unknown version");
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = value_of("model name", &cpus, ':').unwrap_or("an unknown processor");
    let has_sha = value_of("flags", &cpus, ':').is_some_and(|flags| flags.split(' ').any(|flag| flag == "sha_ni"));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let rustc = Command::new("rustc").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    println!(
        "Measured: countersign {} on {model}, {cores} cores, {} SHA instructions; {}.",
        version.trim_matches('"'),
        if has_sha { "with" } else { "without" },
        String::from_utf8_lossy(&rustc).trim()
    );
}

/// The value in the first line that begins with `name`.
fn value_of<'a>(name: &str, text: &'a str, separator: char) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_once(separator)).map(|(_, value)| value.trim())
}

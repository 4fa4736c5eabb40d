//! What was measured on.

use std::{fs, process::Command};

pub fn print() {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        cpus.lines().find_map(|line| line.strip_prefix(name)?.split_once(':')).map(|(_, value)| value.trim())
    };
    let model = field("model name").unwrap_or("an unknown processor");
    let has_sha = field("flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "sha_ni"));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let rustc = Command::new("rustc").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    println!("\n## Machine\n");
    println!(
        "{model}, {cores} cores, {} SHA instructions; {}",
        if has_sha { "with" } else { "without" },
        String::from_utf8_lossy(&rustc).trim()
    );
}

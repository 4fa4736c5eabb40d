//! A private NATS.

use std::{env, fs, process::Command};

use crate::program::Program;

/// The program, which knows `sync_interval: always`. (Debian's 2.9.10 does not.)
fn program() -> String {
    let program = env::var("COUNTERSIGN_TEST_NATS_SERVER").unwrap_or_else(|_| "nats-server".to_owned());
    let version = Command::new(&program).arg("--version").output().unwrap_or_else(|error| panic!("{program}: {error}"));
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let is_old = ["v2.8.", "v2.9."].iter().any(|old| version.contains(old));
    assert!(!is_old, "{program} is {version}: name 2.10 or later with COUNTERSIGN_TEST_NATS_SERVER");
    program
}

/// Starts it unless it runs: with JetStream in the program's folder, and `sync_interval: always`.
pub fn ensure_up(nats: &mut Program) {
    nats.ensure_up(|nats| {
        let (port, folder) = (nats.port, nats.folder.path().display());
        let settings = format!(
            "listen: 127.0.0.1:{port}\nmax_payload: 2MB\njetstream {{ store_dir: \"{folder}/jetstream\"\n \
             sync_interval: always }}\n"
        );
        let file = nats.folder.path().join("nats.conf");
        fs::write(&file, settings).expect("a file");
        let mut command = Command::new(program());
        command.arg("--config").arg(file);
        command
    });
}

//! `countersign sign --curl`, run by a shell.

use std::process::Command;

use crate::cli::{
    command::{command, run_command},
    support::{Sender, receiver::Receiver, sender, senders},
};

for_both![the_line_sends_what_is_accepted, quotes_and_the_like_survive_the_shell,];

/// What the shell prints of the line that `sign` printed.
fn run_line(sender: &Sender, receiver: &Receiver, arguments: &[&str]) -> String {
    let to = format!("http://{}{}", receiver.address, sender.path());
    let variable = sender.variable();
    // A token with a space is one that `curl` would write another way.
    let secret = sender.secret().replace(' ', "");
    let sign = [&["sign", sender.name, "--secret-env", &variable, "--curl", "--to", &to], arguments].concat();
    let outcome = run_command(command(&sign).env(&variable, &secret), b"");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
    assert!(!outcome.stdout.contains(&secret), "{outcome:?}");
    let line = outcome.stdout.trim_end().replacen("curl ", "curl --silent --show-error --write-out '%{http_code}' ", 1);
    let output = Command::new("sh").args(["-c", &line]).env(&variable, &secret).output().expect("a shell");
    assert!(output.status.success(), "is curl 7.87 or later installed? {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

fn start(name: &str) -> Receiver {
    let mut receiver = crate::cli::support::receiver::command(name);
    for sender in senders() {
        receiver.env(sender.variable(), sender.secret().replace(' ', ""));
    }
    Receiver::spawn(receiver)
}

fn the_line_sends_what_is_accepted(name: &str) {
    let receiver = start(name);
    for sender in senders() {
        for event in sender.events {
            assert_eq!(run_line(&sender, &receiver, &["--event", event]), "200", "{} {event}", sender.name);
        }
    }
}

fn quotes_and_the_like_survive_the_shell(name: &str) {
    let receiver = start(name);
    let odd = r#"/scanId=it's "quoted" $HOME `id` \n @file !x"#;
    assert_eq!(run_line(&sender("zeodyn"), &receiver, &["--event", "scan_complete", "--set", odd]), "200");
    let id = r#"it's "quoted" $HOME `id` \n @file !x"#;
    // The first line may be of the marker's own provider: it is the id that counts.
    let ids: Vec<_> = receiver.lines().into_iter().map(|line| line.id).collect();
    assert_eq!(ids, [id]);
}

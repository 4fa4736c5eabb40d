//! The transcripts of the READMEs, replayed: with a receiver where they say `localhost:3000`, and times that vary.

use std::{fs, path::Path};

use crate::cli::{command::program, support::receiver};

#[test]
fn the_transcripts_of_the_readme_are_what_happens() {
    replay("README.md");
}

#[test]
fn the_transcripts_of_the_command_lines_readme_are_what_happens() {
    replay("crates/countersign-cli/README.md");
}

fn replay(readme: &str) {
    let receiver = {
        let mut receiver = receiver::command("axum_receiver");
        for sender in crate::cli::support::senders() {
            receiver.env(sender.variable(), "s3cr3t");
        }
        receiver::Receiver::spawn(receiver)
    };
    let text = fs::read_to_string(countersign_test_support::root().join(readme)).expect("the README");
    assert!(text.contains("```console\n$ countersign "), "{readme} has transcripts");
    let text = text.replace("http://localhost:3000", &format!("http://{}", receiver.address));
    let text = text.split_inclusive('\n').map(without_times).collect::<String>();

    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("transcripts-{}", readme.replace('/', "-")));
    let _ = fs::remove_dir_all(&directory);
    let files = directory.join("replayed.in");
    fs::create_dir_all(&files).unwrap();
    fs::write(directory.join("replayed.md"), &text).unwrap();
    // What the README shows as a captured request; its line breaks are those of HTTP.
    if let Some((_, request)) = text.split_once("```http\n") {
        let (request, _) = request.split_once("\n```").expect("the end of the block");
        let (head, body) = request.split_once("\n\n").expect("a head and a body");
        fs::write(files.join("captured.http"), head.replace('\n', "\r\n") + "\r\n\r\n" + body).unwrap();
    }
    if let Some((_, scheme)) = text.split_once("```toml\n# acme.toml\n") {
        let (scheme, _) = scheme.split_once("\n```").expect("the end of the block");
        fs::write(files.join("acme.toml"), scheme).unwrap();
    }
    fs::write(files.join("secret.txt"), "s3cr3t\n").unwrap();
    trycmd::TestCases::new()
        .register_bin("countersign", program())
        .env("SECRET", "s3cr3t")
        .env("ANOTHER", "an0ther")
        .case(directory.join("replayed.md"))
        .run();
}

/// `4.1 ms` varies.
fn without_times(line: &str) -> String {
    if line.starts_with('$') {
        return line.to_owned();
    }
    let mut words = line.split(' ').peekable();
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        let unit = words.next_if(|unit| unit.starts_with("ms"));
        kept.push(unit.map_or_else(|| word.to_owned(), |unit| unit.replacen("ms", "[..]", 1)));
    }
    kept.join(" ")
}

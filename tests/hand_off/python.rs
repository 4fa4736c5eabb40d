//! The consumer in Python that the guide shows.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::LazyLock,
};

use crate::{
    redis::Redis,
    server::Server,
    site::{Answer, Site, request},
};

/// An interpreter that has the package `redis`.
pub(crate) static INTERPRETER: LazyLock<Option<&str>> = LazyLock::new(|| {
    let has_redis = |python: &&str| {
        let mut command = Command::new(python);
        command.args(["-c", "import redis"]).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(has_redis)
});

pub(crate) async fn a_consumer_in_python_reads_the_body_and_the_headers(server: &mut Redis, queue: &str) {
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/hand-off.md")).unwrap();
    let (_, program) = guide.split_once("```python\n").expect("a program in the guide");
    let (program, _) = program.split_once("```").unwrap();
    let program = program.replace("\"webhooks\"", &format!("{queue:?}"));
    let site = Site::new(server.broker(queue).await);
    for body in [r#"{"event":"scan_complete","scanId":"Zoë %41"}"#, r#"{"event":"scan_complete","scanId":"2"}"#] {
        assert_eq!(site.sends(&request(body)).await, Answer::ok("stored"));
    }
    let python = INTERPRETER.expect("a Python that has the package `redis`");
    let mut consumer = Command::new(python)
        .args(["-u", "-c", &program])
        .env("REDIS_URL", server.url())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(consumer.stdout.take().unwrap()).lines();
    let lines: Vec<_> = lines.take(2).map(Result::unwrap).collect();
    assert_eq!(lines, ["zeodyn scan_complete Zoë %41: Zoë %41", "zeodyn scan_complete 2: 2"]);
    consumer.kill().unwrap();
    consumer.wait().unwrap();
}

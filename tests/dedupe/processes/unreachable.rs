//! A receiver whose Redis cannot be used does not start, and says why without what is secret.

use std::{
    io::Read,
    net::TcpListener,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use super::own_redis::OwnRedis;
use crate::support::receiver::command;

/// In every URL.
const PASSWORD: &str = "hunter2";
/// `RedisStore::connect` says: a few seconds. More on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

#[test]
fn it_does_not_start_without_the_redis_it_is_told() {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    assert_nobody_starts_with(&[format!("redis://user:{PASSWORD}@{free}/")]);
}

#[test]
fn it_does_not_start_with_what_is_no_url_of_a_redis() {
    let urls = [
        "",
        PASSWORD,
        &format!("http://:{PASSWORD}@localhost/"),
        &format!("redis://:{PASSWORD}@127.0.0.1:port/"),
        &format!("redis://:{PASSWORD}@127.0.0.1/x"),
        &format!("redis://:{PASSWORD}@/"),
    ];
    assert_nobody_starts_with(&urls.map(str::to_owned));
}

#[test]
fn f8_it_does_not_start_with_a_redis_that_never_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    assert_nobody_starts_with(&[format!("redis://:{PASSWORD}@{address}/")]);
}

#[test]
fn it_does_not_start_with_a_redis_that_refuses_the_password() {
    let redis = OwnRedis::start();
    assert_nobody_starts_with(&[redis.redis.url.replace("//", &format!("//user:{PASSWORD}@"))]);
}

/// All at once: they mostly wait.
#[track_caller]
fn assert_nobody_starts_with(urls: &[String]) {
    thread::scope(|scope| {
        for url in urls {
            for framework in ["axum", "actix"] {
                scope.spawn(move || assert_refuses_to_start(framework, url));
            }
        }
    });
}

fn assert_refuses_to_start(framework: &str, url: &str) {
    const COMPLAINT: &str = "the Redis for remembering deliveries cannot be used";

    let mut command = command(&format!("{framework}_receiver"));
    command.env("COUNTERSIGN_REDIS_URL", url).env("RUST_LOG", "trace");
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a start");
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        if start.elapsed() > LIMIT {
            let _ = child.kill();
            panic!("it has started, or hangs, with {url:?}");
        }
        thread::sleep(Duration::from_millis(5));
    };
    println!("{framework}: {status} after {:?} with {url:?}", start.elapsed());
    let (mut stdout, mut stderr) = (String::new(), String::new());
    child.stdout.take().expect("stdout").read_to_string(&mut stdout).expect("UTF-8");
    child.stderr.take().expect("stderr").read_to_string(&mut stderr).expect("UTF-8");
    assert!(status.code().is_some_and(|code| code != 0), "{status}");
    assert!(stderr.contains(COMPLAINT), "{stderr:?} does not say: {COMPLAINT}");
    assert!(!stderr.contains(PASSWORD), "{stderr}");
    assert_eq!(stdout, "");
}

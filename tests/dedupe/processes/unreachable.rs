//! A receiver whose Redis cannot be used does not start, and says why without showing the password.

use std::{
    io::Read,
    net::TcpListener,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use crate::own_redis::OwnRedis;
use crate::support::{ports, receiver::command};

/// In every URL.
const PASSWORD: &str = "hunter2";
/// `RedisStore::connect` says: a few seconds. More on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// All at once: they mostly wait.
#[test]
fn f8_a_receiver_does_not_start_without_a_redis_that_it_can_use() {
    let closed = ports::free();
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let never_answers = silent.local_addr().expect("an address");
    let redis = OwnRedis::start();
    let urls = [
        format!("redis://user:{PASSWORD}@127.0.0.1:{closed}/"),
        format!("redis://:{PASSWORD}@{never_answers}/"),
        redis.url.replace("//", &format!("//user:{PASSWORD}@")),
        String::new(),
        PASSWORD.to_owned(),
        format!("http://:{PASSWORD}@localhost/"),
        format!("redis://:{PASSWORD}@127.0.0.1:port/"),
        format!("redis://:{PASSWORD}@127.0.0.1/x"),
        format!("redis://:{PASSWORD}@/"),
    ];
    thread::scope(|scope| {
        for url in &urls {
            for framework in ["axum", "actix"] {
                scope.spawn(move || assert_does_not_start(framework, url));
            }
        }
    });
}

fn assert_does_not_start(framework: &str, url: &str) {
    const COMPLAINT: &str = "cannot connect to the Redis of the deduplication store";

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

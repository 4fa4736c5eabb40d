//! The two full receivers, which hand off to NATS and consume in the same process.

use std::{
    collections::{HashMap, HashSet},
    env,
    process::Command,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::Duration,
};

use countersign::hand_off::nats::async_nats::jetstream;
use countersign_test_support::{
    http::Request,
    receiver::{Line, Receiver, command, send_until},
    sender,
};

use crate::{
    nats::Nats,
    server::{PATIENCE, Server},
};

const RECEIVERS: [&str; 2] = ["axum_receiver", "actix_receiver"];

fn zeodyn(id: &str) -> Request {
    sender("zeodyn").genuine(format!(r#"{{"event":"scan_complete","scanId":"{id}"}}"#))
}

/// A receiver on a stream that is not there yet.
async fn on_new_stream(server: &Nats, name: &str) -> Command {
    let _ = jetstream::new(server.client().await).delete_stream("webhooks").await;
    let mut command = command(name);
    command.env("COUNTERSIGN_INBOX_URL", server.url()).env("COUNTERSIGN_NATS_SYNCS_ALWAYS", "1");
    command.env("COUNTERSIGN_INBOX_KEY", "a key that all consumers have").env("COUNTERSIGN_LEASE", "3");
    command
}

pub(crate) async fn each_prints_what_nats_has(server: &mut Nats, _queue: &str) {
    for name in RECEIVERS {
        let mut command = on_new_stream(server, name).await;
        command.env("COUNTERSIGN_TEST_FAIL_ONCE", "fails").env("COUNTERSIGN_TEST_PANIC_ONCE", "panics");
        let mut receiver = Receiver::spawn(command);
        let send = |request: Request| {
            let answer = request.send(receiver.address);
            (answer.status, answer.header("countersign-delivery").map(str::to_owned))
        };
        for id in ["a", "fails", "panics"] {
            assert_eq!(send(zeodyn(id)), (200, Some("stored".to_owned())));
            assert_eq!(send(zeodyn(id)), (200, Some("duplicate".to_owned())));
        }
        // Nobody can read it, and it comes to nobody again.
        assert_eq!(send(sender("zeodyn").genuine("[]")).0, 200);
        let lines = receiver.lines_within(PATIENCE, |lines| lines.len() >= 3);
        let printed: HashSet<_> = lines.iter().map(|line| line.id.as_str()).collect();
        assert_eq!(printed, HashSet::from(["a", "fails", "panics"]), "{}", receiver.log());
        receiver.signal("TERM");
        assert_eq!(receiver.wait(PATIENCE).unwrap().code(), Some(0), "{}", receiver.log());
        assert_eq!(receiver.lines_within(PATIENCE, |_| false), []);
    }
}

/// As Debian starts it, and as its own documentation does.
pub(crate) async fn nats_as_it_is_by_default_is_refused(server: &mut Nats, _queue: &str) {
    for name in RECEIVERS {
        let refused = |command: &mut Command| {
            let output = command.output().unwrap();
            assert!(!output.status.success());
            String::from_utf8(output.stderr).unwrap()
        };
        let error = refused(on_new_stream(server, name).await.env_remove("COUNTERSIGN_NATS_SYNCS_ALWAYS"));
        let text = "NATS is one server, which has no place for 3 replicas of the stream `webhooks`: run 3 servers, or set \
                    `sync_interval: always` in the server's section `jetstream`, and then say so with \
                    `Settings::server_syncs_always` and `create_stream(1)`";
        assert!(error.contains(text), "{error}");
        let error = refused(on_new_stream(server, name).await.env_remove("COUNTERSIGN_INBOX_KEY"));
        assert!(error.contains("COUNTERSIGN_INBOX_KEY"), "{error}");
    }
}

pub(crate) async fn i1_nothing_is_lost_when_receivers_and_nats_are_killed(server: &mut Nats, _queue: &str) {
    let rounds = env::var("COUNTERSIGN_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(4);
    for name in RECEIVERS {
        let command = on_new_stream(server, name).await;
        let start = || {
            let mut again = Command::new(command.get_program());
            again.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            Receiver::spawn(again)
        };
        let mut receiver = start();
        let (mut acknowledged, mut times) = (Vec::new(), HashMap::<String, usize>::new());
        let mut count = |lines: Vec<Line>| lines.into_iter().for_each(|line| *times.entry(line.id).or_default() += 1);
        for round in 0..rounds {
            let stop = AtomicBool::new(false);
            let address = receiver.address;
            thread::scope(|scope| {
                let stop = &stop;
                let sending: Vec<_> = (0..4)
                    .map(|sender| scope.spawn(move || send_until(stop, address, zeodyn, &format!("{round}-{sender}"))))
                    .collect();
                // Another moment in each round.
                thread::sleep(Duration::from_millis(50 + round * 37 % 150));
                if round % 2 == 0 {
                    receiver.child.kill().unwrap();
                } else {
                    server.kill();
                    server.ensure_up();
                    thread::sleep(Duration::from_millis(50 + round * 37 % 150));
                }
                stop.store(true, Relaxed);
                sending.into_iter().for_each(|sent| acknowledged.extend(sent.join().unwrap()));
            });
            if round % 2 == 0 {
                count(receiver.lines_within(PATIENCE, |_| false));
                receiver = start();
            }
        }
        let missing = |times: &HashMap<String, usize>, lines: &[Line]| {
            let printed: HashSet<_> = lines.iter().map(|line| line.id.as_str()).collect();
            acknowledged.iter().filter(|id| !times.contains_key(*id) && !printed.contains(id.as_str())).count()
        };
        let before = times.clone();
        let last = receiver.lines_within(PATIENCE, |lines| missing(&before, lines) == 0);
        last.into_iter().for_each(|line| *times.entry(line.id).or_default() += 1);
        assert_eq!(missing(&times, &[]), 0, "of {} acknowledged deliveries", acknowledged.len());
        let twice = times.values().filter(|times| **times > 1).count();
        println!("{name} on NATS: {rounds} kills, {} acknowledged, 0 lost, {twice} printed twice", acknowledged.len());
    }
}

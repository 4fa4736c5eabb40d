//! A Redis that answers, and cannot do its work: the store goes on once another server, or the same one, can.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::mpsc,
    thread,
    time::Duration,
};

use countersign::dedupe::{Claim, ClaimStore, DeliveryKey, LeaseState, LeaseToken, RedisStore};
use tokio::{runtime, time::timeout};

use crate::{
    forwarder::Forwarder,
    own_redis::{OwnRedis, ask},
    support::ports,
};

const LONG: Duration = Duration::from_secs(60);

fn new_key() -> DeliveryKey {
    let mut key = [0; 32];
    key[..16].copy_from_slice(&u128::from_str_radix(&LeaseToken::unique().to_string(), 16).unwrap().to_be_bytes());
    key.into()
}

async fn claim(store: &RedisStore) -> Result<Claim, String> {
    store.claim(new_key(), LeaseToken::unique(), LONG).await.map_err(|error| error.to_string())
}

/// A store on a forwarder to `first`, and the answer of a call once `fail` has made `first` useless.
async fn failing(first: &OwnRedis, fail: impl FnOnce()) -> (Forwarder, RedisStore, String) {
    let forwarder = Forwarder::to(first.port);
    let store = RedisStore::connect(&forwarder.url).await.unwrap();
    assert_eq!(claim(&store).await, Ok(Claim::New));
    fail();
    let answer = claim(&store).await.expect_err("a call that the server cannot carry out");
    (forwarder, store, answer)
}

#[tokio::test]
async fn c08_the_first_call_after_a_failover_reaches_the_new_primary() {
    let (old, new) = (OwnRedis::start(), OwnRedis::start());
    let forwarder = Forwarder::to(old.port);
    let store = RedisStore::connect(&forwarder.url).await.unwrap();
    assert_eq!(claim(&store).await, Ok(Claim::New));
    let _: String = old.ask(&["REPLICAOF", "127.0.0.1", &new.port.to_string()]);
    forwarder.lead_to(new.port);
    assert_eq!(claim(&store).await, Ok(Claim::New));
}

#[tokio::test]
async fn c08_a_demoted_server_is_used_again_when_it_is_promoted() {
    let (old, new) = (OwnRedis::start(), OwnRedis::start());
    let demote = || old.ask::<()>(&["REPLICAOF", "127.0.0.1", &new.port.to_string()]);
    let (forwarder, store, answer) = failing(&old, demote).await;
    assert!(answer.contains("read only replica"), "{answer}");
    assert!(forwarder.connections() < 10, "{}", forwarder.connections());
    old.ask::<()>(&["REPLICAOF", "NO", "ONE"]);
    assert_eq!(claim(&store).await, Ok(Claim::New));
}

#[tokio::test]
async fn c08_a_replica_without_its_primary_is_left() {
    let (old, new) = (OwnRedis::with(&["--replica-serve-stale-data", "no"]), OwnRedis::start());
    let closed = ports::free().to_string();
    let (forwarder, store, answer) = failing(&old, || old.ask(&["REPLICAOF", "127.0.0.1", &closed])).await;
    assert!(answer.contains("MASTER"), "{answer}");
    forwarder.lead_to(new.port);
    assert_eq!(claim(&store).await, Ok(Claim::New));
}

#[tokio::test]
async fn c08_a_password_that_was_set_and_removed_needs_no_restart() {
    let redis = OwnRedis::start();
    let with_password = redis.url.replace("redis://", "redis://:a-password@");
    let set_password = || {
        redis.ask::<()>(&["CONFIG", "SET", "requirepass", "a-password"]);
        ask::<u64>(&with_password, &["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    };
    let (_forwarder, store, answer) = failing(&redis, set_password).await;
    assert!(answer.contains("Authentication required"), "{answer}");
    ask::<()>(&with_password, &["CONFIG", "SET", "requirepass", ""]);
    assert_eq!(claim(&store).await, Ok(Claim::New));
}

#[tokio::test]
async fn c08_a_server_that_denies_a_right_or_has_no_memory_is_left() {
    for refuse in [&["ACL", "SETUSER", "default", "-evalsha", "-eval"][..], &["CONFIG", "SET", "maxmemory", "1"]] {
        let (old, new) = (OwnRedis::start(), OwnRedis::start());
        let (forwarder, store, answer) = failing(&old, || old.ask(refuse)).await;
        assert!(answer.contains("permissions") || answer.contains("maxmemory"), "{answer}");
        forwarder.lead_to(new.port);
        assert_eq!(claim(&store).await, Ok(Claim::New));
    }
}

#[tokio::test]
async fn c08_a_server_that_is_loading_is_left() {
    let (old, new) = (OwnRedis::with(&["--enable-debug-command", "yes"]), OwnRedis::start());
    let load = || {
        let _: String = old.ask(&["DEBUG", "POPULATE", "10000", "key", "1000"]);
        // 10 ms a key: longer than the test takes.
        let _: String = old.ask(&["CONFIG", "SET", "key-load-delay", "10000"]);
        let _: String = old.ask(&["CONFIG", "SET", "loading-process-events-interval-bytes", "1024"]);
        let url = old.url.clone();
        thread::spawn(move || {
            let mut connection = redis::Client::open(url).unwrap().get_connection().unwrap();
            redis::cmd("DEBUG").arg("RELOAD").exec(&mut connection)
        });
        while !old.ask::<String>(&["INFO", "persistence"]).contains("\nloading:1") {
            thread::sleep(Duration::from_millis(5));
        }
    };
    let (forwarder, store, answer) = failing(&old, load).await;
    assert!(answer.contains("loading") || answer.contains("timed out"), "{answer}");
    forwarder.lead_to(new.port);
    assert_eq!(claim(&store).await, Ok(Claim::New));
}

/// The same servers in a cluster: one has no slots.
#[tokio::test]
async fn c08_a_node_that_moved_its_slots_is_left() {
    let node = |bus: &str| {
        let bus: &'static str = bus.to_owned().leak();
        OwnRedis::with(&["--cluster-enabled", "yes", "--cluster-port", bus])
    };
    let buses = [(); 2].map(|()| ports::free().to_string());
    let (old, new) = (node(&buses[0]), node(&buses[1]));
    let forwarder = Forwarder::to(new.port);
    new.ask::<()>(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    old.ask::<()>(&["CLUSTER", "MEET", "127.0.0.1", &new.port.to_string(), &buses[1]]);
    for node in [&old, &new] {
        while !node.ask::<String>(&["CLUSTER", "INFO"]).contains("cluster_state:ok") {
            thread::sleep(Duration::from_millis(20));
        }
    }
    let store = RedisStore::connect(&forwarder.url).await.unwrap();
    assert_eq!(claim(&store).await, Ok(Claim::New));
    forwarder.lead_to(old.port);
    new.ask::<u64>(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    let answer = claim(&store).await.unwrap_err();
    assert!(answer.contains("127.0.0.1:"), "MOVED names the other node: {answer}");
    forwarder.lead_to(new.port);
    assert_eq!(claim(&store).await, Ok(Claim::New));
}

/// Answers each read with the same bytes; with none it keeps silent.
fn something_else(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let mut bytes = [0; 4096];
                while let Ok(1..) = client.read(&mut bytes) {
                    if client.write_all(answer).is_err() {
                        break;
                    }
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn c08_answers_of_something_else_are_neither_believed_nor_kept() {
    let answers: [&[u8]; 8] = [
        b"+OK\r\n",
        b":1\r\n",
        b"$3\r\nnew\r\n",
        b"$4\r\ndone\r\n",
        b"*0\r\n",
        b"$-1\r\n",
        b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        b"",
    ];
    let mut tests = tokio::task::JoinSet::new();
    for answer in answers {
        tests.spawn(async move {
            let redis = OwnRedis::start();
            let forwarder = Forwarder::to(redis.port);
            let store = RedisStore::connect(&forwarder.url).await.unwrap();
            forwarder.lead_to(something_else(answer));
            redis.ask::<u64>(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
            let believed = claim(&store).await;
            assert!(believed.is_err(), "{answer:?}: {believed:?}");
            forwarder.lead_to(redis.port);
            assert_eq!(claim(&store).await, Ok(Claim::New), "{answer:?}");
        });
    }
    tests.join_all().await;
}

#[tokio::test]
async fn a9_a_call_whose_answer_was_lost_recognizes_its_effect() {
    let redis = OwnRedis::start();
    let forwarder = Forwarder::to(redis.port);
    let store = RedisStore::connect(&forwarder.url).await.unwrap();
    let (first, second, token) = (new_key(), new_key(), LeaseToken::unique());
    let lose = || {
        assert!(forwarder.has_lost_it());
        forwarder.lose_the_next_answer();
    };
    // Each script is loaded first: its loading is another call.
    assert_eq!(store.claim(second, token, LONG).await.unwrap(), Claim::New);
    assert_eq!(store.renew(second, token, LONG).await.unwrap(), LeaseState::Held);
    assert_eq!(store.release(second, token).await.unwrap(), LeaseState::Held);
    assert_eq!(store.commit(second, token, LONG).await.unwrap(), LeaseState::Lost);
    lose();
    assert_eq!(store.claim(first, token, LONG).await.unwrap(), Claim::New);
    lose();
    assert_eq!(store.renew(first, token, LONG).await.unwrap(), LeaseState::Held);
    lose();
    assert_eq!(store.commit(first, token, LONG).await.unwrap(), LeaseState::Held);
    assert_eq!(store.claim(first, LeaseToken::unique(), LONG).await.unwrap(), Claim::Done);
    assert_eq!(store.claim(second, token, LONG).await.unwrap(), Claim::New);
    lose();
    assert_eq!(store.release(second, token).await.unwrap(), LeaseState::Held);
    assert!(forwarder.has_lost_it());
    assert_eq!(store.claim(second, LeaseToken::unique(), LONG).await.unwrap(), Claim::New);
}

#[tokio::test]
async fn a_connection_that_stays_silent_is_replaced() {
    let redis = OwnRedis::start();
    let forwarder = Forwarder::to(redis.port);
    let store = RedisStore::connect(&forwarder.url).await.unwrap();
    forwarder.silence_the_connections();
    assert_eq!(claim(&store).await, Ok(Claim::New));
    assert_eq!(forwarder.connections(), 2);
    // Also if every caller waits for less time than the store does.
    forwarder.silence_the_connections();
    assert!(timeout(Duration::from_millis(200), claim(&store)).await.is_err());
    assert_eq!(claim(&store).await, Ok(Claim::New));
    assert_eq!(forwarder.connections(), 3);
}

#[test]
fn a4_a_blocked_runtime_blocks_no_calls_of_another() {
    let redis = OwnRedis::start();
    let worker = || runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (first, second) = (worker(), worker());
    let store = first.block_on(RedisStore::connect(&redis.url)).unwrap();
    redis.ask::<u64>(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
    let (is_connected, connected) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    let of_first = store.clone();
    let blocked = thread::spawn(move || {
        first.block_on(async {
            assert_eq!(claim(&of_first).await, Ok(Claim::New), "over a new connection");
            is_connected.send(()).unwrap();
            let _ = wait.recv();
        });
    });
    connected.recv().unwrap();
    assert_eq!(second.block_on(claim(&store)), Ok(Claim::New));
    drop(go_on);
    blocked.join().unwrap();
}

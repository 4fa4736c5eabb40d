//! C28: a delivery that a receiver handled is forgotten in its Redis, and so handled again.

use countersign::dedupe::LeaseToken;

use crate::cli::{
    command::{Outcome, command, run_command},
    support::{receiver, redis::Redis, sender},
};

for_both![c28_a_handled_delivery_is_forgotten_and_handled_again,];

fn c28_a_handled_delivery_is_forgotten_and_handled_again(name: &str) {
    let (redis, zeodyn) = (Redis::start(), sender("zeodyn"));
    let receiver = {
        let mut command = receiver::command(name);
        command.env("COUNTERSIGN_REDIS_URL", &redis.url);
        receiver::Receiver::spawn(command)
    };
    let id = format!("{name}-{}", LeaseToken::unique());
    let request = zeodyn.genuine(format!(r#"{{"event":"scan_complete","scanId":"{id}"}}"#));
    let captured = request.bytes();
    let key_of = |arguments: &[&str]| -> Outcome {
        let variable = zeodyn.variable();
        let all = [&["key", "zeodyn", "--secret-env", &variable, "--request", "-"], arguments].concat();
        let previous = zeodyn.previous_secret();
        run_command(command(&all).env("REDIS", &redis.url).env("PREVIOUS", previous), &captured)
    };
    // The receiver accepts a previous secret, too.
    let key = |arguments: &[&str]| key_of(&[&["--previous-secret-env", "PREVIOUS"], arguments].concat());
    let forget = |arguments: &[&str]| key(&[&["--redis-env", "REDIS", "--forget"], arguments].concat());
    let is_duplicate = |answer: &crate::cli::support::http::Answer| {
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.header("countersign-delivery") == Some("duplicate")
    };

    let unknown = forget(&[]);
    assert!(
        unknown.code == 1 && unknown.stdout.contains("\nnot found: this Redis does not remember it"),
        "{unknown:?}"
    );
    assert!(!is_duplicate(&receiver.exchange(&request).0));
    assert!(is_duplicate(&receiver.exchange(&request).0));

    // The key that is printed is the one in Redis.
    let printed = key(&["--json"]).documents();
    let redis_key = printed[0]["redis_key"].as_str().expect("a key");
    let client = ::redis::Client::open(redis.url.as_str()).expect("a URL");
    let mut connection = client.get_connection().expect("Redis");
    let mut value = || -> Option<String> { ::redis::cmd("GET").arg(redis_key).query(&mut connection).expect("Redis") };
    assert!(value().expect("the delivery").starts_with("done "));

    // With other secrets or another name, it is another delivery.
    assert_eq!(key_of(&["--redis-env", "REDIS", "--forget"]).code, 1);
    for other in [["--namespace", "x"], ["--endpoint", "x"], ["--tenant", "x"], ["--prefix", "x"]] {
        assert_eq!(forget(&other).code, 1, "{other:?}");
    }
    let forgotten = forget(&["--json"]);
    assert_eq!((forgotten.code, &*forgotten.stderr), (0, ""), "{forgotten:?}");
    assert_eq!(forgotten.documents()[0]["forgotten"], "removed");
    assert_eq!(value(), None);
    assert!(!is_duplicate(&receiver.exchange(&request).0));
    assert!(is_duplicate(&receiver.exchange(&request).0));

    // A lease is not ended: a token that is not done.
    let _: () = ::redis::cmd("SET").arg(redis_key).arg("a token").query(&mut client.get_connection().unwrap()).unwrap();
    let leased = forget(&[]);
    let line = "\nnot forgotten: it is being handled, or its lease has not expired yet\n";
    assert!(leased.code == 1 && leased.stdout.ends_with(line), "{leased:?}");
}

/// The URL may have a password in it.
#[test]
fn t19_a_redis_that_does_not_answer_is_said_without_its_url() {
    let zeodyn = sender("zeodyn");
    let variable = zeodyn.variable();
    let arguments = ["key", "zeodyn", "--secret-env", &variable, "--request", "-", "--redis-env", "REDIS", "--forget"];
    let captured = zeodyn.genuine(r#"{"event":"scan_complete","scanId":"1"}"#).bytes();
    for url in ["redis://:pa55word@127.0.0.1:1/", "pa55word", "rediss://:pa55word@127.0.0.1:1/"] {
        let outcome = run_command(command(&arguments).env("REDIS", url), &captured);
        assert_eq!(outcome.code, 2, "{outcome:?}");
        assert!(outcome.stderr.starts_with("error: cannot connect to the Redis of the deduplication store: "));
        assert!(!outcome.stderr.contains("pa55word"), "{outcome:?}");
    }
}

//! A receiver that is killed after the claim, and the provider's documented retries, a hundred times faster.

use std::{
    thread,
    time::{Duration, Instant},
};

use countersign::{Event, Provider, providers};

use super::{
    child_store::AFTER_CLAIM,
    victim::{Settings, Victim},
};
use crate::{redis::Redis, support::sender};

for_both![f1_killed_after_the_claim_it_is_handled_by_the_last_documented_attempt,];

const FASTER: u32 = 100;
const LEASE: Duration = Duration::from_secs(10);

fn f1_killed_after_the_claim_it_is_handled_by_the_last_documented_attempt(framework: &str) {
    let redis = Redis::start();
    let mut tried = Vec::new();
    macro_rules! each {
        ($($name:ident => $Provider:ident,)*) => {$(
            if !providers::$Provider::RETRIES.delays.is_empty() {
                try_with::<providers::$Provider>(framework, &redis);
                tried.push(stringify!($name));
            }
        )*};
    }
    countersign::__for_each_provider!(each);
    assert!(["screenscore", "screenshotrun", "geoscored"].iter().all(|name| tried.contains(name)), "{tried:?}");
}

fn try_with<P: Provider>(framework: &str, redis: &Redis) {
    let settings = || Settings::new(framework, redis, LEASE / FASTER);
    let mut victim = Victim::start(&settings().that_stops(AFTER_CLAIM));
    let survivor = Victim::start(&settings());
    let sender = sender(P::NAME);
    let fixture = sender.fixture();
    let request = sender.genuine(fixture.body.clone());
    assert_eq!(fixture.event, P::Event::NAMES[0]);

    let stream = crate::support::http::connect(victim.address);
    std::io::Write::write_all(&mut &stream, &request.bytes()).expect("a server that reads");
    victim.wait_for(&format!("stopped {AFTER_CLAIM}"));
    // Not before the claim, which takes as long as the machine is busy.
    let first = Instant::now();
    victim.kill();

    let delays = P::RETRIES.delays;
    let mut due = Duration::ZERO;
    for (attempt, delay) in delays.iter().enumerate() {
        due += *delay / FASTER;
        thread::sleep((first + due).saturating_duration_since(Instant::now()));
        let answer = request.send(survivor.address);
        println!("{framework}, {}: {} to retry {} of {}", P::NAME, answer.status, attempt + 1, delays.len());
        if answer.status == 200 {
            assert_eq!(answer.header("countersign-delivery"), None);
            survivor.wait_for(&format!("handled {}", sender.id_of(&fixture.event, &fixture.body)));
            return;
        }
        assert_eq!(answer.status, 409);
    }
    panic!("{}: the last attempt is over, and it was not handled", P::NAME);
}

//! Deliveries that are handed off to a broker: real servers, started and stopped here.
//!
//! Redis always runs. NATS and RabbitMQ run if `COUNTERSIGN_TEST_BROKERS` is 1, which `scripts/test --all` sets, and are
//! reported as ignored otherwise. Each test has a queue of its own. The tests of one broker run one after the other,
//! because some of them stop it.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, reason = "tests fail by panicking")]

mod behaviours;
mod faults;
mod nats;
mod proxy;
mod python;
mod rabbitmq;
mod receivers;
mod redis;
mod seam;
mod server;
mod site;

use std::{
    env,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use libtest_mimic::{Arguments, Failed, Trial};
use server::Server;
use tokio::{
    runtime::{Builder, Runtime},
    task::LocalSet,
};

/// A server, started by the first test that needs it.
type Shared<S> = Arc<Mutex<Option<S>>>;

fn trial<S: Server>(shared: &Shared<S>, name: &str, test: impl FnOnce(&mut S, &str) + Send + 'static) -> Trial {
    let (shared, queue) = (Arc::clone(shared), name.to_owned());
    let run = move || {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let server = shared.get_or_insert_with(S::start);
        server.ensure_up();
        let ended = catch_unwind(AssertUnwindSafe(|| test(server, &queue)));
        // A panic was printed where it happened.
        ended.map_err(|_| Failed::without_message())
    };
    let needs_python = name.contains("python");
    let are_wanted = env::var("COUNTERSIGN_TEST_BROKERS").is_ok_and(|value| value == "1");
    Trial::test(format!("{}::{name}", S::NAME), run)
        .with_kind(S::PROGRAM)
        .with_ignored_flag(!are_wanted && (!S::IS_EVERYWHERE || needs_python && python::INTERPRETER.is_none()))
}

/// What is traced is captured in one thread, and actix-web has one. A server that is started again blocks one.
fn block_on(module: &str, test: impl Future<Output = ()>) {
    if module == "faults" {
        return Runtime::new().unwrap().block_on(test);
    }
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, test);
}

/// Makes a trial of each function of a module.
macro_rules! trials {
    ($trials:ident, $shared:ident, $($module:ident::$name:ident)*) => {$(
        $trials.push(trial(&$shared, stringify!($name), |server, queue| {
            block_on(stringify!($module), $module::$name(server, queue));
        }));
    )*};
}

fn of_every_broker<S: Server>(shared: &Shared<S>) -> Vec<Trial> {
    let mut trials = Vec::new();
    trials!(trials, shared,
        behaviours::a_delivery_is_published_before_it_is_answered
        behaviours::axum_and_actix_answer_the_same
        behaviours::i3_a_retry_is_a_duplicate
        behaviours::a_repeated_message_is_stored_once_where_the_broker_knows
        behaviours::any_header_comes_back_as_it_was
        behaviours::a_body_of_the_limit_and_a_confirmed_event_fit
        behaviours::i5_a_full_broker_is_503
        behaviours::i5_a_broker_that_confirms_nothing_is_503
        faults::i5_a_broker_that_is_down_is_503_and_comes_back
        faults::i5_a_broker_that_does_not_answer_is_503
        faults::i1_nothing_is_lost_while_it_stops_under_load
        faults::i1_nothing_is_lost_when_it_is_killed
    );
    trials
}

fn main() -> ExitCode {
    if let Ok(url) = env::var(rabbitmq::RETURNS) {
        block_on("faults", rabbitmq::returns_a_message(&url));
        return ExitCode::SUCCESS;
    }
    let mut arguments = Arguments::from_args();
    if let Some(threads) = env::var("RUST_TEST_THREADS").ok().and_then(|threads| threads.parse().ok()) {
        arguments.test_threads.get_or_insert(threads);
    }
    let (of_redis, of_nats, of_rabbitmq) =
        (Shared::<redis::Redis>::default(), Shared::<nats::Nats>::default(), Shared::<rabbitmq::RabbitMq>::default());
    let mut trials = of_every_broker(&of_redis);
    trials.extend(of_every_broker(&of_nats));
    trials.extend(of_every_broker(&of_rabbitmq));
    trials!(trials, of_redis,
        redis::settings_that_lose_are_refused
        redis::any_duplicate_window_is_kept
        redis::what_the_script_fails_with_is_not_tried_again
        redis::a_file_that_is_not_written_yet_is_refused
        redis::settings_are_checked_at_each_connection
        python::a_consumer_in_python_reads_the_body_and_the_headers
    );
    trials!(trials, of_nats,
        nats::settings_that_lose_are_refused
        nats::a_stream_is_created_if_asked
        receivers::each_prints_what_nats_has
        receivers::nats_as_it_is_by_default_is_refused
        receivers::i1_nothing_is_lost_when_receivers_and_nats_are_killed
    );
    trials!(trials, of_rabbitmq,
        rabbitmq::settings_that_lose_are_refused
        rabbitmq::dead_letters_are_kept
        rabbitmq::many_at_a_time_are_stored
        rabbitmq::a_queue_that_is_deleted_is_503
        rabbitmq::a_returned_message_is_not_logged
    );
    trials.extend(seam::trials());
    let conclusion = libtest_mimic::run(&arguments, trials);
    // It exits without dropping them.
    of_redis.lock().unwrap_or_else(PoisonError::into_inner).take();
    of_nats.lock().unwrap_or_else(PoisonError::into_inner).take();
    of_rabbitmq.lock().unwrap_or_else(PoisonError::into_inner).take();
    conclusion.exit_code()
}

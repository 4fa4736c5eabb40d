//! Connections: each question has its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use countersign::Confirmation;
use serde_json::json;

use crate::{
    api::{Api, answer},
    deliveries::{completed, delivery, genuine, with},
    raw::{self, Stream, head_of},
    receivers::Adapter,
    until,
};

for_both![
    a_question_has_a_connection_of_its_own,
    a_connection_that_the_api_closed_is_not_used_again,
    a_question_that_was_sent_is_not_sent_again_by_itself,
    t21_an_answer_that_nobody_asked_for_is_nobodys,
    t26_a_receiver_that_is_gone_leaves_a_client_that_works,
    a_receiver_that_is_stuck_holds_up_no_other,
];

fn a_question_has_a_connection_of_its_own(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let receiver = adapter.receiver(api.client());
    for _ in 0..5 {
        receiver.accepts(&genuine());
    }
    assert_eq!((api.take_seen().len(), api.connections()), (5, 5));
}

fn whole(body: &str) -> String {
    format!("{}{body}", head_of(body.len() as u64))
}

fn a_connection_that_the_api_closed_is_not_used_again(adapter: Adapter) {
    let api = Api::raw(|mut stream: Stream| async move {
        raw::take_request(&mut stream).await;
        raw::write(&mut stream, whole(&completed().to_string())).await;
    });
    let receiver = adapter.receiver(api.client());
    for _ in 0..20 {
        receiver.accepts(&genuine());
        assert!(api.is_left_alone());
    }
    assert_eq!(api.connections(), 20);
}

fn a_question_that_was_sent_is_not_sent_again_by_itself(adapter: Adapter) {
    let questions = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&questions);
    let api = Api::raw(move |mut stream: Stream| {
        let asked = Arc::clone(&asked);
        async move {
            raw::take_request(&mut stream).await;
            asked.fetch_add(1, Ordering::SeqCst);
        }
    });
    let receiver = adapter.receiver(api.client());
    for _ in 0..3 {
        receiver.is_undecided(&genuine());
    }
    assert!(api.is_left_alone());
    assert_eq!((questions.load(Ordering::SeqCst), api.connections()), (3, 3));
}

/// Two answers to one question: the second must not be taken for the answer to the next.
fn t21_an_answer_that_nobody_asked_for_is_nobodys(adapter: Adapter) {
    let forged = with(completed(), "file_size", json!(666)).to_string();
    let twice = whole(&completed().to_string()) + &whole(&forged);
    let api = Api::raw(move |mut stream: Stream| {
        let twice = twice.clone();
        async move {
            raw::take_request(&mut stream).await;
            raw::write(&mut stream, twice).await;
            raw::wait_for_the_end(&mut stream).await;
        }
    });
    let receiver = adapter.receiver(api.client());
    for _ in 0..5 {
        let handled = receiver.accepts(&delivery("screenshot.completed", &completed()));
        assert!(!format!("{:?}", handled.event).contains("666"));
        assert!(api.is_left_alone());
    }
}

/// Its connections were driven by a runtime that is no more.
fn t26_a_receiver_that_is_gone_leaves_a_client_that_works(adapter: Adapter) {
    let api = Api::serving(|_| async { answer(200, completed().to_string()) });
    let client = api.client().build().unwrap();
    for _ in 0..3 {
        let receiver = adapter.receiver_with(client.clone());
        receiver.accepts(&genuine());
        let address = receiver.address;
        drop(receiver);
        assert!(until(|| std::net::TcpStream::connect(address).is_err()));
    }
}

/// Deliveries at one server, or one worker of actix-web's, do not depend on what the thread of another does.
fn a_receiver_that_is_stuck_holds_up_no_other(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let client = api.client().with_timeout(Duration::from_millis(800)).build().unwrap();
    let other = adapter.receiver_with(client.clone());
    let (is_stuck, go_on) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (stuck, may) = (Arc::clone(&is_stuck), Arc::clone(&go_on));
    let receiver = adapter.receiver_with(move |event| {
        let (client, stuck, may) = (client.clone(), Arc::clone(&stuck), Arc::clone(&may));
        async move {
            let verdict = client.confirm(event).await;
            stuck.store(true, Ordering::SeqCst);
            until(|| may.load(Ordering::SeqCst));
            verdict
        }
    });
    let address = receiver.address;
    let answer = thread::spawn(move || genuine().send(address).status);
    assert!(until(|| is_stuck.load(Ordering::SeqCst)));
    let status = genuine().send(other.address).status;
    go_on.store(true, Ordering::SeqCst);
    assert_eq!((answer.join().unwrap(), status), (200, 200));
}

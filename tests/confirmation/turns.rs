//! How many questions are under way at once, and how long they wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::Semaphore;

use crate::{
    api::{Api, answer},
    deliveries::{completed, genuine},
    receivers::{Adapter, Receiver},
    until,
};

for_both![
    no_more_questions_than_allowed_are_under_way_and_all_get_their_turn,
    t17_whoever_does_not_get_a_turn_in_time_is_told_to_come_again,
    t17_the_wait_for_a_turn_counts,
    a_question_that_failed_gives_its_turn_back,
    clones_share_their_turns,
];

/// An API that answers when it is told to.
struct Slow {
    api: Api,
    /// A permit for each answer.
    leave: Arc<Semaphore>,
    most: Arc<AtomicUsize>,
    now: Arc<AtomicUsize>,
}

struct Underway(Arc<AtomicUsize>);

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn slow() -> Slow {
    let (leave, most, now) =
        (Arc::new(Semaphore::new(0)), Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
    let (may, seen, counted) = (Arc::clone(&leave), Arc::clone(&most), Arc::clone(&now));
    let api = Api::serving(move |_| {
        let (may, seen, counted) = (Arc::clone(&may), Arc::clone(&seen), Arc::clone(&counted));
        async move {
            seen.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let _underway = Underway(counted);
            may.acquire().await.unwrap().forget();
            answer(200, completed().to_string())
        }
    });
    Slow { api, leave, most, now }
}

impl Slow {
    fn underway(&self) -> usize {
        self.now.load(Ordering::SeqCst)
    }
}

fn statuses(receiver: &Receiver, count: usize) -> thread::JoinHandle<Vec<u16>> {
    let address = receiver.address;
    thread::spawn(move || {
        let sent: Vec<_> = (0..count).map(|_| thread::spawn(move || genuine().send(address).status)).collect();
        sent.into_iter().map(|sent| sent.join().unwrap()).collect()
    })
}

fn no_more_questions_than_allowed_are_under_way_and_all_get_their_turn(adapter: Adapter) {
    let slow = slow();
    let receiver = adapter.receiver(slow.api.client().with_concurrency(2));
    let answers = statuses(&receiver, 10);
    for answered in 0..10 {
        let expected = 2.min(10 - answered);
        assert!(until(|| slow.underway() == expected));
        // Whoever does not wait would be here by now.
        thread::sleep(Duration::from_millis(10));
        assert_eq!(slow.underway(), expected);
        slow.leave.add_permits(1);
        assert!(until(|| receiver.handled_count() == answered + 1));
    }
    assert_eq!(answers.join().unwrap(), [200; 10]);
    assert_eq!((slow.most.load(Ordering::SeqCst), slow.api.take_seen().len()), (2, 10));
}

fn t17_whoever_does_not_get_a_turn_in_time_is_told_to_come_again(adapter: Adapter) {
    let slow = slow();
    let receiver = adapter.receiver(slow.api.client().with_concurrency(2).with_timeout(Duration::from_millis(800)));
    let answers = statuses(&receiver, 10);
    assert_eq!(answers.join().unwrap(), [503; 10]);
    assert_eq!(slow.most.load(Ordering::SeqCst), 2);
    assert!(receiver.take_handled().is_empty());
    // Nobody has kept a turn.
    slow.leave.add_permits(100);
    assert_eq!(statuses(&receiver, 10).join().unwrap(), [200; 10]);
}

fn t17_the_wait_for_a_turn_counts(adapter: Adapter) {
    let slow = slow();
    let timeout = Duration::from_secs(1);
    let receiver = adapter.receiver(slow.api.client().with_concurrency(1).with_timeout(timeout));
    let first = statuses(&receiver, 1);
    assert!(until(|| slow.underway() == 1));
    // The second gets its turn when the first has given up, and has no more than what is left of its own time.
    thread::sleep(timeout / 2);
    let start = Instant::now();
    receiver.is_undecided(&genuine());
    let took = start.elapsed();
    assert!((timeout - Duration::from_millis(20)..timeout + Duration::from_millis(400)).contains(&took), "{took:?}");
    assert_eq!(first.join().unwrap(), [503]);
}

fn a_question_that_failed_gives_its_turn_back(adapter: Adapter) {
    let api = Api::answering(500, "");
    let receiver = adapter.receiver(api.client().with_concurrency(1));
    for _ in 0..5 {
        receiver.is_undecided(&genuine());
    }
    assert_eq!(api.take_seen().len(), 5);
    // None is understood as one: nothing could ever be asked.
    let api = Api::answering(200, completed().to_string());
    adapter.receiver(api.client().with_concurrency(0)).accepts(&genuine());
    adapter.receiver(api.client().with_concurrency(usize::MAX)).accepts(&genuine());
}

fn clones_share_their_turns(adapter: Adapter) {
    let slow = slow();
    let client = slow.api.client().with_concurrency(1).with_timeout(Duration::from_millis(400)).build().unwrap();
    let receivers = [adapter.receiver_with(client.clone()), adapter.receiver_with(client)];
    let answers: Vec<_> = receivers.iter().map(|receiver| statuses(receiver, 3)).collect();
    for answers in answers {
        assert_eq!(answers.join().unwrap(), [503; 3]);
    }
    assert_eq!(slow.most.load(Ordering::SeqCst), 1);
}

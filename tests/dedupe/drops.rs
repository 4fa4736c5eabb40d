//! F16, F17: the future of a delivery is dropped at every await point once, in core and in both adapters.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use ::tower::{Layer, ServiceExt, service_fn};
use actix_web::{
    App, HttpResponse,
    rt::spawn,
    test::{call_service, init_service},
    web,
};
use bytes::Bytes;
use countersign::{
    actix,
    dedupe::{Admission, Claim, DELIVERY_HEADER, Dedupe, Outcome},
    providers::Zeodyn,
    tower,
};
use http_body_util::Full;
use tokio::{task::yield_now, time::sleep};

use crate::{
    convert::{of, payload, to_actix, to_http},
    deliveries::{DroppedAfter, about},
    ledger::{Call, Ledger},
    support::http::Request,
};

/// By tokio's clock, which is paused.
const LEASE: Duration = Duration::from_secs(1);

/// Counts the handlers that ran to their end.
async fn handler(ends: Arc<AtomicUsize>) {
    for _ in 0..3 {
        yield_now().await;
    }
    ends.fetch_add(1, SeqCst);
}

/// Claims and handles a delivery; whether it was a duplicate.
async fn guarded(dedupe: Dedupe, id: &str, ends: Arc<AtomicUsize>) -> bool {
    match dedupe.admit(&about(id), sleep).await {
        Admission::Claimed(lease) => {
            lease.hold(handler(ends), |()| Outcome::Done, sleep).await.expect("in time");
            false
        }
        Admission::Duplicate => true,
        other => panic!("{other:?}"),
    }
}

/// Drops the future after this many polls, and delivers the same again when the lease has expired. Whether the future
/// ended before.
async fn drop_after(ledger: Ledger, polls: usize) -> bool {
    let books = ledger.books();
    let dedupe = Dedupe::new(ledger).with_lease(LEASE);
    let (id, ends) = (format!("dropped-{polls}"), Arc::new(AtomicUsize::new(0)));
    let (instance, its, name) = (dedupe.clone(), Arc::clone(&ends), id.clone());
    let first = tokio::spawn(async move { DroppedAfter::new(polls, guarded(instance, &name, its)).await });
    let task = first.id();
    let first = first.await.unwrap();
    let ended = ends.load(SeqCst);
    let calls = books.calls(task);
    let is_committed = matches!(calls.last(), Some(Call::Commit(Some(_))));
    assert!(ended == 1 || !is_committed, "I2: committed before its end, after {polls} polls");
    if let Some(Call::Claim(Some(claim))) = calls.first() {
        assert_eq!(*claim, Claim::New);
    }

    sleep(LEASE + LEASE / 10).await;
    let is_duplicate = tokio::spawn({
        let (instance, its) = (dedupe.clone(), Arc::clone(&ends));
        async move { guarded(instance, &id, its).await }
    });
    let is_duplicate = is_duplicate.await.unwrap();
    let runs = ends.load(SeqCst);
    assert!(runs >= 1, "F17: swallowed after {polls} polls");
    assert!(!is_duplicate || ended == 1, "I2: a duplicate of a delivery that was not handled, after {polls} polls");
    assert!(!is_committed || runs == 1, "I3: handled again after {polls} polls");
    assert_eq!(books.violations(), Vec::<String>::new());
    assert!(first.is_none() || is_duplicate && runs == 1);
    first.is_some()
}

#[tokio::test(start_paused = true)]
async fn f17_dropped_at_any_poll_a_delivery_ends_or_runs_again() {
    let ledger = Ledger::new(3);
    let mut polls = 0;
    while !drop_after(ledger.clone(), polls).await {
        polls += 1;
    }
    assert!(polls >= 15, "every wait of the store and of the handler: {polls}");
}

/// Delivers at every number of polls: drops the first attempt then, and makes a second one. `deliver` returns the status
/// and whether it was a duplicate, and `ends` counts the handlers that ran to their end. Returns how often the sender hung
/// up before the handler and while it ran.
async fn hang_up_at_any_poll<F>(ends: &AtomicUsize, deliver: impl Fn(Request) -> F) -> (usize, usize)
where
    F: Future<Output = (u16, bool)> + 'static,
{
    let (mut before_the_handler, mut while_it_runs) = (0, 0);
    for polls in 0.. {
        ends.store(0, SeqCst);
        let request = crate::convert::about(&format!("hung-up-{polls}"));
        let first = spawn(DroppedAfter::new(polls, deliver(request.clone()))).await.unwrap();
        sleep(LEASE + LEASE / 10).await;
        let ran = ends.load(SeqCst);
        match (first, ran) {
            (None, 0) => before_the_handler += 1,
            (None, 1) => while_it_runs += 1,
            (Some(answer), 1) => assert_eq!(answer, (200, false)),
            other => panic!("{other:?} after {polls} polls"),
        }
        let second = spawn(deliver(request)).await.unwrap();
        assert_eq!(second, (200, ran == 1), "after {polls} polls");
        assert_eq!(ends.load(SeqCst), 1, "handled once, after {polls} polls");
        if first.is_some() {
            break;
        }
    }
    (before_the_handler, while_it_runs)
}

#[actix_web::test]
async fn f17_f16_in_tower_a_sender_that_hangs_up_at_any_poll_neither_stops_nor_repeats_the_handler() {
    tokio::time::pause();
    let (ledger, ends) = (Ledger::new(3), Arc::<AtomicUsize>::default());
    let its = Arc::clone(&ends);
    let inner = service_fn(move |_: http::Request<Full<Bytes>>| {
        let ends = Arc::clone(&its);
        async move {
            handler(ends).await;
            Ok::<_, Infallible>(http::Response::<Full<Bytes>>::default())
        }
    });
    let dedupe = Dedupe::new(ledger.clone()).with_lease(LEASE);
    let service = tower::VerifyWebhook::zeodyn(of::<Zeodyn>().secret()).with_dedupe(dedupe).layer(inner);
    let (before_the_handler, while_it_runs) = hang_up_at_any_poll(&ends, |request| {
        let call = service.clone().oneshot(to_http::<Full<Bytes>>(&request));
        async move {
            let response = call.await.unwrap();
            (response.status().as_u16(), response.headers().contains_key(DELIVERY_HEADER))
        }
    })
    .await;
    assert!(before_the_handler >= 6, "every wait of the claim: {before_the_handler}");
    assert!(while_it_runs >= 1, "the wait for the handler's task: {while_it_runs}");
    assert_eq!(ledger.books().violations(), Vec::<String>::new());
}

#[actix_web::test]
async fn f17_f16_in_actix_a_sender_that_hangs_up_at_any_poll_neither_stops_nor_repeats_the_handler() {
    tokio::time::pause();
    let (ledger, ends) = (Ledger::new(3), Arc::<AtomicUsize>::default());
    let its = Arc::clone(&ends);
    let handler = move || {
        let ends = Arc::clone(&its);
        async move {
            handler(ends).await;
            HttpResponse::Ok().finish()
        }
    };
    let dedupe = Dedupe::new(ledger.clone()).with_lease(LEASE);
    let verify = actix::VerifyWebhook::zeodyn(of::<Zeodyn>().secret()).with_dedupe(dedupe);
    let resource = web::resource("/webhooks/zeodyn").wrap(verify).route(web::post().to(handler));
    let app = std::rc::Rc::new(init_service(App::new().service(resource)).await);
    let (before_the_handler, while_it_runs) = hang_up_at_any_poll(&ends, |request| {
        let (test, _) = to_actix(&request).to_request().replace_payload(payload(&request));
        let app = std::rc::Rc::clone(&app);
        async move {
            let response = call_service(&*app, test).await;
            (response.status().as_u16(), response.headers().contains_key(DELIVERY_HEADER))
        }
    })
    .await;
    assert!(before_the_handler >= 3, "every wait of the claim: {before_the_handler}");
    assert!(while_it_runs >= 1, "the wait for the handler's task: {while_it_runs}");
    assert_eq!(ledger.books().violations(), Vec::<String>::new());
}

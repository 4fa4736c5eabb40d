//! The tests that a user would write, and the mistakes that they bring to light.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
};

use actix_web::{HttpResponse, web};
use axum::{Router, body::Body, http::StatusCode, routing::post};
use countersign::{actix, axum as tower, dedupe::MemoryStore, providers::ScreenScore};
use countersign_testkit::{Endpoint, InProcess, Payload, SignedRequest, Simulator, SimulatorClock};

use crate::simulator::sites::{serve_actix_with, url};

fn request() -> SignedRequest<ScreenScore> {
    Payload::documented("analysis.completed").unwrap().signed_with("s3cr3t")
}

/// Fails the first time, as a database does that is just being restarted.
#[derive(Default)]
struct Database {
    calls: AtomicU32,
    rows: AtomicU32,
}

impl Database {
    fn insert(&self) -> Result<(), ()> {
        if self.calls.fetch_add(1, SeqCst) == 0 {
            return Err(());
        }
        self.rows.fetch_add(1, SeqCst);
        Ok(())
    }

    fn rows(&self) -> u32 {
        self.rows.load(SeqCst)
    }
}

#[tokio::test]
async fn what_an_axum_handler_fails_at_is_done_later_and_once() {
    let database = Arc::<Database>::default();
    let its = Arc::clone(&database);
    let on_event = move |_: tower::Webhook<ScreenScore>| async move {
        if its.insert().is_ok() { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR }
    };
    let verify = tower::VerifyWebhook::screenscore("s3cr3t").with_dedupe(MemoryStore::new());
    let app: Router = Router::new().route("/webhooks/screenscore", post(on_event).layer(verify));

    let provider = Simulator::new(InProcess::new(app, Body::new)).with_clock(SimulatorClock::skipping());
    assert_eq!(provider.deliver(&request()).await.statuses(), [500, 200]);
    for report in provider.deliver_concurrently(&request(), 20).await {
        assert!(report.attempts()[0].result.as_ref().is_ok_and(|answer| answer.is_duplicate()));
    }
    assert_eq!(database.rows(), 1);
}

#[tokio::test]
async fn a_handler_that_remembers_before_it_works_is_found_out() {
    let (database, seen) = (Arc::<Database>::default(), Arc::<Mutex<HashSet<String>>>::default());
    let its = Arc::clone(&database);
    let on_event = move |hook: tower::Webhook<ScreenScore>| async move {
        if !seen.lock().unwrap().insert(format!("{:?}", hook.resource_id())) {
            return StatusCode::OK;
        }
        if its.insert().is_ok() { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR }
    };
    let verify = tower::VerifyWebhook::screenscore("s3cr3t");
    let app: Router = Router::new().route("/webhooks/screenscore", post(on_event).layer(verify));

    let provider = Simulator::new(InProcess::new(app, Body::new)).with_clock(SimulatorClock::skipping());
    let report = provider.deliver(&request()).await;
    assert_eq!((report.statuses(), report.is_accepted()), (vec![500, 200], true));
    assert_eq!(database.rows(), 0, "the provider is content, and the event is lost");
}

#[tokio::test]
async fn a_handler_that_answers_before_it_works_is_found_out() {
    let database = Arc::<Database>::default();
    let its = Arc::clone(&database);
    let on_event = move |_: tower::Webhook<ScreenScore>| async move {
        let work = tokio::spawn(async move { its.insert() });
        // Nobody looks at what became of it, but the test has to know that it is over.
        drop(work.await);
        StatusCode::ACCEPTED
    };
    let verify = tower::VerifyWebhook::screenscore("s3cr3t").with_dedupe(MemoryStore::new());
    let app: Router = Router::new().route("/webhooks/screenscore", post(on_event).layer(verify));

    let provider = Simulator::new(InProcess::new(app, Body::new)).with_clock(SimulatorClock::skipping());
    let report = provider.deliver(&request()).await;
    assert_eq!((report.statuses(), database.rows()), (vec![202], 0), "accepted at once, and lost");
}

#[tokio::test]
async fn a_handler_that_forgets_what_it_did_is_found_out() {
    let database = Arc::<Database>::default();
    let its = Arc::clone(&database);
    let on_event = move |_: tower::Webhook<ScreenScore>| async move {
        let _ = its.insert();
        StatusCode::OK
    };
    let verify = tower::VerifyWebhook::screenscore("s3cr3t");
    let app: Router = Router::new().route("/webhooks/screenscore", post(on_event).layer(verify));

    let provider = Simulator::new(InProcess::new(app, Body::new));
    provider.deliver_repeatedly(&request(), 4).await;
    assert_eq!(database.rows(), 3, "the first is lost, and the others are one too many each");
}

async fn on_actix(database: web::Data<Database>, _: actix::Webhook<ScreenScore>) -> HttpResponse {
    match database.insert() {
        Ok(()) => HttpResponse::Ok().finish(),
        Err(()) => HttpResponse::InternalServerError().finish(),
    }
}

#[tokio::test]
async fn what_an_actix_handler_fails_at_is_done_later_and_once() {
    let database = web::Data::new(Database::default());
    let (its, verify) = (database.clone(), actix::VerifyWebhook::screenscore("s3cr3t").with_dedupe(MemoryStore::new()));
    let address = serve_actix_with(move |config| {
        let hooks = web::resource("/webhooks/screenscore").route(web::post().to(on_actix)).wrap(verify.clone());
        config.app_data(its.clone()).service(hooks);
    });

    let receiver = Endpoint::new(url(address, "/webhooks/screenscore"));
    let provider = Simulator::new(receiver).with_clock(SimulatorClock::skipping());
    assert_eq!(provider.deliver(&request()).await.statuses(), [500, 200]);
    for report in provider.deliver_concurrently(&request(), 20).await {
        assert!(report.attempts()[0].result.as_ref().is_ok_and(|answer| answer.is_duplicate()));
    }
    assert_eq!(database.rows(), 1);
}

#[tokio::test]
async fn an_actix_handler_that_remembers_before_it_works_is_found_out() {
    async fn on_event(
        database: web::Data<Database>,
        seen: web::Data<Mutex<HashSet<String>>>,
        hook: actix::Webhook<ScreenScore>,
    ) -> HttpResponse {
        if seen.lock().unwrap().insert(format!("{:?}", hook.resource_id())) && database.insert().is_err() {
            return HttpResponse::InternalServerError().finish();
        }
        HttpResponse::Ok().finish()
    }
    let (database, seen) = (web::Data::new(Database::default()), web::Data::new(Mutex::new(HashSet::<String>::new())));
    let its = database.clone();
    let address = serve_actix_with(move |config| {
        let verify = actix::VerifyWebhook::screenscore("s3cr3t");
        let hooks = web::resource("/webhooks/screenscore").route(web::post().to(on_event)).wrap(verify);
        config.app_data(its.clone()).app_data(seen.clone()).service(hooks);
    });

    let receiver = Endpoint::new(url(address, "/webhooks/screenscore"));
    let report = Simulator::new(receiver).with_clock(SimulatorClock::skipping()).deliver(&request()).await;
    assert_eq!((report.statuses(), database.rows()), (vec![500, 200], 0), "accepted, and lost");
}

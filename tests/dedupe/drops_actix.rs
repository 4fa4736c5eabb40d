//! F16, F17 in actix-web: the middleware's future is dropped at every await point once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use actix_web::{
    App, HttpResponse,
    rt::spawn,
    test::{call_service, init_service},
    web,
};
use countersign::{
    actix::VerifyWebhook,
    dedupe::{DELIVERY_HEADER, DUPLICATE, Dedupe, MemoryStore},
    providers::Zeodyn,
};
use tokio::{task::yield_now, time::sleep};

use crate::{
    convert::{of, payload, to_actix},
    deliveries::{DroppedAfter, tokio_clock},
    ledger::Ledger,
};

const LEASE: Duration = Duration::from_secs(1);

#[actix_web::test]
async fn f17_f16_dropped_at_any_poll_the_handler_is_neither_stopped_nor_repeated() {
    tokio::time::pause();
    let ledger = Ledger::new(MemoryStore::new().with_clock(tokio_clock()), 3);
    let ends = Arc::new(AtomicUsize::new(0));
    let its = Arc::clone(&ends);
    let handler = move || {
        let ends = Arc::clone(&its);
        async move {
            for _ in 0..3 {
                yield_now().await;
            }
            ends.fetch_add(1, SeqCst);
            HttpResponse::Ok().finish()
        }
    };
    let verify =
        VerifyWebhook::zeodyn(of::<Zeodyn>().secret()).with_dedupe(Dedupe::new(ledger.clone()).with_lease(LEASE));
    let resource = web::resource("/webhooks/zeodyn").wrap(verify).route(web::post().to(handler));
    let app = std::rc::Rc::new(init_service(App::new().service(resource)).await);
    let (mut before_the_handler, mut beside_it) = (0, 0);
    for polls in 0.. {
        ends.store(0, SeqCst);
        let delivery = crate::convert::about(&format!("hung-up-{polls}"));
        let call = || {
            let (test, _) = to_actix(&delivery).to_request().replace_payload(payload(&delivery));
            let app = std::rc::Rc::clone(&app);
            async move { call_service(&*app, test).await }
        };
        let first = spawn(DroppedAfter::new(polls, Box::pin(call()))).await.unwrap();
        sleep(LEASE + LEASE / 10).await;
        let ran = ends.load(SeqCst);
        match (&first, ran) {
            (None, 0) => before_the_handler += 1,
            (None, 1) => beside_it += 1,
            (Some(response), 1) => assert_eq!(response.status(), 200),
            (_, other) => panic!("{other} runs after {polls} polls"),
        }
        let second = spawn(call()).await.unwrap();
        assert_eq!(second.status(), 200);
        let mark = second.headers().get(DELIVERY_HEADER).map(|mark| mark.to_str().unwrap());
        assert_eq!(mark, (ran == 1).then_some(DUPLICATE), "after {polls} polls");
        assert_eq!(ends.load(SeqCst), 1, "handled once, after {polls} polls");
        assert_eq!(ledger.books().violations(), Vec::<String>::new());
        if first.is_some() {
            break;
        }
    }
    assert!(before_the_handler >= 3, "every wait of the claim: {before_the_handler}");
    assert!(beside_it >= 1, "the wait for the handler's task: {beside_it}");
}

//! The second half: deliveries that are stored before they are answered, and handled later.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{Router, routing::post};
use countersign::{
    axum::VerifyWebhook,
    inbox::{
        Backoff, End, Inbox, Received,
        store::{Filter, State},
    },
    providers::Zeodyn,
};
use countersign_testkit::Payload;
use reqwest::Client;
use tokio::{sync::oneshot, time::sleep};

use crate::{Failure, SECRET};

/// Shows the life of two deliveries. Returns what was not as expected.
pub(crate) async fn show(client: &Client) -> Result<Vec<String>, Failure> {
    let folder = tempfile::tempdir()?;
    let is_mended = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&is_mended);
    let on_event = move |hook: Received<Zeodyn>| {
        let (id, attempt) = (hook.resource_id().unwrap_or_default().to_owned(), hook.attempt());
        let end = match id.as_str() {
            "difficult" if attempt < 3 => End::retry("the database is down"),
            "broken" if !flag.load(SeqCst) => End::give_up("a bug in the handler"),
            _ => End::done(),
        };
        println!("  attempt {attempt} of {id}: {end}");
        async { end }
    };
    // Quick, for a demonstration.
    let backoff = Backoff::new(5).with_most(Duration::from_millis(100));
    let inbox = Inbox::open(folder.path().join("inbox.db")).await?.with_backoff(backoff).on::<Zeodyn, _>(on_event);
    let route = post(inbox.store::<Zeodyn>()).layer(VerifyWebhook::zeodyn(SECRET));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async { axum::serve(listener, Router::new().route("/webhooks/zeodyn", route)).await });
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = inbox.clone();
    let worker = tokio::spawn(async move { worker.run(async { _ = stopped.await }).await });

    println!("\nan inbox on http://{address}: stored before the answer, handled later");
    let mut surprises = Vec::new();
    for (id, expected) in [("difficult", "stored"), ("difficult", "duplicate"), ("broken", "stored")] {
        let body = format!(r#"{{"event":"scan_complete","scanId":"{id}"}}"#);
        let request = Payload::<Zeodyn>::new(body).signed_with(SECRET);
        let answer = request.to_reqwest(client, format!("http://{address}/webhooks/zeodyn").parse()?).send().await?;
        let said =
            answer.headers().get("countersign-delivery").and_then(|value| value.to_str().ok()).unwrap_or_default();
        println!("sent {id}: {} {said}", answer.status());
        if said != expected {
            surprises.push(format!("{id}: {said} instead of {expected}"));
        }
    }
    ends(&inbox, "difficult", State::Done, &mut surprises).await?;
    ends(&inbox, "broken", State::Dead, &mut surprises).await?;
    println!("broken is a dead letter: it is kept, with its error. The bug is mended, and it is redriven");
    is_mended.store(true, SeqCst);
    inbox.redrive(Filter::in_state(State::Dead)).await?;
    ends(&inbox, "broken", State::Done, &mut surprises).await?;
    drop(stop);
    worker.await?;
    Ok(surprises)
}

/// Waits until a delivery has this state.
async fn ends(inbox: &Inbox, id: &str, expected: State, surprises: &mut Vec<String>) -> Result<(), Failure> {
    let mut about = Filter::default();
    about.resources = vec![id.to_owned()];
    for _ in 0..1000 {
        let rows = inbox.ledger().list(about.clone(), 1).await?;
        if rows.first().is_some_and(|row| row.state == expected) {
            return Ok(());
        }
        sleep(Duration::from_millis(10)).await;
    }
    surprises.push(format!("{id} is not {expected}"));
    Ok(())
}

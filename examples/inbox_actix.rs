//! An actix-web app that stores each delivery before it answers, and handles it later: again, if the
//! handler fails, and also if the process was killed in between.
//!
//! `SCREENSCORE_WEBHOOK_SECRET=… cargo run --example inbox_actix --features actix,inbox`

use actix_web::{App, HttpServer, web};
use countersign::{
    Secret,
    actix::VerifyWebhook,
    inbox::{Inbox, Received},
    providers::{ScreenScore, ScreenScoreEvent},
};
use tokio::sync::oneshot;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verify = VerifyWebhook::screenscore(Secret::from_env("SCREENSCORE_WEBHOOK_SECRET")?);
    let inbox = Inbox::open("inbox.db").await?.on::<ScreenScore, _>(on_event);

    // Made once, outside of the closure, which runs for each worker of the server.
    let store = inbox.store::<ScreenScore>();
    let server = HttpServer::new(move || {
        let resource = web::resource("/webhooks/screenscore").wrap(verify.clone());
        App::new().service(resource.route(web::post().to(store.clone())))
    })
    .bind("127.0.0.1:3000")?;
    println!("listening on http://{}/webhooks/screenscore", server.addrs().first().ok_or("no address")?);
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = actix_web::rt::spawn(async move { inbox.run(async { _ = stopped.await }).await });
    server.run().await?;
    // The server stops first, and then the worker.
    drop(stop);
    Ok(worker.await?)
}

/// The answer was sent before this runs: it may take its time.
async fn on_event(hook: Received<ScreenScore>) -> Result<(), std::io::Error> {
    match hook.event() {
        ScreenScoreEvent::AnalysisCompleted(analysis) => println!("{}: {:?}", analysis.id, analysis.score),
        other => println!("{}", other.name()),
    }
    Ok(())
}

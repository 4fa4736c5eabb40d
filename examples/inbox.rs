//! An axum app that stores each delivery before it answers, and handles it later: again, if the handler
//! fails, and also if the process was killed in between.
//!
//! `SCREENSCORE_WEBHOOK_SECRET=… cargo run --example inbox --features axum,inbox`

use axum::{Router, routing::post};
use countersign::{
    Secret,
    axum::VerifyWebhook,
    inbox::{Inbox, Received},
    providers::{ScreenScore, ScreenScoreEvent},
};
use tokio::{
    net::TcpListener,
    signal::{
        ctrl_c,
        unix::{SignalKind, signal},
    },
    sync::oneshot,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verify = VerifyWebhook::screenscore(Secret::from_env("SCREENSCORE_WEBHOOK_SECRET")?);
    let inbox = Inbox::open("inbox.db").await?.on::<ScreenScore, _>(on_event);

    let app = Router::new().route("/webhooks/screenscore", post(inbox.store::<ScreenScore>()).layer(verify));

    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("listening on http://{}/webhooks/screenscore", listener.local_addr()?);
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = tokio::spawn(async move { inbox.run(async { _ = stopped.await }).await });
    // Ctrl-C, or SIGTERM, which Docker, Kubernetes and systemd send.
    let mut terminate = signal(SignalKind::terminate())?;
    let stop_signal = async move {
        tokio::select! {
            _ = ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    };
    axum::serve(listener, app).with_graceful_shutdown(stop_signal).await?;
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

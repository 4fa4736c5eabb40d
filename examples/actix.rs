//! A small actix-web app: one provider, one resource, one typed event.
//!
//! `SCREENSCORE_WEBHOOK_SECRET=… cargo run --example actix`

use actix_web::{App, HttpResponse, HttpServer, web};
use countersign::{
    Secret,
    actix::{VerifyWebhook, Webhook},
    providers::{ScreenScore, ScreenScoreEvent},
};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verify = VerifyWebhook::screenscore(Secret::from_env("SCREENSCORE_WEBHOOK_SECRET")?);

    let server = HttpServer::new(move || {
        App::new().service(web::resource("/webhooks/screenscore").wrap(verify.clone()).route(web::post().to(on_event)))
    })
    .bind("127.0.0.1:3000")?;
    println!("listening on http://127.0.0.1:3000/webhooks/screenscore");
    server.run().await?;
    Ok(())
}

async fn on_event(hook: Webhook<ScreenScore>) -> HttpResponse {
    match hook.event() {
        ScreenScoreEvent::AnalysisCompleted(analysis) => println!("{}: {:?}", analysis.id, analysis.score),
        other => println!("{}", other.name()),
    }
    HttpResponse::Ok().finish()
}

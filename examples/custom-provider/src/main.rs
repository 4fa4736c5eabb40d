//! Your own provider: one page of constants and structs, for axum and for actix-web.
//!
//! Run `cargo run -p custom-provider`, then send a delivery to axum (port 3000) or actix-web (port 3001):
//!
//! ```sh
//! body='{"event":"order.paid","order_id":"o-1","amount":4200,"at":"2026-01-31T12:00:00Z"}'
//! tag=$(printf %s "$body" | openssl dgst -sha256 -hmac acme-secret -r | cut -d' ' -f1)
//! curl -i -H "X-Acme-Signature: sha256=$tag" -d "$body" http://127.0.0.1:3000/webhooks/acme
//! ```

use actix_web::{App, HttpResponse, HttpServer, web};
use axum::{Router, http::StatusCode, routing::post};
use countersign::actix::{VerifyWebhook as VerifyInActix, Webhook as ActixWebhook};
use countersign::axum::{VerifyWebhook, Webhook};
use countersign::{
    events,
    provider::{Place, Provider, Scheme},
};
use serde::{Deserialize, Serialize};

/// Acme's webhooks.
enum Acme {}

impl Provider for Acme {
    type Event = AcmeEvent;

    const NAME: &'static str = "acme";
    const TITLE: &'static str = "Acme";
    const DOCS: &'static str = "https://acme.example/docs/webhooks";
    const SCHEME: Scheme = Scheme::hmac_sha256("x-acme-signature", "sha256=");
    const OCCURRED_AT: Option<Place> = Some(Place::json("at"));
}

events! {
    /// The events that Acme sends.
    enum AcmeEvent {
        id: ["order_id"];
        /// An order was paid.
        "order.paid" => OrderPaid(Order) at order_id,
        /// An order was cancelled.
        "order.cancelled" => OrderCancelled(Order) at order_id,
    }
}

/// An order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Order {
    /// Its ID.
    order_id: String,
    /// Its amount, in cents.
    amount: Option<u64>,
}

fn handle(event: &AcmeEvent) {
    match event {
        AcmeEvent::OrderPaid(order) => println!("{} is paid: {:?}", order.order_id, order.amount),
        other => println!("{}", other.name()),
    }
}

async fn on_axum(hook: Webhook<Acme>) -> StatusCode {
    handle(hook.event());
    StatusCode::OK
}

async fn on_actix(hook: ActixWebhook<Acme>) -> HttpResponse {
    handle(hook.event());
    HttpResponse::Ok().finish()
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    const SECRET: &str = "acme-secret";

    let layer = VerifyWebhook::<Acme>::new(SECRET);
    let app = Router::new().route("/webhooks/acme", post(on_axum).layer(layer));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    actix_web::rt::spawn(async { axum::serve(listener, app).await });

    let verify = VerifyInActix::<Acme>::new(SECRET);
    HttpServer::new(move || {
        App::new().service(web::resource("/webhooks/acme").wrap(verify.clone()).route(web::post().to(on_actix)))
    })
    .bind("127.0.0.1:3001")?
    .run()
    .await
}

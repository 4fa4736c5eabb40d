//! The three adapters in process, with handlers and middleware inside that trace all they can.

use std::convert::Infallible;

use actix_web::{HttpResponse, web};
use axum::{Router, routing::post};
use bytes::Bytes;
use countersign::{Secret, Secrets, actix, axum as for_axum, provider::Provider, tower as for_tower};
use http::StatusCode;
use http_body_util::Full;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::trace::{DefaultOnRequest, DefaultOnResponse, TraceLayer};
use tracing::Level;

use crate::traces::{
    convert::{of, payload, to_actix, to_http},
    support::http::Request,
};

/// Small, so that a body can be too large.
pub(crate) const LIMIT: usize = 100_000;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Surface {
    Tower,
    Axum,
    Actix,
}

pub(crate) const SURFACES: [Surface; 3] = [Surface::Tower, Surface::Axum, Surface::Actix];

pub(crate) fn secrets<P: Provider>() -> Secrets {
    Secrets::new(Secret::new(of::<P>().secret()).expect("a secret"))
        .add_previous(Secret::new(of::<P>().previous_secret()).expect("a secret"))
}

impl Surface {
    /// The answer's status, and what its `Debug` and body show.
    pub(crate) async fn answer<P: Provider>(self, request: &Request) -> (u16, String) {
        match self {
            Self::Tower => through_tower::<P>(request).await,
            Self::Axum => through_axum::<P>(request).await,
            Self::Actix => through_actix::<P>(request).await,
        }
    }
}

async fn shown<B>(response: http::Response<B>) -> (u16, String)
where
    B: http_body::Body<Data = Bytes, Error: std::fmt::Debug>,
{
    let (head, body) = response.into_parts();
    let body = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
    (head.status.as_u16(), format!("{head:?} {body:?}"))
}

async fn through_tower<P: Provider>(request: &Request) -> (u16, String) {
    let service = service_fn(|request: http::Request<Full<Bytes>>| async move {
        tracing::info!(uri = %request.uri(), extensions = ?request.extensions(), "inside");
        let mut response = http::Response::new(Full::<Bytes>::default());
        match for_tower::Webhook::<P>::from_extensions(request.extensions()) {
            Ok(hook) => tracing::info!(?hook, secret = ?hook.matched_secret(), "handled"),
            Err(rejection) => {
                tracing::info!(%rejection, debug = ?rejection, "rejected");
                *response.status_mut() = StatusCode::from_u16(rejection.error().answer().status()).unwrap();
            }
        }
        Ok::<_, Infallible>(response)
    });
    let layer = for_tower::VerifyWebhook::<P>::new(secrets::<P>()).with_body_limit(LIMIT);
    tracing::trace!(?layer);
    shown(layer.layer(service).oneshot(to_http(request)).await.unwrap()).await
}

async fn through_axum<P: Provider>(request: &Request) -> (u16, String) {
    let verify = for_axum::VerifyWebhook::<P>::new(secrets::<P>()).with_body_limit(LIMIT);
    let trace = TraceLayer::new_for_http()
        .make_span_with(|request: &axum::extract::Request| {
            let original = request.extensions().get::<axum::extract::OriginalUri>();
            tracing::info_span!("request", uri = %request.uri(), ?original, extensions = ?request.extensions())
        })
        .on_request(DefaultOnRequest::new().level(Level::INFO))
        .on_response(DefaultOnResponse::new().include_headers(true));
    let handler = async |hook: for_axum::Webhook<P>| tracing::info!(?hook, secret = ?hook.matched_secret(), "handled");
    let app = Router::new()
        .route(&of::<P>().path(), post(handler))
        .layer(trace)
        .layer(TraceLayer::new_for_http())
        .layer(verify);
    shown(app.oneshot(to_http::<axum::body::Body>(request)).await.unwrap()).await
}

async fn through_actix<P: Provider>(request: &Request) -> (u16, String) {
    let verify = actix::VerifyWebhook::<P>::new(secrets::<P>()).with_body_limit(LIMIT);
    tracing::trace!(?verify);
    let handler = |request: actix_web::HttpRequest, hook: actix::Webhook<P>| async move {
        let uri = request.match_info().get_ref().uri();
        tracing::info!(uri = %request.uri(), matched = %uri, full = %request.full_url(), query = request.query_string());
        tracing::info!(?hook, secret = ?hook.matched_secret(), "handled");
        HttpResponse::Ok().finish()
    };
    let resource = web::resource(of::<P>().path())
        .wrap(actix_web::middleware::Logger::new("%r %U %s"))
        .wrap(verify)
        .route(web::post().to(handler));
    let app = actix_web::test::init_service(actix_web::App::new().service(resource)).await;
    let (request, _) = to_actix(request).to_request().replace_payload(payload(request));
    let response = actix_web::test::call_service(&app, request).await;
    let status = response.status().as_u16();
    let head = format!("{:?}", response.response().head());
    let body = actix_web::test::read_body(response).await;
    (status, format!("{head} {body:?}"))
}

//! The adapters in this very thread, to see what they leave in responses and traces.

use actix_web::dev::Service;
use countersign::{VerifyError, actix, axum as for_axum, confirmation::ScreenshotRunApi, providers::ScreenshotRun};
use tower::ServiceExt;

use crate::{
    convert::{payload, to_actix, to_http},
    deliveries::{PATH, token},
    receivers::Adapter,
    support::http::Request,
};

/// The status, and the error in the response's extensions.
pub(crate) fn outcome(adapter: Adapter, client: &ScreenshotRunApi, request: &Request) -> (u16, Option<VerifyError>) {
    let client = client.clone();
    actix_web::rt::System::new().block_on(async move {
        match adapter {
            Adapter::Axum => through_axum(client, request).await,
            Adapter::Actix => through_actix(client, request).await,
        }
    })
}

async fn through_axum(client: ScreenshotRunApi, request: &Request) -> (u16, Option<VerifyError>) {
    let verify = for_axum::VerifyWebhook::screenshotrun(token()).with_confirmation(client);
    let handler = async |hook: for_axum::Webhook<ScreenshotRun>| tracing::info!(?hook, "handled");
    let app = axum::Router::new().route(PATH, axum::routing::post(handler).layer(verify));
    let response = app.oneshot(to_http::<axum::body::Body>(request)).await.unwrap();
    (response.status().as_u16(), response.extensions().get().cloned())
}

async fn through_actix(client: ScreenshotRunApi, request: &Request) -> (u16, Option<VerifyError>) {
    use actix_web::{App, HttpResponse, test, web};

    let verify = actix::VerifyWebhook::screenshotrun(token()).with_confirmation(client);
    let handler = async |hook: actix::Webhook<ScreenshotRun>| {
        tracing::info!(?hook, "handled");
        HttpResponse::Ok().finish()
    };
    let resource = web::resource(PATH).wrap(verify).route(web::post().to(handler));
    let app = test::init_service(App::new().service(resource)).await;
    let (request, _) = to_actix(request).to_request().replace_payload(payload(request));
    let response = app.call(request).await.unwrap();
    let error = response.response().extensions().get().cloned();
    (response.status().as_u16(), error)
}

//! How actix-web mounts a `VerifyWebhook` that remembers deliveries.

use std::{convert::Infallible, net::TcpListener, panic::AssertUnwindSafe, sync::Arc};

use actix_web::{
    App, Error, HttpResponse, HttpServer,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::{ErrorInternalServerError, InternalError},
    http::StatusCode,
    middleware::{Next, from_fn},
    web::{self, Data},
};
use countersign::{
    Rejection, Secrets, UnverifiedDelivery,
    actix::{Webhook, WebhookRejection},
    provider::Provider,
};
use futures_util::FutureExt;
use tracing::Instrument;

use super::{
    book::{Book, Reply},
    servers::trace_into,
    sites::{Mount, Site, secret_of, verify},
};
use crate::{deliveries::secret, support::sender};

pub(crate) struct ActixSite {
    book: Arc<Book>,
    mounts: Vec<Arc<Configure>>,
}

type Configure = dyn Fn(&mut web::ServiceConfig) + Send + Sync;

impl ActixSite {
    pub(crate) fn new(book: Arc<Book>) -> Self {
        Self { book, mounts: Vec::new() }
    }
}

impl Site for ActixSite {
    fn mount<P: Provider>(&mut self, mount: Mount) {
        let mut verify = verify!(actix, P, mount);
        if mount.own_rejections {
            verify = verify
                .with_rejection_response(|error| HttpResponse::Ok().body(format!("own: {}", error.kind().code())));
        }
        let Mount { path, catches_panics, takes_result, .. } = mount;
        self.mounts.push(Arc::new(move |config| {
            let route = web::post();
            let resource = web::resource(path)
                .route(if takes_result { route.to(on_result::<P>) } else { route.to(on_actix::<P>) })
                .wrap(from_fn(fail))
                .wrap(verify.clone())
                .wrap(from_fn(explain));
            if catches_panics {
                config.service(resource.wrap(from_fn(catch_panic)));
            } else {
                config.service(resource);
            }
        }));
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}

/// In the extensions of a response: a layer inside the verification makes an error of it.
struct Fails;

async fn on_actix<P: Provider>(book: Data<Book>, hook: Webhook<P>) -> HttpResponse {
    answer(book, hook.resource_id().unwrap_or_default()).await
}

async fn on_result<P: Provider>(book: Data<Book>, hook: Result<Webhook<P>, WebhookRejection>) -> HttpResponse {
    answer(book, hook.as_ref().map_or("unreadable", |hook| hook.resource_id().unwrap_or_default())).await
}

async fn answer(book: Data<Book>, id: &str) -> HttpResponse {
    match book.into_inner().handle(id).await {
        Reply::Answer(status) => HttpResponse::new(status_of(status)),
        Reply::Say(status, outcome) => {
            let mut response = HttpResponse::new(status_of(status));
            response.extensions_mut().insert(outcome);
            response
        }
        Reply::Fail => {
            let mut response = HttpResponse::new(StatusCode::OK);
            response.extensions_mut().insert(Fails);
            response
        }
    }
}

async fn fail(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let response = next.call(request).await?;
    if response.response().extensions().get::<Fails>().is_some() {
        return Err(ErrorInternalServerError("told to"));
    }
    Ok(response)
}

/// Outside the verification: records the rejection in the extensions of a response, also of an error's.
async fn explain(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let book = request.app_data::<Data<Book>>().cloned().expect("a book");
    let note = |response: &HttpResponse<_>| {
        if let Some(error) = response.extensions().get::<Rejection>() {
            book.explain(error.kind());
        }
    };
    // As `tracing-actix-web` does.
    match next.call(request).instrument(tracing::info_span!("request")).await {
        Ok(response) => {
            if let Some(error) = response.response().extensions().get::<Rejection>() {
                book.explain(error.kind());
            }
            Ok(response)
        }
        Err(error) => {
            let response = error.error_response();
            note(&response);
            Err(InternalError::from_response(error, response).into())
        }
    }
}

async fn catch_panic(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => Err(ErrorInternalServerError("the handler panicked")),
    }
}

pub(crate) async fn serve_actix(site: ActixSite, listener: TcpListener) {
    let ActixSite { book, mounts } = site;
    let server = HttpServer::new(move || {
        // The worker's thread.
        trace_into(&book);
        let app = App::new().app_data(Data::from(Arc::clone(&book)));
        mounts.iter().fold(app, |app, mount| app.configure(|config| mount(config)))
    });
    // So that, as in hyper, the request of a sender that hung up is dropped.
    let server = server.workers(1).disable_signals().h1_allow_half_closed(false);
    server.listen(listener).expect("a socket").run().await.expect("a server");
}

//! How each kind of server mounts a `VerifyWebhook`.

use std::{convert::Infallible, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, web};
use axum::{
    Router,
    extract::{OriginalUri, State},
    http::{StatusCode, Uri},
    response::IntoResponse,
    routing::{MethodRouter, post},
};
use bytes::Bytes;
use countersign::{ProviderEvent, Rejection, dedupe::Dedupe, provider::Provider, providers, tower::Webhook};
use http_body_util::BodyExt;
use tower::{ServiceBuilder, util::BoxCloneSyncService};

use crate::{
    adapters::{Handler, Rejections, Site, decided, own_rejection},
    diary::{Diary, Handled},
    own_events::Told,
    servers::{AnyBody, Response, rejected},
    surfaces::secrets,
};

pub(crate) type Service = BoxCloneSyncService<http::Request<hyper::body::Incoming>, Response, Infallible>;

/// Services by path, made once.
#[derive(Default)]
pub(crate) struct Services(Vec<(String, Service)>);

impl Services {
    pub(crate) fn add(&mut self, path: String, service: Service) {
        self.0.push((path, service));
    }

    pub(crate) fn at(&self, path: &str) -> Service {
        let matches = |pattern: &str| {
            let mut both = pattern.split('/').zip(path.split('/'));
            pattern.split('/').count() == path.split('/').count()
                && both.all(|(pattern, segment)| pattern.starts_with('{') || pattern == segment)
        };
        let found = self.0.iter().find(|(pattern, _)| matches(pattern)).map(|(_, service)| service.clone());
        found.unwrap_or_else(|| panic!("no such route: {path}"))
    }
}

pub(crate) struct TowerSite {
    diary: Arc<Diary>,
    pub(crate) services: Services,
}

impl TowerSite {
    pub(crate) fn new(diary: Arc<Diary>) -> Self {
        Self { diary, services: Services::default() }
    }

    fn add<P: Provider, Q: Provider>(
        &mut self,
        path: String,
        verify: Option<countersign::tower::VerifyWebhook<P>>,
        handler: Handler,
        rejections: Rejections,
    ) {
        let diary = Arc::clone(&self.diary);
        let handle = move |request: http::Request<AnyBody>| on_tower::<Q>(Arc::clone(&diary), handler, request);
        let service = ServiceBuilder::new().map_request(AnyBody::of_hyper);
        let service = match (verify, rejections) {
            (None, _) => BoxCloneSyncService::new(service.service_fn(handle)),
            (Some(verify), Rejections::Default) => BoxCloneSyncService::new(service.layer(verify).service_fn(handle)),
            (Some(verify), Rejections::Own) => {
                let own = |rejection: &Rejection| {
                    let (status, body) = own_rejection(rejection);
                    http::Response::builder().status(status).body(body.into()).expect("a response")
                };
                BoxCloneSyncService::new(service.layer(verify.with_rejection_response(own)).service_fn(handle))
            }
        };
        self.services.add(path, service);
    }
}

impl Site for TowerSite {
    type Verify<P: Provider> = countersign::tower::VerifyWebhook<P>;

    fn mount_providers(&mut self) {
        let site = self;
        macro_rules! mount {
            ($($name:ident => $Provider:ident,)*) => {$(
                let verify = countersign::tower::VerifyWebhook::$name(secrets::<providers::$Provider>());
                site.mount(concat!("/webhooks/", stringify!($name)), verify);
            )*};
        }
        countersign::__for_each_typed_provider!(mount);
    }

    fn mount_handler<P: Provider, Q: Provider>(
        &mut self,
        path: &'static str,
        verify: Option<Self::Verify<P>>,
        handler: Handler,
        rejections: Rejections,
    ) {
        self.add::<P, Q>(path.to_owned(), verify, handler, rejections);
    }

    fn mount_once<P: Provider>(&mut self, path: &'static str, verify: Self::Verify<P>, dedupe: Dedupe) {
        let diary = Arc::clone(&self.diary);
        let handle = move |request| on_tower::<P>(Arc::clone(&diary), Handler::Takes, request);
        let service = ServiceBuilder::new().map_request(AnyBody::of_hyper).layer(verify.with_dedupe(dedupe));
        self.services.add(path.to_owned(), BoxCloneSyncService::new(service.service_fn(handle)));
    }

    fn mount_event<P: Provider, E: Told>(
        &mut self,
        path: &'static str,
        verify: Self::Verify<P>,
        dedupe: Dedupe,
        handler: Handler,
    ) {
        let diary = Arc::clone(&self.diary);
        let handle = move |request| tower_reads::<P, E>(Arc::clone(&diary), handler, request);
        let service = ServiceBuilder::new().map_request(AnyBody::of_hyper).layer(verify.with_dedupe(dedupe));
        self.services.add(path.to_owned(), BoxCloneSyncService::new(service.service_fn(handle)));
    }

    fn mount_nested<P: Provider>(&mut self, prefix: &'static str, path: &'static str, verify: Self::Verify<P>) {
        self.add::<P, P>(format!("{prefix}{path}"), Some(verify), Handler::Takes, Rejections::Default);
    }
}

async fn on_tower<P: Provider>(
    diary: Arc<Diary>,
    handler: Handler,
    request: http::Request<AnyBody>,
) -> Result<Response, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let answer = |status, body| http::Response::builder().status(status).body(body).expect("a response");
    if matches!(handler, Handler::Ignores) {
        return Ok(answer(422, body.into()));
    }
    Ok(match Webhook::<P>::from_extensions(&head.extensions) {
        Ok(hook) => {
            let handled = Handled::of(&hook, head.uri.to_string(), &body);
            assert_eq!(hook.into_event().name(), handled.event);
            diary.handle(head.uri.path(), handled);
            Response::default()
        }
        Err(rejection) if matches!(handler, Handler::Decides) => answer(202, decided(rejection.error()).into()),
        Err(rejection) => rejected(&rejection),
    })
}

async fn tower_reads<P: Provider, E: Told>(
    diary: Arc<Diary>,
    handler: Handler,
    request: http::Request<AnyBody>,
) -> Result<Response, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let read = Webhook::<P>::from_extensions(&head.extensions).and_then(Webhook::read_as::<E>);
    Ok(match read {
        Ok(hook) => {
            diary.read(hook.event(), Handled::of(&hook, head.uri.to_string(), &body));
            Response::default()
        }
        Err(rejection) if matches!(handler, Handler::Decides) => {
            http::Response::builder().status(202).body(decided(rejection.error()).into()).expect("a response")
        }
        Err(rejection) => rejected(&rejection),
    })
}

pub(crate) struct AxumSite(pub(crate) Router<Arc<Diary>>);

impl Site for AxumSite {
    type Verify<P: Provider> = countersign::axum::VerifyWebhook<P>;

    fn mount_providers(&mut self) {
        let site = self;
        macro_rules! mount {
            ($($name:ident => $Provider:ident,)*) => {$(
                let verify = countersign::axum::VerifyWebhook::$name(secrets::<providers::$Provider>());
                site.mount(concat!("/webhooks/", stringify!($name)), verify);
            )*};
        }
        countersign::__for_each_typed_provider!(mount);
    }

    fn mount_handler<P: Provider, Q: Provider>(
        &mut self,
        path: &'static str,
        verify: Option<Self::Verify<P>>,
        handler: Handler,
        rejections: Rejections,
    ) {
        let route: MethodRouter<Arc<Diary>> = match handler {
            Handler::Takes => post(axum_takes::<Q>),
            Handler::Decides => post(axum_decides::<Q>),
            Handler::Ignores => post(|body: Bytes| async { (StatusCode::UNPROCESSABLE_ENTITY, body) }),
        };
        let route = match (verify, rejections) {
            (None, _) => route,
            (Some(verify), Rejections::Default) => route.layer(verify),
            (Some(verify), Rejections::Own) => route.layer(verify.with_rejection_response(|rejection: &Rejection| {
                let (status, body) = own_rejection(rejection);
                (StatusCode::from_u16(status).expect("a status"), body).into_response()
            })),
        };
        self.0 = std::mem::take(&mut self.0).route(path, route);
    }

    fn mount_once<P: Provider>(&mut self, path: &'static str, verify: Self::Verify<P>, dedupe: Dedupe) {
        let route = post(axum_takes::<P>).layer(verify.with_dedupe(dedupe));
        self.0 = std::mem::take(&mut self.0).route(path, route);
    }

    fn mount_event<P: Provider, E: Told>(
        &mut self,
        path: &'static str,
        verify: Self::Verify<P>,
        dedupe: Dedupe,
        handler: Handler,
    ) {
        let route: MethodRouter<Arc<Diary>> = match handler {
            Handler::Decides => post(axum_decides_event::<P, E>),
            Handler::Takes | Handler::Ignores => post(axum_takes_event::<P, E>),
        };
        self.0 = std::mem::take(&mut self.0).route(path, route.layer(verify.with_dedupe(dedupe)));
    }

    fn mount_nested<P: Provider>(&mut self, prefix: &'static str, path: &'static str, verify: Self::Verify<P>) {
        let inner = Router::new().route(path, post(axum_takes::<P>).layer(verify));
        self.0 = std::mem::take(&mut self.0).nest(prefix, inner);
    }
}

async fn axum_takes<P: Provider>(
    State(diary): State<Arc<Diary>>,
    OriginalUri(original): OriginalUri,
    uri: Uri,
    hook: countersign::axum::Webhook<P>,
    body: Bytes,
) {
    assert_eq!(uri.query(), original.query());
    let handled = Handled::of(&hook, original.to_string(), &body);
    assert_eq!(hook.into_event().name(), handled.event);
    diary.handle(original.path(), handled);
}

async fn axum_decides<P: Provider>(
    state: State<Arc<Diary>>,
    original: OriginalUri,
    uri: Uri,
    hook: Result<countersign::axum::Webhook<P>, countersign::axum::WebhookRejection>,
    body: Bytes,
) -> (StatusCode, String) {
    match hook {
        Ok(hook) => {
            axum_takes(state, original, uri, hook, body).await;
            (StatusCode::OK, String::new())
        }
        Err(rejection) => (StatusCode::ACCEPTED, decided(rejection.error())),
    }
}

async fn axum_takes_event<P: Provider, E: Told>(
    State(diary): State<Arc<Diary>>,
    OriginalUri(original): OriginalUri,
    hook: countersign::axum::Webhook<P, E>,
    body: Bytes,
) {
    diary.read(hook.event(), Handled::of(&hook, original.to_string(), &body));
}

async fn axum_decides_event<P: Provider, E: Told>(
    state: State<Arc<Diary>>,
    original: OriginalUri,
    hook: Result<countersign::axum::Webhook<P, E>, countersign::axum::WebhookRejection>,
    body: Bytes,
) -> (StatusCode, String) {
    match hook {
        Ok(hook) => {
            axum_takes_event(state, original, hook, body).await;
            (StatusCode::OK, String::new())
        }
        Err(rejection) => (StatusCode::ACCEPTED, decided(rejection.error())),
    }
}

/// What every worker's app is given.
#[derive(Clone, Default)]
pub(crate) struct ActixSite(Vec<Arc<Mount>>);

type Mount = dyn Fn(&mut web::ServiceConfig) + Send + Sync;

impl ActixSite {
    pub(crate) fn configure(&self, config: &mut web::ServiceConfig) {
        for mount in &self.0 {
            mount(config);
        }
    }
}

impl Site for ActixSite {
    type Verify<P: Provider> = countersign::actix::VerifyWebhook<P>;

    fn mount_providers(&mut self) {
        let site = self;
        macro_rules! mount {
            ($($name:ident => $Provider:ident,)*) => {$(
                let verify = countersign::actix::VerifyWebhook::$name(secrets::<providers::$Provider>());
                site.mount(concat!("/webhooks/", stringify!($name)), verify);
            )*};
        }
        countersign::__for_each_typed_provider!(mount);
    }

    fn mount_handler<P: Provider, Q: Provider>(
        &mut self,
        path: &'static str,
        verify: Option<Self::Verify<P>>,
        handler: Handler,
        rejections: Rejections,
    ) {
        let verify = match rejections {
            Rejections::Default => verify,
            Rejections::Own => verify.map(|verify| {
                verify.with_rejection_response(|rejection| {
                    let (status, body) = own_rejection(rejection);
                    HttpResponse::build(actix_web::http::StatusCode::from_u16(status).expect("a status")).body(body)
                })
            }),
        };
        self.0.push(Arc::new(move |config| {
            let route = match handler {
                Handler::Takes => web::post().to(actix_takes::<Q>),
                Handler::Decides => web::post().to(actix_decides::<Q>),
                Handler::Ignores => {
                    web::post().to(async |body: web::Bytes| HttpResponse::UnprocessableEntity().body(body))
                }
            };
            let resource = web::resource(path);
            match verify.clone() {
                None => config.service(resource.route(route)),
                Some(verify) => config.service(resource.wrap(verify).route(route)),
            };
        }));
    }

    fn mount_once<P: Provider>(&mut self, path: &'static str, verify: Self::Verify<P>, dedupe: Dedupe) {
        self.mount(path, verify.with_dedupe(dedupe));
    }

    fn mount_event<P: Provider, E: Told>(
        &mut self,
        path: &'static str,
        verify: Self::Verify<P>,
        dedupe: Dedupe,
        handler: Handler,
    ) {
        let verify = verify.with_dedupe(dedupe);
        self.0.push(Arc::new(move |config| {
            let route = match handler {
                Handler::Decides => web::post().to(actix_decides_event::<P, E>),
                Handler::Takes | Handler::Ignores => web::post().to(actix_takes_event::<P, E>),
            };
            config.service(web::resource(path).wrap(verify.clone()).route(route));
        }));
    }

    fn mount_nested<P: Provider>(&mut self, prefix: &'static str, path: &'static str, verify: Self::Verify<P>) {
        self.0.push(Arc::new(move |config| {
            let resource = web::resource(path).wrap(verify.clone()).route(web::post().to(actix_takes::<P>));
            config.service(web::scope(prefix).service(resource));
        }));
    }
}

async fn actix_takes<P: Provider>(
    diary: web::Data<Diary>,
    request: HttpRequest,
    hook: countersign::actix::Webhook<P>,
    payload: web::Payload,
) -> HttpResponse {
    // `Bytes` has a limit of 256 KiB.
    let body = payload.to_bytes().await.expect("a body");
    let handled = Handled::of(&hook, request.uri().to_string(), &body);
    assert_eq!(hook.into_event().name(), handled.event);
    diary.handle(request.uri().path(), handled);
    HttpResponse::Ok().finish()
}

async fn actix_decides<P: Provider>(
    diary: web::Data<Diary>,
    request: HttpRequest,
    hook: Result<countersign::actix::Webhook<P>, countersign::actix::WebhookRejection>,
    payload: web::Payload,
) -> HttpResponse {
    match hook {
        Ok(hook) => actix_takes(diary, request, hook, payload).await,
        Err(rejection) => HttpResponse::Accepted().body(decided(rejection.error())),
    }
}

async fn actix_takes_event<P: Provider, E: Told>(
    diary: web::Data<Diary>,
    request: HttpRequest,
    hook: countersign::actix::Webhook<P, E>,
    body: web::Bytes,
) -> HttpResponse {
    diary.read(hook.event(), Handled::of(&hook, request.uri().to_string(), &body));
    HttpResponse::Ok().finish()
}

async fn actix_decides_event<P: Provider, E: Told>(
    diary: web::Data<Diary>,
    request: HttpRequest,
    hook: Result<countersign::actix::Webhook<P, E>, countersign::actix::WebhookRejection>,
    body: web::Bytes,
) -> HttpResponse {
    match hook {
        Ok(hook) => actix_takes_event(diary, request, hook, body).await,
        Err(rejection) => HttpResponse::Accepted().body(decided(rejection.error())),
    }
}

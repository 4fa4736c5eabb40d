//! How each kind of server mounts a `VerifyWebhook`.

use std::{convert::Infallible, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, web};
use axum::{extract::State, http::Uri, routing::post};
use countersign::{provider::Provider, tower::Webhook};
use tower::{ServiceBuilder, util::BoxCloneSyncService};

use crate::{
    adapters::Site,
    diary::{Diary, Handled},
    servers::{AnyBody, Response, rejected},
};

pub(crate) type Service = BoxCloneSyncService<http::Request<hyper::body::Incoming>, Response, Infallible>;

/// Services by path, made once.
pub(crate) struct TowerSite {
    diary: Arc<Diary>,
    services: Vec<(&'static str, Service)>,
}

impl TowerSite {
    pub(crate) fn new(diary: Arc<Diary>) -> Self {
        Self { diary, services: Vec::new() }
    }

    pub(crate) fn service(&self, path: &str) -> Option<Service> {
        let matches = |pattern: &str| {
            let mut both = pattern.split('/').zip(path.split('/'));
            pattern.split('/').count() == path.split('/').count()
                && both.all(|(pattern, segment)| pattern.starts_with('{') || pattern == segment)
        };
        self.services.iter().find(|(pattern, _)| matches(pattern)).map(|(_, service)| service.clone())
    }
}

impl Site for TowerSite {
    type Verify<P: Provider> = countersign::tower::VerifyWebhook<P>;

    fn mount<P: Provider>(&mut self, path: &'static str, verify: Self::Verify<P>) {
        let diary = Arc::clone(&self.diary);
        let handle = move |request: http::Request<AnyBody>| {
            let diary = Arc::clone(&diary);
            async move {
                Ok(match Webhook::<P>::from_extensions(request.extensions()) {
                    Ok(hook) => {
                        diary.handle(request.uri().path(), Handled::of(&hook));
                        Response::default()
                    }
                    Err(rejection) => rejected(&rejection),
                })
            }
        };
        let service = ServiceBuilder::new().map_request(AnyBody::of_hyper).layer(verify).service_fn(handle);
        self.services.push((path, BoxCloneSyncService::new(service)));
    }
}

pub(crate) struct AxumSite(pub(crate) axum::Router<Arc<Diary>>);

impl Site for AxumSite {
    type Verify<P: Provider> = countersign::axum::VerifyWebhook<P>;

    fn mount<P: Provider>(&mut self, path: &'static str, verify: Self::Verify<P>) {
        self.0 = std::mem::take(&mut self.0).route(path, post(on_axum::<P>).layer(verify));
    }
}

async fn on_axum<P: Provider>(State(diary): State<Arc<Diary>>, uri: Uri, hook: countersign::axum::Webhook<P>) {
    diary.handle(uri.path(), Handled::of(&hook));
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

    fn mount<P: Provider>(&mut self, path: &'static str, verify: Self::Verify<P>) {
        self.0.push(Arc::new(move |config| {
            config.service(web::resource(path).wrap(verify.clone()).route(web::post().to(on_actix::<P>)));
        }));
    }
}

async fn on_actix<P: Provider>(
    diary: web::Data<Diary>,
    request: HttpRequest,
    hook: countersign::actix::Webhook<P>,
) -> HttpResponse {
    diary.handle(request.uri().path(), Handled::of(&hook));
    HttpResponse::Ok().finish()
}

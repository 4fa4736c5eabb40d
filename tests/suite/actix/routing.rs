//! Wherever actix-web lets a middleware stand.

use std::{cell::Cell, rc::Rc};

use actix_web::{
    App, Error, HttpMessage, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorImATeapot,
    middleware::{Compat, Condition, DefaultHeaders, Next, from_fn},
    web,
};
use countersign::{actix::Webhook, providers::Zeodyn};

use crate::actix::{
    answer, app,
    convert::{documented, of, payload, to_actix},
    on_event, status, verify,
};

const PATH: &str = "/webhooks/zeodyn";

async fn pass(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    next.call(request).await
}

type Handled = Rc<Cell<u32>>;

async fn count(hook: Webhook<Zeodyn>, handled: web::Data<Cell<u32>>) -> HttpResponse {
    assert_eq!(hook.event().name(), "score_change");
    handled.set(handled.get() + 1);
    HttpResponse::Ok().finish()
}

#[actix_web::test]
async fn the_middleware_works_wherever_it_stands() {
    macro_rules! check {
        ($($name:literal: $app:expr,)*) => {$(
            let handled = web::Data::new(Cell::new(0_u32));
            let app = app!($app.app_data(handled.clone()));
            let genuine = documented::<Zeodyn>();
            let forged = of::<Zeodyn>().proven_with(b"guessed", genuine.body.clone());
            assert_eq!((status(&app, &forged).await, handled.get()), (401, 0), $name);
            assert_eq!((status(&app, &genuine).await, handled.get()), (200, 1), $name);
        )*};
    }
    let resource = || web::resource(PATH).route(web::post().to(count));
    check! {
        "App::wrap": App::new().wrap(verify::<Zeodyn>()).route(PATH, web::post().to(count)),
        "Scope::wrap": App::new().service(
            web::scope("/webhooks").wrap(verify::<Zeodyn>()).route("/zeodyn", web::post().to(count))
        ),
        "Resource::wrap": App::new().service(resource().wrap(verify::<Zeodyn>())),
        "Route::wrap": App::new().service(web::resource(PATH).route(web::post().to(count).wrap(verify::<Zeodyn>()))),
        "a scope in a scope": App::new().service(
            web::scope("/webhooks").service(web::scope("/zeodyn").wrap(verify::<Zeodyn>()).route("", web::post().to(count)))
        ),
        "from_fn inside and outside": App::new().service(
            resource().wrap(from_fn(pass)).wrap(verify::<Zeodyn>()).wrap(from_fn(pass))
        ),
        "other body types inside and outside": App::new().service(
            resource()
                .wrap(Compat::new(DefaultHeaders::new().add(("x-inside", "1"))))
                .wrap(verify::<Zeodyn>())
                .wrap(Condition::new(true, DefaultHeaders::new().add(("x-outside", "1"))))
        ),
        "a parameter": App::new().service(
            web::resource("/webhooks/{provider}").wrap(verify::<Zeodyn>()).route(web::post().to(count))
        ),
        "configured": App::new().configure(|config| {
            config.service(web::resource(PATH).wrap(verify::<Zeodyn>()).route(web::post().to(count)));
        }),
        "the default service": App::new().default_service(web::post().to(count).wrap(verify::<Zeodyn>())),
    }
}

/// As the README has it: another method beside.
#[actix_web::test]
async fn c47_a_get_beside_a_wrapped_route_is_not_verified() {
    let post = web::post().to(on_event::<Zeodyn>).wrap(verify::<Zeodyn>());
    let resource = web::resource(PATH).route(post).route(web::get().to(async || "probed"));
    let app = app!(App::new().service(resource));
    let genuine = documented::<Zeodyn>();
    assert_eq!(status(&app, &genuine).await, 200);
    assert_eq!(status(&app, &of::<Zeodyn>().proven_with(b"guessed", genuine.body.clone())).await, 401);
    assert_eq!(answer(&app, &of::<Zeodyn>().unproven("").with_method("GET")).await, (200, "probed".to_owned()));
    // actix-web's own: a resource answers what no route of it takes.
    assert_eq!(status(&app, &genuine.with_method("PUT")).await, 405);
}

#[actix_web::test]
async fn app_wrap_stands_before_the_default_service_and_resource_wrap_does_not() {
    let app = app!(App::new().wrap(verify::<Zeodyn>()).route(PATH, web::post().to(on_event::<Zeodyn>)));
    assert_eq!(status(&app, &documented::<Zeodyn>().with_target("/elsewhere")).await, 404);
    let unproven = of::<Zeodyn>().unproven("{}").with_target("/elsewhere");
    assert_eq!(status(&app, &unproven).await, 401);
    assert_eq!(status(&app, &unproven.clone().with_method("GET")).await, 405);
    let resource = web::resource(PATH).wrap(verify::<Zeodyn>()).route(web::post().to(on_event::<Zeodyn>));
    assert_eq!(status(&app!(App::new().service(resource)), &unproven).await, 404);
}

#[actix_web::test]
async fn an_error_of_middleware_inside_passes_through() {
    let fails = from_fn(|_: ServiceRequest, _: Next<actix_web::body::BoxBody>| async {
        Err::<ServiceResponse, _>(ErrorImATeapot("short and stout"))
    });
    let resource = web::resource(PATH).route(web::post().to(on_event::<Zeodyn>));
    let app = app!(App::new().service(resource.wrap(fails).wrap(verify::<Zeodyn>())));
    let genuine = documented::<Zeodyn>();
    let error = app.0(to_actix(&genuine), payload(&genuine)).await.err().unwrap();
    assert_eq!((error.as_response_error().status_code().as_u16(), &*error.to_string()), (418, "short and stout"));
}

/// Nothing of the request's own is lost on the way.
#[actix_web::test]
async fn what_middleware_outside_left_with_the_request_stays() {
    let leaves = from_fn(|request: ServiceRequest, next: Next<_>| {
        request.extensions_mut().insert(Handled::new(Cell::new(7)));
        async move { next.call(request).await }
    });
    let handler = |left: web::ReqData<Handled>, _: Webhook<Zeodyn>| async move { left.get().to_string() };
    let resource = web::resource(PATH).route(web::post().to(handler));
    let app = app!(App::new().service(resource.wrap(verify::<Zeodyn>()).wrap(leaves)));
    assert_eq!(answer(&app, &documented::<Zeodyn>()).await, (200, "7".to_owned()));
}

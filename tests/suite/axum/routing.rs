//! Wherever axum lets a layer stand.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::StatusCode,
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
    routing::{any, get, post},
};
use countersign::{RejectionKind, axum::Webhook, providers::Zeodyn};
use tower::{Layer, ServiceBuilder, ServiceExt};

use crate::axum::{
    call,
    convert::{documented, of, to_http},
    is_problem, kind, layer, on_event, status,
};

const PATH: &str = "/webhooks/zeodyn";

async fn pass(request: Request, next: Next) -> Response {
    next.run(request).await
}

type Handled = Arc<AtomicUsize>;

async fn count(State(handled): State<Handled>, hook: Webhook<Zeodyn>) -> StatusCode {
    assert_eq!(hook.event().name(), "score_change");
    handled.fetch_add(1, Ordering::SeqCst);
    StatusCode::OK
}

#[tokio::test]
async fn the_layer_works_wherever_it_stands() {
    let handled = Handled::default();
    let hook = || post(count);
    let verify = layer::<Zeodyn>;
    let among_middleware = || {
        ServiceBuilder::new()
            .layer(from_fn(pass))
            .layer(verify())
            .layer(from_fn(pass))
            .layer(from_fn_with_state(handled.clone(), |State(_): State<Handled>, request, next| pass(request, next)))
    };
    let inner = || Router::new().route("/zeodyn", hook());
    let apps: Vec<(&str, Router<Handled>)> = vec![
        ("Router::layer", Router::new().route(PATH, hook()).layer(verify())),
        ("Router::route_layer", Router::new().route(PATH, hook()).route_layer(verify())),
        ("MethodRouter::layer", Router::new().route(PATH, hook().layer(verify()))),
        ("MethodRouter::route_layer", Router::new().route(PATH, hook().route_layer(verify()))),
        ("any", Router::new().route(PATH, any(count).layer(verify()))),
        ("Handler::layer", Router::new().route(PATH, post(axum::handler::Handler::layer(count, verify())))),
        ("ServiceBuilder on the route", Router::new().route(PATH, hook().layer(among_middleware()))),
        ("ServiceBuilder on the router", Router::new().route(PATH, hook()).layer(among_middleware())),
        (
            "from_fn beneath and above, one by one",
            Router::new().route(PATH, hook()).layer(from_fn(pass)).layer(verify()).layer(from_fn(pass)),
        ),
        ("nested, the layer within", Router::new().nest("/webhooks", inner().layer(verify()))),
        ("nested, the layer around", Router::new().nest("/webhooks", inner()).layer(verify())),
        (
            "nested, the layer on the route",
            Router::new().nest("/webhooks", Router::new().route("/zeodyn", hook().layer(verify()))),
        ),
        (
            "nested twice",
            Router::new()
                .nest("/webhooks", Router::new().nest("/zeodyn", Router::new().route("/", hook()).layer(verify()))),
        ),
        ("merged", Router::new().route("/", get(|| async {})).merge(Router::new().route(PATH, hook()).layer(verify()))),
        ("a parameter", Router::new().route("/webhooks/{provider}", hook().layer(verify()))),
        ("a wildcard", Router::new().route("/{*rest}", hook().layer(verify()))),
        ("the fallback", Router::new().fallback_service(hook().with_state(handled.clone()).layer(verify()))),
        (
            "a nested service with a state of its own",
            Router::new().nest_service("/webhooks", inner().with_state(handled.clone()).layer(verify())),
        ),
    ];
    let genuine = documented::<Zeodyn>();
    let forged = of::<Zeodyn>().proven_with(b"guessed", genuine.body.clone());
    for (number, (name, app)) in (1..).zip(apps) {
        let app = app.with_state(handled.clone());
        assert_eq!(status(&app, &forged).await, 401, "{name}");
        assert_eq!(handled.load(Ordering::SeqCst), number - 1, "{name}");
        assert_eq!(status(&app, &genuine).await, 200, "{name}");
        assert_eq!(handled.load(Ordering::SeqCst), number, "{name}");
    }
}

#[tokio::test]
async fn the_layer_works_around_a_whole_app() {
    let app = Router::new().route(PATH, post(on_event::<Zeodyn>));
    let service = layer::<Zeodyn>().layer(app);
    let genuine = documented::<Zeodyn>();
    let response = service.clone().oneshot(to_http::<Body>(&genuine)).await.unwrap();
    assert_eq!(response.status(), 200);
    let forged = of::<Zeodyn>().proven_with(b"guessed", genuine.body);
    assert_eq!(service.oneshot(to_http::<Body>(&forged)).await.unwrap().status(), 401);
}

#[tokio::test]
async fn route_layer_leaves_the_routers_own_404_and_that_of_a_route_its_own_405() {
    let genuine = documented::<Zeodyn>();
    let get = genuine.clone().with_method("GET");
    let elsewhere = genuine.clone().with_target("/elsewhere");
    let of_the_route = Router::new().route(PATH, post(on_event::<Zeodyn>).route_layer(layer::<Zeodyn>()));
    let of_the_router = Router::new().route(PATH, post(on_event::<Zeodyn>)).route_layer(layer::<Zeodyn>());
    for (app, expected) in [(of_the_route, None), (of_the_router, Some(RejectionKind::MethodNotAllowed))] {
        assert_eq!(status(&app, &genuine).await, 200);
        let response = call(&app, &get).await;
        assert_eq!((response.status().as_u16(), kind(&response)), (405, expected));
        assert_eq!(response.headers().get_all("allow").iter().collect::<Vec<_>>(), ["POST"]);
        assert_eq!(response.headers().contains_key("content-type"), expected.is_some(), "axum's own has no body");
        assert_eq!(status(&app, &elsewhere).await, 404);
    }
}

/// RFC 9110, 15.5.6: `Allow` has the methods of the resource, and axum's method router knows them.
#[tokio::test]
async fn c32_a_405_allows_what_the_route_allows() {
    async fn probe() {}
    let hook = || post(on_event::<Zeodyn>);
    let verify = layer::<Zeodyn>;
    let both = || hook().layer(verify()).get(probe);
    let put = documented::<Zeodyn>().with_method("PUT");
    for (name, app, target, allowed) in [
        ("MethodRouter::layer", Router::new().route(PATH, both()), PATH, Some("POST,GET,HEAD")),
        ("without GET", Router::new().route(PATH, hook().layer(verify())), PATH, Some("POST")),
        ("around both", Router::new().route(PATH, hook().get(probe).layer(verify())), PATH, Some("POST,GET,HEAD")),
        (
            "route_layer",
            Router::new().route(PATH, hook().route_layer(verify()).get(probe)),
            PATH,
            Some("POST,GET,HEAD"),
        ),
        ("Router::layer", Router::new().route(PATH, hook().get(probe)).layer(verify()), PATH, Some("POST,GET,HEAD")),
        ("Router::layer, elsewhere", Router::new().route(PATH, hook()).layer(verify()), "/elsewhere", Some("POST")),
        (
            "Router::route_layer",
            Router::new().route(PATH, hook().get(probe)).route_layer(verify()),
            PATH,
            Some("POST,GET,HEAD"),
        ),
        (
            "nested",
            Router::new().nest("/webhooks", Router::new().route("/zeodyn", both())),
            PATH,
            Some("POST,GET,HEAD"),
        ),
        (
            "merged",
            Router::new().route(PATH, both()).merge(Router::new().route("/", get(probe))),
            PATH,
            Some("POST,GET,HEAD"),
        ),
        (
            "the fallback",
            Router::new().fallback_service(hook().layer::<_, std::convert::Infallible>(verify())),
            PATH,
            Some("POST"),
        ),
        // axum says nothing of a route of any method.
        ("any", Router::new().route(PATH, any(on_event::<Zeodyn>).layer(verify())), PATH, None),
    ] {
        let app: Router = app;
        let response = call(&app, &put.clone().with_target(target)).await;
        let allow: Vec<_> = response.headers().get_all("allow").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!((response.status().as_u16(), &allow[..]), (405, allowed.as_slice()), "{name}");
    }
    let service = verify().layer(Router::new().route(PATH, hook().get(probe)));
    let response = service.oneshot(to_http::<Body>(&put)).await.unwrap();
    assert_eq!(response.headers()["allow"], "POST", "around the whole app");
}

/// As the README has it: a layer that changes the body inside, and another method beside.
#[tokio::test]
async fn c29_c47_a_traced_handler_is_verified_and_a_get_beside_it_is_not() {
    use axum::handler::Handler;
    let traced = post(on_event::<Zeodyn>.layer(tower_http::trace::TraceLayer::new_for_http()));
    let app = Router::new().route(PATH, traced.layer(layer::<Zeodyn>()).get(async || "probed"));
    let genuine = documented::<Zeodyn>();
    assert_eq!(status(&app, &genuine).await, 200);
    assert_eq!(status(&app, &of::<Zeodyn>().proven_with(b"guessed", genuine.body.clone())).await, 401);
    for method in ["GET", "HEAD"] {
        assert_eq!(status(&app, &of::<Zeodyn>().unproven("").with_method(method)).await, 200, "{method}");
    }
    assert_eq!(status(&app, &genuine.with_method("PUT")).await, 405);
}

/// Why the documentation leads with the layer on the route.
#[tokio::test]
async fn router_layer_stands_before_the_fallback_too() {
    let app = Router::new().route(PATH, post(on_event::<Zeodyn>)).layer(layer::<Zeodyn>());
    let elsewhere = documented::<Zeodyn>().with_target("/elsewhere");
    assert_eq!(status(&app, &elsewhere).await, 404, "a genuine delivery comes to the fallback");
    let unproven = of::<Zeodyn>().unproven("{}").with_target("/elsewhere");
    assert_eq!(status(&app, &unproven).await, 401);
    assert_eq!(status(&app, &unproven.with_method("GET")).await, 405);
}

#[tokio::test]
async fn t30_a_route_that_was_added_after_the_layer_is_not_verified() {
    let bare = || Router::new().route(PATH, post(on_event::<Zeodyn>));
    let another_route = bare().route("/other", post(on_event::<Zeodyn>).layer(layer::<Zeodyn>()));
    let added_later = Router::new().route("/first", post(|| async {})).layer(layer::<Zeodyn>()).merge(bare());
    for app in [another_route, added_later] {
        is_problem(&call(&app, &documented::<Zeodyn>()).await, 500);
    }
}

#[tokio::test]
async fn t30_a_body_that_was_taken_before_the_layer_is_not_verified() {
    async fn taken(request: Request, next: Next) -> Response {
        let (parts, body) = request.into_parts();
        axum::body::to_bytes(body, usize::MAX).await.unwrap();
        next.run(Request::from_parts(parts, Body::empty())).await
    }
    let app = Router::new().route(PATH, post(on_event::<Zeodyn>).layer(layer::<Zeodyn>())).layer(from_fn(taken));
    assert_eq!(status(&app, &documented::<Zeodyn>()).await, 401);
}

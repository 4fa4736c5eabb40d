//! T19: nothing behind the middleware sees the token of the URL, and everything else of the URL stays.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use actix_web::{
    App, HttpRequest, HttpResponse, Responder,
    dev::ServiceRequest,
    http::Uri,
    middleware::{Logger, Next, from_fn},
    web::{self, Json, Path, Query},
};
use countersign::{
    actix::Webhook,
    providers::{ScreenshotRun, Zeodyn},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::actix::{
    answer, app,
    convert::{documented, of},
    status,
    support::{escape, http::Request},
    verify,
};

#[derive(Serialize, Deserialize)]
struct Parameters {
    tenant: String,
    kind: String,
}

/// All that a handler can learn of its URI.
async fn show(
    request: HttpRequest,
    uri: Uri,
    query: Query<BTreeMap<String, String>>,
    path: Path<Parameters>,
    _: Webhook<ScreenshotRun>,
) -> impl Responder {
    assert_eq!(*request.uri(), uri);
    assert_eq!(request.head().uri, uri);
    let info = request.match_info();
    Json(json!({
        "uri": request.uri().to_string(),
        "matched uri": info.get_ref().uri().to_string(),
        "path": request.path(),
        "matched path": info.as_str(),
        "unprocessed": info.unprocessed(),
        "parameters": *path,
        "raw": request.query_string(),
        "query": *query,
        "full": request.full_url().to_string(),
        "pattern": request.match_pattern(),
        "debug": format!("{request:?}").contains("token"),
    }))
}

/// The token is as escaped as a URL asks for, and the secret has what has to be escaped.
fn token() -> String {
    format!("token={}", escape(of::<ScreenshotRun>().secret().as_bytes()))
}

fn delivery(target: impl Into<String>) -> Request {
    documented::<ScreenshotRun>().with_target(target)
}

/// What is shown to the handler, wherever the middleware stands.
async fn shown(target: &str) -> Value {
    let path = "/hooks/{tenant}/{kind:.*}";
    let handler = || web::post().to(show);
    let verify = verify::<ScreenshotRun>;
    macro_rules! show {
        ($($app:expr,)*) => {
            vec![$(answer(&app!($app), &delivery(target)).await),*]
        };
    }
    let all = show! {
        App::new().service(web::resource(path).wrap(verify()).route(handler())),
        App::new().wrap(verify()).service(web::resource(path).route(handler())),
        App::new().service(web::scope("/hooks").wrap(verify()).route("/{tenant}/{kind:.*}", handler())),
        App::new().service(web::scope("/hooks/{tenant}").service(web::resource("/{kind:.*}").wrap(verify()).route(handler()))),
        App::new().service(web::scope("/hooks/{tenant}").wrap(verify()).service(web::scope("").route("/{kind:.*}", handler()))),
    };
    let (status, body) = all.first().unwrap();
    assert_eq!(*status, 200, "{target}");
    assert!(!body.contains("token") && !body.contains("fixture"), "{body}");
    for other in &all {
        assert_eq!(other, &all[0]);
    }
    serde_json::from_str(body).unwrap()
}

#[actix_web::test]
async fn t19_no_extractor_sees_the_token_and_path_parameters_stay() {
    let token = token();
    assert_eq!(
        shown(&format!("/hooks/acme/a/b?{token}")).await,
        json!({
            "uri": "/hooks/acme/a/b", "matched uri": "/hooks/acme/a/b", "path": "/hooks/acme/a/b",
            "matched path": "/hooks/acme/a/b", "unprocessed": "", "parameters": {"tenant": "acme", "kind": "a/b"},
            "raw": "", "query": {}, "full": "http://localhost:8080/hooks/acme/a/b",
            "pattern": "/hooks/{tenant}/{kind:.*}", "debug": false,
        })
    );
    let shown = shown(&format!("/hooks/acme/a?x=%2B+%26&{token}&y")).await;
    assert_eq!(shown["query"], json!({"x": "+ &", "y": ""}));
}

/// actix-web decodes part of a path before it is matched: what was matched has to stay right.
#[actix_web::test]
async fn t19_escaped_paths_stay_matched() {
    for (tenant, decoded) in [
        ("a%20b", "a b"),
        ("%E2%82%AC", "\u{20ac}"),
        ("a%2Fb", "a/b"),
        ("a%25b", "a%b"),
        ("%61%62%63", "abc"),
        ("x%2Bx", "x+x"),
        ("a;b=c,d", "a;b=c,d"),
    ] {
        for kind in ["", "k", "%6B/%6b", "%E2%82%AC/x"] {
            let target = format!("/hooks/{tenant}/{kind}");
            let without = {
                // Zeodyn's has no token, and so nothing that would be removed.
                let resource = web::resource("/hooks/{tenant}/{kind:.*}").wrap(verify::<Zeodyn>());
                let handler = async |path: Path<Parameters>| Json(json!(*path));
                let app = app!(App::new().service(resource.route(web::post().to(handler))));
                let (status, body) = answer(&app, &documented::<Zeodyn>().with_target(&target)).await;
                assert_eq!(status, 200, "{target}");
                serde_json::from_str::<Value>(&body).unwrap()
            };
            assert_eq!(without["tenant"], decoded, "{target}");
            let shown = shown(&format!("{target}?{}&a=1", token())).await;
            assert_eq!(shown["parameters"], without, "{target}");
            assert_eq!(shown["uri"], format!("{target}?a=1"));
        }
    }
}

#[actix_web::test]
async fn t19_absolute_uris_lose_the_token_too() {
    let shown = shown(&format!("http://hooks.example:81/hooks/acme/a?{}&a=1", token())).await;
    assert_eq!(shown["uri"], "http://hooks.example:81/hooks/acme/a?a=1");
    assert_eq!(shown["matched uri"], shown["uri"]);
    assert_eq!(shown["parameters"], json!({"tenant": "acme", "kind": "a"}));
}

#[actix_web::test]
async fn t19_middleware_inside_does_not_see_the_token_and_middleware_outside_does() {
    type Seen = Rc<RefCell<Vec<String>>>;
    let (inside, outside) = (Seen::default(), Seen::default());
    macro_rules! spy {
        ($seen:expr) => {{
            let seen = Rc::clone(&$seen);
            from_fn(move |request: ServiceRequest, next: Next<_>| {
                let matched = request.match_info().get_ref().uri().to_string();
                seen.borrow_mut().extend([request.uri().to_string(), matched]);
                async move { next.call(request).await }
            })
        }};
    }
    let app = app!(
        App::new().service(
            web::resource("/run")
                .wrap(spy!(inside))
                .wrap(verify::<ScreenshotRun>())
                .wrap(spy!(outside))
                .route(web::post().to(async |_: Webhook<ScreenshotRun>| HttpResponse::Ok().finish()))
        )
    );
    let target = format!("/run?a=1&{}", token());
    assert_eq!(status(&app, &delivery(&target)).await, 200);
    assert_eq!(*inside.borrow(), ["/run?a=1"; 2]);
    assert_eq!(*outside.borrow(), [&*target; 2], "as the documentation warns");
}

#[actix_web::test]
async fn t19_the_logger_inside_does_not_write_the_token_and_the_logger_outside_does() {
    crate::actix::log::capture();
    let app = app!(
        App::new().service(
            web::resource("/run")
                .wrap(Logger::new("%r %U %{Referer}i").log_target("inside"))
                .wrap(verify::<ScreenshotRun>())
                .wrap(Logger::new("%r %U").log_target("outside"))
                .route(web::post().to(async |_: Webhook<ScreenshotRun>| HttpResponse::Ok().finish()))
        )
    );
    let target = format!("/run?a=1&{}", token());
    let response = crate::actix::call(&app, &delivery(&target)).await;
    // The line is written when the body has been sent.
    crate::actix::text(response).await;
    let lines = crate::actix::log::lines();
    let of = |target: &str| lines.iter().find(|(from, _)| from == target).map(|(_, line)| line.clone());
    assert_eq!(of("inside").unwrap(), "POST /run?a=1 HTTP/1.1 /run -");
    assert_eq!(of("outside").unwrap(), format!("POST {target} HTTP/1.1 /run"));
}

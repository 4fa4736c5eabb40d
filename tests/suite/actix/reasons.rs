//! Rejections for what somebody else says, or does not say.

use countersign_test_support::{headers, problem};
use std::error::Error;

use actix_web::{App, HttpResponse, web};
use countersign::{Rejection, providers::ScreenshotRun};

use crate::actix::{app, call, kind, on_event, others::rejected_by_others, text};

const PATH: &str = "/webhooks/screenshotrun";

#[actix_web::test]
async fn t20_rejections_are_the_errors_status_headers_and_problem() {
    for (reason, verify, request, cause) in rejected_by_others!(countersign::actix::VerifyWebhook) {
        let resource = web::resource(PATH).wrap(verify).route(web::post().to(on_event::<ScreenshotRun>));
        let response = call(&app!(App::new().service(resource)), &request).await;
        let error = response.response().extensions().get::<Rejection>().expect("the true reason").clone();
        assert_eq!(error.kind(), reason);
        match cause {
            None => assert!(error.source().is_none(), "{error:?}"),
            Some(text) => assert!(error.source().unwrap().to_string().starts_with(text), "{error:?}"),
        }
        assert_eq!(response.status(), error.status());
        assert_eq!(response.headers().len(), headers(&error).len(), "{:?}", response.headers());
        for (name, value) in headers(&error) {
            assert_eq!(response.headers().get(*name).unwrap(), *value);
        }
        assert_eq!(text(response).await, problem(&error));
    }
}

#[actix_web::test]
async fn a_rejection_response_replaces_them() {
    fn no(error: &Rejection) -> HttpResponse {
        HttpResponse::Forbidden().body(error.kind().code())
    }
    for (reason, verify, request, _) in rejected_by_others!(countersign::actix::VerifyWebhook) {
        let verify = verify.with_rejection_response(no);
        let resource = web::resource(PATH).wrap(verify).route(web::post().to(on_event::<ScreenshotRun>));
        let response = call(&app!(App::new().service(resource)), &request).await;
        assert_eq!((response.status().as_u16(), kind(&response)), (403, Some(reason)));
        assert!(response.headers().get("retry-after").is_none());
        assert_eq!(text(response).await, reason.code());
    }
}

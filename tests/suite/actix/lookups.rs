//! What a look-up is given where scopes are nested.

use std::sync::{Arc, Mutex};

use actix_web::{App, web};
use countersign::{Secret, UnverifiedDelivery, actix::VerifyWebhook, providers::ScreenshotRun};

use crate::actix::{
    app,
    convert::{documented, of},
    on_event, status,
};

#[actix_web::test]
async fn a_look_up_in_a_scope_is_given_the_path_as_it_came() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let paths = Arc::clone(&seen);
    let verify = VerifyWebhook::<ScreenshotRun>::from_lookup(move |unverified: UnverifiedDelivery<'_>| {
        let asked = (unverified.path().to_owned(), unverified.query().map(str::to_owned));
        paths.lock().unwrap().push(asked);
        async { Ok::<_, String>(Some(Secret::new(of::<ScreenshotRun>().secret()).expect("a secret"))) }
    });
    let resource = web::resource("/{name}/screenshotrun").wrap(verify).route(web::post().to(on_event::<ScreenshotRun>));
    let app = app!(App::new().service(web::scope("/tenants").service(resource)));
    let genuine = documented::<ScreenshotRun>();
    let (_, query) = genuine.target.split_once('?').unwrap();
    let request = genuine.clone().with_target(format!("/tenants/al%69ce/screenshotrun?a=1&{query}"));
    assert_eq!(status(&app, &request).await, 200);
    let expected = ("/tenants/al%69ce/screenshotrun".to_owned(), Some("a=1".to_owned()));
    assert_eq!(*seen.lock().unwrap(), [expected]);
}

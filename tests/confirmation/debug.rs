//! `Debug` shows no key.

use countersign::{
    actix, axum as for_axum,
    confirmation::{ScreenshotRunApi, ScreenshotRunApiBuilder},
};

use crate::{api::KEY, certificates::OURS, deliveries::token};

for_all![t19_debug_shows_no_key,];

fn builder() -> ScreenshotRunApiBuilder {
    ScreenshotRunApi::builder(KEY)
        .with_base_url("https://localhost/base")
        .with_root_certificates(OURS.pem())
        .with_comparison(|_, _| KEY.is_empty())
}

#[track_caller]
fn assert_shows_no_key(text: &str) {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let decimal = KEY.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(",");
    for needle in [KEY, "Bearer", "7f3a91", &hex::encode(KEY), &decimal] {
        assert!(!text.contains(needle) && !compact.contains(needle), "{needle} in {text}");
    }
}

async fn t19_debug_shows_no_key() {
    assert_eq!(format!("{:?}", builder()), "ScreenshotRunApiBuilder { timeout: 4s, concurrency: 16, .. }");
    assert_shows_no_key(&format!("{:#?}", builder()));
    // A key in the wrong place, too.
    let wrong = builder().with_base_url(format!("https://{KEY}@localhost/?key={KEY}"));
    assert_shows_no_key(&format!("{wrong:?}"));
    let error = wrong.build().unwrap_err();
    assert_shows_no_key(&format!("{error} {error:?}"));
    let wrong = ScreenshotRunApi::builder(format!("{KEY}\n")).build();
    assert_shows_no_key(&format!("{wrong:?} {wrong:#?}"));
    let client = builder().build().unwrap();
    let expected = "ScreenshotRunApi { api: Api { base: \"https://localhost/base\", timeout: 4s, .. }, .. }";
    assert_eq!(format!("{client:?}"), expected);
    assert_shows_no_key(&format!("{client:#?}"));
    let for_axum = for_axum::VerifyWebhook::screenshotrun(token()).with_confirmation(client.clone());
    let for_actix = actix::VerifyWebhook::screenshotrun(token()).with_confirmation(client);
    let text = format!("{for_axum:?} {for_axum:#?} {for_actix:?} {for_actix:#?}");
    assert_shows_no_key(&text);
    assert!(!text.contains(&token()) && !text.contains("localhost"), "{text}");
}

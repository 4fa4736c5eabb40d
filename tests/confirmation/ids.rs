//! IDs as part of a URL.

use serde_json::{Value, json};

use crate::{
    api::{Api, answer},
    deliveries::{ID, completed, delivery, with, with_body},
    inside::{confirmed, denied},
};

for_all![t21_the_api_is_never_asked_about_an_id_that_is_not_a_uuid, any_uuid_may_be_asked_about,];

async fn t21_the_api_is_never_asked_about_an_id_that_is_not_a_uuid() {
    let api = Api::answering(200, completed().to_string()).await;
    let client = api.client();
    let others = [
        "",
        "..\\..",
        "http://169.254.169.254/latest/meta-data/",
        "550e8400e29b41d4a716446655440000",
        "550e8400-e29b-41d4-a716-44665544000g",
        "550e8400-e29b-41d4-a716_446655440000",
        "550e840-0e29b-41d4-a716-446655440000",
        "550e8400-e29b-41d4-a716-44665544000\u{ff10}",
        "%35%35%30e8400-e29b-41d4-a716-446655440000",
        // As long as a UUID.
        "../../../../../../../../../../../../",
        "..............-....-....-....-......",
        "????????-????-????-????-????????????",
        "\0\0\0\0\0\0\0\0-\0\0\0\0-\0\0\0\0-\0\0\0\0-\0\0\0\0\0\0\0\0\0\0\0\0",
        "+50e8400-e29b-41d4-a716-446655440000",
        &ID[..35],
        &ID.repeat(2),
    ];
    let around = [("", "0"), ("{", "}"), ("/", ""), ("x/../", ""), (" ", ""), ("\u{feff}", "")];
    let after = ["/../..", "/", "?x=1", "#", "\r\nx: y", "\0", " ", "%00"].map(|after| ("", after));
    let spoiled = around.iter().chain(&after).map(|(before, after)| format!("{before}{ID}{after}"));
    for id in others.map(str::to_owned).into_iter().chain(spoiled) {
        for event in ["screenshot.completed", "screenshot.deleted"] {
            denied(&client, &delivery(event, &with(completed(), "id", json!(id)))).await;
        }
    }
    for without in [
        json!({"event": "screenshot.completed", "id": ID}),
        json!({"event": "screenshot.completed", "data": {"id": null, "status": "completed"}}),
        json!({"event": "screenshot.completed", "data": {"id": [ID]}}),
        json!({"event": "screenshot.completed", "data": {"ID": ID, "data": {"id": ID}}}),
        json!({"event": "screenshot.deleted", "data": [{"id": ID}]}),
    ] {
        denied(&client, &with_body(&without)).await;
    }
    assert_eq!(api.connections(), 0);
}

/// Of every version and variant, if the API knows it.
async fn any_uuid_may_be_asked_about() {
    let api = Api::serving(|seen| {
        let id = Value::from(&seen["GET /api/v1/screenshots/".len()..][..ID.len()]);
        async { answer(200, with(completed(), "id", id).to_string()) }
    })
    .await;
    for id in ["00000000-0000-0000-0000-000000000000", "019a5f3c-7d2e-7abc-8def-0123456789ab"] {
        let delivery = delivery("screenshot.completed", &with(completed(), "id", json!(id)));
        assert_eq!(confirmed(&api.client(), &delivery).await.resource_id(), Some(id));
    }
}

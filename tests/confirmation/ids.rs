//! Ids that never get near a URL.

use serde_json::{Value, json};

use crate::{
    api::Api,
    deliveries::{ID, completed, delivery, with, with_body},
    receivers::Adapter,
};

for_both![
    t21_the_api_is_never_asked_about_what_is_no_uuid,
    t21_the_api_is_never_asked_about_no_id_at_all,
    any_uuid_may_be_asked_about,
];

fn t21_the_api_is_never_asked_about_what_is_no_uuid(adapter: Adapter) {
    let mut ids: Vec<String> = [
        "",
        " ",
        ".",
        "..",
        "../..",
        "../../../admin",
        "../../x?",
        "/",
        "//evil.example/",
        "%2e%2e",
        "%2e%2e%2f%2e%2e",
        "..%2f..%2f",
        "..\\..",
        "http://169.254.169.254/latest/meta-data/",
        "@evil.example",
        "550e8400e29b41d4a716446655440000",
        "550e8400-e29b-41d4-a716-44665544000g",
        "550e8400-e29b-41d4-a716_446655440000",
        "550e840-0e29b-41d4-a716-446655440000",
        "5-50e8400e29b41d4a71644665544000-0-0",
        "550e8400-e29b-41d4-a716-44665544000\u{ff10}",
        "550e8400-e29b-41d4-a716-4466554400\u{665}",
        "550e8400\u{2010}e29b-41d4-a716-4466554400",
        "%35%35%30e8400-e29b-41d4-a716-446655440000",
        "not-a-uuid",
        // As long as a UUID.
        "../../../../../../../../../../../../",
        "http://169.254.169.254/latest/meta-d",
        "..............-....-....-....-......",
        "%2e%2e%2-%2e%-%2e%-%2e%-%2e%2e%2e%2e",
        "????????-????-????-????-????????????",
        "########-####-####-####-############",
        "\0\0\0\0\0\0\0\0-\0\0\0\0-\0\0\0\0-\0\0\0\0-\0\0\0\0\0\0\0\0\0\0\0\0",
        "+50e8400-e29b-41d4-a716-446655440000",
        "0x0e8400-e29b-41d4-a716-446655440000",
    ]
    .map(str::to_owned)
    .into();
    ids.extend([
        ID[..35].to_owned(),
        format!("{ID}0"),
        ID[1..].to_owned(),
        format!("{{{ID}}}"),
        format!("urn:uuid:{ID}"),
    ]);
    for rest in
        ["/../..", "/..", "/", "/image", "?", "?x=1", "#", "#x", "\n", "\r\nx: y", "\0", " ", "\t", "%00", ".json"]
    {
        ids.push(format!("{ID}{rest}"));
    }
    for start in ["/", "../", " ", "\n", "./", "x/../", "?", "#", "\u{feff}"] {
        ids.push(format!("{start}{ID}"));
    }
    ids.push(format!("{ID}{ID}"));
    ids.push(ID.repeat(2000));
    let api = Api::answering(200, completed().to_string());
    let receiver = adapter.receiver(api.client());
    for id in ids {
        for event in ["screenshot.completed", "screenshot.deleted"] {
            receiver.denies(&delivery(event, &with(completed(), "id", json!(id))));
        }
    }
    assert_eq!(api.connections(), 0);
}

fn t21_the_api_is_never_asked_about_no_id_at_all(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let receiver = adapter.receiver(api.client());
    for id in [json!(550), json!(5.5), json!(true), json!([ID]), json!({"id": ID}), json!([]), json!({})] {
        for event in ["screenshot.completed", "screenshot.deleted"] {
            receiver.denies(&delivery(event, &with(completed(), "id", id.clone())));
        }
    }
    for body in [
        json!({"event": "screenshot.completed"}),
        json!({"event": "screenshot.completed", "id": ID}),
        json!({"event": "screenshot.completed", "id": ID, "data": null}),
        json!({"event": "screenshot.completed", "id": ID, "data": {}}),
        json!({"event": "screenshot.completed", "data": {"id": null, "status": "completed"}}),
        json!({"event": "screenshot.completed", "data": {"ID": ID, "Id": ID, "data": {"id": ID}}}),
        json!({"event": "screenshot.deleted", "data": [{"id": ID}]}),
        json!({"event": "screenshot.deleted", "data": ID, "data.id": ID}),
    ] {
        receiver.denies(&with_body(&body));
    }
    assert_eq!(api.connections(), 0);
}

/// Of every version and variant, as long as the API knows it.
fn any_uuid_may_be_asked_about(adapter: Adapter) {
    let api = Api::serving(|seen| async move {
        let id = seen.target.rsplit('/').next().unwrap_or_default().to_owned();
        crate::api::answer(200, with(completed(), "id", Value::from(id)).to_string())
    });
    let receiver = adapter.receiver(api.client());
    for id in [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "019a5f3c-7d2e-7abc-8def-0123456789ab",
        "01234567-89ab-cdef-0123-456789abcdef",
    ] {
        let handled = receiver.accepts(&delivery("screenshot.completed", &with(completed(), "id", json!(id))));
        assert_eq!(handled.event.resource_id(), Some(id));
        let seen = api.take_seen();
        assert_eq!((seen.len(), &*seen[0].target), (1, &*format!("/api/v1/screenshots/{id}")));
    }
}

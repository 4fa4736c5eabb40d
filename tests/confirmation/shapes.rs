//! Answers that are not the JSON that is assumed.

use countersign::confirmation::ApiErrorKind;
use serde_json::{Value, json};

use crate::{
    api::{Api, answer, answer_with},
    deliveries::{ID, completed, genuine, with},
    inside::{capture, confirmed, undecided},
};

for_all![
    an_answer_of_another_shape_decides_nothing,
    c01_an_answer_with_a_field_of_another_shape_decides,
    t21_a_compressed_answer_is_not_read,
    t23_deep_nesting_does_no_harm,
];

fn bodies() -> Vec<Vec<u8>> {
    let whole = completed().to_string();
    let twice = |field: &str, value: &str| whole.replacen('{', &format!("{{\"{field}\":{value},"), 1);
    let page = "<!doctype html><title>Sign in</title>";
    let fixed = ["", "null", "\"\"", "[]", "{}", page, "{\"data\":null}", "{\"data\":{}}", "{\"data\":[]}"];
    let mut bodies: Vec<Vec<u8>> = fixed.map(Into::into).into();
    let made = [
        format!("[{whole}]"),
        format!("{{\"data\":[{whole}]}}"),
        format!("{{\"data\":{}}}", json!(whole)),
        format!("{{\"data\":{{\"data\":{whole}}}}}"),
        // A derived reader of structs would take the items for the fields, in their order.
        json!([ID, "completed", "https://example.com"]).to_string(),
        json!({"data": [ID, "completed", "https://example.com"]}).to_string(),
        format!("{whole} x"),
        format!("\u{feff}{whole}"),
        whole[..whole.len() - 1].to_owned(),
        twice("status", "\"completed\""),
        twice("\\u0069d", &json!(ID).to_string()),
        format!("{{\"data\":{whole},\"data\":{whole}}}"),
    ];
    bodies.extend(made.map(Into::into));
    for (field, value) in [
        ("id", Value::Null),
        ("id", json!("")),
        ("id", json!([ID])),
        ("status", Value::Null),
        ("status", json!(true)),
        ("url", json!(["https://example.com"])),
    ] {
        bodies.push(with(completed(), field, value).to_string().into());
    }
    let mut not_utf8 = whole.clone().into_bytes();
    not_utf8[whole.find("example").unwrap()] = 0xff;
    bodies.push(not_utf8);
    bodies.extend(["[", "{\"data\":", "{\"more\":["].map(|part| part.repeat(60_000 / part.len()).into()));
    bodies
}

async fn an_answer_of_another_shape_decides_nothing() {
    let (api, tell) = Api::told().await;
    let client = api.client();
    for bytes in bodies() {
        let text = bytes[..bytes.len().min(60)].escape_ascii().to_string();
        tell(answer(200, bytes));
        assert_eq!(undecided(&client, &genuine()).await.kind(), ApiErrorKind::Unexpected, "{text}");
    }
}

/// What the provider writes into its deliveries, it is likely to write into its answers.
async fn c01_an_answer_with_a_field_of_another_shape_decides() {
    let (api, tell) = Api::told().await;
    let client = api.client();
    for (field, value) in [
        ("file_size", json!(-1)),
        ("completed_at", json!(1_772_000_000)),
        ("options", json!("none")),
        ("mime_type", json!(["image/png"])),
    ] {
        let answered = with(completed(), field, value);
        tell(answer(200, answered.to_string()));
        let capture = capture(&client, &genuine()).await;
        assert_eq!((&*capture.id, capture.status.as_deref()), (ID, Some("completed")), "{field}");
        let read = [capture.file_size.is_some(), capture.completed_at.is_some(), capture.mime_type.is_some()];
        assert_eq!(read, ["file_size", "completed_at", "mime_type"].map(|read| read != field), "{field}");
    }
}

/// None is asked for, whichever features of reqwest are enabled.
async fn t21_a_compressed_answer_is_not_read() {
    // gzip of `{}`.
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff\xab\xae\x05\0\x43\xbf\xa6\xa3\x02\0\0\0";
    let api = Api::giving(answer_with(200, "Content-Encoding: gzip\r\n", gzip)).await;
    assert_eq!(undecided(&api.client(), &genuine()).await.kind(), ApiErrorKind::Unexpected);
}

async fn t23_deep_nesting_does_no_harm() {
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let nested = |field: &str| with(completed(), field, json!("deep")).to_string().replace("\"deep\"", &deep);
    let (api, tell) = Api::told().await;
    let client = api.client();
    for field in ["id", "status", "url", "options", "created_at"] {
        tell(answer(200, nested(field)));
        undecided(&client, &genuine()).await;
    }
    // In an unknown field, it is skipped without a stack.
    tell(answer(200, nested("more")));
    confirmed(&client, &genuine()).await;
}

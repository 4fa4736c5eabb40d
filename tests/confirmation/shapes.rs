//! Answers that are not the JSON that is assumed.

use serde_json::{Value, json};

use crate::{
    api::{Api, answer},
    deliveries::{ID, completed, genuine, with},
    receivers::Adapter,
};

for_both![
    an_answer_of_another_shape_decides_nothing,
    t21_an_answer_that_is_inflated_or_said_to_be_is_not_understood,
    t23_what_is_nested_as_deep_as_it_gets_does_no_harm,
];

fn bodies() -> Vec<Vec<u8>> {
    let whole = completed().to_string();
    let twice = |field: &str, value: &str| whole.replacen('{', &format!("{{\"{field}\":{value},"), 1);
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "true",
        "200",
        "\"\"",
        "[]",
        "{}",
        "{",
        "}",
        "<!doctype html><title>Sign in</title>",
        "{\"id\":}",
        "{'id':'x'}",
        "{\"id\":\"550e8400-e29b-41d4-a716-446655440000\"}",
        "{\"status\":\"completed\",\"url\":\"https://example.com\"}",
        "{\"message\":\"Unauthenticated.\"}",
        "{\"data\":null}",
        "{\"data\":{}}",
        "{\"data\":[]}",
        "{\"data\":\"\"}",
        "{\"data\":7}",
    ]
    .map(Vec::from)
    .into();
    bodies.extend(
        [
            format!("[{whole}]"),
            format!("{{\"data\":[{whole}]}}"),
            format!("{{\"data\":{}}}", json!(whole)),
            json!(whole).to_string(),
            format!("{{\"screenshot\":{whole}}}"),
            format!("{{\"data\":{{\"data\":{whole}}}}}"),
            // A derived reader of structs would take the items for the fields, in their order.
            json!([ID, "completed", "https://example.com"]).to_string(),
            json!({"data": [ID, "completed", "https://example.com"]}).to_string(),
            json!({"data": [null, ID, "completed", "https://example.com"]}).to_string(),
            format!("{whole} x"),
            format!("{whole}{whole}"),
            format!("{whole},"),
            format!("\u{feff}{whole}"),
            format!("{whole}\0"),
            whole[..whole.len() - 1].to_owned(),
            twice("id", &json!(ID).to_string()),
            twice("id", "\"another\""),
            twice("id", "null"),
            twice("status", "\"completed\""),
            twice("url", "\"https://example.org\""),
            twice("image_url", "\"https://example.org\""),
            twice("\\u0069d", &json!(ID).to_string()),
            format!("{{\"data\":{},\"data\":{whole}}}", with(completed(), "url", json!("https://example.org"))),
            format!("{{\"data\":{whole},\"data\":{whole}}}"),
            format!("{{\"data\":null,\"data\":{whole}}}"),
            format!("{{\"data\":{}}}", twice("status", "\"failed\"")),
        ]
        .map(Vec::from),
    );
    for (field, value) in [
        ("id", Value::Null),
        ("id", json!("")),
        ("id", json!(550)),
        ("id", json!([ID])),
        ("status", Value::Null),
        ("status", json!(1)),
        ("status", json!(true)),
        ("status", json!(["completed"])),
        ("url", json!(["https://example.com"])),
        ("file_size", json!("large")),
        ("file_size", json!(-1)),
        ("width", json!(0.5)),
        ("options", json!("none")),
        ("options", json!([1])),
        ("error", json!("TIMEOUT")),
        ("completed_at", json!(1_772_000_000)),
    ] {
        bodies.push(with(completed(), field, value).to_string().into());
    }
    let mut not_utf8 = whole.clone().into_bytes();
    let position = whole.find("example").unwrap();
    not_utf8[position] = 0xff;
    bodies.push(not_utf8);
    bodies.push(
        with(completed(), "more", json!("x"))
            .to_string()
            .replace("\"x\"", "\"\\ud800\"")
            .replace("png", "p\u{1}ng")
            .into(),
    );
    bodies.push(whole.encode_utf16().flat_map(u16::to_le_bytes).collect());
    bodies.extend(["[", "{\"data\":", "{\"id\":", "{\"more\":["].map(|part| part.repeat(60_000 / part.len()).into()));
    bodies
}

fn an_answer_of_another_shape_decides_nothing(adapter: Adapter) {
    let (api, tell) = Api::told();
    let receiver = adapter.receiver(api.client());
    for (number, bytes) in bodies().into_iter().enumerate() {
        println!("{number}: {}", bytes[..bytes.len().min(60)].escape_ascii());
        tell(answer(200, bytes));
        receiver.is_undecided(&genuine());
    }
    tell(answer(200, format!(" \r\n\t{}\n", completed())));
    receiver.accepts(&genuine());
}

fn t21_an_answer_that_is_inflated_or_said_to_be_is_not_understood(adapter: Adapter) {
    // gzip of `{"data":…}` with stored blocks: nothing but its frame has to be undone.
    let plain = completed().to_string().into_bytes();
    let length = u16::try_from(plain.len()).unwrap();
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    gzip.extend(length.to_le_bytes());
    gzip.extend((!length).to_le_bytes());
    gzip.extend(&plain);
    gzip.extend(crc32(&plain).to_le_bytes());
    gzip.extend(u32::from(length).to_le_bytes());
    for coding in ["gzip", "x-gzip", "deflate", "br", "zstd", "identity, gzip"] {
        let mut answer = answer(200, gzip.clone());
        answer.headers_mut().insert("content-encoding", coding.parse().unwrap());
        let api = Api::answering_with(answer);
        adapter.receiver(api.client()).is_undecided(&genuine());
        assert_eq!(api.take_seen()[0].header("accept-encoding"), [""; 0]);
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

fn t23_what_is_nested_as_deep_as_it_gets_does_no_harm(adapter: Adapter) {
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let nested = |field: &str| with(completed(), field, json!("deep")).to_string().replace("\"deep\"", &deep);
    for field in ["id", "status", "url", "options", "error", "file_size", "created_at"] {
        let api = Api::answering(200, nested(field));
        adapter.receiver(api.client()).is_undecided(&genuine());
    }
    // Where nobody reads it, it is skipped without a stack.
    let api = Api::answering(200, nested("more"));
    adapter.receiver(api.client()).accepts(&genuine());
}

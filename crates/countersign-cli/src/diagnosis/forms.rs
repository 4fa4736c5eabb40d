//! Forms (`application/x-www-form-urlencoded`) as the usual languages write them.

use super::{coding, json::Json};

/// No more fields are written again.
const MOST: usize = 1024;

/// How a form is encoded: the characters other than letters and digits that are written as they are, how
/// a space is, and whether hex digits are in lower case.
struct Encoding(&'static str, &'static str, bool, &'static str);

const ENCODINGS: [Encoding; 6] = [
    Encoding("*-._", "+", false, "as `URLSearchParams`, Java and Ruby write it"),
    Encoding("-._~", "+", false, "as Python and Go write it"),
    Encoding("-._", "+", false, "as PHP's `http_build_query` writes it"),
    Encoding("-_.!~*'()", "%20", false, "as `encodeURIComponent` writes it"),
    Encoding("-._~", "%20", false, "with `%20` for a space"),
    Encoding("-_.!*()", "+", true, "as .NET's `HttpUtility` writes it"),
];

/// Returns the forms that a body may have been parsed from: a form, a JSON object of its fields, or the
/// JSON in its field `payload`.
pub(super) fn written(body: &[u8]) -> Vec<(Vec<u8>, String)> {
    let Ok(text) = std::str::from_utf8(body) else { return Vec::new() };
    let mut forms: Vec<(Vec<(String, String)>, &str)> = Vec::new();
    match Json::read(body) {
        Some(Json::Object(members)) => {
            let of_texts = members.iter().map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
            forms.extend(of_texts.collect::<Option<_>>().map(|fields| (fields, ", which became JSON")));
            forms.push((vec![("payload".to_owned(), text.to_owned())], ", and this is its field `payload`"));
        }
        None if text.contains('=') && !text.trim().contains(char::is_whitespace) => {
            let decoded =
                |text: &str| String::from_utf8_lossy(&coding::from_percent(text.as_bytes(), true)).into_owned();
            let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
            forms.push((pairs.map(|(name, value)| (decoded(name), decoded(value))).collect(), ""));
        }
        _ => {}
    }
    forms.retain(|(fields, _)| fields.len() <= MOST);
    forms.iter().flat_map(|(fields, from)| encoded(fields, from)).collect()
}

fn encoded(fields: &[(String, String)], from: &str) -> Vec<(Vec<u8>, String)> {
    let write = |Encoding(kept, space, is_lower, how): &Encoding| {
        let encoded = |text: &str| -> String {
            let written = text.bytes().map(|byte| match char::from(byte) {
                ' ' => (*space).to_owned(),
                plain if plain.is_ascii_alphanumeric() || kept.contains(plain) => plain.to_string(),
                _ if *is_lower => format!("%{byte:02x}"),
                _ => format!("%{byte:02X}"),
            });
            written.collect()
        };
        let pairs: Vec<_> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        (pairs.join("&").into_bytes(), format!("{how}{from}"))
    };
    ENCODINGS.iter().map(write).collect()
}

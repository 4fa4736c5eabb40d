//! Deliveries that are signed, rightly and wrongly.

use crate::{
    support::{Sender, http::Request, senders, tag},
    surfaces::Surface,
};

pub(crate) fn documented_deliveries_are_handled(sender: &Sender, surface: &Surface) {
    for fixture in sender.fixtures() {
        let id = sender.id_of(&fixture.event, &fixture.body);
        let request = match &fixture.tag {
            Some(tag) => sender.with_tag(tag, fixture.body),
            None => sender.genuine(fixture.body),
        };
        surface.accepts(sender, &request, &fixture.event, &id);
    }
}

pub(crate) fn previous_secrets_are_accepted_and_retired_ones_are_not(sender: &Sender, surface: &Surface) {
    for fixture in sender.fixtures() {
        let id = sender.id_of(&fixture.event, &fixture.body);
        let previous = sender.with_tag(&fixture.previous_tag.expect("a signed fixture"), fixture.body.clone());
        surface.accepts(sender, &previous, &fixture.event, &id);
    }
    let retired = format!("{}-previous", sender.previous_secret());
    surface.rejects(&sender.proven_with(retired.as_bytes(), sender.fixture().body), 401);
}

pub(crate) fn hex_digits_of_either_case_are_accepted(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let id = sender.id_of(&fixture.event, &fixture.body);
    let lower = fixture.tag.expect("a signed fixture");
    let mixed: String =
        lower.char_indices().map(|(i, c)| if i % 2 == 0 { c.to_ascii_uppercase() } else { c }).collect();
    for digits in [lower.to_uppercase(), mixed] {
        surface.accepts(sender, &sender.with_tag(&digits, fixture.body.clone()), &fixture.event, &id);
    }
}

pub(crate) fn t1_a_flipped_bit_in_the_body_is_rejected(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let tag = fixture.tag.expect("a signed fixture");
    let bits = fixture.body.len() * 8;
    for bit in (0..bits).step_by(97).chain([1, 7, bits - 1]) {
        let mut body = fixture.body.clone();
        body[bit / 8] ^= 1 << (bit % 8);
        surface.rejects(&sender.with_tag(&tag, body), 401);
    }
    let longer = [&fixture.body[..], b" "].concat();
    let shorter = fixture.body[..fixture.body.len() - 1].to_vec();
    for body in [longer, shorter, Vec::new()] {
        surface.rejects(&sender.with_tag(&tag, body), 401);
    }
}

pub(crate) fn t1_a_wrong_digit_in_the_tag_is_rejected(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let tag = fixture.tag.expect("a signed fixture");
    for position in 0..64 {
        let mut digits = tag.clone().into_bytes();
        digits[position] = if digits[position] == b'0' { b'1' } else { b'0' };
        let digits = String::from_utf8(digits).expect("hex");
        surface.rejects(&sender.with_tag(&digits, fixture.body.clone()), 401);
    }
    for digits in ["0".repeat(64), "f".repeat(64)] {
        surface.rejects(&sender.with_tag(&digits, fixture.body.clone()), 401);
    }
}

/// Nothing is trimmed, decoded, stripped or folded: only the secret's own bytes are the key.
pub(crate) fn t6_another_key_is_rejected(sender: &Sender, surface: &Surface) {
    let body = sender.fixture().body;
    let secret = sender.secret();
    let mut keys: Vec<Vec<u8>> = [
        String::new(),
        format!("{secret} "),
        format!(" {secret}"),
        format!("{secret}\n"),
        secret.to_uppercase(),
        secret[..secret.len() - 1].to_owned(),
        format!("{secret}{secret}"),
        hex::encode(&secret),
    ]
    .map(String::into_bytes)
    .to_vec();
    for bit in (0..secret.len() * 8).step_by(13) {
        let mut key = secret.clone().into_bytes();
        key[bit / 8] ^= 1 << (bit % 8);
        keys.push(key);
    }
    if let Some(rest) = secret.strip_prefix("whsec_") {
        keys.push(rest.as_bytes().to_vec());
        // What base64 makes of `fixture-geoscore`, the whole groups of it: the key under Standard Webhooks' rule.
        keys.push(b"\x7e\x2c\x6d\xba\xb7\xbe\x81\xea\x2c\x72\x8a\xde".to_vec());
    }
    for key in keys {
        surface.rejects(&sender.proven_with(&key, body.clone()), 401);
    }
}

pub(crate) fn t3_malformed_tags_are_rejected(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let tag = fixture.tag.expect("a signed fixture");
    let malformed = [
        String::new(),
        tag[..2].to_owned(),
        tag[..32].to_owned(),
        tag[..62].to_owned(),
        tag[..63].to_owned(),
        tag[1..].to_owned(),
        format!("{tag}0"),
        format!("{tag}00"),
        format!("{tag}zz"),
        format!("{tag}{tag}"),
        format!("{}g", &tag[..63]),
        format!("{}/", &tag[..63]),
        format!("0x{}", &tag[..62]),
        format!("0x{tag}"),
        format!("{} {}", &tag[..32], &tag[32..]),
        format!("{};{}", &tag[..32], &tag[33..]),
        format!("\"{tag}\""),
        format!("{tag};"),
        // The tag in base64 and in base64url.
        "LhvBCjZWDR5LREcJklud0NbmqP8zs/njMIvhfrlIH5Y=".to_owned(),
        "-".repeat(64),
    ];
    for digits in malformed {
        surface.rejects(&sender.with_tag(&digits, fixture.body.clone()), 401);
    }
}

pub(crate) fn t3_malformed_prefixes_are_rejected(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let tag = fixture.tag.expect("a signed fixture");
    let (_, right) = sender.header();
    let wrong = ["", "sha256=", "SHA256=", "sha1=", "v1=", "V1=", "v0=", "v1,", "v1:", "sha256:", "=", "hmac-sha256="];
    let mut values: Vec<String> =
        wrong.iter().filter(|prefix| **prefix != right).map(|prefix| format!("{prefix}{tag}")).collect();
    if !right.is_empty() {
        values.extend([
            format!("{right}{right}{tag}"),
            format!("{right} {tag}"),
            format!("{} {tag}", right.trim_end_matches('=')),
            format!("{tag}{right}"),
            right.to_owned(),
        ]);
    }
    for value in values {
        surface.rejects(&sender.with_signature(value, fixture.body.clone()), 401);
    }
}

pub(crate) fn t4_tags_that_are_not_ascii_are_rejected(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let (_, prefix) = sender.header();
    let tag = fixture.tag.expect("a signed fixture");
    let arabic_digit = "٣".as_bytes();
    for value in [
        [prefix.as_bytes(), &[0xff; 64]].concat(),
        [prefix.as_bytes(), &tag.as_bytes()[..62], b"\xc3\xa9"].concat(),
        [prefix.as_bytes(), &tag.as_bytes()[..62], arabic_digit].concat(),
        [prefix.as_bytes(), tag.as_bytes(), b"\x80"].concat(),
        [b"\xef\xbb\xbf", prefix.as_bytes(), tag.as_bytes()].concat(),
    ] {
        surface.rejects(&sender.with_signature(value, fixture.body.clone()), 401);
    }
}

pub(crate) fn t8_missing_repeated_and_joined_headers_are_rejected(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let (header, prefix) = sender.header();
    let right = format!("{prefix}{}", fixture.tag.expect("a signed fixture"));
    let wrong = format!("{prefix}{}", tag(b"guessed", &fixture.body));
    surface.rejects(&sender.unproven(fixture.body.clone()), 401);
    for (first, second) in [(&right, &right), (&right, &wrong), (&wrong, &right)] {
        let repeated = sender.with_signature(first.as_str(), fixture.body.clone()).with_header(header, second.as_str());
        surface.rejects(&repeated, 401);
        for separator in [",", ", ", " ", ";"] {
            let joined = format!("{first}{separator}{second}");
            surface.rejects(&sender.with_signature(joined, fixture.body.clone()), 401);
        }
    }
    let empty_second = sender.with_signature(right.as_str(), fixture.body.clone()).with_header(header, "");
    surface.rejects(&empty_second, 401);
    // In a header of another name it is no signature.
    for name in ["x-signature", "x-hub-signature-256", "authorization"] {
        surface.rejects(&sender.unproven(fixture.body.clone()).with_header(name, right.as_str()), 401);
    }
}

/// A body that says the same in other bytes is not what was signed; if it was signed so, it is genuine so.
pub(crate) fn t7_written_again_is_another_body(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let tag = fixture.tag.expect("a signed fixture");
    let id = sender.id_of(&fixture.event, &fixture.body);
    let text = String::from_utf8(fixture.body).expect("UTF-8");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let written_again = [
        serde_json::to_string(&json).expect("JSON"),
        serde_json::to_string_pretty(&json).expect("JSON"),
        text.replace('\n', "\r\n"),
        format!("{text}\n"),
        text.replace("https://", "https:\\/\\/"),
        text.replacen("\"event\"", "\"\\u0065vent\"", 1),
    ];
    for body in written_again {
        assert_ne!(body, text);
        surface.rejects(&sender.with_tag(&tag, body.clone()), 401);
        surface.accepts(sender, &sender.genuine(body), &fixture.event, &id);
    }
    let with_bom = format!("\u{feff}{text}");
    surface.rejects(&sender.with_tag(&tag, with_bom), 401);
}

/// Neither another provider's route, nor its secret, nor its header makes a delivery genuine.
pub(crate) fn t25_another_providers_deliveries_are_rejected(sender: &Sender, surface: &Surface) {
    let body = sender.fixture().body;
    for other in senders().into_iter().filter(|other| other.name != sender.name) {
        let request = other.genuine(other.fixture().body);
        let query = request.target.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
        let elsewhere = Request { target: format!("{}{query}", sender.path()), ..request };
        surface.rejects(&elsewhere, 401);
        surface.rejects(&sender.proven_with(other.secret().as_bytes(), body.clone()), 401);
        if sender.is_signed() && other.is_signed() {
            let (header, prefix) = other.header();
            let tag = tag(sender.secret().as_bytes(), &body);
            surface.rejects(&sender.unproven(body.clone()).with_header(header, format!("{prefix}{tag}")), 401);
        }
    }
}

pub(crate) fn t9_what_is_not_signed_is_not_believed(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let id = sender.id_of(&fixture.event, &fixture.body);
    for (name, value) in [
        ("x-screenshotcenter-event", "batch.finished"),
        ("x-geoscored-timestamp", "0"),
        ("x-geoscored-timestamp", "-9223372036854775808"),
        ("x-geoscored-timestamp", "99999999999999999999999999"),
        ("x-geoscored-timestamp", "now"),
        ("x-http-method-override", "GET"),
        ("x-forwarded-for", "203.0.113.9"),
    ] {
        let request = sender.genuine(fixture.body.clone()).with_header(name, value);
        surface.accepts(sender, &request, &fixture.event, &id);
    }
}

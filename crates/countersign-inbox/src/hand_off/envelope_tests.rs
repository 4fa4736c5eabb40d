use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

fn columns(text: &str, bytes: &[u8]) -> SealedColumns {
    SealedColumns {
        key: [0xa5; 32].into(),
        provider: text.to_owned(),
        tenant: Some(text.to_owned()),
        event: text.to_owned(),
        resource: Some(String::new()),
        received_at: -1,
        body: Some(Bytes::copy_from_slice(bytes)),
        confirmed: Some(Bytes::copy_from_slice(bytes)),
        meta: Bytes::copy_from_slice(bytes),
        seal: Bytes::copy_from_slice(bytes),
    }
}

fn headers(envelope: &Envelope) -> HashMap<&'static str, String> {
    envelope.headers().map(|(name, text)| (name, text.to_owned())).collect()
}

proptest! {
    #[test]
    fn any_delivery_comes_back_as_it_was(text: String, bytes: Vec<u8>, is_plain: bool) {
        let mut columns = columns(&text, &bytes);
        if is_plain {
            (columns.tenant, columns.resource, columns.confirmed) = (None, None, None);
        }
        let envelope = Envelope::new(columns.clone().into()).unwrap();
        let headers = headers(&envelope);
        prop_assert!(headers.values().all(|text| text.bytes().all(|byte| byte.is_ascii_graphic())));
        let read = Envelope::read(|name| headers.get(name), envelope.body().clone()).unwrap();
        prop_assert_eq!(read.into_columns(), columns);
    }
}

/// As Python's `urllib.parse.quote` and JavaScript's `encodeURIComponent` write what has to be encoded.
#[test]
fn texts_are_percent_encoded() {
    for (plain, text) in [
        ("charge.refunded", "charge.refunded"),
        ("100 %\r\nx: y\0\u{7f}", "100%20%25%0d%0ax:%20y%00%7f"),
        ("Zoë 🦀", "Zo%c3%ab%20%f0%9f%a6%80"),
        ("", ""),
    ] {
        assert_eq!(to_text(plain.as_bytes()), text);
        assert_eq!(from_text(text), Some(plain.as_bytes().to_vec()));
    }
}

#[test]
fn what_is_not_a_delivery_is_an_error() {
    let genuine = headers(&Envelope::new(columns("a", b"{}").into()).unwrap());
    let read = |headers: &HashMap<&'static str, String>| Envelope::read(|name| headers.get(name), "").unwrap_err();
    let suffix = ": it is not a delivery that countersign published";
    for name in [KEY, PROVIDER, EVENT, RECEIVED_AT, META, SEAL] {
        let mut headers = genuine.clone();
        headers.remove(name);
        let error = read(&headers);
        assert_eq!(error.kind(), EnvelopeErrorKind::Missing);
        assert_eq!(error.to_string(), format!("the message has no header `{name}`{suffix}"));
    }
    for (name, text) in [
        (KEY, "a5"),
        (KEY, "a"),
        (KEY, "+5"),
        (PROVIDER, "%"),
        (TENANT, "%f"),
        (EVENT, "%ff"),
        (RESOURCE, "%+1"),
        (RECEIVED_AT, "now"),
        (CONFIRMED, "%zz"),
        (META, "%0"),
        (SEAL, "xy"),
    ] {
        let mut headers = genuine.clone();
        headers.insert(name, text.to_owned());
        let error = read(&headers);
        assert_eq!(error.kind(), EnvelopeErrorKind::Malformed, "{name}: {text}");
        assert_eq!(error.to_string(), format!("the header `{name}` of the message is malformed{suffix}"));
    }
}

#[test]
fn headers_have_a_limit() {
    let error = Envelope::new(columns(&"ü".repeat(4000), &[0; 4000]).into()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the delivery's headers would have 105256 bytes, and brokers take 65536: its event's name, or the event that a \
         third party confirmed, is too long"
    );
    assert!(Envelope::new(columns("a", &[0; 8000]).into()).is_ok());
}

#[test]
fn debug_shows_no_content() {
    let envelope = Envelope::new(columns("a", b"content").into()).unwrap();
    let expected = format!("Envelope {{ key: DeliveryKey({}), provider: \"a\", body: 7, .. }}", "a5".repeat(32));
    assert_eq!(format!("{envelope:?}"), expected);
}

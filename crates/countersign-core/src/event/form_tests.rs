use std::collections::HashMap;

use serde::Deserialize;

use super::*;
use crate::{DecodeErrorKind, event::field};

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Message {
    body: String,
    num_media: Option<u32>,
    price: Option<f64>,
    is_new: bool,
    status: Option<Status>,
    tag: Vec<String>,
    id: Id,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Sent,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
struct Id(i64);

#[test]
fn fields_are_texts_numbers_booleans_enums_options_and_lists() {
    let body =
        "Body=a+b%26%C3%A9&NumMedia=2&Price=-0.5&IsNew=true&Status=sent&Tag=x&Tag=y&Id=-7&Unknown=1&Unknown=2&&Empty";
    let expected = Message {
        body: "a b&é".to_owned(),
        num_media: Some(2),
        price: Some(-0.5),
        is_new: true,
        status: Some(Status::Sent),
        tag: vec!["x".to_owned(), "y".to_owned()],
        id: Id(-7),
    };
    assert_eq!(from_form::<Message>(body.as_bytes()).unwrap(), expected);
    // An empty field of an `Option` is missing; one value of a list is a list.
    let empty: Message = from_form(b"NumMedia=&Price=&Status&Tag=x&Body=").unwrap();
    assert_eq!(empty, Message { tag: vec!["x".to_owned()], ..Message::default() });
    assert_eq!(from_form::<Message>(b"").unwrap(), Message::default());
}

#[test]
fn a_form_is_a_map_or_a_list_of_pairs() {
    let map: HashMap<String, String> = from_form(b"b=2&a=1").unwrap();
    assert_eq!(map, HashMap::from([("a".into(), "1".into()), ("b".into(), "2".into())]));
    let pairs: Vec<(String, u8)> = from_form(b"b=2&a=1&b=3").unwrap();
    assert_eq!(pairs, [("b".to_owned(), 2), ("a".to_owned(), 1), ("b".to_owned(), 3)]);
    #[derive(Debug, PartialEq, Deserialize)]
    struct Flat {
        a: u8,
        #[serde(flatten)]
        rest: HashMap<String, String>,
    }
    let flat: Option<Flat> = from_form(b"a=1&b=2").unwrap();
    assert_eq!(flat, Some(Flat { a: 1, rest: HashMap::from([("b".into(), "2".into())]) }));
}

/// Slack's interactive components.
#[derive(Debug, PartialEq, Deserialize)]
struct Interaction {
    #[serde(deserialize_with = "field::json")]
    payload: Payload,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Payload {
    r#type: String,
}

#[test]
fn t19_an_error_has_no_part_of_the_form() {
    use DecodeErrorKind::{NotAsDocumented, NotUtf8};

    type Read = fn(&[u8]) -> Result<(), DecodeError>;
    let message: Read = |body| from_form::<Message>(body).map(drop);
    let interaction: Read = |body| from_form::<Interaction>(body).map(drop);
    let documented =
        |what: &str| (NotAsDocumented, format!("the body does not fit the type that it is read as: {what}"));
    let not_utf8 = || (NotUtf8, "the body is not UTF-8".to_owned());
    let deep = format!("payload={}", "[".repeat(100_000));
    let many = "a&".repeat(1025);
    let cases: [(Read, &[u8], _); 15] = [
        (message, many.as_bytes(), documented("more than 1024 fields")),
        (message, b"NumMedia=s3cr3t", documented("expected u32")),
        (message, b"NumMedia=-1", documented("expected u32")),
        (message, b"Price=s3cr3t", documented("expected f64")),
        (message, b"IsNew=s3cr3t", documented("expected a boolean")),
        (message, b"Status=s3cr3t", documented("unexpected value")),
        (message, b"Body=s3cr3t&Body=s3cr3t", documented("a field is repeated")),
        (message, b"NumMedia=1&NumMedia=2", documented("a field is repeated")),
        (message, b"Body=%ff", not_utf8()),
        (message, b"\xff", not_utf8()),
        (interaction, b"", documented("missing field `payload`")),
        (interaction, b"{\"payload\":\"s3cr3t\"}", documented("missing field `payload`")),
        (interaction, b"payload=s3cr3t", documented("unexpected value")),
        (interaction, b"payload=%7B%22type%22%3A7%7D", documented("unexpected value")),
        (interaction, deep.as_bytes(), documented("unexpected value")),
    ];
    assert_eq!(from_form::<Message>(&many.as_bytes()[2..]).unwrap(), Message::default());
    for (read, body, expected) in cases {
        let error = read(body).unwrap_err();
        assert_eq!((error.kind(), error.to_string()), expected, "{}", String::from_utf8_lossy(body));
        assert!(!format!("{error:?}").contains("s3cr3t"), "{error:?}");
    }
    let body = b"payload=%7B%22type%22%3A%22block_actions%22%7D";
    let expected = Interaction { payload: Payload { r#type: "block_actions".to_owned() } };
    assert_eq!(from_form::<Interaction>(body).unwrap(), expected);
}

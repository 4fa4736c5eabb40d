//! Texts at paths, in unverified bodies and in verified ones.

use super::*;

fn unverified_id<'a>(body: &'a [u8], ids: fn(&str) -> &'static [&'static str]) -> Option<Cow<'a, str>> {
    super::unverified_id(body, Paths { name: "event", ids })
}

fn peek(body: &str) -> Option<String> {
    unverified_id(body.as_bytes(), |_| &["scan_id"]).map(Cow::into_owned)
}

#[test]
fn the_first_string_at_the_path_is_borrowed() {
    let body = br#"{"event":"scan.completed","scan_id":"abc","more":"#;
    let id = unverified_id(body, |_| &["scan_id"]).expect("an id");
    assert!(matches!(id, Cow::Borrowed("abc")));
    assert_eq!(
        unverified_id(br#" { "a" : {"id":"no"}, "data" : {"x":[{}],"id":"7"}} "#, |_| &["data.id"]).unwrap(),
        "7"
    );
}

#[test]
fn the_paths_are_those_of_the_event() {
    fn zeodyn(event: &str) -> &'static [&'static str] {
        match event {
            "score_change" => &["url"],
            "scan_complete" => &["scanId"],
            _ => &["scanId", "batchId", "url"],
        }
    }
    let id = |body: &'static str| unverified_id(body.as_bytes(), zeodyn).unwrap_or_default();
    assert_eq!(id(r#"{"event":"new","url":"u","batchId":"b"}"#), "b");
    assert_eq!(id(r#"{"url":"u","batchId":"b"}"#), "b");
    assert_eq!(id(r#"{"url":"u","scanId":"s","event":"score_change"}"#), "u");
    assert_eq!(id(r#"{"event":"scan_c\u006fmplete","url":"u","scanId":"s"}"#), "s");
    assert_eq!(id(r#"{"event":"scan_complete","url":"u"}"#), "");
}

#[test]
fn escapes_are_read_as_the_event_reads_them() {
    assert_eq!(peek(r#"{"sc\u0061n_id":"\u00e9\n\"\ud83d\ude00"}"#).as_deref(), Some("é\n\"😀"));
}

#[test]
fn c05_an_integer_is_the_id_that_its_digits_are() {
    let digits = "9".repeat(MAX_ID);
    for id in ["7712345", "0", "-3", "18446744073709551615", "18446744073709551616", "-9223372036854775809", &digits] {
        assert_eq!(peek(&format!(r#"{{"scan_id":{id}}}"#)).as_deref(), Some(id));
        assert_eq!(peek(&format!(r#"{{"scan_id":{id} ,"more":"#)).as_deref(), Some(id));
        let verified = format!(r#"{{"data":{{"id":{id}}}}}"#);
        assert_eq!(super::id(verified.as_bytes(), &PATHS).unwrap().as_deref(), Some(id));
    }
    assert_eq!(peek(&format!(r#"{{"scan_id":{digits}0}}"#)), None, "too long");
    assert_eq!(peek(&format!(r#"{{"scan_id":{digits}"#)), None, "digits may be missing");
}

/// K1: what one field holds does not hide another.
#[test]
fn c03_an_id_is_found_beside_what_json_allows_and_rust_does_not() {
    let zeodyn = |body: &[u8]| unverified_id(body, |_| &["scanId", "batchId", "url"]).map(Cow::into_owned);
    for odd in ["\"\\ud83d\"", "1e999", "-1e999", "\"\\udc00\\ud83d\""] {
        for body in [
            format!(r#"{{"url":{odd},"batchId":{odd},"scanId":"abc"}}"#),
            format!(r#"{{"url":{odd},"scanId":"abc","cut":"#),
            format!(r#"{{"\ud83d":1,"event":{odd},"scanId":"abc"}}"#),
        ] {
            assert_eq!(zeodyn(body.as_bytes()).as_deref(), Some("abc"), "{body}");
        }
    }
    assert_eq!(zeodyn(b"{\"url\":\"\xff\",\"\xff\":1,\"scanId\":\"abc\"}").as_deref(), Some("abc"));
    // Two IDs could be one if the characters that they lost are replaced.
    for lost in ["\"a\\ud83d\"", "\"\u{fffd}\"", "\"\\ufffd\""] {
        assert_eq!(peek(&format!(r#"{{"scan_id":{lost}}}"#)), None, "{lost}");
        assert_eq!(id(format!(r#"{{"id":{lost}}}"#).as_bytes(), &PATHS).unwrap(), None, "{lost}");
    }
    assert_eq!(text(br#"{"\ud83d":"\ud83d","at":"yes"}"#, "at").unwrap().as_deref(), Some("yes"));
    assert!(text(br#"{"\ud83d":1,"at":1,"at":2}"#, "at").is_err_and(|error| error.is_data()));
    assert!(text(br#"{"\ud83d":1,"at":"yes"} more"#, "at").is_err());
}

#[test]
fn whatever_is_no_text_and_no_integer_is_no_id() {
    for value in [
        "-0",
        "1.0",
        "1e2",
        "1e999",
        "null",
        "true",
        "1.5",
        "[]",
        "[\"abc\"]",
        "{}",
        "{\"scan_id\":\"abc\"}",
        "\"\"",
        "\"\\ud800\"",
    ] {
        assert_eq!(peek(&format!(r#"{{"scan_id":{value},"scan_id":"abc"}}"#)), None, "{value}");
    }
    for body in [
        "",
        "{",
        "[]",
        "\"scan_id\"",
        "{\"scan_id\"",
        "{\"scan_id\":",
        "{\"scan_id\":\"abc",
        "nonsense",
        "{\"data\":{\"scan_id\":\"abc\"}}",
        "\u{feff}{\"scan_id\":\"abc\"}",
    ] {
        assert_eq!(peek(body), None, "{body}");
    }
    assert_eq!(unverified_id(b"{\"scan_id\":\"\xff\"}", |_| &["scan_id"]), None);
    assert_eq!(unverified_id(br#"{"data":"7"}"#, |_| &["data.id"]), None);
    assert_eq!(unverified_id(br#"{"data":[{"id":"7"}]}"#, |_| &["data.id"]), None);
    assert_eq!(unverified_id(br#"{"id":"7"}"#, |_| &[]), None);
}

#[test]
fn it_is_bounded_in_size_and_depth() {
    let long = |length| peek(&format!(r#"{{"scan_id":"{}"}}"#, "x".repeat(length))).is_some();
    assert_eq!([long(MAX_ID), long(MAX_ID + 1)], [true, false]);
    let behind = |length: usize| peek(&format!(r#"{{"a":"{}","scan_id":"abc"}}"#, "x".repeat(length))).is_some();
    let most = LIMIT - r#"{"a":"","scan_id":"abc""#.len();
    assert_eq!([behind(most), behind(most + 1)], [true, false]);
    assert_eq!(peek(&format!(r#"{{"a":{}"#, "[".repeat(10_000_000))), None);
    assert_eq!(peek(&"{\"a\":".repeat(1_000_000)), None);
}

/// The texts at `paths`, read in one pass.
fn texts<'a, const N: usize>(body: &'a str, paths: [&'static str; N], repeated: Repeated) -> [Option<Cow<'a, str>>; N] {
    let mut texts = Texts::at(paths);
    let read = texts.read(body.as_bytes(), repeated);
    assert!(read.is_ok() || repeated == Repeated::First, "{read:?}");
    paths.map(|path| texts.take(path))
}

#[test]
fn several_paths_are_read_in_one_pass() {
    let body = r#"{"a":"1","data":{"id":"2","more":{"id":"3","x":7},"id2":"4"},"id":"5","z":{"id":null}} "#;
    for repeated in [Repeated::First, Repeated::Error] {
        let found = texts(body, ["data.more.id", "id", "data.id", "a", "z.id", "data.more", "data.i"], repeated);
        assert_eq!(
            found.each_ref().map(Option::as_deref),
            [Some("3"), Some("5"), Some("2"), Some("1"), None, None, None]
        );
        assert!(found.iter().flatten().all(|text| matches!(text, Cow::Borrowed(_))));
    }
    // A path may be the start of another.
    let paths = ["data", "data.id", "data.id.id"];
    assert_eq!(texts(r#"{"data":"a"}"#, paths, Repeated::Error), [Some("a".into()), None, None]);
    assert_eq!(texts(r#"{"data":{"id":"b"}}"#, paths, Repeated::Error), [None, Some("b".into()), None]);
    assert_eq!(texts(r#"{"data":{"id":{"id":"c"}}}"#, paths, Repeated::Error), [None, None, Some("c".into())]);
}

/// T23: bodies that two readers could understand in two ways.
const REPEATED: [(&str, [Option<&str>; 3], &str); 9] = [
    (r#"{"id":"1","id":"2"}"#, [Some("1"), None, None], "id"),
    (r#"{"id":1,"id":"2"}"#, [Some("1"), None, None], "id"),
    (r#"{"id":"1","i\u0064":"2"}"#, [Some("1"), None, None], "id"),
    (r#"{"i\u0064":"1","id":"2"}"#, [Some("1"), None, None], "id"),
    (r#"{"data":{"id":"1"},"data":{"id":"2"}}"#, [None, Some("1"), None], "data"),
    (r#"{"data":{"id":"1"},"data":{"at":"2"}}"#, [None, Some("1"), None], "data"),
    (r#"{"data":null,"d\u0061ta":{"id":"1"}}"#, [None; 3], "data"),
    (r#"{"data":{"at":"1","id":"2","at":"3"}}"#, [None, Some("2"), Some("1")], "at"),
    (r#"{"data":{"id":"1","i\u0064":"1"}}"#, [None, Some("1"), None], "id"),
];
const PATHS: [&str; 3] = ["id", "data.id", "data.at"];

#[test]
fn t23_the_first_field_of_a_name_counts_before_the_proof() {
    for (body, expected, _) in REPEATED {
        let found = texts(body, PATHS, Repeated::First);
        assert_eq!(found.each_ref().map(Option::as_deref), expected, "{body}");
    }
}

#[test]
fn t23_a_field_that_is_there_twice_is_an_error_once_the_body_is_verified() {
    for (body, _, name) in REPEATED {
        let error = Texts::at(PATHS).read(body.as_bytes(), Repeated::Error).unwrap_err();
        assert!(error.is_data() && error.to_string().starts_with(&format!("duplicate field `{name}`")), "{error}");
        assert!(id(body.as_bytes(), &PATHS).is_err(), "{body}");
    }
    let elsewhere = r#"{"other":{"id":"1","id":"2"},"other":3,"list":[{"id":"1"},{"id":"2"}],"id":"3","Id":"4"}"#;
    assert_eq!(texts(elsewhere, PATHS, Repeated::Error), [Some("3".into()), None, None]);
    // Also after the ID that counts, and in a body that ends as invalid JSON.
    assert!(id(br#"{"id":"1","data":{"id":"2","id":"3"}}"#, &PATHS).is_err());
    assert!(id(br#"{"id":"1"} more"#, &PATHS).is_err());
    assert_eq!(id(br#"{"id":"","data":{"id":"2"}}"#, &PATHS).unwrap().as_deref(), Some("2"));
}

#[test]
fn a_page_may_name_more_paths_than_are_read_in_one_pass() {
    const MANY: [&str; 2 * MAX_PATHS + 1] =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q"];
    for (index, path) in MANY.iter().enumerate() {
        let body = format!(r#"{{"q":"","{path}x":"no","event":"new","{path}":"yes"}}"#);
        let body = if index + 1 == MANY.len() { body.replacen(r#""q":"","#, "", 1) } else { body };
        assert_eq!(unverified_id(body.as_bytes(), |_| &MANY).as_deref(), Some("yes"), "{path}");
        assert_eq!(id(body.as_bytes(), &MANY).unwrap().as_deref(), Some("yes"), "{path}");
        let twice = body.replace(r#""event""#, &format!(r#""{path}":"yes","event""#));
        assert!(id(twice.as_bytes(), &MANY).is_err(), "{path}");
    }
    // Also after the ID that counts.
    assert!(id(br#"{"a":"yes","q":"1","q":"2"}"#, &MANY).is_err());
    // In the order of the paths, not of the body.
    let body = br#"{"q":"last","i":"second","h":"first"}"#;
    assert_eq!(unverified_id(body, |_| &MANY).as_deref(), Some("first"));
    assert_eq!(id(body, &MANY).unwrap().as_deref(), Some("first"));
}

#[test]
fn an_event_may_have_an_id_where_no_other_has_one() {
    fn paths(event: &str) -> &'static [&'static str] {
        if event == "special" { &["special.id"] } else { &["id"] }
    }
    let body = br#"{"id":"1","special":{"id":"2"},"event":"special"}"#;
    assert_eq!(unverified_id(body, paths).as_deref(), Some("2"));
    // Even where the name is.
    assert_eq!(unverified_id(br#"{"event":"3"}"#, |_| &["event"]).as_deref(), Some("3"));
}

#[test]
fn the_text_of_a_verified_body_is_at_its_path() {
    let text = |body: &'static str| text(body.as_bytes(), "data.at").map_err(|error| error.is_data());
    assert_eq!(text(r#"{"at":"no","data":{"at":"yes"}}"#), Ok(Some("yes".into())));
    assert_eq!(text(r#"{"at":"no","data":[{"at":"no"}]}"#), Ok(None));
    assert_eq!(text("[]"), Ok(None));
    assert_eq!(text(r#"{"data":{"at":"yes","at":"yes"}}"#), Err(true));
    assert_eq!(text(r#"{"data":{"at":"yes"}"#), Err(false));
}

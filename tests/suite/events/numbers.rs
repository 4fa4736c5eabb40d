//! Counts and scores: whole numbers however they are written, exact, and never wrapped or rounded in silence.

use countersign::{
    ProviderEvent,
    providers::{ScreenshotRunEvent, ZeodynEvent},
};
use serde_json::Value;

use crate::events::{
    family,
    tolerance::{payloads, text},
};

/// Every count of every page: provider, and a body with `@` in its place.
const COUNTS: [(&str, &str); 11] = [
    ("screenshotcenter", r#"{"event":"screenshot.finished","width":@}"#),
    ("screenshotcenter", r#"{"event":"screenshot.finished","height":@}"#),
    ("screenshotrun", r#"{"event":"screenshot.completed","data":{"file_size":@}}"#),
    ("screenshotrun", r#"{"event":"screenshot.completed","data":{"width":@}}"#),
    ("screenshotrun", r#"{"event":"screenshot.completed","data":{"height":@}}"#),
    ("screenshotrun", r#"{"event":"screenshot.completed","data":{"processing_time_ms":@}}"#),
    ("screenshotrun", r#"{"event":"screenshot.completed","data":{"options":{"width":@}}}"#),
    ("screenshotrun", r#"{"event":"screenshot.completed","data":{"options":{"quality":@}}}"#),
    ("zeodyn", r#"{"event":"batch_complete","totalUrls":@}"#),
    ("zeodyn", r#"{"event":"batch_complete","completedUrls":@}"#),
    ("zeodyn", r#"{"event":"batch_complete","failedUrls":@}"#),
];

/// Scores and the like.
const SCORES: [(&str, &str); 9] = [
    ("screenscore", r#"{"event":"analysis.completed","data":{"score":@}}"#),
    ("screenscore", r#"{"event":"analysis.completed","data":{"breakdown":{"visual_clarity":@}}}"#),
    ("screenscore", r#"{"event":"analysis.completed","data":{"breakdown":{"brand_consistency":@}}}"#),
    ("screenshotrun", r#"{"event":"screenshot.completed","data":{"options":{"delay":@}}}"#),
    ("zeodyn", r#"{"event":"score_change","previousScore":@}"#),
    ("zeodyn", r#"{"event":"scan_complete","score":@}"#),
    ("zeodyn", r#"{"event":"threshold_alert","threshold":@}"#),
    ("zeodyn", r#"{"event":"batch_complete","averageScore":@}"#),
    ("geoscored", r#"{"event":"scan.completed","overall_score":@}"#),
];

#[test]
fn whole_numbers_written_as_floats_are_the_same_event() {
    fn float(value: &mut Value) {
        match value {
            Value::Object(fields) => fields.values_mut().for_each(float),
            Value::Number(number) => *value = number.as_f64().into(),
            _ => {}
        }
    }
    let mut count = 0;
    for (family, payload) in payloads() {
        let mut floats = payload.clone();
        float(&mut floats);
        if floats == payload {
            continue;
        }
        assert!(text(&floats).contains(".0"));
        assert_eq!(family.read(text(&floats)), family.read(text(&payload)));
        count += 1;
    }
    assert_eq!(count, 7, "payloads with whole numbers");
}

#[test]
fn counts_are_exact_up_to_the_largest() {
    for (provider, body) in COUNTS {
        for (written, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.0", "0"),
            ("72.0", "72"),
            ("72.000", "72"),
            ("7.2e1", "72"),
            ("7200E-2", "72"),
            ("1e3", "1000"),
            ("9007199254740993", "9007199254740993"),
            ("9223372036854775808", "9223372036854775808"),
            ("18446744073709551615", "18446744073709551615"),
            ("9007199254740992.0", "9007199254740992"),
        ] {
            let seen = family(provider).read(body.replace('@', written));
            assert_eq!(seen.json, body.replace('@', expected), "{written}");
        }
    }
}

#[test]
fn c01_a_count_that_is_written_as_a_string_is_a_count() {
    for (provider, body) in COUNTS {
        for (written, expected) in [
            (r#""72""#, "72"),
            (r#""0""#, "0"),
            (r#""72.0""#, "72"),
            (r#""18446744073709551615""#, "18446744073709551615"),
        ] {
            assert_eq!(
                family(provider).read(body.replace('@', written)).json,
                body.replace('@', expected),
                "{written}"
            );
        }
    }
}

#[test]
fn c01_what_is_no_count_is_none() {
    for (provider, body) in COUNTS {
        let none = family(provider).read(body.replace('@', "null"));
        for wrong in [
            "-1",
            "-1.0",
            "1.5",
            "0.1",
            "1e-3",
            "18446744073709551616",
            "1e20",
            "1e300",
            "1e400",
            r#""""#,
            r#"" 72""#,
            r#""+72""#,
            r#""0x48""#,
            r#""1e999""#,
            r#""NaN""#,
            r#""\ud83d""#,
            "true",
            "[]",
            "[72]",
            "{}",
            r#"{"0":72}"#,
        ] {
            assert_eq!(family(provider).read(body.replace('@', wrong)), none, "{wrong}");
        }
    }
}

#[test]
fn scores_may_be_any_number_that_there_is() {
    for (provider, body) in SCORES {
        for (written, expected) in [
            ("78", "78.0"),
            ("78.0", "78.0"),
            ("72.5", "72.5"),
            ("-3", "-3.0"),
            ("0", "0.0"),
            ("1e2", "100.0"),
            ("18446744073709551615", "1.8446744073709552e+19"),
        ] {
            assert_eq!(family(provider).read(body.replace('@', written)).json, body.replace('@', expected));
        }
        for (written, expected) in [(r#""78""#, "78.0"), (r#""-7.25e1""#, "-72.5")] {
            assert_eq!(family(provider).read(body.replace('@', written)).json, body.replace('@', expected));
        }
        let none = family(provider).read(body.replace('@', "null"));
        for wrong in ["true", "[]", "{}", "[78]", "1e400", "-1e400", r#""1e400""#, r#""NaN""#, r#""Infinity""#, r#""""#]
        {
            assert_eq!(family(provider).read(body.replace('@', wrong)), none, "{wrong}");
        }
    }
}

#[test]
fn scores_are_read_as_the_very_number_that_is_written() {
    // What means of whole scores look like. Rust prints the shortest text that is this number, as JSON.stringify does.
    let means = (1..=30_u32).flat_map(|count| (0..=100 * count).map(move |sum| f64::from(sum) / f64::from(count)));
    let mut wrong = Vec::new();
    for mean in means {
        let body = format!(r#"{{"event":"batch_complete","averageScore":{mean:?}}}"#);
        let ZeodynEvent::BatchComplete(batch) = ZeodynEvent::decode(body.as_bytes()).expect("an event") else {
            panic!()
        };
        let read = batch.average_score.expect("a score");
        if read.to_bits() != mean.to_bits() {
            wrong.push((mean, read));
        }
    }
    assert!(wrong.is_empty(), "{} are not what is written, such as {:?}", wrong.len(), &wrong[..3.min(wrong.len())]);
}

#[test]
fn numbers_in_fields_that_are_not_read_may_be_any() {
    for number in ["1e400", "-1e400", "123456789012345678901234567890", "0.1e-400", "1E+2"] {
        let seen = family("zeodyn").read(format!(r#"{{"event":"score_change","new":{number},"more":[{number}]}}"#));
        assert_eq!(seen.json, r#"{"event":"score_change"}"#);
        let unknown = format!(r#"{{"event":"new","scan_id":"a","number":{number}}}"#);
        assert_eq!(family("geoscored").read(&unknown).json, unknown);
    }
    for no_number in ["01", "+1", ".5", "1.", "0x10", "NaN", "Infinity", "-", "1e", "--1"] {
        for event in ["score_change", "new"] {
            let error = family("zeodyn").refuse(format!(r#"{{"event":"{event}","new":{no_number}}}"#));
            assert!(error.starts_with("the body is not JSON at line 1 column "), "{no_number}: {error}");
        }
    }
}

#[test]
fn sizes_of_an_image_and_of_the_viewport_are_not_mixed() {
    let body = br#"{"event":"screenshot.completed","data":{"width":1,"height":2,"options":{"width":3,"height":4.0}}}"#;
    let ScreenshotRunEvent::ScreenshotCompleted(capture) = ScreenshotRunEvent::decode(body).expect("an event") else {
        panic!()
    };
    let options = capture.options.expect("options");
    assert_eq!([capture.width, capture.height, options.width, options.height], [Some(1), Some(2), Some(3), Some(4)]);
}

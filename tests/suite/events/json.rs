//! JSON that is odd, hostile, or none at all.

use std::thread;

use countersign::{
    ProviderEvent,
    providers::{ScreenshotCenterEvent, ZeodynEvent},
};

use crate::events::{families, family};

fn band(json: &str) -> Option<String> {
    let body = format!(r#"{{"event":"score_change","band":{json}}}"#);
    match ZeodynEvent::decode(body.as_bytes()) {
        Ok(ZeodynEvent::ScoreChange(change)) => change.band,
        other => panic!("{json}: {other:?}"),
    }
}

#[test]
fn text_is_unescaped_and_otherwise_untouched() {
    for (json, expected) in [
        (r#""plain""#, "plain"),
        (r#""""#, ""),
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u00e9\u20AC""#, "\u{e9}\u{20ac}"),
        (r#""\ud83d\ude00""#, "\u{1f600}"),
        (r#""\u0000""#, "\0"),
        (
            "\"\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{65e5}\u{672c} \u{202e}x\u{7f}\u{2028}\"",
            "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{65e5}\u{672c} \u{202e}x\u{7f}\u{2028}",
        ),
        // Composed and decomposed stay what they are.
        ("\"\u{e9}e\u{301}\"", "\u{e9}e\u{301}"),
        ("\"\u{feff}\u{fffe}\u{10ffff}\"", "\u{feff}\u{fffe}\u{10ffff}"),
    ] {
        assert_eq!(band(json).as_deref(), Some(expected), "{json}");
        let again = serde_json::to_string(&expected).expect("JSON");
        assert_eq!(band(&again).as_deref(), Some(expected), "{json}");
    }
}

/// JSON allows them: a sender that cuts a text after some UTF-16 units writes them.
#[test]
fn c03_lone_surrogates_are_replaced() {
    for (json, expected) in [
        (r#""\ud800""#, "\u{fffd}"),
        (r#""\udc00""#, "\u{fffd}"),
        (r#""Homepage \ud83d""#, "Homepage \u{fffd}"),
        (r#""\ud800\ud800""#, "\u{fffd}\u{fffd}"),
        (r#""\ud83d\ud83d\ude00\ude00""#, "\u{fffd}\u{1f600}\u{fffd}"),
        (r#""\ud83dx""#, "\u{fffd}x"),
        (r#""\ud83d\n\\ud83d""#, "\u{fffd}\n\\ud83d"),
    ] {
        assert_eq!(band(json).as_deref(), Some(expected), "{json}");
        // The rest is what it was, and JSON that is kept is what came.
        let event = |text: &str| {
            format!(
                r#"{{"event":"screenshot.finished","{text}":1,"screenshot_id":"a","metadata":{{"x":{json}}},"width":7}}"#
            )
        };
        for text in ["new", "\\ud800", "\\udc00"] {
            let seen = family("screenshotcenter").read(event(text));
            assert!(seen.json.contains(&format!(r#""metadata":{{"x":{json}}}"#)), "{}", seen.json);
            assert!(seen.json.contains(r#""width":7"#) && seen.resource_id.as_deref() == Some("a"), "{}", seen.json);
        }
        let unknown = format!(r#"{{"event":"new","scanId":{json},"url":"u"}}"#);
        let seen = family("zeodyn").read(&unknown);
        assert_eq!((&*seen.json, seen.resource_id.as_deref()), (&*unknown, Some("u")), "two IDs could be one");
        let seen = family("zeodyn").read(format!(r#"{{"event":{json}}}"#));
        assert_eq!((&*seen.name, seen.variant()), (expected, "Unknown"));
    }
    let analysis = r#"{"event":"analysis.completed","data":{"id":"ana_2","feedback":["a","b \ud83d"]}}"#;
    let seen = family("screenscore").read(analysis);
    assert!(seen.debug.contains("feedback: Some([\"a\", \"b \u{fffd}\"])"), "{}", seen.debug);
    assert_eq!(seen.resource_id.as_deref(), Some("ana_2"));
    // What is kept of it is what came, and can be read back.
    let job = r#"{"event":"screenshot.failed","status":"\ud83d","error":"\ud83d"}"#;
    let seen = family("screenshotcenter").read(job);
    assert_eq!(seen.json, job);
    assert_eq!((family("screenshotcenter").deserialize)(job).expect("its own JSON"), seen);
}

#[test]
fn bad_escapes_are_errors() {
    for wrong in [
        r#""\u12""#,
        r#""\u{41}""#,
        r#""\x41""#,
        r#""\'""#,
        r#""\ud83d\x""#,
        "\"a\nb\"",
        "\"\t\"",
        "\"\0\"",
        r#""open"#,
        "'single'",
    ] {
        for body in [
            format!(r#"{{"event":"score_change","band":{wrong}}}"#),
            format!(r#"{{"event":"scan_complete","scanId":{wrong}}}"#),
            format!(r#"{{"event":"new","scanId":{wrong}}}"#),
            format!(r#"{{"event":{wrong}}}"#),
            format!(r#"{{"event":"new",{wrong}:1}}"#),
            format!(r#"{{{wrong}:1,"event":"score_change"}}"#),
        ] {
            let error = family("zeodyn").refuse(&body);
            assert!(error.starts_with("the body is not JSON at line "), "{body}: {error}");
        }
    }
}

#[test]
fn what_is_no_object_is_an_error() {
    let not_an_object = "the body does not fit the type that it is read as: expected an object at line 1 column ";
    for family in families() {
        for body in
            ["null", "true", "false", "0", "-1.5", r#""event""#, "[]", r#"["event","new"]"#, r#"[{"event":"new"}]"#]
        {
            let error = family.refuse(body);
            assert!(error.starts_with(not_an_object), "{body}: {error}");
        }
        for body in
            ["", " ", "\r\n", "{", "}", "{]", "{,}", r#"{"event"}"#, r#"{"event":}"#, "event=new", "<event/>", "nul"]
        {
            let error = family.refuse(body);
            assert!(error.starts_with("the body is not JSON at line "), "{body}: {error}");
        }
        for name in ["0", "1.5", "null", "true", "[]", r#"["new"]"#, "{}", r#"{"event":"new"}"#] {
            for body in [format!(r#"{{"event":{name}}}"#), format!(r#"{{"url":"u","event":{name}}}"#)] {
                let error = family.refuse(&body);
                let expected = "the body does not fit the type that it is read as: expected a string at line 1 column ";
                assert!(error.starts_with(expected), "{body}: {error}");
            }
        }
        let missing = "the body does not fit the type that it is read as: missing field `event` at line 1 column ";
        for body in ["{}", r#"{"data":{"event":"new"}}"#, r#"{"Event":"new"}"#, r#"{"event ":"new"}"#] {
            let error = family.refuse(body);
            assert!(error.starts_with(missing), "{body}: {error}");
        }
    }
}

#[test]
fn one_object_and_nothing_behind_it() {
    for family in families() {
        for event in family.sender().events.iter().chain(&["new"]) {
            let body = format!(r#"{{"event":"{event}"}}"#);
            family.read(&body);
            for behind in ["x", "}", ",", "null", "{}", "\0", "\u{feff}", "\u{a0}", "\u{b}", "//", &*body] {
                for more in [format!("{body}{behind}"), format!("{body}\n{behind}")] {
                    let error = family.refuse(&more);
                    assert!(error.starts_with("the body is not JSON at line "), "{more}: {error}");
                }
            }
            // A byte order mark is no JSON, nor is any other space than JSON's four.
            for before in ["\u{feff}", "\u{a0}", "\u{b}", "\0", ")]}'\n", "//\n"] {
                let error = family.refuse(format!("{before}{body}"));
                assert!(error.starts_with("the body is not JSON at line "), "{before:?}: {error}");
            }
            for length in 0..body.len() {
                let error = family.refuse(&body[..length]);
                assert!(error.starts_with("the body is not JSON at line 1 column "), "{}: {error}", &body[..length]);
            }
        }
    }
}

#[test]
fn c03_invalid_utf8_in_a_text_is_replaced() {
    let invalid: [&[u8]; 6] = [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x82", b"\xf4\x90\x80\x80", b"\x80"];
    for invalid in invalid {
        let body = |template: &str| {
            let (before, after) = template.split_once('@').expect("a place");
            [before.as_bytes(), invalid, after.as_bytes()].concat()
        };
        let seen = family("zeodyn").read(body(r#"{"event":"score_change","band":"a@","newScore":"7","url":"u"}"#));
        assert!(
            seen.debug.contains("band: Some(\"a\u{fffd}") && seen.debug.contains("new_score: Some(7.0)"),
            "{seen:?}"
        );
        assert_eq!(seen.resource_id.as_deref(), Some("u"));
        for (template, id) in [
            (r#"{"event":"score_change","url":"u@"}"#, None),
            (r#"{"event":"score_change","@":1,"url":"u"}"#, Some("u")),
            (r#"{"event":"score_change","new":"@","url":"u"}"#, Some("u")),
            (r#"{"event":"new","new":"@","url":"u"}"#, Some("u")),
            (r#"{"event":"@","url":"u"}"#, Some("u")),
        ] {
            assert_eq!(family("zeodyn").read(body(template)).resource_id.as_deref(), id, "{template}");
        }
        for template in [r#"@{"event":"new"}"#, r#"{"event":"new"}@"#, r#"{"event":@"new"}"#, r#"{"event":"new","@"#] {
            assert_eq!(family("zeodyn").refuse(body(template)), "the body is not UTF-8");
        }
    }
    let utf16: Vec<u8> = r#"{"event":"new"}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(family("zeodyn").refuse(utf16).starts_with("the body is not JSON at line 1 column 2"));
}

/// On a stack that a recursion of this depth overflows.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(256 * 1024).spawn(run).expect("a thread");
    thread.join().expect("no panic");
}

#[test]
fn t4_deep_nesting_where_nothing_is_read_overflows_no_stack() {
    on_a_small_stack(|| {
        for depth in [200, 10_000, 100_000] {
            let arrays = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            let objects = format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
            for deep in [arrays, objects] {
                for family in families() {
                    for event in family.sender().events.iter().chain(&["new"]) {
                        for body in [
                            format!(r#"{{"event":"{event}","new":{deep}}}"#),
                            format!(r#"{{"new":{deep},"event":"{event}"}}"#),
                            format!(r#"{{"event":"{event}","data":{{"new":{deep}}}}}"#),
                            format!(
                                r#"{{"event":"{event}","data":{{"id":{deep}}},"scan_id":{deep},"screenshot_id":{deep}}}"#
                            ),
                        ] {
                            let seen = family.read(&body);
                            assert_eq!((&*seen.name, seen.resource_id), (*event, None));
                        }
                        if depth > 10_000 {
                            break; // One of each is enough of the largest.
                        }
                    }
                }
            }
        }
    });
}

#[test]
fn t4_deep_nesting_where_something_else_is_read_overflows_no_stack() {
    on_a_small_stack(|| {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for (provider, body) in [
            ("zeodyn", r#"{"event":"batch_complete","totalUrls":@}"#),
            ("zeodyn", r#"{"event":"score_change","band":@}"#),
            ("zeodyn", r#"{"event":"batch_complete","timestamp":@,"new":@}"#),
            ("zeodyn", r#"{"event":@}"#),
            ("screenscore", r#"{"event":"analysis.failed","data":@}"#),
            ("screenscore", r#"{"event":"analysis.failed","data":{"breakdown":@}}"#),
            ("screenscore", r#"{"event":"analysis.failed","data":{"feedback":@}}"#),
            ("screenscore", r#"{"event":"analysis.failed","data":{"feedback":["a",@]}}"#),
            ("zeodyn", "@"),
        ] {
            family(provider).refuse(body.replace('@', &deep));
        }
        // An ID is no ID, and the rest is read.
        let seen = family("zeodyn").read(r#"{"event":"batch_complete","batchId":@,"label":"b"}"#.replace('@', &deep));
        assert!(seen.resource_id.is_none() && seen.debug.contains(r#"("b")"#), "{}", seen.debug);
        // Never closed, as well.
        family("zeodyn").refuse("[".repeat(100_000));
        family("zeodyn").refuse(format!(r#"{{"event":"new","a":{}"#, r#"{"a":"#.repeat(100_000)));

        let body = format!(r#"{{"event":"screenshot.finished","metadata":{deep}}}"#);
        let event = ScreenshotCenterEvent::decode(body.as_bytes()).expect("an event");
        assert_eq!(serde_json::to_string(&event.clone()).expect("JSON"), body);
        assert_eq!(serde_json::from_str::<ScreenshotCenterEvent>(&body).expect("JSON"), event);
    });
}

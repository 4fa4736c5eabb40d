use countersign_core::adapter::RequestHead;
use proptest::prelude::*;

use super::{CaptureError, Captured, Oddity};

fn read(capture: &[u8]) -> Captured {
    Captured::from_request(capture.to_vec()).unwrap_or_else(|error| panic!("{error}: {capture:?}"))
}

#[test]
fn targets_of_every_form() {
    for (target, path, query) in [
        ("/a/b?c=d", "/a/b", Some("c=d")),
        ("/a", "/a", None),
        ("/a?", "/a", Some("")),
        ("/a?b?c", "/a", Some("b?c")),
        ("/a?b#c", "/a", Some("b")),
        ("https://host:1/a?b", "/a", Some("b")),
        ("https://host", "/", None),
        ("https://host?b", "", Some("b")),
        ("/a?u=https://b/c?d", "/a", Some("u=https://b/c?d")),
        ("*", "*", None),
    ] {
        let captured = read(format!("POST {target} HTTP/1.1\n\n").as_bytes());
        assert_eq!((captured.path(), captured.query()), (path, query), "{target}");
        assert_eq!(captured.method(), "POST");
        let captured = read(format!(":path: {target}\n:method: PUT\n:authority: host\n\nx").as_bytes());
        assert_eq!((captured.path(), captured.query(), captured.method()), (path, query, "PUT"), "{target}");
    }
}

#[test]
fn headers_keep_their_bytes_and_their_order() {
    let captured = read(b"POST / HTTP/1.1\r\nA: 1 \xff\t\r\na:2\r\nB:\r\n\r\n\x00\r\n\xff");
    assert_eq!(captured.header_values("a").collect::<Vec<_>>(), [b"1 \xff".as_slice(), b"2"]);
    assert_eq!(captured.header_values("b").collect::<Vec<_>>(), [b"".as_slice()]);
    assert_eq!(captured.header_values("c").count(), 0);
    assert_eq!(captured.body().as_ref(), b"\x00\r\n\xff");
}

#[test]
fn what_is_not_a_request() {
    for (capture, error) in [
        ("", CaptureError::Empty),
        ("\u{feff}\n", CaptureError::Empty),
        ("POST", CaptureError::RequestLine),
        ("POST / HTTP/1.1 x\n\n", CaptureError::RequestLine),
        ("POST / x\n\n", CaptureError::RequestLine),
        ("PO{ST / HTTP/1.1\n\n", CaptureError::RequestLine),
        ("Host: a\n\n", CaptureError::RequestLine),
        (":method\n\n", CaptureError::RequestLine),
        ("POST / HTTP/1.1\n\u{e9}: a\n\n", CaptureError::Header(2)),
        ("POST / HTTP/1.1\nA: b\nA : b\n\n", CaptureError::Header(3)),
        ("POST / HTTP/1.1\n: b\n\n", CaptureError::Header(2)),
    ] {
        assert_eq!(Captured::from_request(capture.into()).err(), Some(error), "{capture:?}");
    }
    assert_eq!(Captured::from_parts(&["a: b".into(), "c".into()], vec![]).err(), Some(CaptureError::Header(2)));
}

#[test]
fn lengths() {
    let of = |head: &str, body: &str| {
        let captured = read(format!("POST / HTTP/1.1\n{head}\n\n{body}").as_bytes());
        (String::from_utf8(captured.body().to_vec()).unwrap(), captured.oddities().to_vec(), captured.uncut().is_some())
    };
    assert_eq!(of("content-length: 3", "abc"), ("abc".into(), vec![], false));
    assert_eq!(of("Content-Length: 3", "abc\n"), ("abc".into(), vec![Oddity::Cut { declared: 3, captured: 4 }], true));
    assert_eq!(
        of("Content-Length: 5", "abc"),
        ("abc".into(), vec![Oddity::Incomplete { declared: 5, captured: 3 }], false)
    );
    for unclear in
        ["Content-Length: +3", "Content-Length: ", "Content-Length: 3\nContent-Length: 3", "Content-Length: 3, 3"]
    {
        assert_eq!(of(unclear, "abc"), ("abc".into(), vec![Oddity::UnclearLength], false), "{unclear}");
    }
    let chunked = of("Content-Length: 1\nTransfer-Encoding: gzip, Chunked", "1\na\n0\n\n");
    assert_eq!(chunked, ("1\na\n0\n\n".into(), vec![Oddity::Chunked], false));
    assert_eq!(read(b"POST / HTTP/1.1\nA: b\n").oddities(), [Oddity::HeadOnly]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_rejected(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Captured::from_request(bytes.clone());
        let _ = Captured::from_parts(&[String::from_utf8_lossy(&bytes).into_owned()], bytes);
    }

    #[test]
    fn any_body_is_kept(body in prop::collection::vec(any::<u8>(), 0..400)) {
        let captured = read(&[b"POST / HTTP/1.1\r\n\r\n".as_slice(), &body].concat());
        prop_assert_eq!(captured.body(), &body);
    }
}

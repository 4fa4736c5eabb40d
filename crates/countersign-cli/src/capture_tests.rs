use countersign_core::RequestHead;
use proptest::prelude::*;

use super::{CaptureError, Captured, Chunks, Oddity, unchunked};

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
fn what_is_no_request() {
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
fn chunks_of_every_kind() {
    for (bytes, expected) in [
        ("3\r\nabc\r\n0\r\n\r\n", Chunks::Whole(b"abc".into())),
        ("3\nabc\n1;a=b\nd\n0\nTrailer: x\n\n", Chunks::Whole(b"abcd".into())),
        ("0\r\n\r\n", Chunks::Whole(vec![])),
        ("3\r\nabc\r\n", Chunks::Incomplete(b"abc".into())),
        ("3\r\nab", Chunks::Incomplete(b"ab".into())),
        ("3\r\nabcd", Chunks::Incomplete(b"abc".into())),
        ("3\r\nabc\r\nxyz\r\n", Chunks::Incomplete(b"abc".into())),
        ("ffffffffffffffff\r\nab", Chunks::Incomplete(b"ab".into())),
        ("fffffffffffffffff\r\nab", Chunks::None),
        ("{\"a\":1}\n", Chunks::None),
        ("3", Chunks::None),
        ("", Chunks::None),
        ("\r\n", Chunks::None),
    ] {
        assert_eq!(unchunked(bytes.as_bytes()), expected, "{bytes:?}");
    }
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
    // Chunks have no length.
    let both = of("Content-Length: 1\nTransfer-Encoding: chunked", "1\na\n0\n\n");
    assert_eq!(both, ("a".into(), vec![Oddity::Joined], false));
    assert_eq!(read(b"POST / HTTP/1.1\nA: b\n").oddities(), [Oddity::HeadOnly]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Captured::from_request(bytes.clone());
        let _ = Captured::from_parts(&[String::from_utf8_lossy(&bytes).into_owned()], bytes.clone());
        let _ = unchunked(&bytes);
    }

    #[test]
    fn a_request_that_was_changed_is_read_or_refused(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), removed in 0_usize..20, more in prop::collection::vec(any::<u8>(), 0..5),
    ) {
        let request = b"POST /h?a=b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n";
        let mut changed = request.to_vec();
        let at = at.index(changed.len());
        changed[at] = byte;
        let end = changed.len().min(at + removed);
        changed.splice(at..end, more);
        if let Ok(captured) = Captured::from_request(changed) {
            prop_assert!(captured.body().len() <= request.len() + 5);
        }
    }

    #[test]
    fn any_body_comes_back(body in prop::collection::vec(any::<u8>(), 0..400), size in 1_usize..64) {
        let head = b"POST / HTTP/1.1\r\n\r\n".as_slice();
        let captured = read(&[head, &body].concat());
        prop_assert_eq!(captured.body(), &body);
        let mut chunked: Vec<u8> =
            body.chunks(size).flat_map(|chunk| [format!("{:X}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat()).collect();
        chunked.extend(b"0\r\n\r\n");
        prop_assert_eq!(unchunked(&chunked), Chunks::Whole(body));
    }
}

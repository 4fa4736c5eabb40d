//! What the verifier goes by of the headers.

use super::*;
use crate::providers::{GeoScored, ScreenshotRun};

struct Head(Vec<(&'static str, &'static str)>);

impl RequestHead for Head {
    fn method(&self) -> &str {
        "POST"
    }

    fn path(&self) -> &str {
        "/"
    }

    fn query(&self) -> Option<&str> {
        None
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (*name, value.as_bytes()))
    }
}

fn one<'a>(single: &Single<'a>) -> Result<Option<&'a str>, &'static str> {
    match single {
        Single::Missing => Ok(None),
        Single::One(value) => Ok(Some(std::str::from_utf8(value).unwrap())),
        Single::Repeated => Err("repeated"),
    }
}

/// T3: of a framework that leaves names as they came, as of one that brings them into lower case.
#[test]
fn t3_names_are_found_in_either_case_and_anywhere() {
    let others = ["x-geoscored-signatur", "x-geoscored-signatures", "x-geoscored_signature", "", "x"];
    for (signature, timestamp) in [
        ("x-geoscored-signature", "x-geoscored-timestamp"),
        ("X-GeoScored-Signature", "X-GeoScored-Timestamp"),
        ("X-GEOSCORED-SIGNATURE", "X-GEOSCORED-TIMESTAMP"),
    ] {
        for position in 0..=others.len() {
            let mut lines: Vec<_> = others.map(|name| (name, "none of ours")).into();
            lines.insert(position, (signature, "v1=00"));
            let head = Head(lines.clone());
            let found = Headers::read::<GeoScored>(&head, 10);
            assert_eq!((one(&found.signature), one(&found.timestamp)), (Ok(Some("v1=00")), Ok(None)));
            assert!(!found.declares_too_much && !found.is_encoded);
            assert_eq!(head.header_values("x-GeoScored-signature").collect::<Vec<_>>(), [b"v1=00"]);

            lines.insert(position, (timestamp, "1"));
            let head = Head(lines.clone());
            let found = Headers::read::<GeoScored>(&head, 10);
            assert_eq!((one(&found.signature), one(&found.timestamp)), (Ok(Some("v1=00")), Ok(Some("1"))));

            lines.push(("X-GeoScored-signature", "v1=00"));
            lines.push(("x-geoScored-timestamp", "1"));
            let head = Head(lines);
            let found = Headers::read::<GeoScored>(&head, 10);
            assert_eq!((one(&found.signature), one(&found.timestamp)), (Err("repeated"), Err("repeated")));
            let found = Headers::read::<ScreenshotRun>(&head, 10);
            assert_eq!((one(&found.signature), one(&found.timestamp)), (Ok(None), Ok(None)));
        }
    }
}

/// T4: one line that declares too much, or a coding, is enough, whatever the others say.
#[test]
fn t4_every_line_of_a_length_and_a_coding_counts() {
    let found = |lines: &[(&'static str, &'static str)]| {
        let head = Head(lines.to_vec());
        let found = Headers::read::<GeoScored>(&head, 10);
        (found.declares_too_much, found.is_encoded)
    };
    let length = "Content-Length";
    for (value, expected) in [
        ("10", false),
        (" 10 ", false),
        ("0000000000000000000000000010", false),
        ("11", true),
        ("99999999999999999999999999", true),
        ("-11", false),
        ("+11", false),
        ("11, 11", false),
        ("eleven", false),
        ("", false),
    ] {
        assert_eq!(found(&[(length, value)]), (expected, false), "{value:?}");
        assert_eq!(found(&[(length, "1"), ("content-length", value)]), (expected, false), "{value:?}");
        assert_eq!(found(&[(length, value), ("content-length", "1")]), (expected, false), "{value:?}");
    }
    let coding = "Content-Encoding";
    for (value, expected) in [
        ("identity", false),
        ("Identity, identity", false),
        ("", false),
        (" , ", false),
        ("gzip", true),
        ("identity, gzip", true),
        ("gzip, identity", true),
        ("identity;q=1", true),
    ] {
        assert_eq!(found(&[(coding, value)]), (false, expected), "{value:?}");
        assert_eq!(found(&[(coding, "identity"), ("content-encoding", value)]), (false, expected), "{value:?}");
        assert_eq!(found(&[(coding, value), ("content-encoding", "identity")]), (false, expected), "{value:?}");
    }
}

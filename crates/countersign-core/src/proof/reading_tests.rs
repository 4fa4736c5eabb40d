//! What the verifier reads of the headers.

use super::*;
use crate::{
    provider::Provider,
    providers::{GeoScored, ScreenshotRun},
};

fn lines(lines: &[(&'static str, &'static str)]) -> impl Iterator<Item = (&'static str, &'static [u8])> {
    lines.iter().map(|(name, value)| (*name, value.as_bytes()))
}

fn read<P: Provider>(headers: &[(&'static str, &'static str)]) -> Head<'static> {
    let sent_at = Lines::name(P::SENT_AT);
    Head::read(lines(headers), Lines { sent_at, ..Lines::of(&P::SCHEME) })
}

fn signature_and_time<'a>(found: &Head<'a>) -> [Result<Option<&'a str>, &'static str>; 2] {
    [&found.lines.signatures[0], &found.lines.sent_at].map(one)
}

fn one<'a>(single: &Single<'a>) -> Result<Option<&'a str>, &'static str> {
    match single {
        Single::Missing => Ok(None),
        Single::One(value) => Ok(Some(std::str::from_utf8(value).unwrap())),
        Single::Repeated => Err("repeated"),
    }
}

/// T3: for frameworks that keep the case of names, and for those that convert it to lower case.
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
            let found = read::<GeoScored>(&lines);
            assert_eq!(signature_and_time(&found), [Ok(Some("v1=00")), Ok(None)]);
            assert!(found.declared.is_none() && !found.is_encoded);

            lines.insert(position, (timestamp, "1"));
            let found = read::<GeoScored>(&lines);
            assert_eq!(signature_and_time(&found), [Ok(Some("v1=00")), Ok(Some("1"))]);

            lines.push(("X-GeoScored-signature", "v1=00"));
            lines.push(("x-geoScored-timestamp", "1"));
            let found = read::<GeoScored>(&lines);
            assert_eq!(signature_and_time(&found), [Err("repeated"), Err("repeated")]);
            let found = read::<ScreenshotRun>(&lines);
            assert_eq!(signature_and_time(&found), [Ok(None), Ok(None)]);
        }
    }
}

/// T4: one line that declares too much, or a coding, is enough, whatever the others say.
#[test]
fn t4_every_line_of_a_length_and_a_coding_counts() {
    let found = |lines: &[(&'static str, &'static str)]| {
        let found = read::<GeoScored>(lines);
        (found.declared, found.is_encoded)
    };
    let length = "Content-Length";
    for (value, expected) in [
        ("10", Some(10)),
        (" 10 ", Some(10)),
        ("0000000000000000000000000010", Some(10)),
        ("11", Some(11)),
        ("99999999999999999999999999", Some(u64::MAX)),
        ("-11", None),
        ("+11", None),
        ("11, 11", None),
        ("eleven", None),
        ("", None),
    ] {
        assert_eq!(found(&[(length, value)]), (expected, false), "{value:?}");
        let with_one = (expected.max(Some(1)), false);
        assert_eq!(found(&[(length, "1"), ("content-length", value)]), with_one, "{value:?}");
        assert_eq!(found(&[(length, value), ("content-length", "1")]), with_one, "{value:?}");
    }
    let coding = "Content-Encoding";
    for (value, expected) in [
        ("identity", false),
        ("", false),
        (" , ", false),
        ("utf-8", false),
        ("gzip", true),
        ("identity, gzip", true),
        ("gzip, identity", true),
    ] {
        assert_eq!(found(&[(coding, value)]), (None, expected), "{value:?}");
        for other in ["identity", "UTF-8"] {
            assert_eq!(found(&[(coding, other), ("content-encoding", value)]), (None, expected), "{value:?}");
            assert_eq!(found(&[(coding, value), ("content-encoding", other)]), (None, expected), "{value:?}");
        }
    }
}

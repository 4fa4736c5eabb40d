//! Times: the text is kept as it came, and a zone neither invented nor dropped.

use std::time::{Duration, UNIX_EPOCH};

use countersign::{
    ProviderEvent,
    providers::{GeoScoredEvent, Scan, ScoreChange, ZeodynEvent},
};

fn change(timestamp: &str) -> ScoreChange {
    let body = format!(r#"{{"event":"score_change","timestamp":"{timestamp}"}}"#);
    let event = ZeodynEvent::decode(body.as_bytes()).expect("an event");
    assert_eq!(serde_json::to_string(&event).expect("JSON"), body, "not a digit is lost");
    let ZeodynEvent::ScoreChange(change) = event else { panic!() };
    change
}

fn scan(created_at: &str) -> Scan {
    let body = format!(r#"{{"event":"scan.failed","created_at":"{created_at}"}}"#);
    let event = GeoScoredEvent::decode(body.as_bytes()).expect("an event");
    assert_eq!(serde_json::to_string(&event).expect("JSON"), body, "not a digit is lost");
    let GeoScoredEvent::ScanFailed(scan) = event else { panic!() };
    scan
}

const ODD: [&str; 6] = ["", "yesterday", "2026-13-01T00:00:00Z", "2026-02-22", "1771756200", "99999-01-01T00:00:00Z"];

#[test]
fn times_with_a_zone_are_kept_and_read() {
    // `date -u -d 2026-02-22T10:30:00Z +%s` says 1771756200.
    let at = UNIX_EPOCH + Duration::from_secs(1_771_756_200);
    for (text, expected) in [
        ("2026-02-22T10:30:00Z", at),
        ("2026-02-22T10:30:00.000Z", at),
        ("2026-02-22T10:30:00.000000Z", at),
        ("2026-02-22T12:30:00+02:00", at),
        ("2026-02-22T05:00:00.5-05:30", at + Duration::from_millis(500)),
        ("2026-02-22T10:30:00.123456Z", at + Duration::from_micros(123_456)),
        ("2026-02-22T10:30:00.123456789Z", at + Duration::from_nanos(123_456_789)),
    ] {
        let timestamp = change(text).timestamp.expect("a time");
        assert_eq!((timestamp.as_str(), timestamp.to_system_time()), (text, Some(expected)));
        assert_eq!(timestamp.to_string(), text);
    }
}

#[test]
fn text_that_is_no_time_is_kept_and_rejects_nothing() {
    for text in ODD.into_iter().chain(["2026-02-22T10:30:00"]) {
        let timestamp = change(text).timestamp.expect("a text");
        assert_eq!((timestamp.as_str(), timestamp.to_system_time()), (text, None));
    }
    for text in ODD {
        let local = scan(text).created_at.expect("a text");
        assert_eq!((local.as_str(), local.to_system_time_assuming_utc()), (text, None));
    }
}

#[test]
fn geoscored_times_have_no_zone() {
    // `date -u -d 2026-01-15T10:30:00Z +%s` says 1768473000.
    let utc = UNIX_EPOCH + Duration::from_secs(1_768_473_000);
    let local = scan("2026-01-15T10:30:00").created_at.expect("a time");
    assert_eq!((local.as_str(), local.to_system_time_assuming_utc()), ("2026-01-15T10:30:00", Some(utc)));
    let local = scan("2026-01-15T10:30:00.250000").created_at.expect("a time");
    assert_eq!(local.to_system_time_assuming_utc(), Some(utc + Duration::from_millis(250)));
    assert_eq!(local.to_system_time(), None);
    // A name needs the rules of its zone.
    let local = scan("2026-01-15T10:30:00[Europe/Vienna]").created_at.expect("a text");
    assert_eq!((local.to_system_time_assuming_utc(), local.to_system_time()), (None, None));
}

/// An upgrade of the provider: Python's `isoformat()` of an aware time.
#[test]
fn c25_a_time_that_comes_with_a_zone_after_all_is_an_instant() {
    let utc = UNIX_EPOCH + Duration::from_secs(1_768_473_000);
    for (text, expected) in [
        ("2026-01-15T10:30:00Z", utc),
        ("2026-01-15T10:30:00+00:00", utc),
        ("2026-01-15T12:30:00+02:00", utc),
        ("2026-01-15T05:00:00-05:30", utc),
        ("2026-01-15T10:30:00.250000+00:00", utc + Duration::from_millis(250)),
        ("2026-01-15T12:30:00+02:00[Europe/Vienna]", utc),
        ("2026-01-15T10:30:00", utc),
    ] {
        let local = scan(text).created_at.expect("a time");
        assert_eq!((local.as_str(), local.to_system_time_assuming_utc()), (text, Some(expected)));
        let has_zone = text != "2026-01-15T10:30:00";
        assert_eq!(local.to_system_time(), Some(expected).filter(|_| has_zone), "{text}");
    }
}

//! Genuine bodies that cannot be read, and reach no handler: what was asked for cannot be checked of them.

use super::*;

/// T10: it has no time that could be read, so it could be of any age. Nothing would end its replay.
#[tokio::test]
async fn t10_an_unreadable_body_is_answered_if_there_is_an_age_limit() {
    let aged = Verifier::<Zeodyn>::new("s3cr3t").with_max_event_age(Duration::from_secs(60));
    let waiting = looked_up::<Zeodyn>().with_max_event_age(Duration::from_secs(60));
    for receiver in [aged.clone().into(), aged.with_confirmation(never).into(), waiting.into()] {
        for body in [
            "nonsense",
            r#"{"event":"scan_complete","timestamp":"2020-01-01T00:00:00Z"} and more"#,
            r#"{"event":"scan_complete","timestamp":"2020-01-01T00:00:00Z","timestamp":"2999-01-01T00:00:00Z"}"#,
        ] {
            let answer = answered(genuine(&receiver, body).await);
            assert_eq!((kind(&answer), answer.status()), (RejectionKind::Undecodable, 422), "{body}");
        }
        let recent = r#"{"event":7,"timestamp":"2999-01-01T00:00:00Z"}"#;
        is_unreadable::<Zeodyn>(&receiver, recent, Trust::Signed).await;
    }
}

/// T23: the look-up found no ID at the start of the body, and gave a secret for that. A handler that
/// reads the body by itself may find one.
#[tokio::test]
async fn t23_an_unreadable_body_with_an_id_that_the_look_up_did_not_get_reaches_no_handler() {
    let receiver = looked_up::<GeoScored>().into();
    let (far, long) = ("x".repeat(20_000), "x".repeat(300));
    for body in [
        format!(r#"{{"event":7,"url":"{far}","scan_id":"victim"}}"#),
        format!(r#"{{"event":"scan.completed","url":"{far}","scan_id":"victim"}} and more"#),
        format!(r#"{{"event":"scan.completed","url":"{far}","scan_id":"a","scan_id":"victim"}}"#),
        format!(r#"{{"event":7,"scan_id":"{long}"}}"#),
        r#"{"event":"scan.completed","scan_id":null,"scan_id":"victim"}"#.to_owned(),
    ] {
        let answer = answered(genuine(&receiver, &body).await);
        assert_eq!((kind(&answer), answer.status()), (RejectionKind::Undecodable, 422), "{body}");
    }
    let without = r#"{"event":7,"scan_id":null}"#;
    is_unreadable::<GeoScored>(&receiver, without, Trust::Signed).await;
}

//! What people read.

use std::{error::Error, time::Duration};

use countersign_testkit::{NextAttempt, SendError, SendErrorKind};

use crate::simulator::scripted::seconds;

#[test]
fn what_comes_next_is_said_in_words() {
    let words = |next: NextAttempt| next.to_string();
    assert_eq!(words(NextAttempt::None), "accepted");
    assert_eq!(words(NextAttempt::After(seconds(30))), "retry after 30s");
    assert_eq!(words(NextAttempt::After(Duration::from_millis(2_500))), "retry after 2.5s");
    assert_eq!(words(NextAttempt::Undocumented), "retry, but it is not documented when");
    assert_eq!(words(NextAttempt::Unknown), "not documented");
    assert_eq!(words(NextAttempt::GivenUp), "no further retry");
}

#[test]
fn why_there_is_no_answer_is_said_in_words() {
    for (kind, words) in [
        (SendErrorKind::NoConnection, "cannot connect to the receiver"),
        (SendErrorKind::NoAnswer, "the connection ended before an answer"),
        (SendErrorKind::DeadlineExceeded, "no answer within the provider's deadline"),
        (SendErrorKind::HungUp, "the sender hung up"),
    ] {
        let error = SendError::new(kind, "what a target of one's own says");
        assert_eq!((error.to_string().as_str(), error.kind()), (words, kind));
        assert_eq!(error.source().expect("a source").to_string(), "what a target of one's own says");
    }
}

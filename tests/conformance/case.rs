//! A mount under a path that only one behaviour uses, so that behaviours can run side by side: what is written down at a
//! path is taken from there.

use std::{
    thread,
    time::{Duration, Instant},
};

use countersign::Rejection;

use crate::{
    diary::{Asked, Handled, Reason},
    rejections::UNAUTHORIZED,
    servers::Server,
    support::{
        Sender,
        http::{Answer, Request},
        sender,
    },
};

const PROBLEM: Option<&str> = Some("application/problem+json");
const UNAVAILABLE: &str = r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The delivery could not be accepted at the moment. Please send it again."}"#;

pub(crate) struct Case<'a> {
    pub(crate) server: &'a Server,
    pub(crate) sender: Sender,
    pub(crate) path: String,
}

impl<'a> Case<'a> {
    pub(crate) fn new(server: &'a Server, provider: &str, path: impl Into<String>) -> Self {
        Self { server, sender: sender(provider), path: path.into() }
    }

    /// The same request to this path.
    pub(crate) fn here(&self, request: Request) -> Request {
        let target = match request.target.split_once('?') {
            Some((_, query)) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        };
        request.with_target(target)
    }

    pub(crate) fn proven_with(&self, secret: &str, body: impl Into<Vec<u8>>) -> Request {
        self.here(self.sender.proven_with(secret.as_bytes(), body))
    }

    /// Proven with the secret that the sender has everywhere.
    pub(crate) fn genuine(&self, body: impl Into<Vec<u8>>) -> Request {
        self.here(self.sender.genuine(body))
    }

    /// The first documented delivery, its tag made by openssl.
    pub(crate) fn documented(&self) -> Request {
        let fixture = self.sender.fixture();
        self.here(match fixture.tag {
            Some(tag) => self.sender.with_tag(&tag, fixture.body),
            None => self.sender.genuine(fixture.body),
        })
    }

    /// The delivery is answered 200, and was handled once, with its own bytes.
    #[track_caller]
    pub(crate) fn accepts(&self, request: &Request) -> Handled {
        let answer = request.send(self.server.address);
        assert_eq!(answer.status, 200, "{answer:?} to {request:?}");
        let mut handled = self.take_handled();
        assert_eq!(handled.len(), 1, "{handled:?} of {request:?}");
        let handled = handled.remove(0);
        assert_eq!((&handled.body, &handled.payload), (&request.body, &request.body));
        handled
    }

    /// The delivery is answered as one that was handled before, and was not handled.
    #[track_caller]
    pub(crate) fn is_duplicate(&self, request: &Request) {
        let answer = request.send(self.server.address);
        let found = (answer.status, answer.header("countersign-delivery"), &*answer.body);
        assert_eq!(found, (200, Some("duplicate"), ""), "to {request:?}");
        assert_eq!(self.take_handled(), [], "of {request:?}");
    }

    /// The delivery is answered 401 like every other, and was not handled.
    #[track_caller]
    pub(crate) fn rejects(&self, request: &Request) {
        let answer = self.answer(request, 401);
        assert_eq!(answer.essence(), (401, [PROBLEM, None, None, None], UNAUTHORIZED), "to {request:?}");
        only_expected_headers(&answer);
    }

    /// The sender is asked to send it again, and it was not handled.
    #[track_caller]
    pub(crate) fn cannot_decide(&self, request: &Request) {
        let answer = self.answer(request, 503);
        assert_eq!(answer.essence(), (503, [PROBLEM, None, None, Some("5")], UNAVAILABLE), "to {request:?}");
        only_expected_headers(&answer);
    }

    /// The answer, which has this status and is the one of the reason that layers outside are told; and it was not
    /// handled.
    #[track_caller]
    pub(crate) fn answer(&self, request: &Request, status: u16) -> Answer {
        self.rejected(request, status).0
    }

    /// The same, with the reason.
    #[track_caller]
    pub(crate) fn rejected(&self, request: &Request, status: u16) -> (Answer, Reason) {
        let answer = request.send(self.server.address);
        assert_eq!(answer.status, status, "{answer:?} to {request:?}");
        assert_eq!(answer.header("content-type"), PROBLEM, "to {request:?}");
        assert_eq!(self.take_handled(), [], "of {request:?}");
        let reason = self.server.shared.diary.take_reason(&self.path).expect("layers outside are told the reason");
        let expected = countersign::adapter::Answer::from(Rejection::new(reason.0));
        assert_eq!((answer.status, answer.body.as_bytes()), (expected.status(), &*expected.body()), "{reason:?}");
        for (name, value) in expected.headers() {
            assert_eq!(answer.header(name), Some(*value), "{reason:?}");
        }
        (answer, reason)
    }

    /// What was handled since it was last taken.
    pub(crate) fn take_handled(&self) -> Vec<Handled> {
        self.server.shared.diary.take_handled(&self.path)
    }

    /// What was looked up so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.server.shared.diary.asked(&self.path)
    }
}

/// Nothing in them tells one rejection from another, or one adapter from another.
#[track_caller]
fn only_expected_headers(answer: &Answer) {
    let known = ["connection", "content-length", "content-type", "date", "retry-after"];
    let other = answer.headers.iter().find(|(name, _)| !known.contains(&name.as_str()));
    assert_eq!(other, None);
}

/// A GeoScored event about the scan `id`.
pub(crate) fn scan(id: &str) -> String {
    format!(r#"{{"event":"scan.completed","scan_id":"{id}","url":"https://example.com","overall_score":72.5}}"#)
}

/// Waits until it is so.
#[track_caller]
pub(crate) fn wait_until(limit: Duration, what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < limit, "not within {limit:?}: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

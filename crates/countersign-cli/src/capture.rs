//! A captured request: its head, its body, and what is odd about the capture.

mod framing;
mod head;

use bytes::Bytes;
use countersign_core::{adapter::RequestHead, provider::Proof};

/// A captured request. It has no `Debug`, which would show the proof.
pub(crate) struct Captured {
    head: Head,
    body: Bytes,
    /// The body and what follows its `Content-Length`.
    uncut: Option<Bytes>,
    oddities: Vec<Oddity>,
}

/// What precedes the body.
#[derive(Default)]
struct Head {
    method: String,
    path: String,
    query: Option<String>,
    headers: Vec<(String, Vec<u8>)>,
}

/// What is odd about a capture. It rejects nothing by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// No empty line ends the head, so there is no body.
    HeadOnly,
    /// More bytes follow than `Content-Length` says; they were cut off.
    Cut { declared: usize, captured: usize },
    /// Fewer bytes follow than `Content-Length` says.
    Incomplete { declared: u64, captured: usize },
    /// `Content-Length` is repeated, or not a number.
    UnclearLength,
    /// The header says chunked.
    Chunked,
}

/// Why a capture cannot be read. It quotes nothing: the capture may have a token in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CaptureError {
    #[error("it is empty")]
    Empty,
    #[error("its first line is not a request line such as `POST /webhooks/acme HTTP/1.1`")]
    RequestLine,
    #[error("its line {0} is not a header such as `Content-Type: application/json`")]
    Header(usize),
}

impl Captured {
    /// Reads a complete request: its first line or HTTP/2's pseudo headers, headers, an empty line,
    /// the body.
    pub(crate) fn from_request(bytes: Vec<u8>) -> Result<Self, CaptureError> {
        let bytes = Bytes::from(bytes);
        let (head, body_at) = head::read(&bytes)?;
        let body = body_at.map(|at| bytes.slice(at..));
        let is_head_only = body.is_none();
        let mut captured = Self::framed(head, body.unwrap_or_default());
        if is_head_only {
            captured.oddities.push(Oddity::HeadOnly);
        }
        Ok(captured)
    }

    /// Makes a POST of `Name: value` lines and a body.
    pub(crate) fn from_parts(lines: &[String], body: Vec<u8>) -> Result<Self, CaptureError> {
        let mut head = Head { method: "POST".to_owned(), path: "/".to_owned(), ..Head::default() };
        for (number, line) in (1..).zip(lines) {
            head.headers.push(head::header(line.as_bytes()).ok_or(CaptureError::Header(number))?);
        }
        Ok(Self::framed(head, body.into()))
    }

    fn framed(head: Head, rest: Bytes) -> Self {
        let framing::Framed { body, uncut, oddity } = framing::body_of(&head.headers, rest);
        Self { head, body, uncut, oddities: oddity.into_iter().collect() }
    }

    /// Makes a POST without a content coding of it, with another body.
    pub(crate) fn as_plain_post(&self, body: Bytes) -> Self {
        let undone = ["content-encoding", "content-length"];
        let is_kept = |name: &str| !undone.iter().any(|undone| name.eq_ignore_ascii_case(undone));
        let Head { path, query, headers, .. } = &self.head;
        let headers = headers.iter().filter(|(name, _)| is_kept(name)).cloned().collect();
        let head = Head { method: "POST".to_owned(), path: path.clone(), query: query.clone(), headers };
        Self { head, body, uncut: None, oddities: Vec::new() }
    }

    /// The same with this value in a header, instead of what was there.
    pub(crate) fn with_header(&self, name: &str, value: &[u8]) -> Self {
        let mut changed = self.as_plain_post(self.body.clone());
        changed.head.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        changed.head.headers.push((name.to_owned(), value.to_vec()));
        changed
    }

    /// The same with this query.
    pub(crate) fn with_query(&self, query: &str) -> Self {
        let mut changed = self.as_plain_post(self.body.clone());
        changed.head.query = Some(query.to_owned());
        changed
    }

    /// Makes a POST with the proof and the body of a delivery that was signed here.
    pub(crate) fn of_proof(proof: &Proof, body: Bytes) -> Self {
        let headers = proof.headers().map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).collect();
        let (path, query) = ("/".to_owned(), proof.query().map(str::to_owned));
        let head = Head { method: "POST".to_owned(), path, query, headers };
        Self { head, body, uncut: None, oddities: Vec::new() }
    }

    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    pub(crate) fn uncut(&self) -> Option<&Bytes> {
        self.uncut.as_ref()
    }

    pub(crate) fn oddities(&self) -> &[Oddity] {
        &self.oddities
    }
}

impl RequestHead for Captured {
    fn method(&self) -> &str {
        &self.head.method
    }

    fn path(&self) -> &str {
        &self.head.path
    }

    fn query(&self) -> Option<&str> {
        self.head.query.as_deref()
    }

    /// With the names as captured.
    fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.head.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
#[path = "capture_tests.rs"]
mod tests;

//! Where the body ends.

use bytes::Bytes;

use super::Oddity;

pub(super) struct Framed {
    pub(super) body: Bytes,
    pub(super) uncut: Option<Bytes>,
    pub(super) oddity: Option<Oddity>,
}

impl Framed {
    fn new(body: Bytes, oddity: impl Into<Option<Oddity>>) -> Self {
        Self { body, uncut: None, oddity: oddity.into() }
    }
}

/// The body, out of everything after the head.
pub(super) fn body_of(headers: &[(String, Vec<u8>)], rest: Bytes) -> Framed {
    let values = |name: &'static str| headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name));
    let is_chunked = |value: &[u8]| value.trim_ascii_end().to_ascii_lowercase().ends_with(b"chunked");
    if values("transfer-encoding").any(|(_, value)| is_chunked(value)) {
        return Framed::new(rest, Oddity::Chunked);
    }
    let mut lengths = values("content-length").map(|(_, value)| length(value));
    match (lengths.next(), lengths.next()) {
        (None, _) => Framed::new(rest, None),
        (Some(Some(declared)), None) => of_length(declared, rest),
        (Some(_), _) => Framed::new(rest, Oddity::UnclearLength),
    }
}

fn length(value: &[u8]) -> Option<u64> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(value).ok().filter(|_| is_number)?.parse().ok()
}

fn of_length(declared: u64, rest: Bytes) -> Framed {
    let captured = rest.len();
    match usize::try_from(declared) {
        Ok(declared) if declared < captured => {
            Framed { body: rest.slice(..declared), uncut: Some(rest), oddity: Some(Oddity::Cut { declared, captured }) }
        }
        Ok(declared) if declared == captured => Framed::new(rest, None),
        _ => Framed::new(rest, Oddity::Incomplete { declared, captured }),
    }
}

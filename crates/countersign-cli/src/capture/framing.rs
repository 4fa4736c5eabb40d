//! Where the body ends, and whether it is in chunks.

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

/// The body, of all that follows the head.
pub(super) fn body_of(headers: &[(String, Vec<u8>)], rest: Bytes) -> Framed {
    let values = |name: &'static str| headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name));
    let is_chunked = |value: &[u8]| value.trim_ascii_end().to_ascii_lowercase().ends_with(b"chunked");
    if values("transfer-encoding").any(|(_, value)| is_chunked(value)) {
        return match unchunked(&rest) {
            Chunks::Whole(body) => Framed::new(body.into(), Oddity::Joined),
            Chunks::Incomplete(body) => Framed::new(body.into(), Oddity::ChunksIncomplete),
            Chunks::None => Framed::new(rest, Oddity::NotInChunks),
        };
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

/// What chunks hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Chunks {
    Whole(Vec<u8>),
    /// There was a chunk, and then none, or none that is in order.
    Incomplete(Vec<u8>),
    /// These are no chunks.
    None,
}

/// Puts chunks together, in lines that end with CRLF or LF.
pub(crate) fn unchunked(bytes: &[u8]) -> Chunks {
    let mut body = Vec::new();
    let mut rest = bytes;
    while let Some((size, data)) = size_line(rest) {
        let Some((chunk, after)) = data.split_at_checked(size) else {
            body.extend_from_slice(data);
            return Chunks::Incomplete(body);
        };
        if chunk.is_empty() {
            return Chunks::Whole(body);
        }
        body.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")).unwrap_or_default();
    }
    if body.is_empty() { Chunks::None } else { Chunks::Incomplete(body) }
}

/// The size of the first chunk of `bytes`, and what follows.
fn size_line(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = bytes.iter().take(256).position(|&byte| byte == b'\n')?;
    let line = bytes.get(..end)?.trim_ascii_end();
    // httparse takes no digits for zero, and wants the line to end with CRLF.
    line.first().filter(|byte| byte.is_ascii_hexdigit())?;
    let httparse::Status::Complete((_, size)) = httparse::parse_chunk_size(&[line, b"\r\n"].concat()).ok()? else {
        return None;
    };
    Some((usize::try_from(size).ok()?, bytes.get(end.checked_add(1)?..)?))
}

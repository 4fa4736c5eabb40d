//! The head of a captured request: as it went over the wire, or as people and logs write it.

use super::{CaptureError, Head};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads the head, and finds where the body begins; `None` if no empty line ends the head.
pub(super) fn read(bytes: &[u8]) -> Result<(Head, Option<usize>), CaptureError> {
    let mut lines = Lines { bytes, at: 0, number: 0 };
    let mut head = Head::default();
    let mut line = lines.next().ok_or(CaptureError::Empty)?;
    line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    // RFC 9112, 2.2: ignore empty lines before the first.
    while line.is_empty() {
        line = lines.next().ok_or(CaptureError::Empty)?;
    }
    if line.starts_with(b":") {
        // HTTP/2 has no first line.
        pseudo_header(line, &mut head).ok_or(CaptureError::RequestLine)?;
    } else {
        request_line(line, &mut head).ok_or(CaptureError::RequestLine)?;
    }
    while let Some(line) = lines.next() {
        if line.is_empty() {
            return Ok((head, Some(lines.at)));
        }
        let number = lines.number;
        if line.starts_with(b":") {
            pseudo_header(line, &mut head).ok_or(CaptureError::Header(number))?;
        } else {
            head.headers.push(header(line).ok_or(CaptureError::Header(number))?);
        }
    }
    Ok((head, None))
}

/// Reads `Name: value`. The white space around the value is not part of it (RFC 9110, 5.5).
pub(super) fn header(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    let name = std::str::from_utf8(name).ok()?;
    let is_token = !name.is_empty() && name.bytes().all(is_token_byte);
    is_token.then(|| (name.to_owned(), trimmed(value.get(1..).unwrap_or_default()).to_vec()))
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Reads `POST /path?query HTTP/1.1`; the version can be any, or missing.
fn request_line(line: &[u8], head: &mut Head) -> Option<()> {
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_ascii_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let is_version = words.next().is_none_or(|word| word.starts_with("HTTP/"));
    if !is_version || words.next().is_some() || !method.bytes().all(is_token_byte) {
        return None;
    }
    head.method = method.to_owned();
    set_target(target, head)
}

fn pseudo_header(line: &[u8], head: &mut Head) -> Option<()> {
    let (name, value) = header(line.get(1..)?)?;
    let value = String::from_utf8(value).ok()?;
    match name.as_str() {
        "method" => head.method = value,
        "path" => set_target(&value, head)?,
        _ => {}
    }
    Some(())
}

/// Reads `/path?query`, `https://host/path?query` or `host:port`. A fragment (`#`) is never sent.
fn set_target(target: &str, head: &mut Head) -> Option<()> {
    let target = target.split_once('#').map_or(target, |(sent, _)| sent);
    let origin_form = match target.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
            rest.find(['/', '?']).and_then(|at| rest.get(at..)).unwrap_or("/")
        }
        _ => target,
    };
    let (path, query) = origin_form.split_once('?').map_or((origin_form, None), |(path, query)| (path, Some(query)));
    head.path = path.to_owned();
    head.query = query.map(str::to_owned);
    Some(())
}

/// Lines that end with LF or CRLF.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    number: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = rest.iter().position(|&byte| byte == b'\n');
        let line = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
        self.at = self.at.saturating_add(line.len()).saturating_add(usize::from(end.is_some()));
        self.number = self.number.saturating_add(1);
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }
}

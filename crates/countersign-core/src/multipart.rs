//! One field of a complete form body in `multipart/form-data` (RFC 7578).
//!
//! Whoever reads the form later must find the same field. So what two readers could read in two ways is
//! malformed: the grammar here is that of common senders (curl, PHP, Python, Java), and nothing around it.
//!
//! The boundary is the first line of the body, not the parameter of `Content-Type`: a body is also read
//! where its head is not known, and no signature of a field covers the header. A reader with another
//! boundary finds no part: no other line begins with `--`.

use memchr::{memchr2_iter, memmem};

/// The maximum number of parts.
const MOST_PARTS: usize = 16;

/// The maximum length of the header lines of a part, in bytes.
const LONGEST_HEAD: usize = 1024;

/// The form is not one, is too long, or could be read in two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Whether a body can be nothing but a form in parts.
pub(crate) fn is_multipart(body: &[u8]) -> bool {
    body.starts_with(b"--")
}

/// Reads the one field `name`.
pub(crate) fn field<'a>(body: &'a [u8], name: &str) -> Result<Option<&'a [u8]>, Malformed> {
    let end = memmem::find(body, b"\r\n").ok_or(Malformed)?;
    let delimiter = body.get(..end).filter(|line| is_delimiter(line)).ok_or(Malformed)?;
    let (mut start, mut parts, mut found) = (after_line(body, end)?, 0_usize, None);
    loop {
        parts = parts.saturating_add(1);
        // The line that ends the part: its end belongs to the delimiter.
        let next = next_dashes(body, start).filter(|_| parts <= MOST_PARTS).ok_or(Malformed)?;
        let part = next.checked_sub(2).and_then(|end| body.get(start..end)).ok_or(Malformed)?;
        let rest = body.get(next..).and_then(|rest| rest.strip_prefix(delimiter)).ok_or(Malformed)?;
        if body.get(..next).is_none_or(|before| !before.ends_with(b"\r\n")) {
            return Err(Malformed);
        }
        let (found_name, content) = read(part)?;
        if found_name == name.as_bytes() && found.replace(content).is_some() {
            return Err(Malformed);
        }
        match rest {
            b"--" | b"--\r\n" => return Ok(found),
            _ if rest.starts_with(b"\r\n") => start = after_line(body, next.saturating_add(delimiter.len()))?,
            _ => return Err(Malformed),
        }
    }
}

/// `--` and a boundary of RFC 2046. One with `--` at its end could be the end of the form.
fn is_delimiter(line: &[u8]) -> bool {
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(byte);
    let boundary = line.strip_prefix(b"--").unwrap_or_default();
    (1..=70).contains(&boundary.len()) && boundary.iter().all(is_allowed) && !boundary.ends_with(b"--")
}

fn after_line(body: &[u8], end: usize) -> Result<usize, Malformed> {
    end.checked_add(2).filter(|start| *start <= body.len()).ok_or(Malformed)
}

/// Returns the position of the next line that begins with `--`. Some readers take a CR or an LF alone
/// for the end of a line.
fn next_dashes(body: &[u8], from: usize) -> Option<usize> {
    let rest = body.get(from..)?;
    if rest.starts_with(b"--") {
        return Some(from);
    }
    let lines = memchr2_iter(b'\r', b'\n', rest).filter_map(|end| from.checked_add(end)?.checked_add(1));
    lines.into_iter().find(|&start| body.get(start..).is_some_and(|line| line.starts_with(b"--")))
}

/// Reads the name and the content of a part.
fn read(part: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let longest = part.len().min(LONGEST_HEAD.saturating_add(4));
    let end = memmem::find(part.get(..longest).unwrap_or_default(), b"\r\n\r\n").ok_or(Malformed)?;
    let (head, rest) = part.split_at_checked(end.saturating_add(2)).ok_or(Malformed)?;
    let content = rest.get(2..).unwrap_or_default();
    let (mut name, mut others) = (None, [false; 3]);
    for line in head.split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r\n").ok_or(Malformed)?;
        let colon = line.iter().position(|&byte| byte == b':').ok_or(Malformed)?;
        let (header, value) = line.split_at_checked(colon).ok_or(Malformed)?;
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        let is_text = |byte: &u8| *byte == b'\t' || !byte.is_ascii_control();
        let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
        if header.is_empty() || !header.iter().all(is_token) || !value.iter().all(is_text) {
            return Err(Malformed);
        }
        let header = header.to_ascii_lowercase();
        let (other, is_plain) = match header.as_slice() {
            b"content-disposition" => {
                if name.replace(name_in(value).ok_or(Malformed)?).is_some() {
                    return Err(Malformed);
                }
                continue;
            }
            b"content-type" => (0, is_utf8(&value.to_ascii_lowercase())),
            b"content-transfer-encoding" => {
                (1, ["7bit", "8bit", "binary"].iter().any(|plain| value.eq_ignore_ascii_case(plain.as_bytes())))
            }
            b"content-length" => (2, value == content.len().to_string().as_bytes()),
            // RFC 7578, section 4.8: others are ignored.
            _ => continue,
        };
        let is_repeated = others.get_mut(other).is_none_or(|seen| std::mem::replace(seen, true));
        if is_repeated || !is_plain {
            return Err(Malformed);
        }
    }
    Ok((name.ok_or(Malformed)?, content))
}

/// The name in `form-data; name="…"`, perhaps with a file's name behind it. Both are quoted, and have no
/// escapes: readers differ in how they undo them, and in which of `name` and `name*` counts.
fn name_in(value: &[u8]) -> Option<&[u8]> {
    let (kind, rest) = value.split_at_checked(b"form-data".len())?;
    let rest = rest.strip_prefix(b";").filter(|_| kind.eq_ignore_ascii_case(b"form-data"))?.trim_ascii_start();
    let (name, rest) = quoted(rest.strip_prefix(b"name=\"")?)?;
    if rest.is_empty() {
        return Some(name);
    }
    let file = rest.strip_prefix(b";")?.trim_ascii_start().strip_prefix(b"filename=\"")?;
    quoted(file).filter(|(_, rest)| rest.is_empty()).map(|_| name)
}

fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(|&byte| byte == b'"')?;
    let (text, rest) = text.split_at_checked(end)?;
    (!text.iter().any(|byte| matches!(byte, b'\\' | b'%'))).then(|| (text, rest.get(1..).unwrap_or_default()))
}

/// Whether text of this lower-case type is UTF-8, and no form in the form.
fn is_utf8(value: &[u8]) -> bool {
    let charset = memmem::find(value, b"charset").and_then(|at| value.get(at.saturating_add(7)..));
    let is_known = |charset: &[u8]| {
        ["=utf-8", "=\"utf-8\"", "=us-ascii", "=\"us-ascii\""].iter().any(|known| charset == known.as_bytes())
    };
    !value.starts_with(b"multipart/") && !value.starts_with(b"message/") && charset.is_none_or(is_known)
}

#[cfg(test)]
#[path = "multipart_tests.rs"]
mod tests;

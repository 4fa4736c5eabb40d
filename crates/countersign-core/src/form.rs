//! The fields of a form body: `application/x-www-form-urlencoded`, or a field of one in parts. What is
//! signed and what a handler reads are the same fields.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use crate::multipart::{self, Malformed};

/// The maximum number of fields of a form that is sorted or decoded: each one costs memory.
pub(crate) const MOST_FIELDS: usize = 1024;

/// Returns the fields in order, decoded; `+` is a space.
pub(crate) fn fields(body: &[u8]) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    body.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let at = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
        let (name, value) = pair.split_at_checked(at).unwrap_or((pair, &[]));
        (decoded(name), decoded(value.get(1..).unwrap_or_default()))
    })
}

/// Reads the one field `name`.
pub(crate) fn one<'a>(body: &'a [u8], name: &str) -> Result<Option<Cow<'a, [u8]>>, Malformed> {
    let mut values = fields(body).filter(|(found, _)| **found == *name.as_bytes()).map(|(_, value)| value);
    let first = values.next();
    if values.next().is_some() { Err(Malformed) } else { Ok(first) }
}

/// Reads the one field `name` of a form in either coding. The body tells which: the `Content-Type` is
/// not signed.
pub(crate) fn one_in_either<'a>(body: &'a [u8], name: &str) -> Result<Option<Cow<'a, [u8]>>, Malformed> {
    if multipart::is_multipart(body) {
        return Ok(multipart::field(body, name)?.map(Cow::Borrowed));
    }
    // A reader of parts skips what is before the first boundary, and no form in the other coding has lines.
    if body.iter().any(u8::is_ascii_control) { Ok(None) } else { one(body, name) }
}

/// Returns the JSON of a body: the field `name` of a form, if the body is one.
pub(crate) fn json_of<'a>(body: &'a [u8], name: Option<&str>) -> Cow<'a, [u8]> {
    let field = name.and_then(|name| one_in_either(body, name).ok().flatten());
    field.unwrap_or(Cow::Borrowed(body))
}

fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if text.contains(&b'+') {
        let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
        percent_decode(&spaced).collect::<Vec<u8>>().into()
    } else {
        percent_decode(text).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_there_once() {
        assert_eq!(one(b"a=1&b=2+3", "b"), Ok(Some(b"2 3".as_slice().into())));
        assert_eq!((one(b"a=1", "b"), one(b"", "b")), (Ok(None), Ok(None)));
        assert_eq!(one(b"a=1&%61=1", "a"), Err(Malformed));
    }

    /// T23: a form in one coding must not be one in the other.
    #[test]
    fn t23_a_form_has_one_coding() {
        let part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
        assert_eq!(one_in_either(b"a=%7B%7D", "a"), Ok(Some(b"{}".as_slice().into())));
        assert_eq!(one_in_either(format!("{part}{{}}\r\n--b--").as_bytes(), "a"), Ok(Some(b"{}".as_slice().into())));
        for body in [format!("a=1&b=\r\n{part}2\r\n--b--"), "a=1\n".to_owned(), format!("a=1&b=\0{part}")] {
            assert_eq!(one_in_either(body.as_bytes(), "a"), Ok(None), "{body}");
        }
        assert_eq!(one_in_either(b"--a=1&a=1", "a"), Err(Malformed));
    }

    #[test]
    fn json_is_in_the_field_or_is_the_body() {
        assert_eq!(*json_of(b"a=%7B%7D", Some("a")), *b"{}");
        assert_eq!(*json_of(b"{}", Some("a")), *b"{}");
        assert_eq!(*json_of(b"a=1", None), *b"a=1");
    }
}

//! The fields of a form body: `application/x-www-form-urlencoded`. What is signed and what a handler
//! reads are the same fields.

use std::borrow::Cow;

use percent_encoding::percent_decode;

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

fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if text.contains(&b'+') {
        let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
        percent_decode(&spaced).collect::<Vec<u8>>().into()
    } else {
        percent_decode(text).into()
    }
}

//! Fields of a form body that is signed or has the proof.

use percent_encoding::percent_decode;

use crate::form::{MOST_FIELDS, fields};

/// Whether the sorted form of a body is read. Nobody has signed it yet.
pub(super) fn is_sortable(body: &[u8]) -> bool {
    body.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()).take(MOST_FIELDS.saturating_add(1)).count()
        <= MOST_FIELDS
}

/// Whether a field begins like a query. Behind a signed URL, its sorted form could be the digest of a
/// recorded body that was no form.
pub(super) fn has_query(body: &[u8]) -> bool {
    let first = |pair: &[u8]| percent_decode(pair).find(|&byte| byte != b'=');
    body.split(|&byte| byte == b'&').any(|pair| matches!(first(pair), Some(b'?' | b'&')))
}

/// Calls `write` with each name and value of the sorted form. Of a repeated name, each different
/// value counts once.
pub(super) fn sorted(body: &[u8], write: &mut dyn FnMut(&[u8])) {
    let mut fields: Vec<_> = fields(body).collect();
    fields.sort_unstable();
    fields.dedup();
    for (name, value) in fields {
        write(&name);
        write(&value);
    }
}

/// Returns the sorted form of a body.
pub(crate) fn sorted_form(body: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    sorted(body, &mut |piece| text.extend_from_slice(piece));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted_text(body: &str) -> String {
        String::from_utf8(sorted_form(body.as_bytes())).unwrap()
    }

    #[test]
    fn a_form_is_sorted_and_decoded() {
        assert_eq!(sorted_text("b=2&a=%2B1+%26&&c&A=x"), "Axa+1 &b2c");
        // Twilio's library: of a repeated name, each different value once, in order.
        assert_eq!(sorted_text("a=2&a=1&a=2&b=1"), "a1a2b1");
        assert_eq!(sorted_text(""), "");
        assert_eq!(sorted_text("%zz=%e9+".replace("%e9", "%C3%A9").as_str()), "%zzé ");
    }
}

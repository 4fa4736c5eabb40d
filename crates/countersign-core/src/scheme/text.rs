//! Texts in consts.

/// `==`, for consts.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over consts")]
pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether the text is a token as RFC 9110 defines it, such as a header's name.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over consts")]
pub(crate) const fn is_token(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        let is_mark = matches!(
            bytes[i],
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
        );
        if !bytes[i].is_ascii_alphanumeric() && !is_mark {
            return false;
        }
        i += 1;
    }
    i > 0
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over consts")]
pub(crate) const fn has_upper_case(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i].is_ascii_uppercase() {
            return true;
        }
        i += 1;
    }
    false
}

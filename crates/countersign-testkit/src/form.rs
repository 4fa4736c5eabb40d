//! Changes the fields of a form: `application/x-www-form-urlencoded`, or one in parts.

use std::fmt::Write;

use countersign_core::provider::Scheme;

use crate::multipart;

/// A form without fields, as the provider would send it.
pub(crate) fn empty(scheme: &Scheme) -> &'static [u8] {
    if scheme.json_field().is_some() { multipart::empty() } else { b"" }
}

/// Sets the first field of this name, or adds one.
pub(crate) fn set(form: &[u8], name: &str, value: &str) -> Vec<u8> {
    if multipart::is_multipart(form) {
        return multipart::set(form, name, value.as_bytes());
    }
    let (field, new) = (encoded(name), pair(name, value));
    let mut is_set = false;
    let mut pairs: Vec<&[u8]> = Vec::new();
    for old in pairs_of(form) {
        let is_it = !is_set && name_of(old) == field.as_bytes();
        is_set |= is_it;
        pairs.push(if is_it { new.as_bytes() } else { old });
    }
    if !is_set {
        pairs.push(new.as_bytes());
    }
    pairs.join(&b'&')
}

/// Adds a field, whether or not there is one of this name.
pub(crate) fn add(form: &[u8], name: &str, value: &str) -> Vec<u8> {
    if multipart::is_multipart(form) {
        return multipart::add(form, name, value.as_bytes());
    }
    let new = pair(name, value);
    pairs_of(form).chain([new.as_bytes()]).collect::<Vec<_>>().join(&b'&')
}

/// Removes the fields of this name.
pub(crate) fn remove(form: &[u8], name: &str) -> Vec<u8> {
    if multipart::is_multipart(form) {
        return multipart::remove(form, name);
    }
    let field = encoded(name);
    pairs_of(form).filter(|pair| name_of(pair) != field.as_bytes()).collect::<Vec<_>>().join(&b'&')
}

fn pairs_of(form: &[u8]) -> impl Iterator<Item = &[u8]> {
    form.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty())
}

fn name_of(pair: &[u8]) -> &[u8] {
    pair.split(|&byte| byte == b'=').next().unwrap_or_default()
}

fn pair(name: &str, value: &str) -> String {
    format!("{}={}", encoded(name), encoded(value))
}

/// As browsers write it: a space is `+`.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            byte if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) => encoded.push(char::from(byte)),
            // Writing to a string does not fail.
            byte => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_set_added_and_removed() {
        assert_eq!(set(b"", "a b", "1+2 =&\u{e9}"), b"a+b=1%2B2+%3D%26%C3%A9");
        assert_eq!(set(b"a=1&b=2&a=3", "a", "4"), b"a=4&b=2&a=3");
        assert_eq!(set(b"a=1&&b", "c", ""), b"a=1&b&c=");
        assert_eq!(add(b"a=1", "a", "1"), b"a=1&a=1");
        assert_eq!(remove(b"a=1&b=2&a=3", "a"), b"b=2");
    }
}

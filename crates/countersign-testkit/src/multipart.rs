//! Changes the fields of a form in parts: `multipart/form-data`, as curl writes it.

use std::ops::Range;

/// It has no digits, as a digit is what the kit changes first.
const EMPTY: &str = "--------------------------countersign--\r\n";

/// A form without fields.
pub(crate) fn empty() -> &'static [u8] {
    EMPTY.as_bytes()
}

pub(crate) fn is_multipart(form: &[u8]) -> bool {
    form.starts_with(b"--")
}

/// The boundary of a form.
pub(crate) fn boundary(form: &[u8]) -> Option<&str> {
    let line = form.strip_prefix(b"--")?.split(|&byte| byte == b'\r').next()?;
    let line = if form.len() == EMPTY.len() { line.strip_suffix(b"--")? } else { line };
    std::str::from_utf8(line).ok()
}

/// The value of the first field of this name.
pub(crate) fn get<'f>(form: &'f [u8], name: &str) -> Option<&'f [u8]> {
    form.get(part(form, name)?.1)
}

/// Sets the first field of this name, or adds one.
pub(crate) fn set(form: &[u8], name: &str, value: &[u8]) -> Vec<u8> {
    match part(form, name) {
        Some((_, content)) => spliced(form, content, value),
        None => add(form, name, value),
    }
}

/// Adds a field, whether or not there is one of this name.
pub(crate) fn add(form: &[u8], name: &str, value: &[u8]) -> Vec<u8> {
    let boundary = boundary(form).unwrap_or_default();
    let end = rfind(form, format!("--{boundary}--").as_bytes()).unwrap_or(form.len());
    let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
    spliced(form, end..end, &[head.as_bytes(), value, b"\r\n"].concat())
}

/// Removes the fields of this name.
pub(crate) fn remove(form: &[u8], name: &str) -> Vec<u8> {
    let mut form = form.to_vec();
    while let Some((part, _)) = part(&form, name) {
        form = spliced(&form, part, b"");
    }
    form
}

/// The first part of this name, and its content.
fn part(form: &[u8], name: &str) -> Option<(Range<usize>, Range<usize>)> {
    let delimiter = format!("--{}\r\n", boundary(form)?);
    let line = format!("Content-Disposition: form-data; name=\"{name}\"");
    let named = find(form, line.as_bytes(), 0)?;
    let start = rfind(form.get(..named)?, delimiter.as_bytes())?;
    let content = find(form, b"\r\n\r\n", named)?.checked_add(4)?;
    let end = find(form, format!("\r\n--{}", boundary(form)?).as_bytes(), content)?;
    Some((start..end.checked_add(2)?, content..end))
}

fn spliced(form: &[u8], range: Range<usize>, new: &[u8]) -> Vec<u8> {
    let (before, after) = (form.get(..range.start).unwrap_or_default(), form.get(range.end..).unwrap_or_default());
    [before, new, after].concat()
}

fn find(text: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let at = text.get(from..)?.windows(wanted.len()).position(|window| window == wanted)?;
    from.checked_add(at)
}

fn rfind(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).rposition(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_set_added_and_removed() {
        let part = |name: &str, value: &str| {
            format!(
                "--------------------------countersign\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            )
        };
        let form = |parts: &[String]| format!("{}{EMPTY}", parts.concat()).into_bytes();
        let one = set(empty(), "a", b"1");
        assert_eq!(one, form(&[part("a", "1")]));
        assert_eq!(boundary(&one), boundary(empty()));
        assert_eq!((get(&one, "a"), get(&one, "b"), get(empty(), "a")), (Some(b"1".as_slice()), None, None));
        let two = add(&set(&one, "b", b"2"), "a", b"3");
        assert_eq!(two, form(&[part("a", "1"), part("b", "2"), part("a", "3")]));
        assert_eq!(set(&two, "a", b"4"), form(&[part("a", "4"), part("b", "2"), part("a", "3")]));
        assert_eq!(remove(&two, "a"), form(&[part("b", "2")]));
        assert_eq!(remove(&one, "a"), empty());
    }
}

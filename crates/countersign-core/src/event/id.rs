//! The rules for the ID of a resource, the same before and after verification.

/// Returns whether the text of a JSON number is an ID: an integer, of any length. `-0`, fractions
/// and exponents are not, because they have several spellings.
pub(crate) fn is_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    number != "-0" && !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// Returns whether a text is an ID: it is not empty, and no character of it was lost. U+FFFD stands
/// for any lost character, so that two IDs would look the same.
pub(crate) fn is_usable(id: &str) -> bool {
    !id.is_empty() && !id.contains(char::REPLACEMENT_CHARACTER)
}

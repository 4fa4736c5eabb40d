//! What makes no sense in a place.

use super::Complaint;
use crate::scheme::{
    place::{Kind as PlaceKind, Pick},
    text::{has_upper_case, is_token},
};

/// Checks a place.
pub(in crate::scheme) const fn place_kind(kind: &PlaceKind) -> Complaint {
    match kind {
        PlaceKind::Header(name) | PlaceKind::Headers(name) | PlaceKind::Numbered(name) => header(name),
        PlaceKind::Member { header: name, assign, separator, pick } => {
            if let complaint @ Some(_) = header(name) {
                return complaint;
            }
            match pick {
                Pick::Key(_) | Pick::AnyKey => {
                    demand!(
                        !matches!(pick, Pick::Key(key) if key.is_empty()),
                        "the key of a member must not be empty: for members with any key, use `any_member`"
                    );
                    delimiters(*assign, *separator)
                }
                Pick::At(_) | Pick::From(_) => {
                    demand!(separator.is_ascii(), "the separator of a list is one ASCII character, such as \",\"");
                    None
                }
            }
        }
        PlaceKind::Authorization(word) => {
            demand!(
                is_token(word),
                "the word before the credentials is one word, such as `Bearer`: if the whole header is the credential, use \
                 `header(\"authorization\")`"
            );
            None
        }
        PlaceKind::Query(name) => parameter(name),
        PlaceKind::Json(path) => json_path(path),
        PlaceKind::Form(name) => form_field(name),
        PlaceKind::FormList { name, assign, separator } => match form_field(name) {
            None => delimiters(*assign, *separator),
            complaint => complaint,
        },
        PlaceKind::JsonInForm { name, path } => match form_field(name) {
            None => json_path(path),
            complaint => complaint,
        },
    }
}

const fn header(name: &str) -> Complaint {
    demand!(
        is_token(name),
        "a header's name consists of ASCII letters, digits and `-`: see RFC 9110 for the other characters"
    );
    demand!(
        !has_upper_case(name),
        "write the header's name in lower case, such as `x-acme-signature`: HTTP/2 has no other, and names are compared \
         in either case"
    );
    None
}

const fn json_path(path: &str) -> Complaint {
    demand!(!path.is_empty(), "a path into JSON must not be empty");
    None
}

const fn form_field(name: &str) -> Complaint {
    demand!(!name.is_empty(), "the name of a form field must not be empty");
    None
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
const fn parameter(name: &str) -> Complaint {
    let bytes = name.as_bytes();
    demand!(!bytes.is_empty(), "the name of a query parameter must not be empty");
    let mut i = 0;
    while i < bytes.len() {
        demand!(
            bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'-' | b'_' | b'.'),
            "the name of a query parameter may contain only ASCII letters, digits, `-`, `_` and `.`"
        );
        i += 1;
    }
    None
}

const fn delimiters(assign: u8, separator: u8) -> Complaint {
    demand!(
        assign.is_ascii() && separator.is_ascii() && assign != separator,
        "the delimiters of a list are two different ASCII characters: first the one behind a key, then the one \
         between members, such as \"=,\""
    );
    None
}

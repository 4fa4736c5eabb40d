//! What a place says when it is asked.

use std::fmt;

use super::{
    place::{Kind, Pick, Place},
    text::same,
};

impl Place {
    /// Returns the header's name, if the value is in one header. ([Numbered
    /// headers](Self::numbered_headers) are several.)
    #[inline]
    pub const fn as_header(&self) -> Option<&'static str> {
        match self.0 {
            Kind::Header(name) | Kind::Headers(name) | Kind::Member { header: name, .. } => Some(name),
            Kind::Authorization(_) => Some("authorization"),
            Kind::Numbered(_) | Kind::Query(_) => None,
            Kind::Json(_) | Kind::Form(_) | Kind::FormList { .. } | Kind::JsonInForm { .. } => None,
        }
    }

    /// Returns whether the header `name` (in either case) is this place, or has it.
    pub fn is_in_header(&self, name: &str) -> bool {
        match self.0 {
            Kind::Numbered(prefix) => number_of(name, prefix).is_some(),
            _ => self.as_header().is_some_and(|header| header.eq_ignore_ascii_case(name)),
        }
    }

    /// Returns the parameter's name, if this is a query parameter.
    #[inline]
    pub const fn as_query(&self) -> Option<&'static str> {
        match self.0 {
            Kind::Query(name) => Some(name),
            _ => None,
        }
    }

    /// Returns the path, if this is a path into the JSON of the body.
    #[inline]
    pub const fn as_json(&self) -> Option<&'static str> {
        match self.0 {
            Kind::Json(path) => Some(path),
            _ => None,
        }
    }

    /// Returns the field's name, if this is a field of a form, or a list in one.
    #[inline]
    pub const fn as_form(&self) -> Option<&'static str> {
        match self.0 {
            Kind::Form(name) | Kind::FormList { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Returns the field's name and the path, if this is a path into JSON in a field of a form.
    #[inline]
    pub const fn as_json_in_form(&self) -> Option<(&'static str, &'static str)> {
        match self.0 {
            Kind::JsonInForm { name, path } => Some((name, path)),
            _ => None,
        }
    }

    /// Returns whether the value is in the body.
    #[inline]
    pub const fn is_in_body(&self) -> bool {
        matches!(self.0, Kind::Json(_) | Kind::Form(_) | Kind::FormList { .. } | Kind::JsonInForm { .. })
    }

    /// Whether at most one value can be here.
    pub(crate) const fn is_single(&self) -> bool {
        !matches!(
            self.0,
            Kind::Headers(_)
                | Kind::Numbered(_)
                | Kind::FormList { .. }
                | Kind::Member { pick: Pick::AnyKey | Pick::From(_), .. }
        )
    }

    /// `==`, for consts.
    pub(crate) const fn is(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Kind::Header(a), Kind::Header(b))
            | (Kind::Headers(a), Kind::Headers(b))
            | (Kind::Numbered(a), Kind::Numbered(b))
            | (Kind::Authorization(a), Kind::Authorization(b))
            | (Kind::Query(a), Kind::Query(b))
            | (Kind::Json(a), Kind::Json(b))
            | (Kind::Form(a), Kind::Form(b)) => same(a, b),
            (
                Kind::FormList { name: a, assign: b, separator: c },
                Kind::FormList { name: d, assign: e, separator: f },
            ) => same(a, d) && b == e && c == f,
            (Kind::JsonInForm { name: a, path: b }, Kind::JsonInForm { name: c, path: d }) => same(a, c) && same(b, d),
            (
                Kind::Member { header: a, assign: b, separator: c, pick: d },
                Kind::Member { header: e, assign: f, separator: g, pick: h },
            ) => {
                same(a, e)
                    && b == f
                    && c == g
                    && match (d, h) {
                        (Pick::Key(a), Pick::Key(b)) => same(a, b),
                        (Pick::AnyKey, Pick::AnyKey) => true,
                        (Pick::At(a), Pick::At(b)) | (Pick::From(a), Pick::From(b)) => a == b,
                        _ => false,
                    }
            }
            _ => false,
        }
    }
}

/// The number behind the prefix of a numbered header: from 1 on, without leading zeros.
pub(crate) fn number_of(name: &str, prefix: &str) -> Option<u16> {
    let (start, digits) = name.split_at_checked(prefix.len())?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    (start.eq_ignore_ascii_case(prefix) && is_number).then(|| digits.parse().ok()).flatten()
}

/// Writes the place in one phrase of Markdown, for tables and help texts.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Header(name) => write!(f, "the header `{name}`"),
            Kind::Headers(name) => write!(f, "the header `{name}`, which may be repeated"),
            Kind::Numbered(prefix) => write!(f, "the headers `{prefix}1`, `{prefix}2`, …"),
            Kind::Member { header, pick: Pick::Key(key), .. } => write!(f, "`{key}` in the header `{header}`"),
            Kind::Member { header, pick: Pick::AnyKey, .. } => write!(f, "a member of the header `{header}`"),
            Kind::Member { header, pick: Pick::At(position), .. } => {
                write!(f, "item {position} in the header `{header}`")
            }
            Kind::Member { header, pick: Pick::From(position), .. } => {
                write!(f, "the items from {position} on in the header `{header}`")
            }
            Kind::Authorization(word) => write!(f, "the header `authorization` behind `{word}`"),
            Kind::Query(name) => write!(f, "`?{name}=` in the URL"),
            Kind::Json(path) => write!(f, "`{path}` in the body"),
            Kind::Form(name) => write!(f, "the form field `{name}` in the body"),
            Kind::JsonInForm { name, path } => write!(f, "`{path}` in the form field `{name}` in the body"),
            Kind::FormList { name, .. } => write!(f, "a member of the form field `{name}` in the body"),
        }
    }
}

//! A scheme in words, for tables, help texts and messages.

use std::fmt;

use super::{
    Algorithm, Coding, Kind, Part, Pick, Place, PlaceKind, Scheme,
    place::Kind::{Authorization, Header, Member},
    signed::Signed,
};

/// Writes the scheme in one phrase of Markdown.
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Signed(signed) => {
                let [first, second] = signed.places;
                if let Some(place) = first {
                    proof(f, place, signed.prefix)?;
                }
                if let Some(place) = second {
                    f.write_str(" or ")?;
                    proof(f, place, signed.prefix)?;
                }
                let plus = if matches!(first.map(|place| place.0), Some(Header(_))) && !signed.prefix.is_empty() {
                    " + "
                } else {
                    " "
                };
                write!(f, "{plus}{} {} of {}", signed.coding, signed.algorithm, self.signed_text())
            }
            Kind::Token { is_basic: true, .. } => {
                f.write_str("`authorization: Basic` with a name and a password; nothing is signed")
            }
            Kind::Token { place, .. } => match place.0 {
                PlaceKind::Query(parameter) => write!(f, "`?{parameter}=` in the URL; nothing is signed"),
                Header(name) => write!(f, "`{name}:` a token; nothing is signed"),
                _ => write!(f, "a token at {place}; nothing is signed"),
            },
            Kind::AnyOf(schemes) => {
                for (index, scheme) in schemes.iter().enumerate() {
                    write!(f, "{}{scheme}", if index == 0 { "" } else { "; or else " })?;
                }
                Ok(())
            }
        }
    }
}

/// The place of a signature with the text before it.
fn proof(f: &mut fmt::Formatter<'_>, place: Place, prefix: &str) -> fmt::Result {
    match place.0 {
        Header(name) if prefix.is_empty() => write!(f, "`{name}:`"),
        Header(name) => write!(f, "`{name}: {prefix}`"),
        Member { header, assign, pick: Pick::Key(key), .. } => {
            write!(f, "`{header}: {key}{}{prefix}…`", char::from(assign))
        }
        Authorization(word) => write!(f, "`authorization: {word} {prefix}…`"),
        _ if prefix.is_empty() => write!(f, "{place}:"),
        _ => write!(f, "{place}, `{prefix}` +"),
    }
}

/// The signed text, with names for what differs: `{time}.{body}`. The path that all its values in
/// JSON begin with is written once.
fn template(f: &mut fmt::Formatter<'_>, parts: &[Part]) -> fmt::Result {
    let around = around(parts);
    let within = |place: &Place| place.as_json().and_then(|path| path.strip_prefix(around?)?.strip_prefix('.'));
    f.write_str("`")?;
    for part in parts {
        match part {
            Part::Text(text) => write!(f, "{}", text.escape_debug())?,
            Part::Time => f.write_str("{time}")?,
            Part::Id => f.write_str("{id}")?,
            Part::Method => f.write_str("{method}")?,
            Part::Url => f.write_str("{url}")?,
            Part::Body => f.write_str("{body}")?,
            Part::BodySha256 => f.write_str("{SHA-256 of the body}")?,
            Part::SortedForm => f.write_str("{sorted form}")?,
            // The place of the proof names the form field.
            Part::Field(place) => match within(place).or(place.as_json_in_form().map(|(_, path)| path)) {
                Some(path) => write!(f, "{{{path}}}")?,
                None => write!(f, "{{{}}}", place.to_string().replace('`', ""))?,
            },
            Part::Optional(before, place, after) => {
                let (before, after) = (before.escape_debug(), after.escape_debug());
                write!(f, "[{before}{{{}}}{after}]", place.to_string().replace('`', ""))?;
            }
        }
    }
    f.write_str("`")?;
    around.map_or(Ok(()), |path| write!(f, " in `{path}` in the body"))
}

/// The path of the object that has all values in JSON, if there are several.
fn around(parts: &[Part]) -> Option<&'static str> {
    let mut paths = parts.iter().filter_map(|part| match part {
        Part::Field(place) => place.as_json(),
        _ => None,
    });
    let parent = |path: &'static str| path.rsplit_once('.').map(|(parent, _)| parent);
    let (mut shared, mut rest) = (parent(paths.next()?)?, paths.peekable());
    rest.peek()?;
    for path in rest {
        while !path.strip_prefix(shared).is_some_and(|rest| rest.starts_with('.')) {
            shared = parent(shared)?;
        }
    }
    Some(shared)
}

impl Scheme {
    /// Returns the format of the proof, in words: `` `sha256=` and 64 hex digits ``. For a list,
    /// that of its first scheme.
    pub const fn grammar(&self) -> Grammar {
        Grammar(*self)
    }

    /// Returns what is signed, in words: `` `{time}.{body}` ``, or `the body` if it is signed alone,
    /// or `nothing`. For a list, that of its first scheme.
    pub const fn signed_text(&self) -> SignedText {
        SignedText(match self.first_signed() {
            Some(signed) => signed.parts,
            None => &[],
        })
    }
}

/// What a scheme signs: see [`Scheme::signed_text`].
#[derive(Clone, Copy, Debug)]
pub struct SignedText(&'static [Part]);

impl fmt::Display for SignedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("nothing"),
            [Part::Body] => f.write_str("the body"),
            parts => template(f, parts),
        }
    }
}

/// The format of a proof: see [`Scheme::grammar`].
#[derive(Clone, Copy, Debug)]
pub struct Grammar(Scheme);

impl fmt::Display for Grammar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.0 {
            Kind::Signed(signed) => signature(f, signed),
            Kind::Token { is_basic: true, .. } => f.write_str("`Basic` and the base64 of `name:password`"),
            Kind::Token { place, .. } if place.as_query().is_some() => f.write_str("the token, percent-encoded"),
            Kind::Token { place: Place(Authorization(word)), .. } => write!(f, "`{word}` and the token"),
            Kind::Token { place: Place(Member { assign, pick: Pick::Key(key), .. }), .. } => {
                write!(f, "`{key}{}` and the token", char::from(*assign))
            }
            Kind::Token { .. } => f.write_str("the token"),
            Kind::AnyOf(schemes) => schemes.first().map_or(Ok(()), |first| first.grammar().fmt(f)),
        }
    }
}

fn signature(f: &mut fmt::Formatter<'_>, signed: &Signed) -> fmt::Result {
    match signed.places[0].map(|place| place.0) {
        Some(Member { assign, pick: Pick::Key(key), .. }) => {
            write!(f, "`{key}{}{}` and ", char::from(assign), signed.prefix)?;
        }
        Some(Authorization(word)) => write!(f, "`{word} {}` and ", signed.prefix)?,
        _ if signed.prefix.is_empty() => {}
        _ => write!(f, "`{}` and ", signed.prefix)?,
    }
    match (signed.coding, signed.algorithm, signed.algorithm.length()) {
        (Coding::Hex, _, Some(length)) => write!(f, "{} hex digits", length.saturating_mul(2)),
        (Coding::Base64, _, Some(length)) => {
            write!(f, "{} characters of base64", length.div_ceil(3).saturating_mul(4))
        }
        (coding, Algorithm::EcdsaP256, _) => write!(f, "the {coding} of a signature in DER"),
        (coding, ..) => write!(f, "the {coding} of a signature"),
    }
}

#[cfg(test)]
#[path = "describe_tests.rs"]
mod tests;

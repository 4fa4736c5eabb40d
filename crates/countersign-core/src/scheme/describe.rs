//! A scheme in words, for tables, help texts and messages.

use std::fmt;

use super::{Kind, Scheme};

/// Writes the scheme in one phrase of Markdown.
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::HmacSha256 { header, prefix: "" } => write!(f, "`{header}:` hex HMAC-SHA256 of the body"),
            Kind::HmacSha256 { header, prefix } => write!(f, "`{header}: {prefix}` + hex HMAC-SHA256 of the body"),
            Kind::UrlToken { parameter } => write!(f, "`?{parameter}=` in the URL; nothing is signed"),
        }
    }
}

impl Scheme {
    /// Returns the format of the proof, in words: `` `sha256=` and 64 hex digits ``.
    pub const fn grammar(&self) -> Grammar {
        Grammar(*self)
    }
}

/// The format of a proof: see [`Scheme::grammar`].
#[derive(Clone, Copy, Debug)]
pub struct Grammar(Scheme);

impl fmt::Display for Grammar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.0 {
            Kind::HmacSha256 { prefix: "", .. } => f.write_str("64 hex digits"),
            Kind::HmacSha256 { prefix, .. } => write!(f, "`{prefix}` and 64 hex digits"),
            Kind::UrlToken { .. } => f.write_str("the token, percent-encoded"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_and_its_grammar_are_described_in_words() {
        for (scheme, text, grammar) in [
            (Scheme::hmac_sha256("x-a", ""), "`x-a:` hex HMAC-SHA256 of the body", "64 hex digits"),
            (Scheme::hmac_sha256("x-a", "v1="), "`x-a: v1=` + hex HMAC-SHA256 of the body", "`v1=` and 64 hex digits"),
            (Scheme::url_token("to-k_3N"), "`?to-k_3N=` in the URL; nothing is signed", "the token, percent-encoded"),
        ] {
            assert_eq!((scheme.to_string(), scheme.grammar().to_string()), (text.to_owned(), grammar.to_owned()));
        }
    }
}

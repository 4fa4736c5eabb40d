//! A URL without the proof that it carries.

use percent_encoding::percent_decode_str;

use super::Scheme;

impl Scheme {
    /// Returns a URL's path and query without the proof; the rest is unchanged. `None` if there is
    /// nothing to remove.
    ///
    /// The adapters use it to keep a token or signature in a URL from inner services, extractors and
    /// traces.
    ///
    /// ```
    /// use countersign_core::provider::Scheme;
    ///
    /// const ACME: Scheme = Scheme::url_token("token");
    /// assert_eq!(ACME.conceal("/hook?a=1&token=t&b=%20").as_deref(), Some("/hook?a=1&b=%20"));
    /// assert_eq!(ACME.conceal("/hook?token=t").as_deref(), Some("/hook"));
    /// assert_eq!(ACME.conceal("/hook?tokens=2"), None);
    /// ```
    pub fn conceal(&self, path_and_query: &str) -> Option<String> {
        self.places().find_map(|place| place.as_query())?;
        let (path, query) = path_and_query.split_once('?')?;
        let is_it = |pair: &&str| {
            let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
            self.places().filter_map(|place| place.as_query()).any(|parameter| is_spelling_of(name, parameter))
        };
        if !pairs(query).any(|pair| is_it(&pair)) {
            return None;
        }
        let kept: Vec<_> = pairs(query).filter(|pair| !is_it(pair)).collect();
        Some(match (path, kept.is_empty()) {
            // An empty text is not a path and query.
            ("", true) => "/".to_owned(),
            (_, true) => path.to_owned(),
            (_, false) => format!("{path}?{}", kept.join("&")),
        })
    }
}

pub(crate) fn pairs(query: &str) -> impl Iterator<Item = &str> {
    query.split('&')
}

/// Whether `name` is `parameter`, verbatim or percent-encoded.
pub(crate) fn is_spelling_of(name: &str, parameter: &str) -> bool {
    name == parameter || percent_decode_str(name).eq(parameter.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Scheme = Scheme::url_token("token");

    /// T19: no spelling of the token is left behind, and nothing else is touched.
    #[test]
    fn t19_the_token_is_taken_out() {
        for query in ["/", "/?", "/hook?a=token&tokens=1&b=%74oken2", "/token=x"] {
            assert_eq!(TOKEN.conceal(query), None, "{query}");
        }
        for (before, after) in [
            ("/?token", "/"),
            ("/hook?token=x", "/hook"),
            ("/hook?token=x&", "/hook?"),
            ("/h%6Fok?a&token=x", "/h%6Fok?a"),
            ("/?token=x&a=%20+&b", "/?a=%20+&b"),
            ("/?a=1&token=x&b=2&%74oken=y&c", "/?a=1&b=2&c"),
            ("/?a=1&&token=x?", "/?a=1&"),
            ("?token=x", "/"),
            ("?token=x&a", "?a"),
        ] {
            assert_eq!(TOKEN.conceal(before).as_deref(), Some(after), "{before}");
        }
    }

    #[test]
    fn a_signature_leaves_the_url_as_it_is() {
        let signed = Scheme::hmac_sha256("token", "");
        assert_eq!(signed.conceal("/hook?token=x"), None);
    }
}

//! Content codings: those that would have to be undone before the body can be verified.

/// The [registered](https://www.iana.org/assignments/http-parameters/http-parameters.xhtml) content
/// codings and their aliases, without `identity`, which means none.
const CODINGS: [&str; 12] = [
    "gzip",
    "x-gzip",
    "deflate",
    "br",
    "zstd",
    "compress",
    "x-compress",
    "dcb",
    "dcz",
    "aes128gcm",
    "exi",
    "pack200-gzip",
];

/// Returns whether a value of `Content-Encoding` lists a content coding.
///
/// Any other text in it changes no byte: some senders write a charset there, such as `UTF-8`. The
/// proof decides about such a body.
pub fn is_encoded(value: &[u8]) -> bool {
    value.split(|&byte| byte == b',').any(|coding| {
        let token = coding.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
        CODINGS.iter().any(|known| token.eq_ignore_ascii_case(known.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c07_only_registered_codings_have_to_be_undone() {
        for coding in CODINGS {
            let upper = coding.to_uppercase();
            for value in [
                coding.to_owned(),
                upper.clone(),
                format!(" \t{coding} "),
                format!("{coding};q=1"),
                format!("{coding} ; level=9"),
                format!("identity,{upper}"),
                format!("UTF-8 , {coding} ,"),
                format!(",,{coding},identity"),
            ] {
                assert!(is_encoded(value.as_bytes()), "{value}");
            }
            for value in [format!("{coding}s"), format!("un{coding}"), format!("\"{coding}\""), format!("q={coding}")] {
                assert!(!is_encoded(value.as_bytes()), "{value}");
            }
        }
        for value in [
            "",
            " ",
            ",",
            ";",
            "identity",
            "Identity, IDENTITY",
            "identity;q=1",
            "UTF-8",
            "utf8",
            "none",
            "binary",
            "7bit",
            "8bit",
            "json",
            "application/json",
            "application/json; charset=gzip",
            "é",
            "*",
        ] {
            assert!(!is_encoded(value.as_bytes()), "{value}");
        }
    }
}

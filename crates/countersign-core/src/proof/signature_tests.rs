//! The grammar, also against an oracle.

use super::*;

fn parse(value: &[u8], prefix: &str) -> Option<Tag> {
    let mut tag = Tag::default();
    super::parse(value, prefix, Coding::Hex, &mut tag).map(|()| tag)
}

fn tag(hex: &str) -> Tag {
    let mut tag = Tag::default();
    hex::decode_to_slice(hex, &mut tag).unwrap();
    tag
}

/// T3: exactly the prefix and 64 hex digits.
#[test]
fn t3_grammar() {
    let hex = "757107EA0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    for prefix in ["", "sha256=", "v1="] {
        assert_eq!(parse(format!("{prefix}{hex}").as_bytes(), prefix), Some(tag(hex)));
        let malformed = [
            String::new(),
            prefix.to_owned(),
            format!("{prefix}{}", &hex[..63]),
            format!("{prefix}{}", &hex[..62]),
            format!("{prefix}{hex}0"),
            format!("{prefix}{hex}00"),
            format!("{prefix}{hex} "),
            format!(" {prefix}{hex}"),
            format!("{prefix} {hex}"),
            format!("{prefix}{prefix}x{hex}"),
            format!("{prefix}{hex},{prefix}{hex}"),
            format!("{prefix}{hex}, {prefix}{hex}"),
            format!("{prefix}{}g", &hex[..63]),
            format!("{prefix}0x{}", &hex[..62]),
            format!("{prefix}0x{hex}"),
            format!("{prefix}0X{hex}"),
            format!("{prefix}{}é", &hex[..62]),
            format!("{prefix}{}\n", &hex[..63]),
            format!("{prefix}{}+f", &hex[..62]),
            format!("sha1={hex}"),
            format!("x{prefix}{hex}"),
        ];
        for value in malformed {
            assert_eq!(parse(value.as_bytes(), prefix), None, "{value:?} with {prefix:?}");
        }
        if !prefix.is_empty() {
            for value in [hex.to_owned(), format!("{}{hex}", prefix.to_uppercase()), format!("{prefix}{prefix}{hex}")] {
                assert_eq!(parse(value.as_bytes(), prefix), None, "{value:?} with {prefix:?}");
            }
        }
    }
    assert_eq!(parse(&[0xff; 64], ""), None);
}

proptest::proptest! {
    /// T3: the parser agrees with a regular expression on anything that can stand in a header.
    #[test]
    fn t3_grammar_agrees_with_an_oracle(value in "(v1=|sha256=|)[0-9a-fA-F]{62,66}[ -~]{0,2}|[ -~]{0,80}") {
        let oracle = regex::Regex::new(r"\Av1=[0-9a-fA-F]{64}\z").unwrap();
        proptest::prop_assert_eq!(parse(value.as_bytes(), "v1=").is_some(), oracle.is_match(&value));
    }
}

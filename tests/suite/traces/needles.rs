//! What must never be found anywhere.

use crate::traces::support::{Sender, escape, tag};

/// Stands in bodies.
pub(crate) const CANARY: &str = "canary-5ac1";
pub(crate) const WRONG_TOKEN: &str = "wr\u{f6}ng token/7+d";

/// A secret, a token, a tag or a body, in every form in which it could be printed.
#[derive(Clone, Debug)]
pub(crate) struct Needle {
    what: String,
    forms: Vec<String>,
}

impl Needle {
    pub(crate) fn new(what: &str, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let escaped = escape(bytes);
        let hex = hex::encode(bytes);
        let decimal = bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
        let mut forms = vec![
            format!("{text:?}").trim_matches('"').to_owned(),
            // In the `Debug` of a text that is one already.
            text.escape_debug().to_string().escape_debug().to_string(),
            text.escape_default().to_string(),
            bytes.escape_ascii().to_string(),
            escaped.to_lowercase(),
            escaped,
            hex.to_uppercase(),
            hex,
            decimal,
            text,
        ];
        forms.sort();
        forms.dedup();
        Self { what: what.to_owned(), forms }
    }

    pub(crate) fn is_in(&self, text: &str) -> bool {
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        // A list over several lines ends with a comma.
        self.forms.iter().any(|form| text.contains(form.as_str()) || compact.contains(form.as_str()))
    }
}

/// A tag is known by its digits, in either case, and by its bytes.
fn tags(what: &str, digits: &str) -> Vec<Needle> {
    vec![
        Needle::new(what, digits.as_bytes()),
        Needle::new(what, digits.to_uppercase().as_bytes()),
        Needle::new(what, &hex::decode(digits).expect("digits")),
    ]
}

/// All that these bodies' deliveries have to hide: the secrets, tokens and tags, right and wrong, and the canary.
pub(crate) fn needles(sender: &Sender, bodies: &[&[u8]]) -> Vec<Needle> {
    let (secret, previous) = (sender.secret(), sender.previous_secret());
    let mut needles = vec![
        Needle::new("the secret", secret.as_bytes()),
        Needle::new("the previous secret", previous.as_bytes()),
        Needle::new("a wrong token", WRONG_TOKEN.as_bytes()),
        Needle::new("the body", CANARY.as_bytes()),
    ];
    for body in bodies {
        needles.extend(tags("a right tag", &tag(secret.as_bytes(), body)));
        needles.extend(tags("a previous tag", &tag(previous.as_bytes(), body)));
        needles.extend(tags("a wrong tag", &tag(WRONG_TOKEN.as_bytes(), body)));
    }
    needles
}

#[track_caller]
pub(crate) fn none_is_in(needles: &[Needle], text: &str) {
    let found: Vec<_> = needles.iter().filter(|needle| needle.is_in(text)).map(|needle| &needle.what).collect();
    assert!(found.is_empty(), "{found:?} in {text}");
}

#[test]
fn a_needle_is_found_in_every_form() {
    let secret = "s\u{e9}cr\"t/+ 7";
    let needle = Needle::new("a secret", secret.as_bytes());
    for text in [
        format!("x{secret}x"),
        format!("{secret:?}"),
        format!("{:?}", format!("{secret:?}")),
        format!("{:?}", bytes::Bytes::from(secret)),
        format!("{:?}", secret.as_bytes()),
        format!("{:#?}", secret.as_bytes()),
        escape(secret.as_bytes()),
        escape(secret.as_bytes()).to_lowercase(),
        hex::encode(secret),
        hex::encode_upper(secret),
    ] {
        assert!(needle.is_in(&text), "{text}");
    }
    assert!(!needle.is_in("s\u{e9}cr't/+ 7"));
}

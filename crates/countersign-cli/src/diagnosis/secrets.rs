//! Known mistakes with the secret.

use countersign_core::{
    __private::{self as shape, unquoted, without_name},
    Secret,
    provider::Key,
};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    coding,
    mistake::{Meant, Mistake, Named, Undo, mistakes},
};
use crate::secret::SecretInput;

/// Longer than any secret, in bytes: a longer one is used verbatim.
const LONGEST: usize = 4096;

/// No more texts of a JSON document are tried.
const MOST: usize = 16;

/// In two parts, so that no scanner takes it for a secret.
const PREFIX: &[u8] = concat!("whsec", "_").as_bytes();

mistakes! {
    PREVIOUS: "previous-secret",
        "the {proof} was made with the previous secret, in {detail}",
        "Accept it in addition to the current one until no delivery matches it any more: \
         `Secrets::new(current).add_previous(previous)`. If the rotation has ended, set the current secret at {provider}.";
    EMPTY: "secret-empty",
        "the {proof} was made with an empty secret",
        "Never accept it: anyone can do that. The sender has no secret set.";
    UNSET: "secret-unset",
        "the {proof} was made with the text of a value that is not set, such as `undefined`",
        "The sender had no secret, and signed with that word. Never accept it: anyone can do that.";
    NOT_TRIMMED: "secret-not-trimmed",
        "{secret} starts or ends with white space or a line break that is not part of it",
        "Remove it. `echo` and most editors add a line break at the end (`printf %s` does not), and some editors add a byte \
         order mark at the start.";
    TRIMMED: "secret-trimmed",
        "{secret} was trimmed, but the white space or line break at its start or end is part of it",
        "Use the secret byte for byte as it is set at {provider}, or set one without white space.";
    QUOTED: "secret-quoted",
        "{secret} has quotes around it that are not part of it",
        "Remove the quotes: `docker --env-file` and systemd keep those of a .env file.";
    WITH_NAME: "secret-with-name",
        "{secret} starts with a name and `=`, or with another text that is not part of it",
        "Remove what is in front of the secret itself.";
    WRAPPED: "secret-wrapped",
        "{secret} has line breaks or white space inside that are not part of it",
        "Remove them: `base64`, e-mail programs and terminals split long lines.";
    ESCAPED: "secret-escaped",
        "{secret} has `\\n` as two characters, or `%` and hex digits, where other characters belong",
        "Use the secret as it was issued: something escaped or percent-encoded it, such as a .env file in one line or a URL.";
    IN_JSON: "secret-in-json",
        "{secret} is JSON, and only a text in it is the secret",
        "Use only that text, without quotes: secret managers keep several values in one JSON document.";
    PREFIX_STRIPPED: "secret-prefix-stripped",
        "{secret} lacks its prefix `whsec_`, which is part of it",
        "Use the secret as it was issued. Standard Webhooks remove the prefix, but {provider} does not use them.";
    BASE64_DECODED: "secret-base64-decoded",
        "{secret} was base64-decoded: it must be used as it was issued, as text",
        "Use the bytes of the text itself, with a prefix such as `whsec_`. Nothing is decoded.";
    HEX_DECODED: "secret-hex-decoded",
        "{secret} was hex-decoded: it must be used as it was issued, as text",
        "Use the bytes of the text itself. Nothing is decoded.";
    IS_BASE64: "secret-is-base64",
        "the {proof} was made with the base64-decoded form of {secret}",
        "If {provider} issued the decoded form, use that: a Kubernetes Secret shows its values in base64. If {provider} \
         issued this text, the sender must not decode it.";
    IS_HEX: "secret-is-hex",
        "the {proof} was made with the hex-decoded form of {secret}",
        "If {provider} issued this text, the sender must not decode it.";
    AS_STANDARD_WEBHOOKS: "secret-as-standard-webhooks",
        "the {proof} was made with what follows `whsec_` in {secret}, as Standard Webhooks do",
        "{provider} does not use Standard Webhooks: the sender must use the whole text as the secret.";
}

/// Each mistake, and the secrets that may have been meant by the given one.
static TABLE: &[(&Mistake, Undo)] = &[
    (&NOT_TRIMMED, trimmed),
    (&QUOTED, |secret| unquoted(secret).map(<[u8]>::to_vec).into_iter().collect()),
    (&WITH_NAME, without_text),
    (&ESCAPED, unescaped),
    (&WRAPPED, |secret| vec![secret.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()]),
    (&IN_JSON, in_json),
    (&IS_BASE64, |secret| coding::from_base64(secret).into_iter().collect()),
];

/// The same for secrets that are used verbatim.
static OF_VERBATIM: &[(&Mistake, Undo)] = &[
    (&TRIMMED, untrimmed),
    (&PREFIX_STRIPPED, |secret| vec![[PREFIX, secret].concat()]),
    (&BASE64_DECODED, base64_encoded),
    (&HEX_DECODED, |secret| vec![hex::encode(secret).into_bytes(), hex::encode_upper(secret).into_bytes()]),
    (&IS_HEX, |secret| hex::decode(secret).into_iter().collect()),
    (&AS_STANDARD_WEBHOOKS, without_prefix),
    (&UNSET, |_| ["undefined", "null", "None"].map(|word| word.into()).into()),
];

/// Returns every secret that may have been meant, if it is a key of this form: the previous ones, and
/// those that one mistake can have made the given one of.
pub(super) fn all(form: Option<Key>, current: &SecretInput, previous: &[SecretInput]) -> Vec<Meant> {
    let is_verbatim = matches!(form, None | Some(Key::Verbatim));
    let mut meant: Vec<(Zeroizing<Vec<u8>>, Named)> = Vec::new();
    for secret in previous {
        let name = secret.origin.strip_prefix("the secret in ").unwrap_or(&secret.origin);
        meant.push((secret.bytes.clone(), Named::with_detail(&PREVIOUS, name)));
    }
    if current.bytes.len() <= LONGEST {
        let of_form = if is_verbatim { OF_VERBATIM } else { &[] };
        for (mistake, undo) in TABLE.iter().chain(of_form) {
            meant.extend(undo(&current.bytes).into_iter().map(|bytes| (Zeroizing::new(bytes), Named::from(*mistake))));
        }
    }
    if form.is_some() && is_verbatim {
        // No verifier takes an empty one. HMAC pads both to the same key.
        meant.push((Zeroizing::new(vec![0]), Named::from(&EMPTY)));
    }
    let mut known = vec![current.bytes.clone()];
    let secrets = meant.into_iter().filter_map(|(bytes, mistake)| {
        // The first way to a secret counts.
        if known.contains(&bytes) {
            return None;
        }
        known.push(bytes.clone());
        Some(Meant::secret(Secret::new(bytes.as_slice()).ok()?.into(), mistake))
    });
    secrets.collect()
}

/// Without the line break of a file, all white space, or invisible characters as well.
fn trimmed(secret: &[u8]) -> Vec<Vec<u8>> {
    let line = secret.strip_suffix(b"\n").map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let forms = [line, Some(secret.trim_ascii()), Some(shape::trimmed(secret))];
    forms.into_iter().flatten().map(<[u8]>::to_vec).collect()
}

/// Without a name, or any text in front of it: `v1,`, `Bearer `, `Secret: `; of a URL, the name and the
/// password.
fn without_text(secret: &[u8]) -> Vec<Vec<u8>> {
    let is_end = |byte: &u8| matches!(byte, b' ' | b'\t' | b',' | b':' | b'=');
    let ends = secret.iter().enumerate().filter(|(_, byte)| is_end(byte)).map(|(at, _)| at).take(MOST);
    let rests = ends.filter_map(|at| secret.get(at.saturating_add(1)..)).map(<[u8]>::trim_ascii);
    let url = secret.windows(3).position(|part| part == b"://").and_then(|at| secret.get(at.saturating_add(3)..));
    let credentials = url.and_then(|rest| rest.split(|byte| *byte == b'@').next());
    let all = without_name(secret).into_iter().chain(rests).chain(credentials);
    all.filter(|rest| !rest.is_empty() && *rest != secret).map(<[u8]>::to_vec).collect()
}

/// With real line breaks, and percent-decoded.
fn unescaped(secret: &[u8]) -> Vec<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(secret) else { return Vec::new() };
    let lines = text.replace("\\r", "").replace("\\n", "\n");
    vec![lines.trim_end().into(), lines.into(), coding::from_percent(secret, false)]
}

fn in_json(secret: &[u8]) -> Vec<Vec<u8>> {
    let texts = |values: Vec<Value>| {
        let texts = values.into_iter().filter_map(|value| value.as_str().map(|text| text.as_bytes().to_vec()));
        texts.take(MOST).collect()
    };
    match serde_json::from_slice(secret) {
        Ok(Value::Array(values)) => texts(values),
        Ok(Value::Object(fields)) => texts(fields.into_iter().map(|(_, value)| value).collect()),
        _ => Vec::new(),
    }
}

fn untrimmed(secret: &[u8]) -> Vec<Vec<u8>> {
    let behind = [b"\n".as_slice(), b"\r\n", b" ", b"\t"].map(|space| [secret, space].concat());
    behind.into_iter().chain([[b" ", secret].concat()]).collect()
}

fn base64_encoded(secret: &[u8]) -> Vec<Vec<u8>> {
    let encoded = coding::to_base64(secret);
    let prefixed: Vec<_> = encoded.iter().map(|text| [PREFIX, text].concat()).collect();
    [encoded, prefixed].concat()
}

fn without_prefix(secret: &[u8]) -> Vec<Vec<u8>> {
    let rest = secret.strip_prefix(PREFIX);
    [rest.and_then(coding::from_base64), rest.map(<[u8]>::to_vec)].into_iter().flatten().collect()
}

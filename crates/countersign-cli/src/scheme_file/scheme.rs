//! The scheme: `[signature]` and `[token]`, or a list of these.

use std::time::Duration;

use countersign_core::provider::{
    Key, Scheme, Signed,
    grammar::{Algorithm, Coding, Part, Unit},
};

use super::{
    place::{parameter, place},
    reader::{Field, Fields, NO_SECRET, Read},
};

/// Reads the scheme.
pub(super) fn scheme(file: &Fields) -> Read<Scheme> {
    let mut schemes = Vec::new();
    for (name, read) in [("signature", signature as fn(Field) -> Read<Scheme>), ("token", token)] {
        let Some(field) = file.get(name) else { continue };
        if field.value.is_array() {
            field.list()?.try_for_each(|field| read(field).map(|scheme| schemes.push((field, scheme))))?;
        } else {
            schemes.push((field, read(field)?));
        }
    }
    // In the order of the file: the library says if that is not from the strongest to the weakest.
    schemes.sort_by_key(|(field, _)| field.at());
    match schemes.as_slice() {
        [] => Err(file.mistake("no proof: add a table [signature] or [token]")),
        [(_, scheme)] => Ok(*scheme),
        [.., (last, _)] => {
            let list: Vec<_> = schemes.iter().map(|(_, scheme)| *scheme).collect();
            Scheme::__any_of(list.leak()).map_err(|complaint| last.complaint(complaint))
        }
    }
}

fn token(field: Field) -> Read<Scheme> {
    if field.value.is_str() {
        return Err(field.mistake(format_args!("must be a table with the place of the token, and {NO_SECRET}")));
    }
    let fields = field.table(&["at", "basic"])?;
    if fields.is_true("basic")? {
        return match fields.get("at") {
            Some(at) => {
                Err(at.mistake("is not needed with `basic`, whose place is the header `authorization`: remove it"))
            }
            None => Ok(Scheme::basic()),
        };
    }
    let at = fields.need("at")?;
    Scheme::__token(place(at)?).map_err(|complaint| at.complaint(complaint))
}

fn signature(field: Field) -> Read<Scheme> {
    use Algorithm::{EcdsaP256, Ed25519, HmacSha1, HmacSha256, HmacSha512, RsaSha256, Sha256OfSecretAndText};

    let fields = field.table(&[
        "algorithm",
        "at",
        "or-at",
        "prefix",
        "coding",
        "key",
        "id",
        "time",
        "over",
        "with-or-without-port",
        "body-digest",
    ])?;
    let algorithms = [HmacSha256, HmacSha512, HmacSha1, Sha256OfSecretAndText, Ed25519, EcdsaP256, RsaSha256];
    let algorithm = fields.need("algorithm")?.word(&algorithms, "")?;
    let at = place(fields.need("at")?)?;
    let coding = fields.need("coding")?.word(&[Coding::Hex, Coding::Base64, Coding::Base64Url], "")?;
    let mut signed = Scheme::signed(algorithm, at, coding);
    if let Some(place) = fields.read("or-at", place)? {
        signed = signed.or_at(place);
    }
    if let Some(prefix) = fields.read("prefix", |field| field.ascii())? {
        signed = signed.prefix(prefix);
    }
    if let Some(key) = fields.read("key", key)? {
        signed = signed.key(key);
    }
    if let Some(place) = fields.read("id", place)? {
        signed = signed.id(place);
    }
    if let Some(time) = fields.get("time") {
        signed = with_time(signed, time)?;
    }
    if fields.is_true("with-or-without-port")? {
        signed = signed.with_or_without_port();
    }
    if let Some(name) = fields.read("body-digest", parameter)? {
        signed = signed.body_digest(name);
    }
    let parts: Read<Vec<_>> = fields.need("over")?.list()?.map(part).collect();
    signed.__over(parts?.leak()).map_err(|complaint| field.complaint(complaint))
}

/// Reads the form of the key.
fn key(field: Field) -> Read<Key> {
    const FORMS: [Key; 8] = [
        Key::Verbatim,
        Key::Base64(&[]),
        Key::Hex,
        Key::Sha1,
        Key::PublicHex,
        Key::PublicBase64(&[]),
        Key::PublicDer,
        Key::PublicPem,
    ];
    if !field.value.is_table() {
        let others = format!(
            ", or a table {{ base64 = [prefixes] }}, {{ public-base64 = [prefixes] }} or {{ with = text }}. It is the \
             form of the key; {NO_SECRET}"
        );
        return field.word(&FORMS, &others);
    }
    let kind = field.kind(&["base64", "public-base64", "with"], "must have `base64`, `public-base64` or `with`")?;
    let fields = field.table(match kind {
        "base64" => &["base64"],
        "public-base64" => &["public-base64"],
        _ => &["with"],
    })?;
    let value = fields.need(kind)?;
    Ok(match kind {
        "base64" => Key::Base64(value.texts()?),
        "public-base64" => Key::PublicBase64(value.texts()?),
        _ => Key::With(value.any_text()?),
    })
}

/// Adds the time of sending.
fn with_time(signed: Signed, field: Field) -> Read<Signed> {
    let fields = field.table(&["at", "unit", "tolerance", "any-time"])?;
    let at = place(fields.need("at")?)?;
    let unit = fields.need("unit")?.word(&[Unit::Seconds, Unit::Milliseconds, Unit::Rfc3339], "")?;
    let signed = signed.time(at, unit);
    match (fields.get("tolerance"), fields.is_true("any-time")?) {
        (Some(tolerance), false) => Ok(signed.tolerance(duration(tolerance)?)),
        (Some(tolerance), true) => Err(tolerance.mistake("and `any-time` contradict each other: remove one of them")),
        (None, true) => Ok(signed.any_time()),
        (None, false) => Ok(signed),
    }
}

/// `{ minutes = 5 }`
fn duration(field: Field) -> Read<Duration> {
    let kind = field.kind(&["seconds", "minutes"], "must be a table { seconds = 300 } or { minutes = 5 }")?;
    let (known, factor): (&[_], u64) = if kind == "minutes" { (&["minutes"], 60) } else { (&["seconds"], 1) };
    // No number of 32 bits is too large for a duration.
    let count: u32 = field.table(known)?.need(kind)?.number()?;
    Ok(Duration::from_secs(u64::from(count).saturating_mul(factor)))
}

/// Reads a part of what is signed.
fn part(field: Field) -> Read<Part> {
    const WORDS: [Part; 7] =
        [Part::Time, Part::Id, Part::Method, Part::Url, Part::Body, Part::BodySha256, Part::SortedForm];
    if !field.value.is_table() {
        return field.word(&WORDS, ", or a table { text = \".\" }, { field = place } or { optional = place }");
    }
    let kind = field.kind(&["text", "field", "optional"], "must have `text`, `field` or `optional`")?;
    let fields = field.table(match kind {
        "text" => &["text"],
        "field" => &["field"],
        _ => &["optional", "before", "after"],
    })?;
    let value = fields.need(kind)?;
    let around = |name| fields.read(name, |field| field.any_text()).map(Option::unwrap_or_default);
    Ok(match kind {
        "text" => Part::Text(value.any_text()?),
        "field" => Part::Field(place(value)?),
        _ => Part::Optional(around("before")?, place(value)?, around("after")?),
    })
}

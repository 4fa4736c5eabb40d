//! Mistakes of a sender, as edits of the scheme: what it may have done instead of what the page says.
//! The verifier decides whether the delivery fits the edited scheme, so that this works for the scheme
//! of every page.

use std::mem::discriminant;

use countersign_core::{
    __private::{Pick, PlaceKind},
    Secret,
    adapter::RequestHead,
    provider::{Algorithm, Coding, Key, Part, Place, Scheme, Signed, Unit},
};

use super::{
    mistake::{Meant, Named, can_be_shown, mistakes},
    signed_parts,
};
use crate::capture::Captured;

/// No more headers or keys of a list are looked at.
const MOST: usize = 64;

/// No longer key of a list is shown, in bytes: it is `v0` or `sha256`, and could be a token.
const LONGEST_KEY: usize = 12;

/// No longer prefix is looked at, in bytes.
const LONGEST_PREFIX: usize = 32;

mistakes! {
    ALGORITHM: "signature-algorithm",
        "the signature was made with {detail}",
        "Sign as {provider} does: {signed}, with the algorithm that its page names.";
    CODING: "signature-coding",
        "{place} has the signature in {detail}",
        "Write its bytes as {provider} does: {grammar}.";
    PREFIX_MISSING: "signature-prefix-missing",
        "{place} has the signature without its prefix: it must be {grammar}",
        "Send {place} as {provider} does: {grammar}.";
    PREFIX: "signature-prefix",
        "{place} has the signature behind another prefix: it must be {grammar}",
        "Send {place} as {provider} does: {grammar}.";
    KEY_OF_LIST: "signature-member",
        "{place} is missing or wrong: the signature that matches is {detail}",
        "Send it as {provider} does: {grammar}.";
    TIME_UNIT: "time-unit",
        "{detail}",
        "Send the time as {provider} does, and sign it as it is sent.";
    NOT_DECODED: "secret-not-decoded",
        "the signature was made with the text of {secret} itself: {detail}",
        "The sender must make the key from the secret as {provider} does, and sign with that.";
    DECODED: "secret-coding",
        "the signature was made with {secret} read as {detail}",
        "The sender must read the secret as {provider} does.";
    PUBLIC_KEY: "secret-coding",
        "{secret} is {detail}",
        "Write the key in the form in which {provider} issues it.";
}

/// A change of a scheme.
#[derive(Clone, Debug)]
enum Change {
    Algorithm(Algorithm),
    Coding(Coding),
    Prefix(&'static str),
    Key(Key),
    Place(Place),
    Unit(Unit),
    Over(Vec<Part>),
}

/// A mistake as changes of one of the page's schemes.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    original: &'static Scheme,
    changes: Vec<Change>,
    /// With the changes.
    pub(super) scheme: &'static Scheme,
}

impl Edit {
    /// `None` if the changed scheme makes no sense.
    fn new(original: &'static Scheme, changes: Vec<Change>) -> Option<Self> {
        let mut signed = original.__signed()?;
        let mut parts = signed.parts.to_vec();
        for change in &changes {
            match change {
                Change::Algorithm(algorithm) => signed.algorithm = *algorithm,
                Change::Coding(coding) => signed.coding = *coding,
                Change::Prefix(prefix) => signed.prefix = prefix,
                Change::Key(key) => signed.key = *key,
                Change::Place(place) => signed.places = [Some(*place), None],
                Change::Unit(unit) => signed.time = signed.time.map(|(place, _)| (place, *unit)),
                Change::Over(over) => parts.clone_from(over),
            }
        }
        // What is not signed is not read.
        let is_signed = |(place, _): &(Place, Unit)| place.is_in_body() || parts.contains(&Part::Time);
        signed.time = signed.time.filter(is_signed);
        signed.tolerance = signed.tolerance.filter(|_| signed.time.is_some());
        signed.id = signed.id.filter(|_| parts.contains(&Part::Id));
        signed.has_port_variants &= parts.contains(&Part::Url);
        signed.digest = signed.digest.filter(|_| parts.contains(&Part::Url) && !parts.contains(&Part::Body));
        // A scheme is const data. The program ends soon, and makes a few thousand at most.
        let scheme = signed.__over(parts.leak()).ok()?;
        Some(Self { original, changes, scheme: Box::leak(Box::new(scheme)) })
    }

    /// Nothing is changed.
    pub(super) fn none(original: &'static Scheme) -> Self {
        Self { original, changes: Vec::new(), scheme: original }
    }

    /// Both, if they change the same scheme in different ways.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
        let is_changed = |change: &Change| self.changes.iter().any(|own| discriminant(own) == discriminant(change));
        if self.original != other.original || other.changes.iter().any(is_changed) {
            return None;
        }
        Self::new(self.original, [self.changes.as_slice(), &other.changes].concat())
    }

    /// With the signed time in another unit.
    pub(super) fn units(&self) -> Vec<(Self, Named)> {
        let Some(signed) = self.original.__signed() else { return Vec::new() };
        let with = |changes: Vec<Change>| Self::new(self.original, [self.changes.clone(), changes].concat());
        units(&signed).filter_map(|(changes, named)| Some((with(changes)?, named))).collect()
    }
}

/// Returns every mistake that is an edit of the page's scheme, or of one in its list.
pub(super) fn all(scheme: &'static Scheme, captured: &Captured, secret: &[u8]) -> Vec<Meant> {
    let of = |original: &'static Scheme| {
        let signed = original.__signed()?;
        let edits = algorithms(&signed).chain(codings(&signed)).chain(prefixes(&signed, captured));
        let edits = edits.chain(keys(&signed)).chain(keys_of_list(&signed, captured, secret)).chain(units(&signed));
        let edits = edits.filter_map(|(changes, named)| Some((Edit::new(original, changes)?, named)));
        let over = signed_parts::all(&signed, captured, secret).into_iter().filter_map(|(parts, mistake)| {
            let edit = Edit::new(original, vec![Change::Over(parts)])?;
            let detail = format!("{} instead of {}", edit.scheme.signed_text(), original.signed_text());
            Some((edit, Named::with_detail(mistake, detail)))
        });
        let edits = edits.chain(over).map(|(edit, named)| Meant::edited(edit, named));
        Some(edits.chain(text_of_key(original, &signed, secret)).collect::<Vec<_>>())
    };
    scheme.__each().iter().filter_map(of).flatten().collect()
}

type Edited = (Vec<Change>, Named);

fn algorithms(signed: &Signed) -> impl Iterator<Item = Edited> {
    const MACS: [(Algorithm, &str, &str); 4] = [
        (Algorithm::HmacSha256, "HMAC-SHA256", "sha256"),
        (Algorithm::HmacSha1, "HMAC-SHA1", "sha1"),
        (Algorithm::HmacSha512, "HMAC-SHA512", "sha512"),
        (Algorithm::Sha256OfSecretAndText, "SHA-256 of the secret and the text", "sha256"),
    ];
    let own = MACS.into_iter().find(|(algorithm, ..)| *algorithm == signed.algorithm);
    let prefix = signed.prefix;
    own.into_iter().flat_map(move |(own, own_name, own_word)| {
        let others = MACS.into_iter().filter(move |(algorithm, ..)| *algorithm != own);
        others.flat_map(move |(algorithm, name, word)| {
            let named = Named::with_detail(&ALGORITHM, format!("{name} instead of {own_name}"));
            // `sha1=` for `sha256=`: one mistake, not two.
            let renamed = Some(prefix.replace(own_word, word)).filter(|renamed| renamed != prefix);
            let renamed = renamed.map(|prefix| vec![Change::Algorithm(algorithm), Change::Prefix(prefix.leak())]);
            let changes = [Some(vec![Change::Algorithm(algorithm)]), renamed];
            changes.into_iter().flatten().map(move |changes| (changes, named.clone()))
        })
    })
}

fn codings(signed: &Signed) -> impl Iterator<Item = Edited> + use<> {
    let own = signed.coding;
    let others = [Coding::Hex, Coding::Base64, Coding::Base64Url].into_iter().filter(move |coding| *coding != own);
    // Of base64, the head says how it differs.
    let others = others.filter(move |coding| (own, *coding) != (Coding::Base64, Coding::Base64Url));
    others.map(move |coding| {
        (vec![Change::Coding(coding)], Named::with_detail(&CODING, format!("{coding} instead of {own}")))
    })
}

/// Without the prefix, and with the one that the captured header has.
fn prefixes(signed: &Signed, captured: &Captured) -> impl Iterator<Item = Edited> {
    let own = signed.prefix;
    let missing = (!own.is_empty()).then(|| (vec![Change::Prefix("")], Named::from(&PREFIX_MISSING)));
    let values = signed.places.into_iter().flatten().flat_map(|place| values(captured, place)).take(MOST);
    let other = values.filter_map(move |value| {
        let end =
            value.iter().position(|&byte| byte == b'=').or_else(|| value.iter().position(|&byte| byte == b' '))?;
        let prefix = std::str::from_utf8(value.get(..=end)?).ok()?;
        let is_other = prefix != own && prefix.len() <= LONGEST_PREFIX && !prefix.trim_end().contains(' ');
        is_other.then(|| (vec![Change::Prefix(prefix.to_owned().leak())], Named::from(&PREFIX)))
    });
    missing.into_iter().chain(other.collect::<Vec<_>>())
}

fn keys(signed: &Signed) -> impl Iterator<Item = Edited> + use<> {
    let own = signed.key;
    let secret = [Key::Verbatim, Key::Base64(&[]), Key::Hex];
    let public = [Key::PublicHex, Key::PublicBase64(&[]), Key::PublicDer, Key::PublicPem];
    // What a secret that is used verbatim may have been read as is among the secrets.
    let others = if own.is_public() { &public[..] } else { &secret[..] };
    let others: Vec<_> = others.iter().copied().filter(|key| *key != own && own != Key::Verbatim).collect();
    others.into_iter().map(move |key| {
        let named = match key {
            Key::Verbatim => Named::with_detail(&NOT_DECODED, form(own)),
            _ if key.is_public() => Named::with_detail(&PUBLIC_KEY, format!("{key}, and must be {own}")),
            _ => Named::with_detail(&DECODED, format!("{key}; {}", form(own))),
        };
        (vec![Change::Key(key)], named)
    })
}

/// What the key is.
fn form(key: Key) -> String {
    match key {
        Key::Sha1 => "the key is its SHA-1 digest".to_owned(),
        Key::With(text) => format!("the key is its bytes and `{text}`"),
        _ => format!("it is {key}"),
    }
}

/// The text behind the prefix of a key, not decoded.
fn text_of_key(original: &'static Scheme, signed: &Signed, secret: &[u8]) -> Option<Meant> {
    let Key::Base64(prefixes) = signed.key else { return None };
    let text = prefixes.iter().find_map(|prefix| secret.strip_prefix(prefix.as_bytes()))?;
    let edit = Edit::new(original, vec![Change::Key(Key::Verbatim)])?;
    let named = Named::with_detail(&NOT_DECODED, form(signed.key));
    Some(Meant { edit: Some(edit), ..Meant::secret(Secret::new(text).ok()?.into(), named) })
}

/// The signature under another key of the list, or without a list.
fn keys_of_list(signed: &Signed, captured: &Captured, secret: &[u8]) -> impl Iterator<Item = Edited> {
    let place = signed.places.first().copied().flatten();
    let Some(PlaceKind::Member { header, assign, separator, pick: Pick::Key(own) }) = place.map(|place| place.__kind())
    else {
        return Vec::new().into_iter();
    };
    let lines = place.into_iter().flat_map(|place| values(captured, place));
    let lines: Vec<_> = lines.filter_map(|line| std::str::from_utf8(line).ok()).collect();
    let members = lines.iter().flat_map(|line| line.split(char::from(separator))).take(MOST);
    let keys = members.filter_map(|member| Some(member.trim().split_once(char::from(assign))?.0.to_owned()));
    let place = |kind| Place::__of(kind).ok();
    let time = signed.time.map(|(place, _)| place.__kind());
    let is_time = |key: &str| matches!(time, Some(PlaceKind::Member { pick: Pick::Key(time), .. }) if time == key);
    let others = keys.filter(|key| key != own && !is_time(key)).filter_map(|key| {
        let is_version = key.len() <= LONGEST_KEY && can_be_shown(&key, secret);
        let detail = if is_version { format!("under `{key}`") } else { "under another key".to_owned() };
        let pick = Pick::Key(key.leak());
        Some((place(PlaceKind::Member { header, assign, separator, pick })?, detail))
    });
    let is_shared = signed.time.is_some_and(|(place, _)| place.is_in_header(header));
    let alone = if is_shared { None } else { place(PlaceKind::Header(header)) };
    let alone = alone.map(|place| (place, format!("all that the header `{header}` has")));
    let edited = others.chain(alone).map(|(place, detail)| {
        let named = Named::with_detail(&KEY_OF_LIST, detail);
        (vec![Change::Place(place)], named)
    });
    edited.collect::<Vec<_>>().into_iter()
}

fn units(signed: &Signed) -> impl Iterator<Item = Edited> + use<> {
    const UNITS: [(Unit, &str); 3] =
        [(Unit::Seconds, "in seconds"), (Unit::Milliseconds, "in milliseconds"), (Unit::Rfc3339, "in RFC 3339")];
    signed.time.into_iter().flat_map(|(place, own)| {
        let own_name = UNITS.into_iter().find(|(unit, _)| *unit == own).map(|(_, name)| name).unwrap_or_default();
        UNITS.into_iter().filter(move |(unit, _)| *unit != own).map(move |(unit, name)| {
            let detail = format!("{place}, the signed time, is {name} instead of {own_name}");
            (vec![Change::Unit(unit)], Named::with_detail(&TIME_UNIT, detail))
        })
    })
}

/// The values of a header; if it is missing, of every other, because the proof may be elsewhere.
fn values(captured: &Captured, place: Place) -> Vec<&[u8]> {
    let own: Vec<_> = captured.headers().filter(|(name, _)| place.is_in_header(name)).map(|(_, value)| value).collect();
    if own.is_empty() { captured.headers().map(|(_, value)| value).collect() } else { own }
}

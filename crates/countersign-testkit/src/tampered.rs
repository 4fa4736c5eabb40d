//! What is done to a delivery.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use countersign_core::{
    __for_each_typed_provider,
    adapter::DEFAULT_BODY_LIMIT,
    provider::{Page, Place, Proof, Unit},
    providers,
};
use serde_json::Value;

use crate::{
    documented::payloads,
    error::{TamperingError, TamperingErrorKind},
    example::fresh_id,
    expected::protects_body,
    made::Made,
    places,
    tampering::Tampering,
};

/// An event that no provider documents.
const UNKNOWN_EVENT: &str = "countersign.unknown";

/// Longer ago than any provider retries: the year 2002.
fn long_ago() -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(1_009_843_200)).unwrap_or(UNIX_EPOCH)
}

/// Why a tampering is impossible.
type Why = String;

impl Made {
    pub(crate) fn tampered(&self, tampering: Tampering) -> Result<Self, TamperingError> {
        let tampered = match tampering {
            Tampering::FlippedBody => self.with_flipped_body(),
            Tampering::Reserialised => self.reserialised(),
            Tampering::FlippedTag => self.with_changed_proof(flipped, flip),
            Tampering::TruncatedTag => {
                self.with_changed_proof(truncated, |token| token.truncate(token.len().saturating_sub(1)))
            }
            Tampering::MissingProof => self.without_proof(),
            Tampering::DoubledProof => self.with_doubled_proof(),
            Tampering::WrongPrefix => self.with_wrong_prefix(),
            Tampering::RetiredSecret => self.with_retired_secret(),
            Tampering::OtherProvider => self.of_other_provider(),
            Tampering::Oversized => self.oversized(),
            Tampering::UnknownEvent => self.with_unknown_event(),
            Tampering::Duplicate => Ok(self.clone()),
            Tampering::Stale => self.stale(),
            Tampering::StaleTime => self.at(long_ago()).and_then(Self::resigned),
            Tampering::WrongTime => {
                let later = self.time.checked_add(Duration::from_secs(1)).unwrap_or(UNIX_EPOCH);
                self.at(later).and_then(|later| later.with_signature_of(self))
            }
            Tampering::SwappedId => self.with_swapped_id(),
            Tampering::OtherUrl => self.for_other_url(),
        };
        // What a delivery is made from stays, for another tampering.
        let kept = |made| Self { time: self.time, url: self.url.clone(), id: self.id.clone(), ..made };
        tampered.map(kept).map_err(|why| {
            let message = format!("{tampering} is not possible for {}: {why}", self.page.title);
            TamperingError::new(TamperingErrorKind::Impossible, message)
        })
    }

    /// The body with another field of a form, or with blanks behind its JSON.
    fn oversized(&self) -> Result<Self, Why> {
        let scheme = self.page.scheme;
        let body = if scheme.json_field().is_some() {
            let blanks = " ".repeat(DEFAULT_BODY_LIMIT);
            let with_blanks = |json: &str| Ok(format!("{json}{blanks}"));
            places::edit_json(&self.body, scheme.json_field(), with_blanks).map_err(in_words)?
        } else {
            let (start, rest) = if scheme.takes_form() { ("&", b'x') } else { ("", b' ') };
            let mut long = [&self.body, start.as_bytes()].concat();
            long.resize(DEFAULT_BODY_LIMIT.saturating_add(1).max(long.len()), rest);
            long.into()
        };
        Self { body, ..self.clone() }.resigned()
    }

    fn clean_proof(&self) -> Result<Proof, Why> {
        self.proof().map_err(in_words)
    }

    fn resigned(mut self) -> Result<Self, Why> {
        self.sign().map_err(in_words)?;
        Ok(self)
    }

    /// Signs it, and gives it the signature of the original instead of the right one.
    fn with_signature_of(self, original: &Self) -> Result<Self, Why> {
        let (old, resigned) = (original.clean_proof()?, self.resigned()?);
        Ok(resigned.proven_by(&resigned.clean_proof()?.with_value(old.value())))
    }

    fn proven_by(&self, proof: &Proof) -> Self {
        let mut proven = self.clone();
        proven.prove(proof);
        proven
    }

    fn with_flipped_body(&self) -> Result<Self, Why> {
        let genuine = self.proven_by(&self.clean_proof()?);
        let body = &genuine.body;
        let digits = (0..body.len()).rev().filter(|&at| body.get(at).is_some_and(u8::is_ascii_digit));
        // The last digit, if there is one, so that JSON stays JSON.
        let mut flipped = digits.chain(0..body.len()).map(|at| {
            let flip = |(index, byte): (usize, &u8)| if index == at { byte ^ 1 } else { *byte };
            Self { body: body.iter().enumerate().map(flip).collect(), ..genuine.clone() }
        });
        let is_json = |body: &[u8]| places::json_of(body, self.page.scheme.json_field()).is_ok();
        let was_json = is_json(body);
        // If the proof does not protect the body, what it needs of it stays.
        let is_unnoticed = |changed: &Self| changed.is_signed_alike() && is_json(&changed.body) == was_json;
        let first = flipped.next().ok_or("the body is empty")?;
        if protects_body(self.page.scheme) || is_unnoticed(&first) {
            return Ok(first);
        }
        // Each is a copy of the body.
        Ok(flipped.take(1000).find(is_unnoticed).unwrap_or(first))
    }

    /// Whether nothing in the body would change if it were signed again: what differs is not signed.
    fn is_signed_alike(&self) -> bool {
        self.clone().resigned().is_ok_and(|again| again.body == self.body)
    }

    fn reserialised(&self) -> Result<Self, Why> {
        let genuine = self.proven_by(&self.clean_proof()?);
        let json: Value = serde_json::from_slice(&genuine.body).map_err(|_| "the body is not JSON".to_owned())?;
        let spellings = [json.to_string(), format!("{json:#}"), format!("{json}\n")];
        let other = spellings.into_iter().find(|other| other.as_bytes() != &genuine.body[..]);
        Ok(Self { body: other.unwrap_or_default().into(), ..genuine })
    }

    /// Changes the signature, or the token.
    fn with_changed_proof(&self, signature: fn(&str) -> String, change: fn(&mut Vec<u8>)) -> Result<Self, Why> {
        let proof = self.clean_proof()?;
        if !self.page.scheme.first().is_credential() {
            let prefix = self.page.scheme.signature_prefix().unwrap_or_default();
            let bare = proof.value().strip_prefix(prefix).unwrap_or(proof.value());
            return Ok(self.proven_by(&proof.with_value(format!("{prefix}{}", signature(bare)))));
        }
        let mut secret = zeroize::Zeroizing::new(self.secret.to_vec());
        change(&mut secret);
        Ok(self.proven_by(&self.proof_under(&secret).map_err(in_words)?))
    }

    fn without_proof(&self) -> Result<Self, Why> {
        let place = self.clean_proof()?.place();
        let mut unproven = self.clone();
        unproven.remove_proof_in_head();
        unproven.body = places::remove(&unproven.body, &place);
        Ok(unproven)
    }

    fn with_doubled_proof(&self) -> Result<Self, Why> {
        let proof = self.clean_proof()?;
        let repeated = proof.repeated();
        let mut doubled = self.proven_by(&repeated);
        // What is not a list in the body is there a second time.
        if let Some(text) = proof.in_body().filter(|text| repeated.in_body() == Some(*text)) {
            doubled.body = places::repeat(&doubled.body, &proof.place(), text).map_err(in_words)?;
        }
        Ok(doubled)
    }

    fn with_wrong_prefix(&self) -> Result<Self, Why> {
        let prefix = self.page.scheme.signature_prefix().ok_or("its proof is not a signature")?;
        let proof = self.clean_proof()?;
        let wrong = if prefix == "v0=" { "v1=" } else { "v0=" };
        let value = format!("{wrong}{}", proof.value().strip_prefix(prefix).unwrap_or(proof.value()));
        Ok(self.proven_by(&proof.with_value(value)))
    }

    fn with_retired_secret(&self) -> Result<Self, Why> {
        // A key in base64 or hex has to stay one. (HMAC takes a key with zeros at its end for the same.)
        let ends = [b"-retired".as_slice(), b"AQEB", b"01"].map(|end| [&self.secret, end].concat());
        let other = std::str::from_utf8(&self.secret).map(|secret| flipped(secret).into_bytes());
        let mut retired = ends.into_iter().chain(other);
        let proof = retired.find_map(|secret| self.proof_under(&secret).ok());
        Ok(self.proven_by(&proof.ok_or("no other key can be made of its secret")?))
    }

    /// What the first provider with another scheme would send to the same path.
    fn of_other_provider(&self) -> Result<Self, Why> {
        let other = OTHERS.iter().find(|other| other.scheme != self.page.scheme);
        let other = other.ok_or("no provider has another scheme")?;
        let body = payloads(other).first().map_or("{}", |(_, body)| body);
        let others = Self::new(other, Bytes::from_static(body.as_bytes()), self.secret.to_vec()).map_err(in_words)?;
        let mut delivery = self.without_proof()?;
        let page = self.page;
        for header in [page.event_copy, page.sent_at, page.event, page.id].into_iter().flatten() {
            if let Some(name) = header.as_header() {
                delivery.headers.remove(name);
            }
        }
        for (name, value) in &others.headers {
            delivery.headers.insert(name, value.clone());
        }
        Ok(Self { query: others.query, body: others.body, ..delivery })
    }

    fn with_unknown_event(&self) -> Result<Self, Why> {
        let mut unknown = self.clone();
        unknown.set_event_name(UNKNOWN_EVENT).map_err(in_words)?;
        let unknown = unknown.resigned()?;
        let is_read = self.page.event.is_none_or(|place| place.as_json().is_none())
            || places::event_name(self.page, &unknown.body).as_deref() == Some(UNKNOWN_EVENT);
        is_read.then_some(unknown).ok_or_else(|| "the name of its event is not at its documented path".to_owned())
    }

    fn stale(&self) -> Result<Self, Why> {
        let covered = self.page.occurred_at.filter(|place| self.page.scheme.covers(*place));
        let place = covered.filter(Place::is_in_body).ok_or("its proof covers no time of the event")?;
        let time = Unit::Rfc3339.write(long_ago());
        let body = places::set(&self.body, &place, places::Value::Text(&time)).map_err(in_words)?;
        Self { body, ..self.clone() }.resigned()
    }

    /// Sent at another time.
    fn at(&self, time: SystemTime) -> Result<Self, Why> {
        self.page.scheme.signed_time().ok_or("its proof covers no time of sending")?;
        Ok(Self { time, ..self.clone() })
    }

    fn with_swapped_id(&self) -> Result<Self, Why> {
        let scheme = self.page.scheme.first();
        let is_covered = scheme.signed_id().is_some() || self.page.id.is_some_and(|place| scheme.covers(place));
        if !is_covered {
            return Err("its proof covers no ID of a delivery".to_owned());
        }
        let mut swapped = self.clone();
        swapped.set_id(&fresh_id()).map_err(in_words)?;
        swapped.with_signature_of(self)
    }

    fn for_other_url(&self) -> Result<Self, Why> {
        if !self.page.scheme.first().signs_url() {
            return Err("its proof covers no URL".to_owned());
        }
        let mut other = self.clone();
        other.url.push_str("/other");
        other.resigned()
    }
}

macro_rules! others {
    ($($name:ident => $Provider:ident,)*) => {
        static OTHERS: &[Page] = &[$(Page::of::<providers::$Provider>()),*];
    };
}
__for_each_typed_provider!(others);

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn in_words(error: impl ToString) -> Why {
    error.to_string()
}

/// Changes one character in the middle of a signature or key: in hex and in base64, that is another
/// value of the same length.
fn flipped(value: &str) -> String {
    let middle = value.chars().count() / 2;
    value
        .chars()
        .enumerate()
        .map(|(at, old)| match (at == middle, old) {
            (false, old) => old,
            (true, '0') => '1',
            (true, _) => '0',
        })
        .collect()
}

/// Removes a byte in hex, or three in base64.
fn truncated(signature: &str) -> String {
    let is_hex = signature.bytes().all(|byte| byte.is_ascii_hexdigit());
    let length = signature.len().saturating_sub(if is_hex { 2 } else { 4 });
    signature.chars().take(length).collect()
}

/// Flips a bit of a token, so that it stays one that a header can have.
#[expect(clippy::ptr_arg, reason = "others shorten it")]
fn flip(token: &mut Vec<u8>) {
    if let Some(last) = token.last_mut() {
        *last ^= if *last == b'~' { 2 } else { 1 };
    }
}

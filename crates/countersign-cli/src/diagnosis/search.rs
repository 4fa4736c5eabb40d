//! The search for the simplest explanation: every single mistake first, then every two.

use bytes::Bytes;
use countersign_core::provider::{Proof, Provider, Scheme};
use zeroize::Zeroizing;

use super::{
    coding,
    mistake::{Candidate, Named},
    readings::Reading,
    rejected::LONG,
};

/// Returns the mistakes that explain why `P`'s proof did not match: at most one with the secret,
/// one with the body, and two in all. The first of `secrets` and of `bodies` is the given one.
pub(super) fn explain<P: Provider>(
    readings: &[Reading],
    secrets: &[Candidate<Zeroizing<Vec<u8>>>],
    bodies: &[Candidate<Bytes>],
) -> Option<Vec<Named>> {
    let is_long = bodies.first().is_some_and(|body| body.value.len() > LONG);
    (1..=if is_long { 1 } else { 2 }).find_map(|most| explain_with::<P>(most, readings, secrets, bodies))
}

fn explain_with<P: Provider>(
    most: usize,
    readings: &[Reading],
    secrets: &[Candidate<Zeroizing<Vec<u8>>>],
    bodies: &[Candidate<Bytes>],
) -> Option<Vec<Named>> {
    for secret in secrets {
        for body in bodies {
            let mistakes: Vec<_> = secret.mistake.iter().chain(&body.mistake).cloned().collect();
            let left = most.checked_sub(mistakes.len());
            let mut readings = readings.iter().filter(|reading| Some(reading.mistakes.len()) == left).peekable();
            if readings.peek().is_none() {
                continue;
            }
            // A secret that is not a key of the form that the provider issues explains nothing.
            let Ok(proof) = P::SCHEME.sign(&secret.value, &body.value) else { continue };
            if let Some(reading) = readings.find(|reading| is_proof(&reading.value, P::SCHEME, &proof)) {
                return Some([mistakes, reading.mistakes.clone()].concat());
            }
        }
    }
    None
}

/// Whether `text` is `proof`: the digits of a signature may be in either case.
fn is_proof(text: &[u8], scheme: Scheme, proof: &Proof) -> bool {
    let value = proof.value().as_bytes();
    match scheme.signature_prefix().map(str::as_bytes) {
        Some(prefix) => {
            let (digits, expected) = (text.strip_prefix(prefix), value.strip_prefix(prefix));
            digits.zip(expected).is_some_and(|(digits, expected)| digits.eq_ignore_ascii_case(expected))
        }
        None if proof.place().as_query().is_some() => text == coding::from_percent(value, false),
        None => text == value,
    }
}

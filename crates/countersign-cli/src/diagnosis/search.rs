//! The search for the simplest explanation: every single mistake first, then every two.

use bytes::Bytes;
use countersign_core::provider::{Proof, Scheme};
use zeroize::Zeroizing;

use super::{
    Delivered, bodies, coding, is_plain,
    mistake::{Candidate, Named},
    readings::{self, Reading},
    rejected::LONG,
    secrets, times,
};

/// Returns the mistakes that explain why the proof did not match: at most one with the secret, one
/// with the body, and two in all.
pub(super) fn explain(delivered: &Delivered<'_>) -> Option<Vec<Named>> {
    let form = delivered.scheme().key();
    let secrets = secrets::candidates(form, delivered.secret, delivered.previous);
    let bodies = bodies::candidates(delivered.page(), delivered.captured);
    let proofs = if is_plain(delivered.scheme()) {
        Proofs::Read(readings::readings(delivered.captured, delivered.scheme()))
    } else {
        Proofs::AsCaptured
    };
    let is_long = delivered.captured.body().len() > LONG;
    (1..=if is_long { 1 } else { 2 }).find_map(|most| explain_with(delivered, most, &proofs, &secrets, &bodies))
}

/// What is compared with a candidate.
enum Proofs {
    /// What the proof may be if it is not where and as it should be, of a plain scheme.
    Read(Vec<Reading>),
    /// The proof as the verifier finds it.
    AsCaptured,
}

fn explain_with(
    delivered: &Delivered<'_>,
    most: usize,
    proofs: &Proofs,
    secrets: &[Candidate<Zeroizing<Vec<u8>>>],
    bodies: &[Candidate<Bytes>],
) -> Option<Vec<Named>> {
    for secret in secrets {
        for body in bodies {
            let mistakes: Vec<_> = secret.mistake.iter().chain(&body.mistake).cloned().collect();
            let left = most.checked_sub(mistakes.len());
            let others = match proofs {
                Proofs::Read(readings) => read_with(delivered.scheme(), left, readings, &secret.value, &body.value),
                Proofs::AsCaptured if left == Some(0) => {
                    let captured = delivered.captured.as_plain_post(body.value.clone());
                    // A secret that is not a key of the form that the provider issues explains nothing.
                    let answer = delivered.verify_with(delivered.entry, &captured, &secret.value, true);
                    let verified = answer.ok().and_then(Result::ok);
                    verified
                        .map(|verified| times::stale(delivered, delivered.scheme(), &verified).into_iter().collect())
                }
                Proofs::AsCaptured => None,
            };
            if let Some(others) = others {
                return Some([mistakes, others].concat());
            }
        }
    }
    None
}

/// The mistakes of a reading that is right for a secret and a body.
fn read_with(
    scheme: &Scheme,
    left: Option<usize>,
    readings: &[Reading],
    secret: &[u8],
    body: &[u8],
) -> Option<Vec<Named>> {
    let mut readings = readings.iter().filter(|reading| Some(reading.mistakes.len()) == left).peekable();
    readings.peek()?;
    let proof = scheme.sign(secret, body).ok()?;
    readings.find(|reading| is_proof(&reading.value, scheme, &proof)).map(|reading| reading.mistakes.clone())
}

/// Whether `text` is `proof`: the digits of a signature may be in either case.
fn is_proof(text: &[u8], scheme: &Scheme, proof: &Proof) -> bool {
    let value = proof.value().as_bytes();
    match scheme.signature_prefix().map(str::as_bytes) {
        Some(prefix) => {
            let (digits, expected) = (text.strip_prefix(prefix), value.strip_prefix(prefix));
            digits.zip(expected).is_some_and(|(digits, expected)| digits.eq_ignore_ascii_case(expected))
        }
        None => text == coding::from_percent(value, false),
    }
}

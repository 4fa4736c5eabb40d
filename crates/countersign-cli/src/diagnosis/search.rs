//! The search for the simplest explanation: every single mistake first, then two at once, then three.

use bytes::Bytes;

use super::{bodies, matching, mistake::Named, secrets, tokens};

/// So many bytes are hashed at most: a second or two.
const BUDGET: usize = 512 * 1024 * 1024;
/// What a try costs beside its body.
const OVERHEAD: usize = 256;
/// What mistakes make of a body is kept for combinations up to this length.
const KEPT: usize = 128 * 1024;
/// How many bytes of that are kept at most.
const KEPT_IN_ALL: usize = 32 * 1024 * 1024;

/// How a search ended.
pub(super) enum Outcome {
    Explained(Vec<Named>),
    Unexplained,
    /// There was more to try than is sensible.
    CutShort,
}

/// How many mistakes with the signature, the secret and the body are tried together, the simplest first.
const ORDER: [(usize, usize, usize); 12] = [
    (1, 0, 0),
    (0, 1, 0),
    (0, 0, 1),
    (2, 0, 0),
    (1, 1, 0),
    (1, 0, 1),
    (0, 2, 0),
    (0, 1, 1),
    (3, 0, 0),
    (2, 1, 0),
    (2, 0, 1),
    (1, 1, 1),
];

/// What may have been wrong with a signed delivery.
pub(super) struct Signed<'a> {
    given: &'a bodies::Given<'a>,
    readings: Vec<matching::Reading>,
    secrets: Vec<secrets::Candidate>,
    body: bodies::Candidate,
    /// Bodies with a mistake, if they are small enough to be kept.
    bodies: Option<Vec<bodies::Candidate>>,
    budget: usize,
}

impl<'a> Signed<'a> {
    pub(super) fn new(
        readings: Vec<matching::Reading>,
        secrets: Vec<secrets::Candidate>,
        given: &'a bodies::Given<'a>,
    ) -> Self {
        let body = bodies::as_it_is(given);
        let bodies = (given.body.len() <= KEPT).then(|| kept(bodies::candidates(given)));
        Self { given, readings, secrets, body, bodies, budget: BUDGET }
    }

    pub(super) fn explain(mut self) -> Outcome {
        if self.readings.is_empty() {
            return Outcome::Unexplained;
        }
        self.secrets.extend(secrets::with_another_mistake(&self.secrets));
        for weights in ORDER {
            match self.explain_with(weights) {
                Outcome::Unexplained => {}
                found => return found,
            }
        }
        if self.bodies.is_some() { Outcome::Unexplained } else { Outcome::CutShort }
    }

    fn explain_with(&mut self, (signature, secret, body): (usize, usize, usize)) -> Outcome {
        match (body, &self.bodies) {
            (0, _) => {
                let as_it_is = self.body.body.clone();
                self.try_body(&as_it_is, &[], (signature, secret))
            }
            (_, Some(bodies)) => {
                let bodies: Vec<_> = bodies.iter().map(|body| (body.body.clone(), body.mistakes.clone())).collect();
                self.try_bodies(bodies.into_iter(), (signature, secret))
            }
            // Without being kept they can be tried one by one, with everything else as it should be.
            (_, None) if (signature, secret) == (0, 0) => {
                let given = self.given;
                let bodies = bodies::candidates(given).map(|body| (body.body, body.mistakes));
                self.try_bodies(bodies, (0, 0))
            }
            (_, None) => Outcome::Unexplained,
        }
    }

    fn try_bodies(&mut self, bodies: impl Iterator<Item = (Bytes, Vec<Named>)>, others: (usize, usize)) -> Outcome {
        if self.readings.iter().all(|reading| reading.mistakes.len() != others.0) {
            return Outcome::Unexplained;
        }
        for (body, mistakes) in bodies {
            match self.try_body(&body, &mistakes, others) {
                Outcome::Unexplained => {}
                found => return found,
            }
        }
        Outcome::Unexplained
    }

    fn try_body(&mut self, body: &[u8], mistakes: &[Named], (signature, secret): (usize, usize)) -> Outcome {
        let secrets = self.secrets.iter().filter(|candidate| candidate.mistakes.len() == secret);
        for secret in secrets {
            for reading in self.readings.iter().filter(|reading| reading.mistakes.len() == signature) {
                let Some(left) = self.budget.checked_sub(body.len().saturating_add(OVERHEAD)) else {
                    return Outcome::CutShort;
                };
                self.budget = left;
                if reading.fits(&secret.bytes, body) {
                    return Outcome::Explained([&secret.mistakes, mistakes, &reading.mistakes].concat());
                }
            }
        }
        Outcome::Unexplained
    }
}

fn kept(candidates: impl Iterator<Item = bodies::Candidate>) -> Vec<bodies::Candidate> {
    let mut kept: Vec<bodies::Candidate> = Vec::new();
    let mut room = KEPT_IN_ALL;
    for candidate in candidates {
        let Some(left) = room.checked_sub(candidate.body.len()) else { break };
        if kept.iter().all(|other| other.body != candidate.body) {
            room = left;
            kept.push(candidate);
        }
    }
    kept
}

/// Why a token is not the secret.
pub(super) fn explain_token(readings: &[tokens::Reading], mut secrets: Vec<secrets::Candidate>) -> Outcome {
    // An empty token is told as such: nobody has made it of an empty secret.
    secrets.retain(|candidate| !candidate.bytes.is_empty());
    secrets.extend(secrets::with_another_mistake(&secrets));
    for (token, secret, _) in ORDER.into_iter().filter(|(_, _, body)| *body == 0) {
        for secret in secrets.iter().filter(|candidate| candidate.mistakes.len() == secret) {
            let readings = readings.iter().filter(|reading| reading.mistakes.len() == token);
            if let Some(reading) = readings.into_iter().find(|reading| reading.fits(&secret.bytes)) {
                return Outcome::Explained([secret.mistakes.as_slice(), &reading.mistakes].concat());
            }
        }
    }
    Outcome::Unexplained
}

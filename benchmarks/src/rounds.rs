//! Measures contenders in turns.
//!
//! The machine is shared, so that measurements made one after the other are not comparable. Each round therefore runs each
//! contender for a short slot, in an order that rotates. The result is the ratio to the reference *of the same round*: its
//! median over all rounds, and its quartiles.

use std::{hint::black_box, time::Instant};

/// A measured operation.
pub struct Contender<'a> {
    name: String,
    run: Box<dyn FnMut() + 'a>,
}

impl<'a> Contender<'a> {
    pub fn new<T>(name: impl Into<String>, mut run: impl FnMut() -> T + 'a) -> Self {
        Self { name: name.into(), run: Box::new(move || drop(black_box(run()))) }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs the operation once.
    pub fn call(&mut self) {
        (self.run)();
    }
}

/// Contenders that are measured against each other.
pub struct Case {
    pub name: String,
    pub contenders: Vec<Contender<'static>>,
}

/// The results of one contender.
#[derive(Clone, Debug)]
pub struct Figures {
    pub name: String,
    /// Nanoseconds per call: the median over the rounds.
    pub nanos: f64,
    /// Ratio to the reference of the same round: the median, and the quartiles.
    pub ratio: f64,
    pub quartiles: (f64, f64),
    /// Allocations per call.
    pub allocations: u64,
}

/// The length of a slot, in nanoseconds.
const SLOT: f64 = 1_000_000.0;

/// Runs `contenders` for `rounds` rounds. The first contender is the reference.
pub fn measure(mut contenders: Vec<Contender<'_>>, rounds: usize) -> Vec<Figures> {
    let repeats: Vec<u32> = contenders.iter_mut().map(calls_in_a_slot).collect();
    let mut nanos = vec![Vec::with_capacity(rounds); contenders.len()];
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let index = (turn + round) % contenders.len();
            let slot = timed(&mut contenders[index], repeats[index]);
            nanos[index].push(slot / f64::from(repeats[index]));
        }
    }
    let reference = nanos[0].clone();
    contenders
        .iter_mut()
        .zip(&nanos)
        .map(|(contender, nanos)| {
            let ratios: Vec<f64> = nanos.iter().zip(&reference).map(|(nanos, reference)| nanos / reference).collect();
            let allocations = allocation_counter::measure(|| contender.call()).count_total;
            Figures {
                name: contender.name.clone(),
                nanos: quantile(nanos, 0.5),
                ratio: quantile(&ratios, 0.5),
                quartiles: (quantile(&ratios, 0.25), quantile(&ratios, 0.75)),
                allocations,
            }
        })
        .collect()
}

fn calls_in_a_slot(contender: &mut Contender<'_>) -> u32 {
    let mut calls = 1;
    loop {
        // The least of three: an interruption would look like a long call, and short slots run with cold caches.
        let nanos = (0..3).map(|_| timed(contender, calls)).fold(f64::INFINITY, f64::min);
        if nanos > SLOT / 4.0 || calls > 1 << 24 {
            return ((SLOT / nanos) * f64::from(calls)).ceil().max(1.0) as u32;
        }
        calls *= 4;
    }
}

/// The nanoseconds of `calls` calls.
fn timed(contender: &mut Contender<'_>, calls: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        contender.call();
    }
    start.elapsed().as_nanos() as f64
}

/// The value below which this share of `values` lies.
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

//! What a request costs the server, everybody in turns.

use countersign_benchmarks::rounds::quantile;
use countersign_end_to_end::{
    contenders::{Contender, Framework, Kind},
    deliveries::{DISTINCT, REMEMBERED, body, forged, genuine},
};

use crate::{
    Failure, Options,
    client::{Client, accepted},
    load::{Load, Requests, Round},
    process::Server,
};

/// What came out for everybody with bodies of one size, round by round.
pub struct Speed(Vec<(Contender, Vec<Round>)>);

/// A median, and the quartiles.
#[derive(Clone, Copy)]
pub struct Spread {
    pub median: f64,
    pub quartiles: (f64, f64),
}

impl Spread {
    pub fn of(values: &[f64]) -> Self {
        Self { median: quantile(values, 0.5), quartiles: (quantile(values, 0.25), quantile(values, 0.75)) }
    }
}

/// How many connections are open: of larger bodies fewer, so that what is under way at the end of a round is little.
pub fn connections(size: usize) -> usize {
    match size {
        0..=1024 => 64,
        1025..=65536 => 16,
        _ => 4,
    }
}

impl Speed {
    pub fn measure(load: &Load<'_>, contenders: &[Contender], size: usize, options: &Options) -> Result<Self, Failure> {
        let mut measured: Vec<_> = contenders.iter().map(|&contender| (contender, Vec::new())).collect();
        for _ in 0..options.rounds {
            for (contender, rounds) in &mut measured {
                // Signed anew: some refuse what was signed five minutes ago.
                let requests = Requests::genuine(load.folder, size, contender.dialect())?;
                let mut server = warm(*contender, size, &requests)?;
                rounds.push(load.round(&mut server, &requests, connections(size), true)?);
                server.end()?;
            }
            // There and back: what comes later in one round comes earlier in the next.
            measured.reverse();
        }
        measured.sort_by_key(|(contender, _)| contenders.iter().position(|other| other == contender));
        Ok(Self(measured))
    }

    fn rounds(&self, of: Contender) -> &[Round] {
        let (_, rounds) = self.0.iter().find(|(contender, _)| *contender == of).expect("it took part");
        rounds
    }

    fn of(&self, contender: Contender, figure: impl Fn(&Round) -> f64) -> Spread {
        Spread::of(&self.rounds(contender).iter().map(figure).collect::<Vec<_>>())
    }

    /// Times the processor time of another in the same round.
    pub fn ratio(&self, contender: Contender, to: Contender) -> Spread {
        self.compared(contender, to, |one, other| one.cpu / other.cpu)
    }

    /// Microseconds more than another in the same round.
    pub fn difference(&self, contender: Contender, to: Contender) -> Spread {
        self.compared(contender, to, |one, other| one.cpu - other.cpu)
    }

    fn compared(&self, contender: Contender, to: Contender, compare: impl Fn(&Round, &Round) -> f64) -> Spread {
        let pairs = self.rounds(contender).iter().zip(self.rounds(to));
        Spread::of(&pairs.map(|(one, other)| compare(one, other)).collect::<Vec<_>>())
    }

    /// A row for each contender, against the bare one and the one by hand.
    pub fn print(&self, framework: Framework) {
        println!("| | server CPU, us | times bare | times by hand | requests/s | p50, ms | p99, ms |");
        println!("|---|--:|--:|--:|--:|--:|--:|");
        let bare = framework.with(Kind::BareBytes);
        for &(contender, _) in self.0.iter().filter(|(contender, _)| contender.framework == framework) {
            let cpu = self.of(contender, |round| round.cpu);
            let (low, high) = cpu.quartiles;
            println!(
                "| {} | {:.2} ({low:.2} to {high:.2}) | {} | {} | {:.0} | {:.2} | {:.2} |",
                contender.kind,
                cpu.median,
                cell(self.ratio(contender, bare)),
                cell(self.ratio(contender, contender.by_hand())),
                self.of(contender, |round| round.rate).median,
                self.of(contender, |round| round.median).median,
                self.of(contender, |round| round.slowest).median,
            );
        }
    }
}

pub fn cell(ratio: Spread) -> String {
    let (low, high) = ratio.quartiles;
    format!("{:.2} ({low:.2} to {high:.2})", ratio.median)
}

/// A server that has shown that it accepts what is genuine and refuses what is forged, and has served as many requests as a
/// store remembers.
pub fn warm(contender: Contender, size: usize, requests: &Requests) -> Result<Server, Failure> {
    let mut server = Server::start(contender)?;
    let body = body(size, DISTINCT);
    let mut client = Client::connect(server.address)?;
    accepted(client.ask(&genuine(contender.dialect(), &body))?)?;
    if contender.verifies() {
        // Some hang up after a refusal.
        let status = Client::connect(server.address)?.ask(&forged(contender.dialect(), &body))?;
        if !(400..500).contains(&status) {
            return Err(format!("{} answered {status} to a forged request", contender.name()).into());
        }
    }
    let count = if size > 1024 { 16 } else { REMEMBERED };
    for request in requests.in_turn().take(count) {
        accepted(client.ask(request)?)?;
    }
    server.turn = count + REMEMBERED;
    Ok(server)
}

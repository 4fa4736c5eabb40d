//! What a sender can do to a server who does not mean well.

use std::{thread::sleep, time::Duration};

use countersign_end_to_end::{
    contenders::{Contender, Framework, Kind},
    deliveries::{Dialect, body, genuine, promise},
};

use crate::{
    Failure, Options,
    client::{Client, accepted},
    load::{Load, Requests},
    memory::on_all,
    process::Server,
    speed::{Spread, cell, connections, warm},
};

const SIZE: usize = 1024 * 1024;

/// How many hang up at once.
const HANGING_UP: usize = 32;

/// More than there is memory anywhere.
const ABSURD: u64 = 9_000_000_000_000_000;

pub struct Hostile {
    hang_ups: Vec<(Contender, f64)>,
    absurd: Vec<(Contender, u16)>,
    forged: Vec<(Contender, usize, Spread)>,
}

impl Hostile {
    pub fn measure(load: &Load<'_>, options: &Options) -> Result<Self, Failure> {
        let mut measured = Self { hang_ups: Vec::new(), absurd: Vec::new(), forged: Vec::new() };
        for framework in Framework::ALL {
            for kind in [Kind::BareBytes, Kind::OursBytes] {
                let contender = framework.with(kind);
                measured.hang_ups.push((contender, hang_up(contender)?));
            }
            let ours = framework.with(Kind::OursBytes);
            measured.absurd.push((ours, absurd(ours)?));
            for size in [1024, SIZE] {
                measured.forged.push((ours, size, forged(load, ours, size, options)?));
            }
        }
        Ok(measured)
    }

    /// Milliseconds of the processor in the second after the hang-up.
    pub fn after_hang_up(&self, framework: Framework) -> f64 {
        let ours = framework.with(Kind::OursBytes);
        self.hang_ups.iter().find(|(contender, _)| *contender == ours).map_or(f64::NAN, |(_, millis)| *millis)
    }

    pub fn status_of_absurd(&self, framework: Framework) -> u16 {
        self.absurd.iter().find(|(contender, _)| contender.framework == framework).map_or(0, |(_, status)| *status)
    }

    pub fn forged_to_valid(&self, framework: Framework, size: usize) -> Spread {
        let found = self.forged.iter().find(|(contender, of, _)| contender.framework == framework && *of == size);
        found.expect("it was measured").2
    }

    pub fn print(&self) {
        for (contender, millis) in &self.hang_ups {
            println!(
                "* {HANGING_UP} senders hang up half way through 1 MiB: {millis:.1} ms of CPU in the next second \
                 ({}, {})",
                contender.framework, contender.kind
            );
        }
        for (contender, status) in &self.absurd {
            println!(
                "* `Content-Length: {ABSURD}`: {status}, and the next genuine request is accepted ({}, {})",
                contender.framework, contender.kind
            );
        }
        for (contender, size, ratio) in &self.forged {
            println!(
                "* a forged body of {} KiB takes {} of the CPU of a genuine one ({}, {})",
                size / 1024,
                cell(*ratio),
                contender.framework,
                contender.kind
            );
        }
    }
}

fn hang_up(contender: Contender) -> Result<f64, Failure> {
    let server = Server::start(contender)?;
    let request = genuine(Dialect::ScreenScore, &body(SIZE, 0));
    accepted(Client::connect(server.address)?.ask(&request)?)?;
    let mut clients = (0..HANGING_UP).map(|_| Client::connect(server.address)).collect::<Result<Vec<_>, _>>()?;
    on_all(&mut clients, |client| client.send(&request[..SIZE / 2]))?;
    server.settle()?;
    let before = server.cpu()?;
    drop(clients);
    sleep(Duration::from_secs(1));
    let millis = (server.cpu()? - before) as f64 / 1_000_000.0;
    accepted(Client::connect(server.address)?.ask(&request)?)?;
    server.end()?;
    Ok(millis)
}

fn absurd(contender: Contender) -> Result<u16, Failure> {
    let server = Server::start(contender)?;
    let status = Client::connect(server.address)?.ask(&promise(ABSURD))?;
    accepted(Client::connect(server.address)?.ask(&genuine(Dialect::ScreenScore, &body(SIZE, 0)))?)?;
    server.end()?;
    Ok(status)
}

fn forged(load: &Load<'_>, contender: Contender, size: usize, options: &Options) -> Result<Spread, Failure> {
    let genuine = Requests::genuine(load.folder, size, Dialect::ScreenScore)?;
    let forged = Requests::forged(load.folder, size)?;
    let mut server = warm(contender, size, &genuine)?;
    let mut ratios = Vec::new();
    for round in 0..options.rounds {
        let mut cpu = |are_genuine: bool| -> Result<f64, Failure> {
            let requests = if are_genuine { &genuine } else { &forged };
            Ok(load.round(&mut server, requests, connections(size), are_genuine)?.cpu)
        };
        let first = cpu(round % 2 == 0)?;
        let second = cpu(round % 2 == 1)?;
        ratios.push(if round % 2 == 0 { second / first } else { first / second });
    }
    server.end()?;
    Ok(Spread::of(&ratios))
}

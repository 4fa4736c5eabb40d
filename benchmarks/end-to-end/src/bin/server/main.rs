//! Serves one contender on one thread until standard input ends: `server Axum-OursTyped`.
//!
//! Its first line says where it listens, its last how many duplicates it saw.

mod by_actix;
mod by_axum;
mod by_hand;

use std::{
    io::{Read, stdin},
    net::SocketAddr,
    process::{ExitCode, exit},
    thread,
};

use countersign::{
    SecretMap, Secrets,
    dedupe::{Counters, Dedupe, MemoryStore},
};
use countersign_end_to_end::{
    contenders::{Contender, Framework},
    deliveries::{DISTINCT, REMEMBERED, SECRET, id},
};

fn main() -> ExitCode {
    let Some(contender) = std::env::args().nth(1).as_deref().and_then(Contender::named) else {
        eprintln!("server: there is no such contender");
        return ExitCode::FAILURE;
    };
    match contender.framework {
        Framework::Axum => by_axum::serve(contender.kind),
        Framework::Actix => by_actix::serve(contender.kind),
    }
    ExitCode::SUCCESS
}

/// Says where it listens, and ends the process with standard input.
fn announce(address: SocketAddr, counters: Option<Counters>) {
    println!("{address}");
    thread::spawn(move || {
        let _ = stdin().read_to_end(&mut Vec::new());
        println!("{}", counters.map_or(0, |counters| counters.duplicates()));
        exit(0);
    });
}

/// The secret that signs, beside one that is about to be given up.
fn rotation() -> Secrets {
    Secrets::new(SECRET).add_previous("the-secret-before")
}

/// A secret for each analysis.
fn map(secrets: impl Fn() -> Secrets) -> SecretMap {
    let map = SecretMap::new();
    for number in 0..=DISTINCT {
        map.insert(id(number), secrets()).expect("there is room");
    }
    map
}

fn dedupe() -> Dedupe {
    Dedupe::new(MemoryStore::with_capacity(REMEMBERED))
}

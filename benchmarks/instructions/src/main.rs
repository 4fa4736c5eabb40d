//! Runs one operation as often as it is told to, for `scripts/instructions` to count what it takes:
//!
//! * without arguments, prints the operations' names;
//! * `whole OPERATION` runs the operation;
//! * `floor OPERATION` runs what is not ours to make faster, and is taken off.

mod adapters;
mod events;
mod heads;
mod operation;
mod verification;

use std::process::ExitCode;

use operation::{Named, Operation};

/// How often: whatever happens once weighs nothing against it, and what is random in a hash table evens out.
const CALLS: usize = 500;

/// Before, so that tables have grown and caches are filled.
const WARM_UP: usize = 20;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let operations = operations();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => operations.iter().for_each(|(name, _)| println!("{name}")),
        [part @ ("whole" | "floor"), name] => {
            let Some((_, make)) = operations.into_iter().find(|(known, _)| known == name) else {
                eprintln!("there is no operation {name:?}");
                return ExitCode::FAILURE;
            };
            let Operation { mut whole, mut floor } = make();
            // Both parts, whichever is counted: what differs between the two runs is counted and nothing else.
            repeat(&mut whole, WARM_UP);
            repeat(&mut floor, WARM_UP);
            repeat(if *part == "whole" { &mut whole } else { &mut floor }, CALLS);
        }
        [calls] if *calls == "calls" => println!("{CALLS}"),
        _ => {
            eprintln!("usage: countersign-instructions [calls | whole OPERATION | floor OPERATION]");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn operations() -> Vec<Named> {
    [heads::operations(), verification::operations(), adapters::operations(), events::operations()].concat()
}

#[inline(never)]
fn repeat(run: &mut dyn FnMut(), times: usize) {
    for _ in 0..times {
        run();
    }
}

//! The power fails: programs work on a disk that loses what they did not flush, are killed, and everything that they
//! acknowledged is there.
//!
//! Where a machine cannot have such a disk, its trials are reported as ignored, and why is printed.
//!
//! COUNTERSIGN_POWER_CUTS      how often the power is cut in each trial (default: 3).
//! COUNTERSIGN_REQUIRE_POWER   if it is 1, a machine without such a disk fails.

#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, reason = "tests fail by panicking")]

mod dice;
mod disk;
mod inbox;
mod script;
mod sqlite;
mod storm;
mod tool;

use std::{env, fs, path::Path, process::ExitCode};

use disk::{Disk, Flushes, Left, scratch};
use libtest_mimic::{Arguments, Failed, Trial};
use storm::{Failure, Program, cut_at_start, fail_and_heal, storm};

/// Names the program that this binary is, if it was started by a trial.
const PROGRAM: &str = "POWER_PROGRAM";

const FULL: Program = Program { name: "sqlite FULL", find: sqlite::find };
const INBOX: Program = Program { name: "inbox", find: inbox::find };
const NORMAL: Program = Program { name: "sqlite NORMAL", find: sqlite::find };

fn main() -> ExitCode {
    if let Ok(program) = env::var(PROGRAM) {
        match program.as_str() {
            "script" => script::run(),
            "inbox" => inbox::run(),
            "sqlite FULL" => sqlite::run("FULL"),
            "sqlite NORMAL" => sqlite::run("NORMAL"),
            _ => panic!("not a program: {program}"),
        }
        return ExitCode::SUCCESS;
    }

    let mut arguments = Arguments::from_args();
    if let Some(threads) = env::var("RUST_TEST_THREADS").ok().and_then(|threads| threads.parse().ok()) {
        arguments.test_threads.get_or_insert(threads);
    }
    let folder = scratch("library");
    let library = Disk::build(&folder);
    if let Err(reason) = &library {
        eprintln!("the power is not cut on this machine: {reason}");
        if env::var("COUNTERSIGN_REQUIRE_POWER").is_ok_and(|required| required == "1") {
            let _ = fs::remove_dir_all(folder);
            return ExitCode::FAILURE;
        }
    }
    let trial = |name: &str, test: fn(&Path)| {
        let library = library.clone();
        Trial::test(name, move || {
            test(&library.unwrap_or_default());
            Ok::<(), Failed>(())
        })
    };
    let trials = [
        trial("disk::keeps_what_was_flushed_and_nothing_else", tool::keeps_what_was_flushed_and_nothing_else),
        trial("disk::tears_what_was_not_flushed", tool::tears_what_was_not_flushed),
        trial("disk::loses_renames_by_chance_but_whole", tool::loses_renames_by_chance_but_whole),
        trial("disk::is_full", tool::is_full),
        trial("disk::fails_and_lies_about_flushes", tool::fails_and_lies_about_flushes),
        trial("inbox::loses_nothing_if_all_that_was_not_flushed_is_lost", |library| {
            loses_nothing(library, INBOX, Left::Nothing);
        }),
        trial("inbox::loses_nothing_if_some_of_it_is_lost", |library| loses_nothing(library, INBOX, Left::Some)),
        trial("inbox::starts_from_what_a_cut_left_of_its_first_start", |library| {
            for _ in 0..4 * cuts() {
                cut_at_start(&Disk::new(library), INBOX);
            }
        }),
        trial("inbox::heals_when_the_disk_does", |library| {
            let rooms = [0, 1, 600, 4096, 30_000, 400_000];
            let failures = rooms.map(|room| Failure::Full { room });
            fail_and_heal(&Disk::new(library), INBOX, &[&failures[..], &[Failure::Flushes]].concat());
        }),
        // The controls: a trial that could not fail would prove nothing.
        trial("control::the_inbox_loses_deliveries_on_a_disk_that_lies", |library| {
            let disk = Disk::new(library);
            disk.set_flushes(Flushes::Lie);
            loses(&disk, INBOX, Left::Nothing);
        }),
        trial("control::synchronous_normal_loses_deliveries", |library| {
            loses(&Disk::new(library), NORMAL, Left::Nothing);
            loses(&Disk::new(library), NORMAL, Left::Some);
        }),
        trial("control::the_same_program_with_synchronous_full_does_not", |library| {
            loses_nothing(library, FULL, Left::Nothing);
            loses_nothing(library, FULL, Left::Some);
        }),
    ];
    let trials = trials.into_iter().map(|trial| trial.with_ignored_flag(library.is_err())).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    let _ = fs::remove_dir_all(folder);
    conclusion.exit_code()
}

fn cuts() -> usize {
    let cuts = env::var("COUNTERSIGN_POWER_CUTS").ok();
    cuts.map_or(3, |cuts| cuts.parse().expect("COUNTERSIGN_POWER_CUTS to be a number"))
}

fn loses_nothing(library: &Path, program: Program, left: Left) {
    let figures = storm(&Disk::new(library), program, cuts(), left);
    report(program, left, &figures);
    assert_eq!(figures.lost, 0, "of {} acknowledged deliveries", figures.acknowledged);
}

fn loses(disk: &Disk, program: Program, left: Left) {
    let figures = storm(disk, program, cuts(), left);
    report(program, left, &figures);
    assert_ne!(figures.lost, 0, "of {} acknowledged deliveries", figures.acknowledged);
}

fn report(program: Program, left: Left, figures: &storm::Figures) {
    let (cuts, name) = (cuts(), program.name);
    eprintln!("{name}, {left:?} left: {cuts} cuts, {} acknowledged, {} lost", figures.acknowledged, figures.lost);
}

#![doc = include_str!("../README.md")]

// The pages that `providers --scheme` prints name the facade.
#[cfg(test)]
extern crate countersign_core as countersign;

mod arguments;
mod capture;
mod captured_request;
mod catalog;
mod chosen;
mod circumstances;
mod commands;
mod delivery;
mod diagnosis;
mod endpoint;
#[cfg(feature = "redis")]
mod forgetting;
mod inbox_arguments;
mod inbox_keys;
mod input;
mod output;
mod page;
mod scheme_file;
mod secret;
mod verification;
mod words;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use output::Output;

fn main() -> ExitCode {
    // On wrong arguments and on `--help`, clap prints a message and exits with 2 and 0.
    let arguments = Arguments::parse();
    let mut output = Output::new(arguments.json);
    let ended = match arguments.command {
        Command::Providers(command) => commands::providers::run(&command, &mut output),
        Command::Sign(command) => commands::sign::run(&command, &mut output),
        Command::Send(command) => commands::send::run(&command, &mut output),
        Command::Verify(command) => commands::verify::run(&command, &mut output),
        Command::Key(command) => commands::key::run(&command, &mut output),
        Command::Inbox(command) => commands::inbox::run(&command, &mut output),
    };
    output.finish(ended)
}

//! A program that changes files as its environment says, and tells what went wrong.

use std::{
    env,
    fs::{self, File},
    io::Write,
};

pub(crate) const SCRIPT: &str = "POWER_SCRIPT";

/// Runs one step after the other, such as `write NAME LETTER SIZE`.
pub(crate) fn run() {
    for line in env::var(SCRIPT).unwrap_or_default().split(';').map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        let result = match words[..] {
            // From the beginning, in place.
            ["write", name, letter, size] => {
                let file = File::options().write(true).create(true).truncate(false).open(name);
                file.and_then(|mut file| file.write_all(letter.repeat(size.parse().expect("a size")).as_bytes()))
            }
            ["append", name, letter, size] => {
                let file = File::options().append(true).open(name);
                file.and_then(|mut file| file.write_all(letter.repeat(size.parse().expect("a size")).as_bytes()))
            }
            ["truncate", name, size] => {
                let file = File::options().write(true).open(name);
                file.and_then(|file| file.set_len(size.parse().expect("a size")))
            }
            ["flush", name] => File::open(name).and_then(|file| file.sync_all()),
            // With a descriptor that cannot read.
            ["flush-data", name] => File::options().write(true).open(name).and_then(|file| file.sync_data()),
            ["folder", name] => fs::create_dir(name),
            ["rename", from, to] => fs::rename(from, to),
            ["remove", name] => fs::remove_file(name),
            _ => panic!("not a step: {line}"),
        };
        if let Err(error) = result {
            println!("{line}: {error}");
        }
    }
}

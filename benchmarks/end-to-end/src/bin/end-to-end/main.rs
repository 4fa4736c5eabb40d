//! Whole requests, measured: prints Markdown. `end-to-end [--quick] [--points FILE] [speed|memory|hostile]…`

mod client;
mod hostile;
mod load;
mod memory;
mod process;
mod speed;
mod targets;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use countersign_end_to_end::contenders::Framework;

use crate::{hostile::Hostile, load::Load, memory::Memory, speed::Speed, targets::Targets};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The sizes of bodies, and what the headings call them.
const SIZES: [(usize, &str); 3] = [(1024, "1 KiB"), (64 * 1024, "64 KiB"), (1024 * 1024, "1 MiB")];

pub struct Options {
    quick: bool,
    rounds: usize,
    points: Option<PathBuf>,
    parts: Vec<String>,
}

impl Options {
    fn from_arguments() -> Result<Self, Failure> {
        let mut options = Self { quick: false, rounds: 11, points: None, parts: Vec::new() };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => (options.quick, options.rounds) = (true, 1),
                "--points" => options.points = Some(arguments.next().ok_or("--points takes a file")?.into()),
                "speed" | "memory" | "hostile" => options.parts.push(argument),
                _ => return Err(format!("{argument}: no such argument").into()),
            }
        }
        Ok(options)
    }

    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }
}

fn main() -> ExitCode {
    let folder = std::env::temp_dir().join(format!("countersign-end-to-end-{}", std::process::id()));
    let done = fs::create_dir_all(&folder).map_err(Failure::from).and_then(|()| run(&folder));
    let _ = fs::remove_dir_all(&folder);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("end-to-end: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path) -> Result<(), Failure> {
    let options = Options::from_arguments()?;
    check_tools()?;
    let append = |path: &PathBuf| fs::OpenOptions::new().create(true).append(true).open(path);
    let points = options.points.as_ref().map(append).transpose()?;
    let load = Load::new(folder)?;
    let mut targets = Targets::default();

    if options.wants("speed") {
        section("Whole requests", include_str!("introduction.md"));
        let mut sizes = Vec::new();
        for (size, title) in SIZES {
            let contenders = Framework::ALL.map(|framework| match size {
                1024 => framework.contenders(),
                _ => framework.contenders_of_any_size(),
            });
            let speed = Speed::measure(&load, &contenders.concat(), size, &options)?;
            for framework in Framework::ALL {
                println!("\n### {framework}, {title}\n");
                speed.print(framework);
            }
            sizes.push((size, speed));
        }
        targets.of_speed(&sizes);
    }
    if options.wants("memory") {
        section("Memory", include_str!("memory.md"));
        let memory = Memory::measure(&options)?;
        memory.print(points.as_ref())?;
        targets.of_memory(&memory);
    }
    if options.wants("hostile") {
        section("Hostile senders", include_str!("hostile.md"));
        let hostile = Hostile::measure(&load, &options)?;
        hostile.print();
        targets.of_hostile(&hostile);
    }
    section("Targets of whole requests", include_str!("targets.md"));
    targets.print();
    Ok(())
}

fn section(title: &str, introduction: &str) {
    println!("\n## {title}\n\n{}\n", introduction.trim_end());
}

/// Two cores, one of them for this process, and the programs that make the load.
fn check_tools() -> Result<(), Failure> {
    if std::thread::available_parallelism()?.get() < 2 {
        return Err("it takes two cores: one for the server, one for whoever asks it".into());
    }
    for tool in ["wrk", "taskset"] {
        let found = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        found.map_err(|error| format!("{tool}: {error} (install it, as with `apt-get install wrk util-linux`)"))?;
    }
    let pinned = Command::new("taskset")
        .args(["-cp", process::OTHER_CORE, &std::process::id().to_string()])
        .stdout(Stdio::null())
        .status()?;
    if pinned.success() { Ok(()) } else { Err("taskset cannot give this process a core".into()) }
}

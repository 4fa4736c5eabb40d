//! What the disk keeps and loses.

use std::{collections::BTreeMap, fs, path::Path};

use crate::{
    dice::Dice,
    disk::{Disk, Flushes, Left, SECTOR},
    script::SCRIPT,
};

/// Before, after, and what is left of it: files by letter and size. What is before the bar was there at the start.
const CUTS: &[(&str, &str, &str)] = &[
    ("what was flushed", "write a A 5000; flush a; flush .", "a A5000"),
    ("by a descriptor that only writes", "write a A 5000; flush-data a; flush .", "a A5000"),
    ("nothing was flushed", "write a A 5000", ""),
    ("only the file: it has no name", "write a A 5000; flush a", ""),
    ("only the folder: it is empty", "write a A 5000; flush .", "a 0"),
    ("written after the flush", "write a A 5000; flush a; flush .; write a B 5000", "a A5000"),
    ("appended", "write a A 5000; flush a; flush .; append a B 5000", "a A5000"),
    ("appended and flushed", "write a A 10; flush a; flush .; append a B 5; flush a", "a A10B5"),
    ("cut short", "write a A 5000; flush a; flush .; truncate a 10", "a A5000"),
    ("cut short and flushed", "write a A 5000; flush a; flush .; truncate a 10; flush a", "a A10"),
    ("renamed", "write a A 10; flush a; flush .; rename a b", "a A10"),
    ("renamed and flushed", "write a A 10; flush a; flush .; rename a b; flush .", "b A10"),
    ("replaced", "write a A 10; flush a; flush .; write b B 10; flush b; rename b a", "a A10"),
    ("replaced and flushed", "write a A 10; flush a; flush .; write b B 10; flush b; rename b a; flush .", "a B10"),
    ("replaced by what was not flushed", "write a A 10; flush a; write b B 10; rename b a; flush .", "a 0"),
    ("removed", "write a A 10; flush a; flush .; remove a", "a A10"),
    ("removed and flushed", "write a A 10; flush a; flush .; remove a; flush .", ""),
    ("removed, and another took its place", "write a A 10; flush a; flush .; remove a; write b B 20; flush b", "a A10"),
    ("a folder", "folder f; write f/a A 10; flush f/a; flush f; flush .", "f/a A10"),
    ("a folder without a name", "folder f; write f/a A 10; flush f/a; flush f", ""),
    ("a folder whose names were not flushed", "folder f; write f/a A 10; flush f/a; flush .", ""),
];

pub(crate) fn keeps_what_was_flushed_and_nothing_else(library: &Path) {
    for (what, script, left) in CUTS {
        let disk = Disk::new(library);
        assert_eq!(run(&disk, script), "", "{what}");
        disk.cut(Left::Nothing, &mut Dice::new());
        assert_eq!(describe(&disk.live()), *left, "{what}: {script}");

        // What is left is on the disk now, and stays there.
        run(&disk, "write other X 10");
        disk.cut(Left::Nothing, &mut Dice::new());
        assert_eq!(describe(&disk.live()), *left, "{what}, after another cut: {script}");
    }
}

pub(crate) fn tears_what_was_not_flushed(library: &Path) {
    const SIZE: usize = 1 << 20;
    let disk = Disk::new(library);
    run(
        &disk,
        &format!("write a A {SIZE}; flush a; write b B {SIZE}; flush b; flush .; write a C {SIZE}; append a D {SIZE}"),
    );
    disk.cut(Left::Some, &mut Dice::new());

    let a = fs::read(disk.live().join("a")).expect("a file");
    assert!([SIZE, 2 * SIZE].contains(&a.len()), "{}", a.len());
    for sector in a.chunks(SECTOR) {
        assert!(sector.iter().all(|byte| *byte == sector[0]), "a sector is old or new");
    }
    let is_torn = |page: &[u8]| page.contains(&b'A') && page.contains(&b'C');
    assert!(a[..SIZE].chunks(4096).any(is_torn), "a page is part old, part new");
    assert_eq!(fs::read(disk.live().join("b")).expect("a file"), vec![b'B'; SIZE], "what was flushed is whole");
}

pub(crate) fn loses_renames_by_chance_but_whole(library: &Path) {
    let mut outcomes = BTreeMap::new();
    // Each outcome has a chance of 1/16 at least: both are seen, but for one run in millions.
    for _ in 0..256 {
        let disk = Disk::new(library);
        fs::write(disk.live().join("a"), "AAA").expect("a file");
        run(&disk, "rename a b");
        disk.cut(Left::Some, &mut Dice::new());
        *outcomes.entry(describe(&disk.live())).or_insert(0) += 1;
        if outcomes.len() > 1 {
            break;
        }
    }
    assert_eq!(outcomes.into_keys().collect::<Vec<_>>(), ["a A3", "b A3"]);
}

pub(crate) fn is_full(library: &Path) {
    let disk = Disk::new(library);
    assert_eq!(run(&disk, "write a A 5000; flush a; flush ."), "");
    disk.set_room(Some(1000));
    assert_eq!(
        run(&disk, "write a B 6001; write a C 6000; append a D 1; write new N 1"),
        "write a B 6001: No space left on device (os error 28)\nappend a D 1: No space left on device (os error 28)\nwrite new N 1: No space left on device (os error 28)\n"
    );
    assert_eq!(describe(&disk.live()), "a C6000, new 0");
    disk.set_room(None);
    assert_eq!(run(&disk, "append a D 1; flush a"), "");
    disk.cut(Left::Nothing, &mut Dice::new());
    assert_eq!(describe(&disk.live()), "a C6000D1");
}

pub(crate) fn fails_and_lies_about_flushes(library: &Path) {
    let disk = Disk::new(library);
    assert_eq!(run(&disk, "write a A 10; flush a; flush ."), "");
    disk.set_flushes(Flushes::Fail);
    assert_eq!(
        run(&disk, "write a B 10; flush a; flush-data a; flush ."),
        "flush a: Input/output error (os error 5)\nflush-data a: Input/output error (os error 5)\nflush .: Input/output error (os error 5)\n"
    );
    disk.set_flushes(Flushes::Lie);
    assert_eq!(run(&disk, "write b B 10; flush b; flush ."), "");
    assert_eq!(describe(&disk.live()), "a B10, b B10");
    disk.cut(Left::Nothing, &mut Dice::new());
    assert_eq!(describe(&disk.live()), "a A10");
}

fn run(disk: &Disk, script: &str) -> String {
    let output = disk.command("script").env(SCRIPT, script).output().expect("a program");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Such as `a A5000, f/b A10B5`.
fn describe(folder: &Path) -> String {
    let mut all = Vec::new();
    describe_to(&mut all, folder, "");
    all.sort();
    all.join(", ")
}

fn describe_to(all: &mut Vec<String>, folder: &Path, prefix: &str) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            describe_to(all, &entry.path(), &format!("{name}/"));
            continue;
        }
        let bytes = fs::read(entry.path()).expect("a file");
        let runs = bytes.chunk_by(|a, b| a == b).map(|run| format!("{}{}", char::from(run[0]), run.len()));
        let runs: String = runs.collect();
        all.push(format!("{name} {}", if runs.is_empty() { "0" } else { &runs }));
    }
}

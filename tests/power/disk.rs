//! A disk whose power can be cut: see `disk.c`, which programs run with.

use std::{
    collections::BTreeMap,
    env,
    fs::{self, Permissions},
    io,
    os::unix::fs::{FileExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use crate::dice::Dice;

/// What a disk writes in one piece.
pub(crate) const SECTOR: usize = 512;

/// Its path is `live()`.
pub(crate) struct Disk {
    folder: PathBuf,
    library: PathBuf,
}

/// What is left after a cut, of what was not flushed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Left {
    /// Nothing.
    Nothing,
    /// Each sector, length and list of names by chance, as of a disk that writes in any order.
    Some,
}

/// What the disk answers to `fsync`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flushes {
    /// The truth.
    Honest = 0,
    /// EIO.
    Fail = 1,
    /// That all is well, and does nothing.
    Lie = 2,
}

type Names = BTreeMap<String, u64>;

impl Disk {
    /// Compiles the library with the C compiler that SQLite needs anyway.
    ///
    /// # Errors
    ///
    /// Returns why there can be no such disk on this machine.
    pub(crate) fn build(folder: &Path) -> Result<PathBuf, String> {
        if !cfg!(target_os = "linux") {
            return Err("it is made for Linux".to_owned());
        }
        let library = folder.join("disk.so");
        let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/power/disk.c");
        let output = Command::new(&compiler)
            .args(["-shared", "-fPIC", "-O2", "-U_FORTIFY_SOURCE", "-Wall", "-Wextra", "-o"])
            .args([library.as_os_str(), source.as_ref(), "-ldl".as_ref()])
            .output()
            .map_err(|e| format!("{compiler} does not run: {e}"))?;
        if !output.status.success() {
            return Err(format!("{compiler} does not compile disk.c: {}", String::from_utf8_lossy(&output.stderr)));
        }
        // A program that is linked statically never loads it.
        let disk = Self::new(&library);
        let mut program = disk.command("script");
        let status = program.stdin(Stdio::null()).stdout(Stdio::null()).status().map_err(|e| e.to_string())?;
        match disk.folder.join("stable/attached").exists() && status.success() {
            true => Ok(library),
            false => Err(format!("programs do not load a library before libc here ({status})")),
        }
    }

    pub(crate) fn new(library: &Path) -> Self {
        let disk = Self { folder: scratch("disk"), library: library.to_owned() };
        fs::create_dir(disk.live()).expect("a folder");
        fs::write(disk.folder.join("control"), [0; 16]).expect("a file");
        disk.set_room(None);
        disk.power_on();
        disk
    }

    /// The folder that programs work in.
    pub(crate) fn live(&self) -> PathBuf {
        self.folder.join("live")
    }

    /// A program of this binary, which works on the disk.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(env::current_exe().expect("this binary"));
        command.env(crate::PROGRAM, program);
        self.attach(&mut command);
        command
    }

    /// Lets any program, and those that it starts, work on the disk.
    pub(crate) fn attach(&self, command: &mut Command) {
        command.current_dir(self.live()).env("COUNTERSIGN_POWER_DISK", &self.folder).env("LD_PRELOAD", &self.library);
    }

    /// Sets for how many bytes more there is room (default: no limit).
    pub(crate) fn set_room(&self, bytes: Option<u32>) {
        self.control(0, bytes.map_or(i64::MAX, i64::from));
    }

    /// Sets what flushes do (default: honest).
    pub(crate) fn set_flushes(&self, flushes: Flushes) {
        self.control(8, flushes as i64);
    }

    fn control(&self, at: u64, value: i64) {
        let file = fs::File::options().write(true).open(self.folder.join("control")).expect("the control");
        file.write_all_at(&value.to_ne_bytes(), at).expect("the control");
    }

    fn power_on(&self) {
        for folder in ["stable/data", "stable/names", "pins"] {
            fs::create_dir_all(self.folder.join(folder)).expect("a folder");
        }
    }

    /// Cuts the power, and switches it on again. Every program has to be dead.
    pub(crate) fn cut(&self, left: Left, dice: &mut Dice) {
        let after = self.folder.join("after");
        let mut remains = Remains { disk: &self.folder, live: BTreeMap::new(), chance: 0 };
        if matches!(left, Left::Some) {
            remains.chance = 1 + dice.below(15);
        }
        remains.find(&self.live());
        remains.restore(inode(&self.live()), &after, dice);
        for folder in ["live", "stable", "pins"] {
            fs::remove_dir_all(self.folder.join(folder)).expect("to remove a folder");
        }
        fs::rename(after, self.live()).expect("to rename a folder");
        self.power_on();
    }
}

/// What a cut leaves.
struct Remains<'a> {
    disk: &'a Path,
    /// What programs saw: files and folders by inode.
    live: BTreeMap<u64, PathBuf>,
    /// Of sixteen: the chance of what was not flushed.
    chance: u64,
}

impl Remains<'_> {
    fn find(&mut self, folder: &Path) {
        self.live.insert(inode(folder), folder.to_owned());
        for (name, inode) in read_names(folder) {
            let path = folder.join(name);
            if path.is_dir() {
                self.find(&path);
            } else {
                self.live.insert(inode, path);
            }
        }
    }

    fn restore(&self, folder: u64, to: &Path, dice: &mut Dice) {
        fs::create_dir(to).expect("a folder");
        // All of its names or none: a rename is atomic.
        let names = match self.live.get(&folder) {
            Some(live) if self.is_left(dice) => read_names(live),
            _ => self.flushed_names(folder).unwrap_or_default(),
        };
        for (name, inode) in names {
            let to = to.join(name);
            if self.live.get(&inode).is_some_and(|live| live.is_dir()) || self.flushed_names(inode).is_some() {
                self.restore(inode, &to, dice);
            } else {
                fs::write(&to, self.mix(inode, dice)).expect("to write a file");
                fs::set_permissions(&to, Permissions::from_mode(0o600)).expect("permissions");
            }
        }
    }

    fn is_left(&self, dice: &mut Dice) -> bool {
        dice.below(16) < self.chance
    }

    fn flushed_names(&self, folder: u64) -> Option<Names> {
        let names = fs::read(self.disk.join("stable/names").join(folder.to_string())).ok()?;
        let names = String::from_utf8(names).expect("UTF-8");
        let entries = names.split_terminator('\0').map(|entry| entry.split_once(' ').expect("an inode and a name"));
        Some(entries.map(|(inode, name)| (name.to_owned(), inode.parse().expect("an inode"))).collect())
    }

    /// Takes the length, and each sector, of what was flushed or of what programs saw.
    fn mix(&self, inode: u64, dice: &mut Dice) -> Vec<u8> {
        let name = inode.to_string();
        let flushed = fs::read(self.disk.join("stable/data").join(&name)).unwrap_or_default();
        let live = match self.live.get(&inode) {
            Some(path) => fs::read(path),
            None => fs::read(self.disk.join("pins").join(&name)), // It has no name any more.
        };
        let live = live.unwrap_or_default();
        let length = if self.is_left(dice) { live.len() } else { flushed.len() };
        let mut bytes = vec![0; length];
        for (number, sector) in bytes.chunks_mut(SECTOR).enumerate() {
            let from = if self.is_left(dice) { &live } else { &flushed };
            let known = from.get(number * SECTOR..).unwrap_or_default();
            let size = known.len().min(sector.len());
            sector[..size].copy_from_slice(&known[..size]);
        }
        bytes
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("what is left of the disk is in {}", self.folder.display());
        } else {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Creates an empty folder for this process.
pub(crate) fn scratch(name: &str) -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("power-{}-{name}-{number}", process::id()));
    if let Err(error) = fs::remove_dir_all(&folder) {
        assert_eq!(error.kind(), io::ErrorKind::NotFound, "{}: {error}", folder.display());
    }
    fs::create_dir_all(&folder).expect("a folder");
    folder.canonicalize().expect("a path")
}

fn inode(path: &Path) -> u64 {
    fs::symlink_metadata(path).expect("a file").ino()
}

fn read_names(folder: &Path) -> Names {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file() || kind.is_dir()))
        .map(|entry| (entry.file_name().into_string().expect("UTF-8"), inode(&entry.path())))
        .collect()
}

//! A private Postgres, of the programs that are installed: stopped and removed when its process ends, however it does.
//! (The tests of `countersign-inbox` include this file by its path: it needs nothing but `std`.)

use std::{
    env, fs,
    io::Read,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Mutex, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a slow machine may take to start it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The settings of every server. Its shared memory is in its folder, so that nothing is left of one that was killed.
const ALL: [&str; 5] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=32MB",
    "max_connections=200",
    "dynamic_shared_memory_type=mmap",
];

/// Waits until nobody writes to it any more, then ends the server and removes its folder.
const GUARD: &str = r#"trap '' INT TERM HUP; read -r _
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
while [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
rm -rf "$1""#;

/// A Postgres on a port of the loopback interface. Its superuser is `postgres`, without a password.
pub struct Postgres {
    pub port: u16,
    pub folder: PathBuf,
    programs: PathBuf,
    settings: Vec<String>,
    running: Mutex<Option<Child>>,
    _guard: ChildStdin,
}

impl Postgres {
    /// Starts a server. Settings are those of `postgresql.conf`, as `name=value`.
    pub fn start(port: u16, settings: &[&str]) -> Self {
        // In memory, where there is such a folder: what a killed server leaves is in the operating system's memory anyway.
        let place = [PathBuf::from("/dev/shm"), env::temp_dir()].into_iter().find(|place| place.is_dir());
        Self::start_in(&place.expect("a folder for files"), port, settings)
    }

    /// Starts a server in a folder of this one.
    pub fn start_in(place: &Path, port: u16, settings: &[&str]) -> Self {
        let programs = programs();
        let folder = place.join(format!("countersign-postgres-{}-{port}", std::process::id()));
        fs::create_dir(&folder).expect("a folder");
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "sh"]).arg(&folder).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let guard = guard.process_group(0).spawn().expect("a shell").stdin.take().expect("its input");
        if is_root() {
            run(Command::new("chown").arg(user()).arg(&folder));
        }
        let data = folder.join("data");
        let mut init = unprivileged(&programs.join("initdb"));
        init.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        run(init.arg("--pgdata").arg(&data).stdout(Stdio::null()).current_dir(&folder));
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        let postgres = Self { port, folder, programs, settings, running: Mutex::default(), _guard: guard };
        postgres.restart();
        postgres
    }

    /// The URL of a database.
    pub fn url(&self, user: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it again, and waits until it answers.
    pub fn restart(&self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let start = Instant::now();
        loop {
            let mut child = self.spawn();
            if self.is_ready(&mut child, start) {
                *running = Some(child);
                return;
            }
            // Processes of a killed server may still be ending.
            assert!(start.elapsed() < PATIENCE, "Postgres does not start:\n{}", self.log());
            sleep(Duration::from_millis(20));
        }
    }

    fn spawn(&self) -> Child {
        let log = fs::File::options().create(true).append(true).open(self.folder.join("log")).expect("a log");
        let mut server = unprivileged(&self.programs.join("postgres"));
        server.arg("-D").arg(self.folder.join("data")).args(["-p", &self.port.to_string()]);
        for setting in ALL.into_iter().chain(self.settings.iter().map(String::as_str)) {
            server.args(["-c", setting]);
        }
        server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).process_group(0).current_dir(&self.folder);
        server.spawn().expect("Postgres")
    }

    /// Waits until it takes connections; `false` if it ended.
    fn is_ready(&self, child: &mut Child, start: Instant) -> bool {
        let pid = child.id().to_string();
        loop {
            let file = fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
            let mut lines = file.lines();
            if lines.next() == Some(&pid) && lines.any(|line| ["ready", "standby"].contains(&line.trim_end())) {
                return true;
            }
            if child.try_wait().expect("a child").is_some() {
                return false;
            }
            assert!(start.elapsed() < PATIENCE, "Postgres does not start:\n{}", self.log());
            sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal to the server.
    pub fn signal(&self, signal: &str) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let pid = running.as_ref().expect("a server that runs").id().to_string();
        run(Command::new("kill").args([&format!("-{signal}"), &pid]));
    }

    /// Sends a signal to the server and all of its processes.
    pub fn signal_all(&self, signal: &str) {
        let pid = self.running.lock().unwrap_or_else(PoisonError::into_inner).as_ref().expect("a server").id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("its processes");
        let mut kill = Command::new("kill");
        kill.arg(format!("-{signal}")).arg(pid.to_string()).args(children.split_whitespace());
        // One of them may have ended meanwhile.
        let _ = kill.stderr(Stdio::null()).status().expect("kill");
    }

    /// Stops it: `KILL` at once, with all of its processes, `INT` after it has rolled back its transactions.
    pub fn stop(&self, signal: &str) {
        if signal == "KILL" {
            self.signal_all(signal);
        } else {
            self.signal(signal);
        }
        let ended = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        ended.expect("a server that runs").wait().expect("its end");
    }

    fn log(&self) -> String {
        let mut log = String::new();
        let _ = fs::File::open(self.folder.join("log")).and_then(|mut file| file.read_to_string(&mut log));
        log
    }
}

/// Where the programs are: Debian has them apart from the others.
fn programs() -> PathBuf {
    if let Some(given) = env::var_os("COUNTERSIGN_TEST_POSTGRES_BIN") {
        return given.into();
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    found.sort();
    found.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    found.retain(|folder| folder.join("initdb").exists() && folder.join("postgres").exists());
    found.into_iter().next_back().unwrap_or_else(|| {
        panic!(
            "there is no Postgres: install `postgresql`, or set COUNTERSIGN_TEST_POSTGRES_BIN to the folder of `initdb` \
             and `postgres`"
        )
    })
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|of| of.uid() == 0)
}

/// Postgres does not run as root: who it runs as.
fn user() -> String {
    let is_there = |user: &&str| fs::read_to_string("/etc/passwd").is_ok_and(|all| all.contains(&format!("\n{user}:")));
    ["postgres", "nobody"].into_iter().find(is_there).expect("a user").to_owned()
}

/// A command that does not run as root.
pub fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    // It becomes the program, so that a signal reaches that.
    command.args(["--reuid", &user(), "--regid", &group(), "--clear-groups", "--"]).arg(program);
    command
}

fn group() -> String {
    let of = Command::new("id").args(["-g", &user()]).output().expect("id");
    String::from_utf8(of.stdout).expect("a number").trim().to_owned()
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

//! A server of somebody else's: a program with a folder and a port.

use std::{
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::ports;

/// More than a busy machine takes. RabbitMQ needs a minute for a start on one.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub struct Program {
    pub folder: TempDir,
    pub port: u16,
    child: Option<Child>,
    is_paused: bool,
}

impl Program {
    pub fn unstarted() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), port: ports::free(), child: None, is_paused: false }
    }

    /// Starts it unless it runs, and returns when it accepts connections.
    pub fn ensure_up(&mut self, command: impl FnOnce(&Self) -> Command) {
        self.go_on();
        if self.child.is_none() {
            let mut command = command(self);
            let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            self.child = Some(quiet.spawn().unwrap_or_else(|error| panic!("{:?}: {error}", quiet.get_program())));
        }
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "the server has ended: {ended:?}");
            assert!(start.elapsed() < PATIENCE, "the server does not start");
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn kill(&mut self) {
        self.is_paused = false;
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub fn pause(&mut self) {
        self.signal("STOP");
        self.is_paused = true;
    }

    pub fn go_on(&mut self) {
        if std::mem::take(&mut self.is_paused) {
            self.signal("CONT");
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").arg(format!("-{name}")).arg(id).status().unwrap().success());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

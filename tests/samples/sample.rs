//! A sample, and what runs it.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    path::PathBuf,
    process::{Command, Stdio},
    sync::LazyLock,
};

use countersign_test_support::{Sender, sender};

/// A sample in `tests/samples`, and what runs it.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) provider: &'static str,
    pub(crate) file: &'static str,
    pub(crate) program: &'static str,
}

pub(crate) fn is_installed(program: &str) -> bool {
    let version = if matches!(program, "go" | "openssl") { "version" } else { "--version" };
    let run = Command::new(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}

impl Sample {
    pub(crate) fn sender(self) -> Sender {
        sender(self.provider)
    }

    /// What the sample prints; or what it says when it throws.
    pub(crate) fn run(self, arguments: &[&str], body: &[u8]) -> Result<String, String> {
        let mut command = if self.program == "go" {
            Command::new(&*BUILT)
        } else {
            let mut command = Command::new(self.program);
            command.arg(samples().join(self.file));
            command
        };
        pipe(command.args(arguments), body)
    }

    pub(crate) fn accepts_from(self, mode: &str, secret: &str, signature: &str, body: &[u8]) -> bool {
        match self.run(&[mode, secret, signature], body).as_deref() {
            Ok("true") => true,
            Ok("false") => false,
            other => panic!("{}: {other:?}", self.file),
        }
    }

    pub(crate) fn accepts(self, secret: &str, signature: &str, body: &[u8]) -> bool {
        self.accepts_from("verify", secret, signature, body)
    }

    /// What the sample compares the header with.
    pub(crate) fn sign(self, secret: &str, body: &[u8]) -> String {
        self.run(&["sign", secret], body).unwrap_or_else(|error| panic!("{}: {error}", self.file))
    }

    /// The header's value for a tag.
    pub(crate) fn signature(self, tag: &str) -> String {
        format!("{}{tag}", self.sender().header().1)
    }
}

fn samples() -> PathBuf {
    countersign_test_support::root().join("tests/samples")
}

/// What a command prints that is given this input; or what it says when it fails.
pub(crate) fn pipe(command: &mut Command, input: &[u8]) -> Result<String, String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("a program that starts");
    child.stdin.take().expect("stdin").write_all(input).expect("a program that reads its input");
    let output = child.wait_with_output().expect("a program that ends");
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The sample in Go, built once: `go run` would build it anew each time.
static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
    fs::create_dir_all(scratch()).expect("a folder");
    let built = scratch().join("geoscored");
    let mut command = Command::new("go");
    let build = command.arg("build").arg("-o").arg(&built).arg(samples().join("geoscored.go"));
    pipe(build, b"").unwrap_or_else(|error| panic!("{error}"));
    built
});

fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("samples-{}", std::process::id()))
}

/// Removes what was built.
pub(crate) fn clean_up() {
    match fs::remove_dir_all(scratch()) {
        Err(error) if error.kind() != ErrorKind::NotFound => panic!("{}: {error}", scratch().display()),
        _ => {}
    }
}

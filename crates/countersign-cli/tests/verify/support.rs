//! Requests made with the test kit and changed by hand, and what the program says of them.

use std::{
    collections::HashSet,
    io::Write,
    process::{Command, Output, Stdio},
};

use countersign_core::provider::Provider;
use countersign_testkit::{Documented, sign};
use serde_json::Value;

/// The right secret; that of `make.sh`.
pub(crate) const SECRET: &str = "Kq7vRw2-mN_4tZ8x";
pub(crate) const VARIABLE: &str = "COUNTERSIGN_TEST_SECRET";
pub(crate) const PREVIOUS: &str = "COUNTERSIGN_TEST_PREVIOUS";

/// A request, to be changed as a mistake would.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// A genuine one.
    pub(crate) fn genuine<P: Provider>(secret: impl AsRef<[u8]>, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref().to_vec();
        let proof = sign::<P>(secret, &body);
        let query = proof.query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut headers = vec![("Host".to_owned(), b"localhost:3000".to_vec())];
        headers.extend(proof.headers().map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())));
        Self { method: "POST".to_owned(), target: format!("/webhooks/{}{query}", P::NAME), headers, body }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        [bytes, b"\r\n".to_vec(), self.body.clone()].concat()
    }

    /// The same with these signature headers instead of its own.
    pub(crate) fn with_signatures<P: Provider>(&self, values: &[String]) -> Self {
        let mut changed = self.clone();
        changed.headers.retain(|(name, _)| name != header::<P>());
        changed.headers.extend(values.iter().map(|value| (header::<P>().to_uppercase(), value.clone().into_bytes())));
        changed
    }

    pub(crate) fn signature<P: Provider>(&self) -> String {
        let (_, value) = self.headers.iter().find(|(name, _)| name == header::<P>()).unwrap();
        String::from_utf8(value.clone()).unwrap()
    }
}

pub(crate) fn header<P: Provider>() -> &'static str {
    P::SCHEME.places().find_map(|place| place.as_header()).unwrap()
}

/// The first documented payload.
pub(crate) fn body<P: Documented>() -> &'static str {
    P::PAYLOADS[0].1
}

/// A capture and what to verify it with.
pub(crate) struct Case {
    pub(crate) what: String,
    pub(crate) given: Vec<u8>,
    pub(crate) previous: Option<String>,
    pub(crate) capture: Vec<u8>,
    /// More arguments.
    pub(crate) more: Vec<String>,
    /// What no output may show, in addition to the secrets: tags, bodies.
    pub(crate) hidden: Vec<Vec<u8>>,
}

impl Case {
    pub(crate) fn new(what: impl Into<String>, given: impl AsRef<[u8]>, request: &Request) -> Self {
        let mut hidden = vec![request.body.clone()];
        hidden.extend(
            request.headers.iter().filter(|(name, _)| name.contains("signature")).map(|(_, value)| value.clone()),
        );
        hidden.extend(request.target.split_once('=').map(|(_, token)| token.into()));
        Self {
            what: what.into(),
            given: given.as_ref().to_vec(),
            previous: None,
            capture: request.bytes(),
            more: Vec::new(),
            hidden,
        }
    }

    pub(crate) fn with_previous(mut self, previous: impl Into<String>) -> Self {
        self.previous = Some(previous.into());
        self
    }

    fn run<P: Provider>(&self, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(["verify", P::NAME, "--request", "-"]).args(&self.more).args(more);
        let mut file = None;
        match std::str::from_utf8(&self.given) {
            Ok(secret) if !secret.contains('\0') => {
                command.args(["--secret-env", VARIABLE]).env(VARIABLE, secret);
            }
            _ => {
                let path = temporary("secret", &self.given);
                command.arg("--secret-file").arg(&path);
                file = Some(path);
            }
        }
        if let Some(previous) = &self.previous {
            command.args(["--previous-secret-env", PREVIOUS]).env(PREVIOUS, previous);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&self.capture).unwrap();
        let output = child.wait_with_output().unwrap();
        file.into_iter().for_each(|file| std::fs::remove_file(file).unwrap());
        self.assert_nothing_shown(&output);
        output
    }

    pub(crate) fn text<P: Provider>(&self) -> String {
        String::from_utf8(self.run::<P>(&[]).stdout).unwrap()
    }

    /// The JSON and the exit code.
    pub(crate) fn verify<P: Provider>(&self) -> (Value, i32) {
        let output = self.run::<P>(&["--json"]);
        assert!(output.stderr.is_empty(), "{}: {}", self.what, String::from_utf8_lossy(&output.stderr));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(document["provider"], P::NAME);
        (document, output.status.code().unwrap())
    }

    /// No part of a secret, and if it does not verify (its IDs are shown then), none of a signature or the body.
    fn assert_nothing_shown(&self, output: &Output) {
        let shown = [output.stdout.as_slice(), &output.stderr].concat();
        let text = String::from_utf8_lossy(&shown);
        let is_part_shown = |hidden: &[u8], length: usize| {
            let parts: HashSet<_> = shown.windows(length).collect();
            hidden.windows(length).any(|part| parts.contains(part))
        };
        let previous = self.previous.as_deref().unwrap_or_default().as_bytes();
        for secret in [&self.given, previous, SECRET.as_bytes()] {
            assert!(!is_part_shown(secret, 8), "a part of a secret: {}: {text}", self.what);
        }
        let is_verified = text.starts_with("verified") || text.contains("\"verified\":true");
        for hidden in self.hidden.iter().filter(|_| !is_verified) {
            assert!(!is_part_shown(hidden, 24), "a part of what is hidden: {}: {text}", self.what);
        }
    }

    /// It does not verify, for these reasons, and the messages have these words.
    #[track_caller]
    pub(crate) fn rejected<P: Provider>(&self, codes: &[&str], words: &str) {
        let (document, code) = self.verify::<P>();
        let what = format!("{}: {}: {document}", P::NAME, self.what);
        assert_eq!((code, &document["verified"]), (1, &false.into()), "{what}");
        let causes = document["causes"].as_array().unwrap();
        assert_eq!(causes.iter().map(|cause| cause["code"].as_str().unwrap()).collect::<Vec<_>>(), codes, "{what}");
        let texts =
            |name: &str| causes.iter().map(|cause| cause[name].as_str().unwrap()).collect::<Vec<_>>().join("; ");
        assert!(texts("message").contains(words), "{what}: {words}");
        for name in ["provider", "secret", "place", "grammar", "signed", "proof", "which_secret", "detail"] {
            let unfilled = format!("{{{name}}}");
            assert!(!texts("message").contains(&unfilled) && !texts("advice").contains(&unfilled), "{what}");
        }
        assert!(document["reason"].is_string(), "{what}");
        for name in ["event", "delivery_id", "resource_id", "trust"] {
            assert!(document[name].is_null(), "{what}");
        }
    }
}

/// Writes a file of its own.
pub(crate) fn temporary(name: &str, bytes: &[u8]) -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("{name}-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

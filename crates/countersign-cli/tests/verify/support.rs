//! Requests made with the test kit and changed by hand, and what the program says of them.

use std::{
    collections::HashSet,
    io::Write,
    process::{Command, Output, Stdio},
};

use countersign_core::{Provider, Scheme};
use countersign_testkit::{Documented, sign};
use serde_json::Value;

/// The right secret; that of `make.sh`.
pub(crate) const SECRET: &str = "Kq7vRw2-mN_4tZ8x";
pub(crate) const VARIABLE: &str = "COUNTERSIGN_TEST_SECRET";
pub(crate) const PREVIOUS: &str = "COUNTERSIGN_TEST_PREVIOUS";

/// Calls `$test::<P>()` for every provider.
#[macro_export]
macro_rules! for_every_provider {
    ($test:ident) => {
        $test::<countersign_core::providers::ScreenScore>();
        $test::<countersign_core::providers::ScreenshotCenter>();
        $test::<countersign_core::providers::ScreenshotRun>();
        $test::<countersign_core::providers::Zeodyn>();
        $test::<countersign_core::providers::GeoScored>();
    };
}

/// A request, which is changed as a mistake would.
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
        let target =
            format!("/webhooks/{}{}", P::NAME, proof.query().map(|query| format!("?{query}")).unwrap_or_default());
        let mut headers = vec![
            ("Host".to_owned(), b"localhost:3000".to_vec()),
            ("content-TYPE".to_owned(), b"application/json".to_vec()),
        ];
        headers.extend(proof.headers().map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())));
        Self { method: "POST".to_owned(), target, headers, body }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        [bytes, b"\r\n".to_vec(), self.body.clone()].concat()
    }

    /// The signature header's value.
    pub(crate) fn signature<P: Provider>(&mut self) -> &mut Vec<u8> {
        &mut self.headers.iter_mut().find(|(name, _)| name == header::<P>()).unwrap().1
    }

    pub(crate) fn without_signature<P: Provider>(&mut self) -> Vec<u8> {
        let at = self.headers.iter().position(|(name, _)| name == header::<P>()).unwrap();
        self.headers.remove(at).1
    }
}

pub(crate) fn is_token<P: Provider>() -> bool {
    matches!(P::SCHEME, Scheme::UrlToken { .. })
}

pub(crate) fn header<P: Provider>() -> &'static str {
    let Scheme::HmacSha256 { header, .. } = P::SCHEME else { panic!("{} signs nothing", P::NAME) };
    header
}

pub(crate) fn prefix<P: Provider>() -> &'static str {
    let Scheme::HmacSha256 { prefix, .. } = P::SCHEME else { panic!("{} signs nothing", P::NAME) };
    prefix
}

/// The first documented payload.
pub(crate) fn body<P: Documented>() -> Vec<u8> {
    P::PAYLOADS[0].1.as_bytes().to_vec()
}

/// A capture and what it is verified with.
pub(crate) struct Case {
    pub(crate) what: String,
    pub(crate) given: Vec<u8>,
    pub(crate) previous: Option<String>,
    pub(crate) capture: Vec<u8>,
    /// What no output may show, beside the given secret: the right one, tags, bodies.
    pub(crate) hidden: Vec<Vec<u8>>,
}

impl Case {
    pub(crate) fn new(what: impl Into<String>, given: impl AsRef<[u8]>, request: &Request) -> Self {
        let mut hidden = vec![SECRET.into(), request.body.clone()];
        hidden.extend(
            request.headers.iter().filter(|(name, _)| name.contains("signature")).map(|(_, value)| value.clone()),
        );
        hidden.extend(request.target.split_once('=').map(|(_, token)| token.into()));
        let capture = request.bytes();
        Self { what: what.into(), given: given.as_ref().to_vec(), previous: None, capture, hidden }
    }

    pub(crate) fn hiding(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.hidden.push(bytes.as_ref().to_vec());
        self
    }

    pub(crate) fn with_previous(mut self, previous: impl Into<String>) -> Self {
        self.previous = Some(previous.into());
        self
    }

    fn run<P: Provider>(&self, directory: &Directory, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(["verify", P::NAME, "--request", "-"]).args(more);
        match std::str::from_utf8(&self.given) {
            Ok(secret) if !secret.contains('\0') => {
                command.args(["--secret-env", VARIABLE]).env(VARIABLE, secret);
            }
            _ => {
                let file = directory.0.join("secret");
                std::fs::write(&file, &self.given).unwrap();
                command.arg("--secret-file").arg(file);
            }
        }
        if let Some(previous) = &self.previous {
            command.args(["--previous-secret-env", PREVIOUS]).env(PREVIOUS, previous);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&self.capture).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The text.
    pub(crate) fn text<P: Provider>(&self) -> String {
        String::from_utf8(self.run::<P>(&tempdir(), &[]).stdout).unwrap()
    }

    /// The JSON, the text's first line, and the exit code, which text and JSON have in common.
    pub(crate) fn verify<P: Provider>(&self) -> (Value, String, i32) {
        let directory = tempdir();
        let (text, json) = (self.run::<P>(&directory, &[]), self.run::<P>(&directory, &["--json"]));
        let code = text.status.code().unwrap();
        assert_eq!(json.status.code(), Some(code), "{}: {}", P::NAME, self.what);
        let document: Value = serde_json::from_slice(&json.stdout)
            .unwrap_or_else(|_| panic!("{}: {}: {}", P::NAME, self.what, String::from_utf8_lossy(&json.stderr)));
        assert_eq!(document["provider"], P::NAME);
        let is_genuine = document["genuine"].as_bool().unwrap();
        for output in [&text, &json] {
            self.assert_nothing_shown(output, is_genuine, P::NAME);
            assert!(output.stderr.is_empty(), "{}: {:?}", self.what, String::from_utf8_lossy(&output.stderr));
        }
        let text = String::from_utf8(text.stdout).unwrap();
        (document, text.lines().next().unwrap().to_owned(), code)
    }

    /// No part of a secret, and if it is not genuine, of which ids are shown, of a signature or the body.
    fn assert_nothing_shown(&self, output: &Output, is_genuine: bool, provider: &str) {
        let shown = [output.stdout.as_slice(), &output.stderr].concat();
        let shown_part = |hidden: &[u8], length: usize| {
            let length = hidden.len().min(length);
            let parts: HashSet<_> = shown.windows(length.max(1)).collect();
            hidden.windows(length.max(1)).find(|part| parts.contains(part)).map(<[u8]>::to_vec)
        };
        let what = format!("{provider}: {}: {}", self.what, String::from_utf8_lossy(&shown));
        let previous = self.previous.as_deref().unwrap_or_default().as_bytes();
        for secret in [&self.given, previous, SECRET.as_bytes()].into_iter().filter(|secret| !secret.is_empty()) {
            assert_eq!(shown_part(secret, 8), None, "a part of a secret: {what}");
        }
        for hidden in self.hidden.iter().filter(|hidden| !is_genuine && hidden.len() > 15) {
            assert_eq!(shown_part(hidden, 24), None, "a part of what is hidden: {what}");
        }
    }

    /// It is not genuine, for these reasons, and the first line says so in these words.
    #[track_caller]
    pub(crate) fn refused<P: Provider>(&self, codes: &[&str], words: &str) {
        let (document, first_line, code) = self.verify::<P>();
        let what = format!("{}: {}: {first_line}\n{document}", P::NAME, self.what);
        assert_eq!(document["genuine"], false, "{what}");
        assert_eq!(code, 1, "{what}");
        let causes = document["causes"].as_array().unwrap();
        assert_eq!(causes.iter().map(|cause| cause["code"].as_str().unwrap()).collect::<Vec<_>>(), codes, "{what}");
        let messages: Vec<_> = causes.iter().map(|cause| cause["message"].as_str().unwrap()).collect();
        assert_eq!(first_line, format!("not genuine: {}", messages.join("; and ")), "{what}");
        assert!(first_line.contains(words), "{what}: {words}");
        assert!(
            causes.iter().all(|cause| cause["advice"].as_str().is_some_and(|advice| !advice.contains('{'))),
            "{what}"
        );
        assert!(!first_line.contains('{'), "{what}");
        assert!(document["reason"].is_string(), "{what}");
        for name in ["event", "delivery_id", "resource_id", "trust"] {
            assert!(document[name].is_null(), "{what}");
        }
    }
}

/// A folder that is removed with the test.
pub(crate) struct Directory(pub(crate) std::path::PathBuf);

pub(crate) fn tempdir() -> Directory {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("countersign-verify-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&path).unwrap();
    Directory(path)
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

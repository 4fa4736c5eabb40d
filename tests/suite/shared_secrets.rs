//! T25: a secret that two providers share is warned of, by the providers' names.

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use countersign::{
    Secret, Secrets, Verifier,
    providers::{GeoScored, ScreenScore, Zeodyn},
};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn t25_a_shared_secret_is_warned_of() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let taken = || String::from_utf8(std::mem::take(&mut *log.0.lock().unwrap())).unwrap();

    tracing::subscriber::with_default(subscriber, || {
        // One's own, twice, and another's of another value: nothing to say.
        drop(Verifier::<Zeodyn>::new("t25-first"));
        drop(Verifier::<Zeodyn>::new(
            Secrets::new(Secret::new("t25-second").expect("a secret"))
                .add_previous(Secret::new("t25-first").expect("a secret")),
        ));
        drop(Verifier::<ScreenScore>::new("t25-third"));
        assert_eq!(taken(), "");

        drop(Verifier::<GeoScored>::new(
            Secrets::new(Secret::new("t25-fourth").expect("a secret"))
                .add_previous(Secret::new("t25-first").expect("a secret")),
        ));
        let warned = taken();
        assert_eq!(warned.lines().count(), 1, "{warned}");
        for part in ["WARN", "two providers have the same secret", r#"provider="geoscored""#, r#"other="zeodyn""#] {
            assert!(warned.contains(part), "{part} in {warned}");
        }
        assert!(!warned.contains("t25-"), "{warned}");
    });
}

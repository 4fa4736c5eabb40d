//! Whether the time of a verification tells anything of what was wrong: Welch's t-test over two classes of requests,
//! timed one by one in random order, as [dudect](https://eprint.iacr.org/2016/1123) does it.
//!
//! `cargo bench -p countersign-core --bench constant_time [-- SAMPLES]` prints a line for each pair. |t| over 4.5 asks for
//! a second look. It is a report and not a test: on a machine that others use, a single run can say anything.

#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]

use std::{
    future::{Future, pending},
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Instant,
};

use bytes::Bytes;
use countersign_core::{
    Secret, SecretMap, Secrets, Verifier,
    provider::Provider,
    providers::{GeoScored, ScreenshotRun, Zeodyn},
};
use hmac::{Hmac, KeyInit, Mac};
use http::Request;
use sha2::Sha256;

const BODY: &[u8] = br#"{"event":"scan_complete","scanId":"a1b2c3d4-e5f6-7890-abcd-ef1234567890","score":72}"#;

fn main() {
    let samples = std::env::args().filter_map(|argument| argument.parse().ok()).next().unwrap_or(1_000_000);
    println!("{samples} samples a pair");

    let signed = Verifier::<Zeodyn>::new(secrets("current", "previous"));
    let with = |digits: String| Request::post("/").header("x-zeodyn-signature", digits).body(()).unwrap();
    let right = tag("current");
    // A digit for a digit and a letter for a letter: what decoding takes depends on which it is, and the sender knows.
    let wrong = |digit: &mut u8| match *digit {
        b'9' => *digit = b'0',
        b'f' => *digit = b'a',
        _ => *digit += 1,
    };
    let wrong_at = |position: usize| {
        let mut digits = right.clone().into_bytes();
        wrong(&mut digits[position]);
        with(String::from_utf8(digits).unwrap())
    };
    let mut all_wrong = right.clone().into_bytes();
    all_wrong.iter_mut().for_each(wrong);
    let all_wrong = with(String::from_utf8(all_wrong).unwrap());
    let verify = |heads| verify(&signed, heads);
    report("(control) the same | the same", samples, verify([wrong_at(0), wrong_at(0)]));
    report("tag: first digit wrong | last digit wrong", samples, verify([wrong_at(0), wrong_at(63)]));
    report("tag: first digit wrong | every digit wrong", samples, verify([wrong_at(0), all_wrong]));
    report(
        "tag of the current secret | of the previous one",
        samples,
        verify([with(right.clone()), with(tag("previous"))]),
    );

    let token = Verifier::<ScreenshotRun>::new(secrets("0123456789abcdef", "fedcba9876543210"));
    let url = |token: &str| Request::post(format!("/?token={token}")).body(()).unwrap();
    report(
        "token: first byte wrong | last byte wrong",
        samples,
        self::verify(&token, [url("x123456789abcdef"), url("0123456789abcdex")]),
    );
    report(
        "token: the current one | the previous one",
        samples,
        self::verify(&token, [url("0123456789abcdef"), url("fedcba9876543210")]),
    );

    let map = SecretMap::new();
    for number in 0..10_000 {
        map.insert(format!("scan-{number:06}"), Secret::new("s3cr3t".repeat(6)).unwrap()).unwrap();
    }
    let per_scan = Verifier::<GeoScored>::from_lookup(map);
    let head = Request::post("/").header("x-geoscored-signature", format!("v1={:064}", 0)).body(()).unwrap();
    let about =
        |number| Bytes::from(format!(r#"{{"event":"scan.completed","scan_id":"scan-{number:06}","score":72}}"#));
    let bodies = [about(4711), about(999_999)];
    report("forged: an id that is known | one that is not", samples, |class| {
        let verification = per_scan.verify_async(&head, black_box(bodies[class].clone()), |_| pending());
        // The map answers at once.
        assert!(matches!(pin!(verification).poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Err(_))));
    });
}

fn secrets(current: &'static str, previous: &'static str) -> Secrets {
    Secrets::new(Secret::from_static(current)).add_previous(Secret::from_static(previous))
}

fn tag(secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(BODY);
    hex::encode(mac.finalize().into_bytes())
}

/// Verifies a delivery with one of two heads.
fn verify<P: Provider>(verifier: &Verifier<P>, heads: [Request<()>; 2]) -> impl Fn(usize) {
    let body = Bytes::from_static(BODY);
    move |class| {
        black_box(verifier.verify_only(black_box(&heads[class]), body.clone()).is_ok());
    }
}

/// `run` does what is timed, for class 0 or 1.
fn report(what: &str, samples: u64, run: impl Fn(usize)) {
    let time = |class: usize| {
        let start = Instant::now();
        run(class);
        start.elapsed().as_nanos() as f64
    };
    // What takes longer than most is an interruption, and tells nothing.
    let mut first: Vec<f64> = (0..20_000).map(|sample: usize| time(sample % 2)).collect();
    first.sort_by(f64::total_cmp);
    let most = first[first.len() * 9 / 10];

    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut classes = [Class::default(), Class::default()];
    for _ in 0..samples {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let class = usize::from(random >> 63 == 1);
        let nanoseconds = time(class);
        if nanoseconds <= most {
            classes[class].add(nanoseconds);
        }
    }
    let [a, b] = classes;
    let t = (a.mean - b.mean) / (a.variance() / a.count + b.variance() / b.count).sqrt();
    println!("{what:<52} {:>7.1} ns | {:>7.1} ns   t = {t:>6.2}", a.mean, b.mean);
}

/// Welford's running mean and variance.
#[derive(Default)]
struct Class {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Class {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let delta = value - self.mean;
        self.mean += delta / self.count;
        self.squares += delta * (value - self.mean);
    }

    fn variance(&self) -> f64 {
        self.squares / (self.count - 1.0)
    }
}

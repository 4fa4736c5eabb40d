//! What the test kit signs, before the providers' own samples.

use countersign::{ProviderEvent, provider::Provider, providers};
use countersign_test_support::sender;
use countersign_testkit::{Documented, Payload, SignedRequest, Tampering};
use http::header::CONTENT_TYPE;

use crate::{Sample, compact};

type Test = fn(Sample);

/// For each sample.
pub(crate) const TRIALS: &[(&str, Test)] = &[
    ("accepts_the_documented_payloads_that_the_kit_signs", |sample| dispatch(sample, Show::Documented)),
    ("accepts_fields_that_were_set_and_signed_by_the_kit", |sample| dispatch(sample, Show::Fields)),
    ("accepts_what_the_kit_signs_with_odd_secrets", |sample| dispatch(sample, Show::Secrets)),
    ("accepts_bodies_of_ones_own_that_the_kit_signs", |sample| dispatch(sample, Show::Bodies)),
    ("refuses_what_the_kit_tampered_with", |sample| dispatch(sample, Show::Tampered)),
];

#[derive(Clone, Copy)]
enum Show {
    Documented,
    Fields,
    Secrets,
    Bodies,
    Tampered,
}

/// Line ends, what an encoder would decode, other alphabets, more than a block of SHA-256, and nothing at all.
const SECRETS: [&str; 6] = [
    "line\n",
    concat!("whsec", "_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    "\u{e9}\u{1f511} &=%+",
    "64656164",
    concat!("0123456789012345678901234567890123456789", "0123456789012345678901234567890123456789"),
    "",
];

fn dispatch(sample: Sample, show: Show) {
    match sample.provider {
        "screenscore" => run::<providers::ScreenScore>(sample, show),
        "screenshotcenter" => run::<providers::ScreenshotCenter>(sample, show),
        "zeodyn" => run::<providers::Zeodyn>(sample, show),
        "geoscored" => run::<providers::GeoScored>(sample, show),
        other => panic!("{other} signs nothing"),
    }
}

fn run<P: Documented>(sample: Sample, show: Show) {
    let secret = sample.sender().secret();
    match show {
        Show::Documented => {
            for payload in payloads::<P>(sample) {
                let request = payload.signed_with(secret.as_str());
                assert!(accepts(sample, &secret, &request), "{request:?}");
                assert!(!accepts(sample, &sample.sender().previous_secret(), &request), "{request:?}");
            }
        }
        Show::Fields => {
            let payload = payloads::<P>(sample).remove(0);
            let id = sample.sender().id_at(P::Event::NAMES[0]);
            for value in ["new", "\u{e9} \u{1f4f8}", "\"\\/\n"] {
                let payload = payload.clone().with_field(&id, value).expect("an id").with_field("/new", value);
                let request = payload.expect("a field").signed_with(secret.as_str());
                assert!(accepts(sample, &secret, &request), "{value}");
            }
            let without = payload.without_field(&id).expect("an id").signed_with(secret.as_str());
            assert!(accepts(sample, &secret, &without));
        }
        Show::Secrets => {
            for secret in SECRETS {
                let request = payloads::<P>(sample).remove(0).signed_with(secret);
                assert!(accepts(sample, secret, &request), "{secret:?}");
                assert!(!accepts(sample, &format!("{secret}x"), &request), "{secret:?}");
            }
        }
        Show::Bodies => {
            // Zeodyn's sample signs what `JSON.stringify` makes of the body: these are what it would write.
            let mut bodies = vec!["{}", r#"{"event":"own","n":[1,null,true,"é"]}"#];
            if !rewrites(sample) {
                bodies.extend(["", "\0\u{1}", " {\"event\" : \"own\", \"n\": 1.0}\r\n", "\u{feff}not JSON"]);
            }
            for body in bodies {
                let request = Payload::<P>::new(body).signed_with(secret.as_str());
                assert!(accepts(sample, &secret, &request), "{body:?}");
            }
        }
        Show::Tampered => {
            let request = payloads::<P>(sample).remove(0).signed_with(secret.as_str());
            for tampering in [Tampering::FlippedBody, Tampering::FlippedTag, Tampering::RetiredSecret] {
                let tampered = request.tampered(tampering).expect("it can be done");
                assert!(!accepts(sample, &secret, &tampered), "{tampering}");
            }
            for tampering in [Tampering::UnknownEvent, Tampering::Duplicate] {
                let tampered = request.tampered(tampering).expect("it can be done");
                assert!(accepts(sample, &secret, &tampered), "{tampering} is genuine");
            }
        }
    }
}

fn rewrites(sample: Sample) -> bool {
    sample.provider == "zeodyn"
}

/// The documented payloads; for a sample that writes the JSON again, as it would write them.
fn payloads<P: Documented>(sample: Sample) -> Vec<Payload<P>> {
    if rewrites(sample) {
        sample.sender().fixtures().iter().map(|fixture| Payload::new(compact(fixture))).collect()
    } else {
        Payload::all().collect()
    }
}

/// With what a receiver would have of it: the header as it was sent, and the body.
fn accepts<P: Provider>(sample: Sample, secret: &str, request: &SignedRequest<P>) -> bool {
    let request = request.to_http::<bytes::Bytes>();
    assert_eq!(request.headers()[CONTENT_TYPE], "application/json");
    let signature = request.headers()[sender(P::NAME).header().0].to_str().expect("ASCII");
    sample.accepts(secret, signature, request.body())
}

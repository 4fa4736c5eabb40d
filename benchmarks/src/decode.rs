//! Decoding of an event: by countersign, and with serde only.

use bytes::Bytes;
use countersign::{
    ProviderEvent,
    provider::Provider,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};
use countersign_testkit::{Documented, Payload};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};

use crate::rounds::{Case, Contender};

pub mod plain;

/// A documented payload of each provider, one that is long, and one of an unknown event.
pub fn cases() -> Vec<Case> {
    use plain::{geoscored::Scan, screenscore, screenshotcenter, screenshotrun, zeodyn};

    let documented = body::<ScreenScore>("analysis.completed");
    let sentence = json!("The primary button lacks contrast with its background: consider a larger or darker one.");
    let sentences = vec![sentence; 728];
    let long = Payload::<ScreenScore>::new(documented.clone()).with_field("/data/feedback", sentences).unwrap();
    let unknown = std::str::from_utf8(&documented).unwrap().replacen("analysis.completed", "something.new", 1);
    vec![
        typed::<ScreenScore, screenscore::AnalysisEvent>("analysis.completed", documented),
        typed::<ScreenshotCenter, screenshotcenter::Screenshot>(
            "screenshot.finished",
            body::<ScreenshotCenter>("screenshot.finished"),
        ),
        typed::<ScreenshotRun, screenshotrun::CaptureEvent>(
            "screenshot.completed",
            body::<ScreenshotRun>("screenshot.completed"),
        ),
        typed::<Zeodyn, zeodyn::ScanComplete>("scan_complete", body::<Zeodyn>("scan_complete")),
        typed::<GeoScored, Scan>("scan.completed", body::<GeoScored>("scan.completed")),
        typed::<ScreenScore, screenscore::AnalysisEvent>("analysis.completed", long.bytes().clone()),
        untyped(unknown.into()),
    ]
}

fn body<P: Documented>(event: &str) -> Bytes {
    Payload::<P>::documented(event).unwrap().bytes().clone()
}

/// The plain struct `T` is the reference.
fn typed<P: Documented, T: Serialize + DeserializeOwned + 'static>(event: &str, body: Bytes) -> Case {
    let decoded = P::Event::decode(&body).unwrap();
    assert_eq!(fields(&decoded), fields(&serde_json::from_slice::<T>(&body).unwrap()), "both have the same fields");
    let by_hand = |body: &[u8]| serde_json::from_slice::<T>(body).unwrap();
    case::<P, _>(format!("{} `{event}`", P::TITLE), &body, by_hand)
}

/// The reference reads the body twice: for the name and the ID, and as raw JSON.
fn untyped(body: Bytes) -> Case {
    #[derive(Deserialize)]
    struct Named {
        event: String,
        data: Data,
    }

    #[derive(Deserialize)]
    struct Data {
        id: String,
    }

    case::<ScreenScore, _>("an unknown event".into(), &body, |body| {
        let Named { event, data } = serde_json::from_slice(body).unwrap();
        (event, data.id, serde_json::from_slice::<Box<RawValue>>(body).unwrap())
    })
}

fn case<P: Provider, T>(name: String, body: &Bytes, by_hand: impl Fn(&[u8]) -> T + 'static) -> Case {
    let contenders = vec![
        contender("by hand", body, by_hand),
        contender("countersign", body, |body| P::Event::decode(body).unwrap()),
        contender("`serde_json::Value`", body, |body| serde_json::from_slice::<Value>(body).unwrap()),
    ];
    Case { name: format!("{name}, {} B", body.len()), contenders }
}

fn contender<T>(name: &str, body: &Bytes, decode: impl Fn(&[u8]) -> T + 'static) -> Contender<'static> {
    let body = body.clone();
    Contender::new(name, move || decode(&body))
}

/// All fields that are present, without the event's name.
fn fields(event: &impl Serialize) -> Value {
    fn without_nulls(value: Value) -> Value {
        match value {
            Value::Object(fields) => fields
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name, without_nulls(value)))
                .collect(),
            other => other,
        }
    }
    let mut value = without_nulls(serde_json::to_value(event).unwrap());
    value.as_object_mut().unwrap().remove("event");
    value
}

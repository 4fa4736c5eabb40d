//! Decoding of a typed event: ours, and what users would write.

use bytes::Bytes;
use countersign::{
    Event, Provider,
    providers::{GeoScored, ScreenScore, ScreenshotCenter, ScreenshotRun, Zeodyn},
};
use countersign_testkit::{Documented, Payload};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json, value::RawValue};

use crate::{rounds::Contender, tables};

pub mod plain;

/// The sizes to which payloads are made longer, in bytes.
pub const SIZES: [usize; 2] = [64 * 1024, 1024 * 1024];

/// What everybody decodes.
pub struct Case {
    pub name: String,
    pub contenders: Vec<Contender<'static>>,
}

impl Case {
    fn new(name: impl Into<String>, contenders: Vec<Contender<'static>>) -> Self {
        Self { name: name.into(), contenders }
    }
}

/// A documented payload of every provider, byte for byte.
pub fn documented() -> Vec<Case> {
    fn case<P: Documented, T: Serialize + DeserializeOwned + 'static, E: DeserializeOwned + 'static>(
        event: &str,
    ) -> Case {
        let body = body::<P>(event);
        Case::new(format!("{} `{event}`, {} B", P::TITLE, body.len()), contenders::<P, T, E>(&body))
    }
    vec![
        case::<ScreenScore, plain::screenscore::AnalysisEvent, plain::screenscore::Event>("analysis.completed"),
        case::<ScreenshotCenter, plain::screenshotcenter::RawScreenshot, plain::screenshotcenter::Event>(
            "screenshot.finished",
        ),
        case::<ScreenshotRun, plain::screenshotrun::CaptureEvent, plain::screenshotrun::Event>("screenshot.completed"),
        case::<Zeodyn, plain::zeodyn::ScanComplete, plain::zeodyn::Event>("scan_complete"),
        case::<GeoScored, plain::geoscored::Scan, plain::geoscored::Event>("scan.completed"),
    ]
}

/// Payloads made longer in one field, each in its own way.
pub fn longer(size: usize) -> Vec<Case> {
    use plain::{screenscore, screenshotcenter, zeodyn};

    let finding = json!({ "code": "contrast", "severity": 3, "message": "The button is hard to see.", "fixed": false });
    let findings = list(size, &finding);
    let string = longer_analysis(json!(["x".repeat(size)]));
    let raw = with_field::<ScreenshotCenter>("screenshot.finished", "/metadata", json!({ "findings": findings }));
    let ignored = with_field::<Zeodyn>("scan_complete", "/findings", findings);
    let name = |what: &str| format!("{what}, {}", tables::bytes(size));
    vec![
        Case::new(name("a list of sentences"), sentences(size)),
        Case::new(
            name("one string"),
            contenders::<ScreenScore, screenscore::AnalysisEvent, screenscore::Event>(&string),
        ),
        Case::new(
            name("objects, kept as raw JSON"),
            contenders::<ScreenshotCenter, screenshotcenter::RawScreenshot, screenshotcenter::Event>(&raw),
        ),
        Case::new(
            name("objects in a field that is not documented"),
            contenders::<Zeodyn, zeodyn::ScanComplete, zeodyn::Event>(&ignored),
        ),
    ]
}

/// An analysis with so much feedback, in sentences.
pub fn sentences(size: usize) -> Vec<Contender<'static>> {
    let sentence = json!("The primary button lacks contrast with its background: consider a larger or darker one.");
    let body = longer_analysis(list(size, &sentence));
    contenders::<ScreenScore, plain::screenscore::AnalysisEvent, plain::screenscore::Event>(&body)
}

fn longer_analysis(feedback: Value) -> Bytes {
    with_field::<ScreenScore>("analysis.completed", "/data/feedback", feedback)
}

/// Events that are not typed, of their own length or made longer: one that is not documented, and one whose payload is
/// not.
pub fn untyped(size: Option<usize>) -> Vec<Case> {
    let item = json!({ "id": "ana_09jz7p3nqwec1x5vbr4mt8ks2d", "status": "completed", "score": 71.5 });
    let body = |event| match size {
        Some(size) => with_field::<ScreenScore>(event, "/data/analyses", list(size, &item)),
        None => body::<ScreenScore>(event),
    };
    let analysis = body("analysis.completed");
    let unknown = std::str::from_utf8(&analysis).unwrap().replacen("analysis.completed", "something.new", 1).into();
    let case = |what: &str, body: Bytes| {
        Case::new(format!("{what}, {}", tables::bytes(size.unwrap_or(body.len()))), raw_contenders(&body))
    };
    vec![case("an event that is not documented", unknown), case("one whose payload is not", body("batch.completed"))]
}

fn body<P: Documented>(event: &str) -> Bytes {
    Payload::<P>::documented(event).unwrap().bytes().clone()
}

fn with_field<P: Documented>(event: &str, pointer: &str, value: Value) -> Bytes {
    Payload::<P>::documented(event).unwrap().with_field(pointer, value).unwrap().bytes().clone()
}

/// So many of `item` as take up `size` bytes.
fn list(size: usize, item: &Value) -> Value {
    let count = size / (item.to_string().len() + 1);
    Value::Array(vec![item.clone(); count])
}

/// The plain struct `T` is the reference; `E` is an enum of such structs.
fn contenders<P: Documented, T: Serialize + DeserializeOwned + 'static, E: DeserializeOwned + 'static>(
    body: &Bytes,
) -> Vec<Contender<'static>> {
    let event = P::Event::decode(body).unwrap();
    assert_eq!(fields(&event), fields(&serde_json::from_slice::<T>(body).unwrap()), "both have the same fields");
    vec![
        contender("plain struct, `from_slice`", body, |body| serde_json::from_slice::<T>(body).unwrap()),
        contender("plain struct, `from_str`", body, |body| {
            serde_json::from_str::<T>(std::str::from_utf8(body).unwrap()).unwrap()
        }),
        contender("countersign", body, |body| P::Event::decode(body).unwrap()),
        contender("enum with `tag = \"event\"`", body, |body| serde_json::from_slice::<E>(body).unwrap()),
        contender("`Value`", body, |body| serde_json::from_slice::<Value>(body).unwrap()),
    ]
}

fn raw_contenders(body: &Bytes) -> Vec<Contender<'static>> {
    #[derive(Deserialize)]
    struct Named {
        event: String,
        data: Data,
    }

    #[derive(Deserialize)]
    struct Data {
        id: String,
    }

    vec![
        contender("plain struct of name and id, then `RawValue`", body, |body| {
            let Named { event, data } = serde_json::from_slice(body).unwrap();
            (event, data.id, serde_json::from_slice::<Box<RawValue>>(body).unwrap())
        }),
        contender("countersign", body, |body| <ScreenScore as Provider>::Event::decode(body).unwrap()),
        contender("`RawValue` alone", body, |body| serde_json::from_slice::<Box<RawValue>>(body).unwrap()),
        contender("`Value`", body, |body| serde_json::from_slice::<Value>(body).unwrap()),
    ]
}

fn contender<T>(name: &str, body: &Bytes, decode: impl Fn(&[u8]) -> T + 'static) -> Contender<'static> {
    let body = body.clone();
    Contender::new(name, move || decode(&body))
}

/// Whatever is there, without the event's name.
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

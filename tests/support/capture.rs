//! Everything that is traced, and everything that is logged.

use std::{
    fmt,
    sync::{Arc, Mutex, Once},
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry,
};

use crate::log;

/// A traced event, or what a span was given.
#[derive(Clone, Debug)]
pub struct Traced {
    pub target: String,
    pub level: Level,
    pub is_event: bool,
    pub fields: Vec<(&'static str, String)>,
}

impl Traced {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.as_str())
    }
}

/// Lets every thread want every event, from now on. tracing caches whether an event is wanted: in a thread without a
/// subscriber it could find that one is not, for the threads that capture it, too.
pub fn enable() {
    static ENABLE: Once = Once::new();
    ENABLE.call_once(|| tracing::subscriber::set_global_default(registry()).expect("the only one"));
}

/// Captures this thread's traces and logs while it lives.
pub struct Capture {
    traced: Traces,
    _guard: DefaultGuard,
}

type Traces = Arc<Mutex<Vec<Traced>>>;

impl Capture {
    pub fn start() -> Self {
        enable();
        log::capture();
        log::lines();
        let traced = Traces::default();
        let guard = tracing::subscriber::set_default(registry().with(Tap(Arc::clone(&traced))));
        Self { traced, _guard: guard }
    }

    /// What was captured since it was last asked: the events of countersign, and everything as one text.
    pub fn take(&self) -> (Vec<Traced>, String) {
        let traced = std::mem::take(&mut *self.traced.lock().unwrap());
        let text = format!("{traced:#?}\n{:#?}", log::lines());
        (traced.into_iter().filter(|traced| traced.is_event && traced.target == "countersign").collect(), text)
    }
}

struct Tap(Traces);

impl Tap {
    fn keep(&self, metadata: &tracing::Metadata<'_>, is_event: bool, record: impl FnOnce(&mut Fields)) {
        let mut fields = Fields(Vec::new());
        record(&mut fields);
        let target = metadata.target().to_owned();
        self.0.lock().unwrap().push(Traced { target, level: *metadata.level(), is_event, fields: fields.0 });
    }
}

impl<S: Subscriber> Layer<S> for Tap {
    fn on_new_span(&self, span: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.keep(span.metadata(), false, |fields| span.record(fields));
    }

    fn on_record(&self, _: &Id, record: &Record<'_>, _: Context<'_, S>) {
        let mut fields = Fields(Vec::new());
        record.record(&mut fields);
        let (target, level) = ("a span".to_owned(), Level::TRACE);
        self.0.lock().unwrap().push(Traced { target, level, is_event: false, fields: fields.0 });
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.keep(event.metadata(), true, |fields| event.record(fields));
    }
}

struct Fields(Vec<(&'static str, String)>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }
}

//! The two kinds of server, each on a separate thread until the process ends.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, mpsc},
    thread,
};

use countersign::{
    RejectionKind,
    dedupe::{Counters, Dedupe},
    providers,
};
use tracing_subscriber::fmt;

use super::{
    book::{Book, Traces},
    sites::{self, ActixSite, AxumSite, Mount, Site},
    stores::Store,
};
use crate::support::{
    http::{Answer, Request, connect},
    sender,
};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Axum,
    Actix,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) book: Arc<Book>,
    pub(crate) store: Store,
    pub(crate) counters: Counters,
}

impl Server {
    pub(crate) fn start(kind: Kind) -> Self {
        Self::start_with(kind, |dedupe| dedupe)
    }

    pub(crate) fn start_with(kind: Kind, set: impl FnOnce(Dedupe) -> Dedupe) -> Self {
        let book = Arc::<Book>::default();
        let store = Store::new(&book);
        let dedupe = set(Dedupe::new(store.clone()));
        let counters = dedupe.counters();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        let (started, starts) = mpsc::channel();
        let shared = Arc::clone(&book);
        thread::spawn(move || {
            trace_into(&shared);
            actix_web::rt::System::new().block_on(async move {
                started.send(()).expect("a test that waits");
                match kind {
                    Kind::Axum => sites::serve_axum(mounted(AxumSite::new(shared), &dedupe), listener).await,
                    Kind::Actix => sites::serve_actix(mounted(ActixSite::new(shared), &dedupe), listener).await,
                }
            });
        });
        starts.recv().expect("a server that starts");
        Self { address, book, store, counters }
    }

    pub(crate) fn send(&self, request: &Request) -> Answer {
        request.send(self.address)
    }

    /// Sends a request whose answer is read later, or never.
    pub(crate) fn begin(&self, request: &Request) -> TcpStream {
        let stream = connect(self.address);
        std::io::Write::write_all(&mut &stream, &request.bytes()).expect("a server that reads");
        stream
    }

    /// Asserts what happened since the last call.
    #[track_caller]
    pub(crate) fn assert_happened(&self, expected: &[&str]) {
        assert_eq!(self.book.take(), expected);
    }

    /// Asserts which rejections the layer outside found since the last call.
    #[track_caller]
    pub(crate) fn assert_explained(&self, reasons: &[RejectionKind]) {
        assert_eq!(self.book.take_reasons(), reasons);
    }
}

/// Everything that this thread traces from now on.
pub(crate) fn trace_into(book: &Arc<Book>) {
    let book = Arc::clone(book);
    let subscriber = fmt().with_ansi(false).with_writer(move || Traces(Arc::clone(&book))).finish();
    // For as long as the thread lives.
    std::mem::forget(tracing::subscriber::set_default(subscriber));
}

/// The routes of every server: one for each provider, and a few with other settings.
fn mounted<S: Site>(mut site: S, dedupe: &Dedupe) -> S {
    macro_rules! each {
        ($($name:ident => $Provider:ident,)*) => {$(
            site.mount::<providers::$Provider>(Mount::new(concat!("/webhooks/", stringify!($name)), dedupe));
        )*};
    }
    countersign::__for_each_typed_provider!(each);
    let elsewhere = dedupe.clone().with_namespace("elsewhere");
    site.mount::<providers::Zeodyn>(Mount::new("/elsewhere/zeodyn", &elsewhere));
    site.mount::<providers::Zeodyn>(Mount { by_tenant: true, ..Mount::new("/tenants/zeodyn", dedupe) });
    site.mount::<providers::Zeodyn>(Mount { catches_panics: false, ..Mount::new("/uncaught/zeodyn", dedupe) });
    let result = |path| Mount { takes_result: true, ..Mount::new(path, dedupe) };
    site.mount::<providers::Zeodyn>(result("/result/zeodyn"));
    site.mount::<providers::Zeodyn>(Mount { by_tenant: true, ..result("/result-of-tenants/zeodyn") });
    site.mount::<providers::Zeodyn>(Mount { own_rejections: true, ..Mount::new("/own/zeodyn", dedupe) });
    site
}

/// A small genuine delivery with this id.
pub(crate) fn zeodyn(id: &str) -> Request {
    sender("zeodyn").genuine(format!(r#"{{"event":"scan_complete","scanId":"{id}"}}"#))
}

/// GeoScored's test event, which is never claimed.
pub(crate) fn geoscored_test() -> Request {
    sender("geoscored").genuine(r#"{"event":"scan.test","scan_id":"test_00000000"}"#)
}

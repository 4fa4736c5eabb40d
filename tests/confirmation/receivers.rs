//! Both adapters, each a server on a thread of its own, and what they must answer.

use std::{
    future::Future,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use bytes::Bytes;
use countersign::{
    Confirmation, Trust,
    actix::{VerifyWebhook as ForActix, Webhook as ActixWebhook},
    axum::{VerifyWebhook as ForAxum, Webhook as AxumWebhook},
    confirmation::ScreenshotRunApiBuilder,
    providers::{ScreenshotRun, ScreenshotRunEvent},
};
use tokio::sync::oneshot;

use crate::{
    deliveries::{PATH, token},
    support::http::{Answer, Request},
};

const UNAUTHORIZED: &str =
    r#"{"type":"about:blank","title":"Unauthorized","status":401,"detail":"The delivery could not be verified."}"#;
const UNDECODABLE: &str = r#"{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"The delivery was verified, but its body could not be decoded."}"#;
const UNAVAILABLE: &str = r#"{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The delivery could not be accepted at the moment. Please send it again."}"#;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Adapter {
    Axum,
    Actix,
}

/// What a handler got.
#[derive(Clone, Debug)]
pub(crate) struct Handled {
    pub(crate) trust: Trust,
    pub(crate) event: ScreenshotRunEvent,
    pub(crate) delivery_id: Option<String>,
    pub(crate) body: Bytes,
}

type Log = Arc<Mutex<Vec<Handled>>>;

pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    handled: Log,
    _stop: oneshot::Sender<()>,
}

impl Adapter {
    /// A receiver of deliveries that this client has confirmed.
    pub(crate) fn receiver(self, client: ScreenshotRunApiBuilder) -> Receiver {
        self.receiver_with(client.build().expect("a client"))
    }

    pub(crate) fn receiver_with(self, confirmation: impl Confirmation<ScreenshotRun>) -> Receiver {
        self.receiver_waiting(confirmation, countersign::DEFAULT_CONFIRMATION_TIMEOUT)
    }

    /// A receiver with another time limit than the client has.
    pub(crate) fn receiver_waiting(
        self,
        confirmation: impl Confirmation<ScreenshotRun>,
        timeout: Duration,
    ) -> Receiver {
        match self {
            Self::Axum => {
                let verify = ForAxum::screenshotrun(token()).with_confirmation(confirmation);
                let verify = verify.with_confirmation_timeout(timeout);
                Receiver::start(|listener, log| axum_server(listener, log, verify))
            }
            Self::Actix => {
                let verify = ForActix::screenshotrun(token()).with_confirmation(confirmation);
                let verify = verify.with_confirmation_timeout(timeout);
                Receiver::start(|listener, log| actix_server(listener, log, verify))
            }
        }
    }
}

impl Receiver {
    fn start<F: Future<Output = ()>>(serve: impl FnOnce(TcpListener, Log) -> F + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a socket");
        let address = listener.local_addr().expect("an address");
        let handled = Log::default();
        let log = Arc::clone(&handled);
        let (stop, stopped) = oneshot::channel::<()>();
        let (started, starts) = mpsc::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let serve = serve(listener, log);
                started.send(()).expect("somebody waits");
                tokio::select! { () = serve => {} _ = stopped => {} }
            });
        });
        starts.recv().expect("a server that starts");
        Self { address, handled, _stop: stop }
    }

    /// What was handled since it was last asked.
    pub(crate) fn take_handled(&self) -> Vec<Handled> {
        std::mem::take(&mut self.handled.lock().unwrap())
    }

    pub(crate) fn handled_count(&self) -> usize {
        self.handled.lock().unwrap().len()
    }

    /// Accepted, and handled once.
    #[track_caller]
    pub(crate) fn accepts(&self, request: &Request) -> Handled {
        let answer = request.send(self.address);
        assert_eq!((answer.status, &*answer.body), (200, ""), "{}", text(request));
        let mut handled = self.take_handled();
        assert_eq!(handled.len(), 1, "{}", text(request));
        let handled = handled.remove(0);
        assert_eq!(handled.trust, Trust::Confirmed);
        assert_eq!(handled.body, request.body);
        handled
    }

    /// Refused with the 401 that all refusals share.
    #[track_caller]
    pub(crate) fn denies(&self, request: &Request) {
        self.refuses(request, (401, None, UNAUTHORIZED));
    }

    /// Neither accepted nor refused for good.
    #[track_caller]
    pub(crate) fn is_undecided(&self, request: &Request) {
        self.refuses(request, (503, Some("5"), UNAVAILABLE));
    }

    #[track_caller]
    pub(crate) fn cannot_decode(&self, request: &Request) {
        self.refuses(request, (422, None, UNDECODABLE));
    }

    #[track_caller]
    fn refuses(&self, request: &Request, expected: (u16, Option<&str>, &str)) {
        let answer: Answer = request.send(self.address);
        let (status, retry_after, body) = expected;
        let headers = [Some("application/problem+json"), None, None, retry_after];
        assert_eq!(answer.essence(), (status, headers, body), "{}", text(request));
        assert!(self.take_handled().is_empty(), "{}", text(request));
    }
}

fn text(request: &Request) -> String {
    request.body[..request.body.len().min(200)].escape_ascii().to_string()
}

async fn axum_server(listener: TcpListener, log: Log, verify: ForAxum<ScreenshotRun>) {
    let handler = |hook: AxumWebhook<ScreenshotRun>, body: Bytes| async move {
        assert_eq!(hook.body(), &body);
        let delivery_id = hook.delivery_id().map(|id| id.to_string());
        let trust = hook.trust();
        log.lock().unwrap().push(Handled { trust, event: hook.into_event(), delivery_id, body });
    };
    let app = axum::Router::new().route(PATH, axum::routing::post(handler).layer(verify));
    let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
    axum::serve(listener, app).await.expect("a server that goes on");
}

async fn actix_server(listener: TcpListener, log: Log, verify: ForActix<ScreenshotRun>) {
    use actix_web::{App, HttpResponse, HttpServer, web};

    let handler = |log: web::Data<Mutex<Vec<Handled>>>, hook: ActixWebhook<ScreenshotRun>, body: Bytes| async move {
        assert_eq!(hook.body(), &body);
        let delivery_id = hook.delivery_id().map(|id| id.to_string());
        let trust = hook.trust();
        log.lock().unwrap().push(Handled { trust, event: hook.into_event(), delivery_id, body });
        HttpResponse::Ok().finish()
    };
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(Arc::clone(&log)))
            .service(web::resource(PATH).wrap(verify.clone()).route(web::post().to(handler)))
    });
    server.workers(1).disable_signals().listen(listener).expect("a socket").run().await.expect("a server");
}

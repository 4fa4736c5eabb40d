//! The smallest adapter: core's `Receiver` in a plain hyper server, with nothing of tower's or actix-web's crates. Every
//! behaviour of the adapters is one of it, too.

use std::{convert::Infallible, sync::Arc, time::Duration};

use countersign::{
    AllowedSources, Confirmation, ExtractionError, IntoSecrets, Rejection, SecretLookup, Trust, Verifier,
    adapter::{Answer, Finish, Next, Received, Receiver, Why},
    dedupe::{Dedupe, Lease, Outcome},
    provider::Provider,
    providers,
};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tower::{service_fn, util::BoxCloneSyncService};

use crate::{
    adapters::{Handler, Rejections, Site, Verify, decided, own_rejection},
    diary::{Diary, Handled},
    own_events::Told,
    servers::Response,
    sites::Services,
    surfaces::secrets,
};

/// What an adapter is configured with.
pub(crate) struct Bare<P: Provider>(Receiver<P>);

impl<P: Provider> Verify<P> for Bare<P> {
    fn new(secrets: impl IntoSecrets) -> Self {
        Self::from_verifier(Verifier::new(secrets))
    }

    fn from_lookup(lookup: impl SecretLookup) -> Self {
        Self::from_verifier(Verifier::<P>::from_lookup(lookup))
    }

    fn from_verifier<W>(verifier: Verifier<P, W>) -> Self {
        Self(verifier.into())
    }

    fn with_body_limit(mut self, bytes: usize) -> Self {
        self.0.settings_mut().body_limit = bytes;
        self
    }

    fn with_lookup_timeout(mut self, timeout: Duration) -> Self {
        self.0.settings_mut().lookup_timeout = timeout;
        self
    }

    fn with_allowed_sources(mut self, sources: AllowedSources) -> Self {
        self.0.settings_mut().sources = Some(Arc::new(sources));
        self
    }

    fn with_confirmation(mut self, confirmation: impl Confirmation<P>) -> Self {
        self.0.settings_mut().confirm(confirmation);
        self
    }

    fn with_confirmation_timeout(mut self, timeout: Duration) -> Self {
        self.0.settings_mut().confirmation_timeout = timeout;
        self
    }

    fn with_minimum_trust(mut self, trust: Trust) -> Self {
        self.0.settings_mut().minimum_trust = trust;
        self
    }
}

pub(crate) struct ReceiverSite {
    diary: Arc<Diary>,
    pub(crate) services: Services,
}

impl ReceiverSite {
    pub(crate) fn new(diary: Arc<Diary>) -> Self {
        Self { diary, services: Services::default() }
    }

    fn add<P: Provider, Q: Provider>(
        &mut self,
        path: String,
        verify: Option<Bare<P>>,
        handler: Handler,
        rejections: Rejections,
    ) {
        let (diary, receiver) = (Arc::clone(&self.diary), verify.map(|verify| verify.0));
        let service = service_fn(move |request: http::Request<Incoming>| {
            let (diary, receiver) = (Arc::clone(&diary), receiver.clone());
            async move {
                Ok::<_, Infallible>(
                    serve(receiver, rejections, request, |head, payload| {
                        handle::<Q>(&diary, handler, rejections, head, payload)
                    })
                    .await,
                )
            }
        });
        self.services.add(path, BoxCloneSyncService::new(service));
    }
}

impl Site for ReceiverSite {
    type Verify<P: Provider> = Bare<P>;

    fn mount_providers(&mut self) {
        let site = self;
        macro_rules! mount {
            ($($name:ident => $Provider:ident,)*) => {$(
                let verify = Bare::<providers::$Provider>::new(secrets::<providers::$Provider>());
                site.mount(concat!("/webhooks/", stringify!($name)), verify);
            )*};
        }
        countersign::__for_each_typed_provider!(mount);
    }

    fn mount_handler<P: Provider, Q: Provider>(
        &mut self,
        path: &'static str,
        verify: Option<Bare<P>>,
        handler: Handler,
        rejections: Rejections,
    ) {
        self.add::<P, Q>(path.to_owned(), verify, handler, rejections);
    }

    fn mount_once<P: Provider>(&mut self, path: &'static str, verify: Bare<P>, dedupe: Dedupe) {
        self.mount(path, Bare(verify.0.with_dedupe(dedupe)));
    }

    fn mount_event<P: Provider, E: Told>(
        &mut self,
        path: &'static str,
        verify: Bare<P>,
        dedupe: Dedupe,
        handler: Handler,
    ) {
        let (diary, receiver) = (Arc::clone(&self.diary), verify.0.with_dedupe(dedupe));
        let service = service_fn(move |request: http::Request<Incoming>| {
            let (diary, receiver) = (Arc::clone(&diary), receiver.clone());
            async move {
                let handle = |head: &_, payload| reads::<P, E>(&diary, handler, head, payload);
                Ok::<_, Infallible>(serve(Some(receiver), Rejections::Default, request, handle).await)
            }
        });
        self.services.add(path.to_owned(), BoxCloneSyncService::new(service));
    }

    fn mount_nested<P: Provider>(&mut self, prefix: &'static str, path: &'static str, verify: Bare<P>) {
        self.add::<P, P>(format!("{prefix}{path}"), Some(verify), Handler::Takes, Rejections::Default);
    }
}

async fn serve<P: Provider>(
    receiver: Option<Receiver<P>>,
    rejections: Rejections,
    request: http::Request<Incoming>,
    handle: impl FnOnce(&http::request::Parts, bytes::Bytes) -> Response + Send,
) -> Response {
    let (mut head, body) = request.into_parts();
    let (mut payload, mut claimed) = (bytes::Bytes::new(), None);
    if let Some(receiver) = receiver {
        let (received, lease) = match receive(&receiver, &head, body).await {
            Ok(received) => received,
            Err(answer) => return response(&answer, rejections),
        };
        claimed = lease;
        payload = received.body().clone();
        head.extensions.insert(received);
        // The proof is not for the handler.
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        if let Some(concealed) = P::SCHEME.conceal(target) {
            head.uri = concealed.parse().expect("a URI");
        }
    }
    let answer = async { handle(&head, payload) };
    let Some(lease) = claimed else { return answer.await };
    let outcome = |response: &Response| Outcome::of(response.status().as_u16(), response.extensions().get());
    let held = lease.hold(answer, outcome, tokio::time::sleep).await;
    held.unwrap_or_else(|rejection| response(&Answer::rejected::<P>(rejection), rejections))
}

fn handle<Q: Provider>(
    diary: &Diary,
    handler: Handler,
    rejections: Rejections,
    head: &http::request::Parts,
    payload: bytes::Bytes,
) -> Response {
    if matches!(handler, Handler::Ignores) {
        return http::Response::builder().status(422).body(payload.into()).expect("a response");
    }
    match Received::<Q>::extract(head.extensions.get()) {
        Ok(delivery) => {
            diary.handle(head.uri.path(), Handled::of(&delivery, head.uri.to_string(), &payload));
            Response::default()
        }
        Err(error) if matches!(handler, Handler::Decides) => {
            http::Response::builder().status(202).body(decided(&error).into()).expect("a response")
        }
        Err(error) => response(&error.answer(), rejections),
    }
}

fn reads<P: Provider, E: Told>(
    diary: &Diary,
    handler: Handler,
    head: &http::request::Parts,
    payload: bytes::Bytes,
) -> Response {
    let delivery = Received::<P>::extract(head.extensions.get()).expect("a delivery");
    match delivery.event_as::<E>() {
        Ok(event) => {
            diary.read(&event, Handled::of(&delivery, head.uri.to_string(), &payload));
            Response::default()
        }
        Err(error) => {
            let error = ExtractionError::from(Rejection::from(error));
            match handler {
                Handler::Decides => {
                    http::Response::builder().status(202).body(decided(&error).into()).expect("a response")
                }
                Handler::Takes | Handler::Ignores => response(&error.answer(), Rejections::Default),
            }
        }
    }
}

async fn receive<P: Provider>(
    receiver: &Receiver<P>,
    head: &http::request::Parts,
    mut body: Incoming,
) -> Result<(Received<P>, Option<Lease>), Answer> {
    let mut receiving = receiver.begin(head)?;
    let whole = async {
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| receiving.incomplete())?;
            if let Ok(data) = frame.into_data() {
                receiving.push(data)?;
            }
        }
        Ok(())
    };
    let whole = tokio::time::timeout(receiver.body_timeout(), whole).await;
    whole.unwrap_or_else(|_| Err(receiving.timed_out()))?;
    let next = match receiving.finish(tokio::time::sleep) {
        Finish::Ready(next) => next,
        Finish::Wait(next) => next.await,
    };
    match next {
        Next::Handle(received, lease) => Ok((received, lease)),
        Next::Answer(answer) => Err(answer),
    }
}

fn response(answer: &Answer, rejections: Rejections) -> Response {
    let of = |rejection: &Rejection| {
        let (status, body) = own_rejection(rejection);
        http::Response::builder().status(status).body(body.into()).expect("a response")
    };
    let mut response = match (answer.why(), rejections) {
        (Why::Rejected(rejection), Rejections::Own) => of(rejection),
        _ => {
            let headers = answer.headers().iter();
            let response =
                headers.fold(http::Response::builder(), |response, &(name, value)| response.header(name, value));
            response.status(answer.status()).body(answer.body().into()).expect("a response")
        }
    };
    if let Why::Rejected(rejection) = answer.why() {
        response.extensions_mut().insert(rejection.clone());
    }
    response
}

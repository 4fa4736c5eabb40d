//! Every vector through both adapters, over a socket.

use std::{
    net::{SocketAddr, TcpListener},
    thread,
};

use countersign::{provider::Provider, providers};
use countersign_test_support::http::{Framing, Request};

use super::{
    openssl,
    pages::{Given, Page, Sent},
    vectors,
};

type Row = (Page, Given, Sent);

/// Those that others published, and those by openssl.
fn rows() -> Vec<Row> {
    let published = vectors::rows().map(|(_, case)| (case.page, case.given, case.sent));
    published.chain(openssl::all()).collect()
}

fn path(index: usize) -> String {
    format!("/hook/{index}")
}

fn axum_server(listener: TcpListener) {
    listener.set_nonblocking(true).unwrap();
    let mut app = axum::Router::new();
    for (index, (page, given, _)) in rows().iter().enumerate() {
        app = app.route(&path(index), (page.axum)(given));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, app).await.unwrap();
    });
}

fn actix_server(listener: TcpListener) {
    let server = actix_web::HttpServer::new(|| {
        actix_web::App::new().configure(|config| {
            for (index, (page, given, _)) in rows().iter().enumerate() {
                (page.actix)(config, given, &path(index));
            }
        })
    });
    let server = server.workers(1).disable_signals().listen(listener).unwrap();
    actix_web::rt::System::new().block_on(server.run()).unwrap();
}

/// A server on a thread, until the process ends.
pub(crate) fn start(serve: fn(TcpListener)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || serve(listener));
    address
}

fn request(index: usize, sent: &Sent) -> Request {
    let target = if sent.query.is_empty() { path(index) } else { format!("{}?{}", path(index), sent.query) };
    let request = Request::post(target, sent.body.clone());
    sent.headers.iter().fold(request, |request, (name, value)| request.with_header(name, value.as_str()))
}

fn every_vector_verifies(serve: fn(TcpListener)) {
    let address = start(serve);
    let rows = rows();
    for (index, (page, given, sent)) in rows.iter().enumerate() {
        let genuine = request(index, sent);
        for framing in [Framing::Length, Framing::Chunked(7)] {
            let answer = genuine.clone().framed(framing).send(address);
            assert_eq!((answer.status, answer.body), (200, sent.body.len().to_string()), "{} {framing:?}", page.name);
        }
        // An empty body has one end more.
        let mut forged = vec![Sent { body: [&sent.body, &b"x"[..]].concat(), ..sent.clone() }];
        if let Some(last) = sent.body.len().checked_sub(1) {
            let mut changed = sent.clone();
            changed.body[last / 2] ^= 1;
            forged.push(changed);
        }
        if !sent.headers.is_empty() {
            forged.push(Sent { headers: Vec::new(), ..sent.clone() });
        }
        for forged in forged {
            // Nothing but some of its fields is signed: what core says counts.
            let expected = if page.verify(given, &forged).is_ok() { 200 } else { 401 };
            assert!(expected == 401 || !page.scheme.covers_body(), "{}", page.name);
            assert_eq!(request(index, &forged).send(address).status, expected, "{}", page.name);
        }
    }
    assert_eq!(rows.len(), 46 + 59);
}

/// A token is its own answer.
#[test]
fn every_page_has_a_known_answer() {
    macro_rules! names {
        ($($name:ident $needs:tt => $Provider:ident $about:tt,)*) => { [$((<providers::$Provider as Provider>::NAME, <providers::$Provider as Provider>::SCHEME)),*] };
    }
    let answered: Vec<_> = rows().iter().map(|(page, ..)| page.provider).collect();
    let typed = countersign_test_support::senders();
    let mut missing = countersign::__for_each_provider!(names).to_vec();
    missing.retain(|(name, scheme)| {
        !scheme.is_credential() && !answered.contains(name) && typed.iter().all(|sender| sender.name != *name)
    });
    assert_eq!(missing, []);
}

#[test]
fn every_vector_verifies_through_axum() {
    every_vector_verifies(axum_server);
}

#[test]
fn every_vector_verifies_through_actix() {
    every_vector_verifies(actix_server);
}

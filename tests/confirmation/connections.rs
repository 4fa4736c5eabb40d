//! Connections: each request has its own, and only the API gets the key.

use std::{
    env,
    future::Future,
    io::{BufRead, BufReader},
    net::TcpListener,
    time::Duration,
};

use countersign::confirmation::{ApiErrorKind, ScreenshotRunApi};

use crate::{
    api::{Answer, Api, CHUNKED, KEY, answer, builder, chunk, raw},
    deliveries::{completed, genuine},
    inside::{confirmed, undecided, verify},
    until,
};

for_all![
    t26_a_request_has_its_own_connection_also_on_another_runtime,
    an_answer_that_breaks_off_decides_nothing,
    a_sender_that_is_gone_leaves_no_request_behind,
    t21_only_a_server_with_a_trusted_certificate_gets_the_key,
];

/// In actix-web, each worker has its own runtime. No request waits for the thread of another.
async fn t26_a_request_has_its_own_connection_also_on_another_runtime() {
    let api = Api::answering(200, completed().to_string()).await;
    let client = api.client();
    confirmed(&client, &genuine()).await;
    let elsewhere = client.clone();
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(confirmed(&elsewhere, &genuine()));
    });
    until("the other runtime is gone", || thread.is_finished()).await;
    thread.join().unwrap();
    confirmed(&client, &genuine()).await;
    assert_eq!((api.take_seen().len(), api.connections()), (3, 3));
    api.is_left_alone().await;
}

async fn an_answer_that_breaks_off_decides_nothing() {
    let body = completed().to_string();
    let mut short = answer(200, format!("{body} "));
    short.bytes.pop();
    let unfinished = [CHUNKED.as_bytes(), &chunk(body.as_bytes())].concat();
    for answer in [raw(""), raw("HTTP/1.1 200 OK\r\n"), short, raw(unfinished), raw(body)] {
        let text = answer.bytes.escape_ascii().to_string();
        let api = Api::giving(Answer { breaks_off: true, ..answer }).await;
        assert_eq!(undecided(&api.client(), &genuine()).await.kind(), ApiErrorKind::Unreachable, "{text}");
        assert_eq!(api.connections(), 1, "{text}: it is not asked again");
        api.is_left_alone().await;
    }
}

/// Long before the time limit of the answer. That the adapters drop the confirmation is tested by the conformance suite.
async fn a_sender_that_is_gone_leaves_no_request_behind() {
    let api = Api::giving(raw("HTTP/1.1 200 OK\r\n")).await;
    let client = api.builder().with_timeout(Duration::from_secs(3600)).build().unwrap();
    let request = genuine();
    let mut verifying = Box::pin(verify(&client, &request));
    let mut asked = Box::pin(api.state.has_written.notified());
    std::future::poll_fn(|context| {
        assert!(verifying.as_mut().poll(context).is_pending());
        asked.as_mut().poll(context)
    })
    .await;
    drop(verifying);
    api.is_left_alone().await;
}

async fn t21_only_a_server_with_a_trusted_certificate_gets_the_key() {
    let api = Api::answering(200, completed().to_string()).await;
    for client in [
        // Trusts the system's root certificates, and asks for a name that the certificate does not have.
        ScreenshotRunApi::builder(KEY).with_base_url(api.base()),
        api.builder().with_base_url(format!("https://127.0.0.1:{}", api.port)),
    ] {
        let Ok(client) = client.build() else { continue }; // A system without root certificates.
        assert_eq!(undecided(&client, &genuine()).await.kind(), ApiErrorKind::Unreachable);
    }
    assert!(api.connections() >= 1 && api.take_seen().is_empty());
    // Bound and not listening.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let client = builder().with_base_url(format!("https://{}", socket.local_addr().unwrap())).build().unwrap();
    assert_eq!(undecided(&client, &genuine()).await.kind(), ApiErrorKind::Unreachable);
}

/// What a process has in its environment is set from outside: the test runs itself once more.
#[test]
fn t21_a_proxy_of_the_environment_sees_only_the_host() {
    if env::var_os("HTTPS_PROXY").is_some_and(|proxy| proxy.to_string_lossy().contains("user:password@")) {
        let client = ScreenshotRunApi::builder(KEY).with_base_url("https://api.invalid").build().unwrap();
        let error = actix_web::rt::System::new().block_on(undecided(&client, &genuine()));
        return assert_eq!(error.kind(), ApiErrorKind::Unreachable);
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://user:password@{}", listener.local_addr().unwrap());
    let seen = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect::<Vec<_>>()
    });
    let name = concat!(module_path!(), "::t21_a_proxy_of_the_environment_sees_only_the_host");
    crate::run_again(name, &[("HTTPS_PROXY", &proxy)]);
    let seen = seen.join().unwrap().join("\n").to_lowercase();
    assert!(seen.starts_with("connect api.invalid:443 http/1.1\n"), "{seen}");
    assert!(seen.contains("proxy-authorization: basic dxnlcjpwyxnzd29yza=="), "{seen}");
    assert!(!seen.contains("bearer") && !seen.contains("screenshots"), "{seen}");
}

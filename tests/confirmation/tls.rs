//! Nobody there, and those who are not who they should be.

use std::{io::Read, sync::Arc};

use crate::{
    api::{Api, Conduct, KEY, answer},
    certificates::{self, Authority},
    deliveries::{completed, genuine},
    receivers::Adapter,
    until,
};

for_both![
    where_nobody_listens_nothing_is_decided,
    t21_whoever_has_no_right_certificate_does_not_get_the_key,
    t21_a_server_without_tls_does_not_get_the_key,
];

fn where_nobody_listens_nothing_is_decided(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let (port, receiver) = (api.port, adapter.receiver(api.client()));
    drop(api);
    assert!(until(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_err()));
    receiver.is_undecided(&genuine());
}

fn t21_whoever_has_no_right_certificate_does_not_get_the_key(adapter: Adapter) {
    let agreeing = || {
        Conduct::Serve(Arc::new(|_| {
            let answer = answer(200, completed().to_string());
            Box::pin(async { answer })
        }))
    };
    let ours: &Authority = &certificates::OURS;
    for tls in [
        certificates::ANOTHER.server_of("localhost"),
        ours.server_of("screenshotrun.com"),
        ours.server_of("localhost.evil.example"),
        ours.server_of("127.0.0.1"),
        ours.server_of_yesterday("localhost"),
    ] {
        let api = Api::start(&tls, agreeing());
        adapter.receiver(api.client()).is_undecided(&genuine());
        assert!(api.connections() > 0 && api.is_left_alone());
        assert_eq!(api.take_seen(), []);
    }
    // Nor does our authority count for those who trust another.
    let api = Api::answering(200, completed().to_string());
    let client = api.client().with_root_certificates(certificates::ANOTHER.pem());
    adapter.receiver(client).is_undecided(&genuine());
    let client = api.client().with_base_url(format!("https://127.0.0.1:{}", api.port));
    adapter.receiver(client).is_undecided(&genuine());
    assert_eq!(api.take_seen(), []);
    let both = [certificates::ANOTHER.pem(), certificates::OURS.pem()].concat();
    adapter.receiver(api.client().with_root_certificates(both)).accepts(&genuine());
}

fn t21_a_server_without_tls_does_not_get_the_key(adapter: Adapter) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut start = [0; 1024];
        let count = stream.read(&mut start).unwrap();
        let body = completed().to_string();
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        std::io::Write::write_all(&mut stream, answer.as_bytes()).unwrap();
        let mut rest = start[..count].to_vec();
        let _ = stream.read_to_end(&mut rest);
        rest
    });
    adapter.receiver(Api::answering(200, "").client().with_base_url(base)).is_undecided(&genuine());
    let received = server.join().unwrap();
    assert_eq!(received[0], 22, "a TLS handshake");
    let text = received.escape_ascii().to_string();
    assert!(!text.contains(KEY) && !text.contains("GET ") && !text.contains("screenshots"), "{text}");
}

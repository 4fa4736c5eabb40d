//! An API that wants to be asked elsewhere.

use std::{io::ErrorKind, net::TcpListener};

use crate::{
    api::{Answer, Api, answer},
    deliveries::{ID, completed, genuine},
    receivers::Adapter,
};

for_both![
    t21_no_redirect_is_followed_to_another_server,
    t21_no_redirect_is_followed_on_the_same_host,
    t21_no_other_header_leads_elsewhere,
];

const REDIRECTS: [u16; 7] = [300, 301, 302, 303, 305, 307, 308];

fn leading(status: u16, headers: &[(&'static str, &str)]) -> Answer {
    let mut answer = answer(status, completed().to_string());
    for (name, value) in headers {
        answer.headers_mut().append(*name, value.parse().unwrap());
    }
    answer
}

fn t21_no_redirect_is_followed_to_another_server(adapter: Adapter) {
    // It would be trusted, and would confirm everything.
    let trap = Api::answering(200, completed().to_string());
    let plain_trap = TcpListener::bind("127.0.0.1:0").unwrap();
    plain_trap.set_nonblocking(true).unwrap();
    let plain_port = plain_trap.local_addr().unwrap().port();
    let path = format!("/api/v1/screenshots/{ID}");
    let (api, tell) = Api::told();
    let receiver = adapter.receiver(api.client());
    for status in REDIRECTS {
        for location in [
            format!("{}{path}", trap.base()),
            format!("//localhost:{}{path}", trap.port),
            format!("https://127.0.0.1:{}{path}", trap.port),
            format!("http://127.0.0.1:{plain_port}{path}"),
            format!("http://localhost:{plain_port}{path}"),
            "http://169.254.169.254/latest/meta-data/".to_owned(),
        ] {
            tell(leading(status, &[("location", &location)]));
            receiver.is_undecided(&genuine());
            assert_eq!(api.take_seen().len(), 1, "{status} {location}");
        }
    }
    assert_eq!(trap.connections(), 0);
    assert_eq!(plain_trap.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

fn t21_no_redirect_is_followed_on_the_same_host(adapter: Adapter) {
    let (api, tell) = Api::told();
    let receiver = adapter.receiver(api.client());
    for status in REDIRECTS {
        for location in ["/elsewhere", "elsewhere", "?", "#x", "", "not a URL \\"] {
            tell(leading(status, &[("location", location)]));
            receiver.is_undecided(&genuine());
            assert_eq!(api.take_seen().len(), 1, "{status} {location}");
        }
        tell(leading(status, &[]));
        receiver.is_undecided(&genuine());
        assert_eq!(api.take_seen().len(), 1, "{status}");
    }
}

fn t21_no_other_header_leads_elsewhere(adapter: Adapter) {
    let trap = Api::answering(200, completed().to_string());
    let (url, service) = (trap.base(), format!("http/1.1=\"localhost:{}\"; ma=3600", trap.port));
    let headers: [(&str, &str); 6] = [
        ("location", &url),
        ("content-location", &url),
        ("refresh", &format!("0; url={url}")),
        ("link", &format!("<{url}>; rel=\"canonical\"")),
        ("alt-svc", &service),
        ("set-cookie", "session=1"),
    ];
    let api = Api::answering_with(leading(200, &headers));
    let receiver = adapter.receiver(api.client());
    for _ in 0..2 {
        receiver.accepts(&genuine());
        assert_eq!(api.take_seen()[0].header("cookie"), [""; 0], "it keeps nothing but connections");
    }
    assert_eq!(trap.connections(), 0);
}

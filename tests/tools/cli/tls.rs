//! HTTPS: only to who has a right certificate.

#[path = "../../confirmation/certificates.rs"]
#[allow(dead_code, reason = "the tests of the confirmation use the rest")]
mod certificates;

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio_rustls::TlsAcceptor;

use crate::cli::command::{command, run_command};

/// Answers 200 to whoever gets through TLS; its port.
fn server() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = TlsAcceptor::from(Arc::clone(&certificates::OURS.server_of("localhost")));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else { continue };
                let answer =
                    service_fn(|_| async { Ok::<_, Infallible>(http::Response::new(Full::<Bytes>::default())) });
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
            }
        });
    });
    port
}

#[test]
fn a_certificate_that_is_trusted_is_sent_to_and_another_is_not() {
    let port = server();
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli-authority.pem");
    std::fs::write(&file, certificates::OURS.pem()).unwrap();
    let to = format!("https://localhost:{port}/");
    let arguments = ["send", "zeodyn", "--to", &to, "--secret-env", "ZEODYN_WEBHOOK_SECRET"];
    let outcome = run_command(command(&arguments).env("SSL_CERT_FILE", &file), b"");
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let outcome = run_command(command(&arguments).env_remove("SSL_CERT_FILE"), b"");
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.contains("  no answer  ") && outcome.stdout.contains("certificate"), "{outcome:?}");
}

//! A proxy of the environment. What a process has in its environment is set from outside: the test runs itself once more.

use std::{
    env,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::Command,
    sync::{Arc, Mutex},
    thread,
};

use crate::{
    api::{Api, KEY},
    deliveries::{ID, completed, genuine},
    receivers::Adapter,
};

const IS_PROXIED: &str = "COUNTERSIGN_TEST_IS_PROXIED";

#[test]
fn t21_a_proxy_of_the_environment_sees_the_hosts_name_alone() {
    if env::var_os(IS_PROXIED).is_some() {
        for adapter in [Adapter::Axum, Adapter::Actix] {
            let api = Api::answering(200, completed().to_string());
            adapter.receiver(api.client()).accepts(&genuine());
            println!("asked at {}.", api.base());
        }
        return;
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let log = Arc::clone(&seen);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let log = Arc::clone(&log);
            thread::spawn(move || tunnel(stream.unwrap(), &log));
        }
    });
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", "proxies::t21_a_proxy_of_the_environment_sees_the_hosts_name_alone"]);
    command.env("HTTPS_PROXY", &proxy).env("HTTP_PROXY", &proxy).env(IS_PROXIED, "1");
    for other in ["https_proxy", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
        command.env_remove(other);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    for (head, sent) in &*seen {
        let host = head.split_whitespace().nth(1).unwrap();
        assert!(head.starts_with("CONNECT localhost:") && text.contains(&format!("https://{host}.")), "{head}");
        assert_eq!(sent[0], 22, "a TLS handshake");
        for text in [head.clone(), sent.escape_ascii().to_string()] {
            assert!(!text.contains(KEY) && !text.contains("Bearer") && !text.contains(ID) && !text.contains("GET "));
        }
    }
}

/// Connects whom the client asks for, and keeps what the client sends.
fn tunnel(mut client: TcpStream, log: &Mutex<Vec<(String, Vec<u8>)>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let mut server = TcpStream::connect(head.split_whitespace().nth(1).unwrap()).unwrap();
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let index = {
        let mut log = log.lock().unwrap();
        log.push((head, Vec::new()));
        log.len() - 1
    };
    let (mut answers, mut to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || std::io::copy(&mut answers, &mut to_client));
    let mut buffer = [0; 4096];
    while let Ok(count) = client.read(&mut buffer) {
        if count == 0 || server.write_all(&buffer[..count]).is_err() {
            break;
        }
        log.lock().unwrap()[index].1.extend_from_slice(&buffer[..count]);
    }
}

//! What of a request arrives, whatever it was made with.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use actix_web::HttpMessage;
use bytes::Bytes;
use countersign_testkit::SignedRequest;
use futures_util::TryStreamExt;

/// A request as its receiver sees it. Headers of one name are in the order in which they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: BTreeMap<String, Vec<Vec<u8>>>,
    pub(crate) body: Bytes,
}

impl Sent {
    fn new(method: &str, target: &str, body: &[u8]) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let (method, path) = (method.to_owned(), path.to_owned());
        Self { method, path, query, headers: BTreeMap::new(), body: Bytes::copy_from_slice(body) }
    }

    fn add(&mut self, name: &str, value: &[u8]) {
        self.headers.entry(name.to_ascii_lowercase()).or_default().push(value.to_vec());
    }

    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        let values = self.headers.get(name).map(Vec::as_slice).unwrap_or_default();
        values.iter().map(|value| std::str::from_utf8(value).expect("UTF-8")).collect()
    }

    pub(crate) fn by_http<P>(request: &SignedRequest<P>) -> Self {
        let request = request.to_http::<Bytes>();
        assert_eq!(request.version(), http::Version::HTTP_11);
        let mut sent = Self::new(request.method().as_str(), &request.uri().to_string(), request.body());
        request.headers().iter().for_each(|(name, value)| sent.add(name.as_str(), value.as_bytes()));
        sent
    }

    /// The length that actix-web adds is right, and not in it.
    pub(crate) async fn by_actix<P>(request: &SignedRequest<P>) -> Self {
        let mut request = request.to_actix().to_request();
        let chunks: Vec<Bytes> = request.take_payload().try_collect().await.expect("a whole body");
        let mut sent = Self::new(request.method().as_str(), &request.uri().to_string(), &chunks.concat());
        request.headers().iter().for_each(|(name, value)| sent.add(name.as_str(), value.as_bytes()));
        let length = sent.body.len().to_string().into_bytes();
        assert_eq!(sent.headers.remove("content-length"), Some(vec![length]));
        sent
    }

    /// Over a connection. What reqwest adds is as expected, and not in it.
    pub(crate) async fn by_reqwest<P>(request: &SignedRequest<P>, path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = thread::spawn(move || receive(&listener));
        let answer = send(request, address, path).await;
        assert_eq!(answer.status(), 200);
        let bytes = server.join().expect("a server that receives");

        let (head, body) = split(&bytes).expect("a whole head");
        let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let first = String::from_utf8(lines.next().expect("a line").to_vec()).expect("UTF-8");
        let [method, target, "HTTP/1.1"] = first.split(' ').collect::<Vec<_>>()[..] else { panic!("{first}") };
        let mut sent = Self::new(method, target, body);
        for line in lines {
            let colon = line.iter().position(|byte| *byte == b':').expect("a colon");
            sent.add(std::str::from_utf8(&line[..colon]).expect("UTF-8"), line[colon + 1..].trim_ascii());
        }
        let mut added = vec![("host", address.to_string()), ("accept", "*/*".to_owned())];
        // Of a body that is empty reqwest says nothing.
        if !body.is_empty() {
            added.push(("content-length", body.len().to_string()));
        }
        for (name, value) in added {
            assert_eq!(sent.headers.remove(name), Some(vec![value.into_bytes()]), "{name}");
        }
        sent
    }
}

/// Sends it with reqwest.
pub(crate) async fn send<P>(request: &SignedRequest<P>, address: SocketAddr, path: &str) -> reqwest::Response {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().expect("a client");
    let endpoint = format!("http://{address}{path}").parse().expect("a URL");
    request.to_reqwest(&client, endpoint).send().await.expect("an answer")
}

fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    Some((&bytes[..end], &bytes[end + 4..]))
}

/// The bytes of one request, which is answered 200.
fn receive(listener: &TcpListener) -> Vec<u8> {
    let (mut stream, _): (TcpStream, _) = listener.accept().expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    while !is_whole(&bytes) {
        let count = stream.read(&mut buffer).expect("bytes");
        assert_ne!(count, 0, "the request ends early");
        bytes.extend_from_slice(&buffer[..count]);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").expect("an open connection");
    bytes
}

fn is_whole(bytes: &[u8]) -> bool {
    let Some((head, body)) = split(bytes) else { return false };
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap_or("0");
    body.len() >= length.trim().parse::<usize>().expect("a number")
}

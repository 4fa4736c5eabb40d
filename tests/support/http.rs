//! HTTP/1.1 by hand: what a library's client would never send has to be sent here.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

/// A request as it goes over the wire.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    pub framing: Framing,
}

/// How the body's end is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// `Content-Length`, as long as the body is.
    Length,
    /// Chunks of this many bytes.
    Chunked(usize),
    /// `Content-Length` of this, whatever is sent; then the writing side is closed.
    Declared(u128),
    /// As many bytes as there are, as chunks, and then no last one; then the writing side is closed.
    Unfinished,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn post(target: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self {
            method: "POST".into(),
            target: target.into(),
            headers: Vec::new(),
            body: body.into(),
            framing: Framing::Length,
        }
    }

    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub fn with_method(mut self, method: &str) -> Self {
        self.method = method.into();
        self
    }

    #[must_use]
    pub fn with_target(mut self, target: impl Into<String>) -> Self {
        self.target = target.into();
        self
    }

    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    #[must_use]
    pub fn framed(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// Request line and headers.
    pub fn head(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", self.method, self.target)
            .into_bytes();
        for (name, value) in &self.headers {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        match self.framing {
            Framing::Length => head.extend_from_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes()),
            Framing::Declared(length) => head.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes()),
            Framing::Chunked(_) | Framing::Unfinished => head.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// Head and body, framed.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        let chunk_size = match self.framing {
            Framing::Length | Framing::Declared(_) => {
                bytes.extend_from_slice(&self.body);
                return bytes;
            }
            Framing::Chunked(size) => size,
            Framing::Unfinished => self.body.len().max(1),
        };
        for chunk in self.body.chunks(chunk_size) {
            bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        if self.framing != Framing::Unfinished {
            bytes.extend_from_slice(b"0\r\n\r\n");
        }
        bytes
    }

    /// Sends the request over a connection of its own and waits for the answer.
    pub fn send(&self, address: SocketAddr) -> Answer {
        self.send_on(&connect(address)).unwrap_or_else(|| panic!("no answer to {} {}", self.method, self.target))
    }

    /// Sends the request like `send`; `None` if nobody listens or answers, such as a process that was killed.
    pub fn try_send(&self, address: SocketAddr) -> Option<Answer> {
        self.send_on(&try_connect(address).ok()?)
    }

    fn send_on(&self, mut stream: &TcpStream) -> Option<Answer> {
        // A server that rejects early may close before it has read all: what it answered counts.
        let _ = stream.write_all(&self.bytes());
        if matches!(self.framing, Framing::Declared(_) | Framing::Unfinished) {
            let _ = stream.shutdown(Shutdown::Write);
        }
        read_answer(stream)
    }
}

pub fn connect(address: SocketAddr) -> TcpStream {
    try_connect(address).expect("a server that listens")
}

fn try_connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.set_write_timeout(Some(Duration::from_secs(20)))?;
    Ok(stream)
}

/// Reads one answer, or as much of it as comes; `None` if the connection ends without one.
pub fn read_answer(mut stream: &TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(answer) = parse(&bytes) {
            return Some(answer);
        }
        match stream.read(&mut buffer) {
            Ok(0) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    if (100..200).contains(&status) {
        return parse(&bytes[end + 4..]);
    }
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = match headers.iter().find(|(name, _)| name == "content-length") {
        Some((_, length)) => length.parse::<usize>().ok()?,
        None if status == 204 => 0,
        None => return None,
    };
    let body = bytes.get(end + 4..end + 4 + length)?;
    Some(Answer { status, headers, body: String::from_utf8_lossy(body).into_owned() })
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// What must be equal in every adapter: status, content type, `Allow`, `Accept-Encoding`, `Retry-After`, body.
    pub fn essence(&self) -> (u16, [Option<&str>; 4], &str) {
        let headers = ["content-type", "allow", "accept-encoding", "retry-after"].map(|name| self.header(name));
        (self.status, headers, &self.body)
    }
}

//! Answers byte by byte, over TLS.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::server::TlsStream;

pub(crate) type Stream = TlsStream<TcpStream>;

pub(crate) const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

pub(crate) fn head_of(length: u64) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n")
}

pub(crate) fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

/// Takes the request, up to the end of its head.
pub(crate) async fn take_request(stream: &mut Stream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
}

/// Whether the bytes could be written. A client that is gone is no failure.
pub(crate) async fn write(stream: &mut Stream, bytes: impl AsRef<[u8]>) -> bool {
    stream.write_all(bytes.as_ref()).await.is_ok() && stream.flush().await.is_ok()
}

/// Waits until the client has closed the connection.
pub(crate) async fn wait_for_the_end(stream: &mut Stream) {
    let mut buffer = [0; 1024];
    while stream.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
}

/// Writes the same again and again, with a pause in between, until the client has closed the connection; gives the number
/// of bytes that could be written.
pub(crate) async fn write_for_ever(stream: &mut Stream, bytes: &[u8], pause: Duration) -> u64 {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut written = 0;
    let write = async {
        while writer.write_all(bytes).await.is_ok() && writer.flush().await.is_ok() {
            written += bytes.len() as u64;
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
    };
    let end = async {
        let mut buffer = [0; 1024];
        while reader.read(&mut buffer).await.is_ok_and(|count| count > 0) {}
    };
    tokio::select! { () = write => {} () = end => {} }
    written
}

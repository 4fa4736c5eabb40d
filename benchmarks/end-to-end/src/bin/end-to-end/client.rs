//! A connection by hand, for what no load generator sends.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::Failure;

pub struct Client(BufReader<TcpStream>);

impl Client {
    pub fn connect(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self(BufReader::new(stream)))
    }

    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.0.get_mut().write_all(bytes)?)
    }

    /// The status of the answer.
    pub fn status(&mut self) -> Result<u16, Failure> {
        let (mut status, mut length) = (None, 0);
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Err("the server hung up".into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if status.is_none() {
                status = Some(line.split(' ').nth(1).ok_or("no status")?.parse()?);
            } else if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            } else if line.is_empty() {
                break;
            }
        }
        self.0.read_exact(&mut vec![0; length])?;
        status.ok_or_else(|| "no status".into())
    }

    pub fn ask(&mut self, request: &[u8]) -> Result<u16, Failure> {
        self.send(request)?;
        self.status()
    }
}

/// An error unless the status is a success.
pub fn accepted(status: u16) -> Result<(), Failure> {
    if (200..300).contains(&status) { Ok(()) } else { Err(format!("a genuine request was answered {status}").into()) }
}

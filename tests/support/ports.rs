//! Ports for servers that are told theirs, and for tests that need a port at which nothing listens.

use std::{
    net::TcpListener,
    process,
    sync::atomic::{AtomicU16, Ordering},
};

/// Systems give out ports from 32768 or higher for port 0. Below, no listener and no connection of another test takes
/// a port between its choice and its use, or while its server is being restarted.
const PORTS: u16 = 32_768 - FIRST;
const FIRST: u16 = 12_000;

/// Returns a port of the loopback interface that this process has not used before.
pub fn free() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test processes that run side by side begin in different places.
    let begin = u16::try_from(process::id().wrapping_mul(641) % u32::from(PORTS)).expect("less than a port");
    let next = || (begin + NEXT.fetch_add(1, Ordering::Relaxed) % PORTS) % PORTS + FIRST;
    (0..PORTS).map(|_| next()).find(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok()).expect("a free port")
}

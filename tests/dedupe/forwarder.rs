//! A TCP forwarder in front of a Redis, as a load balancer or a DNS name is: it can lead elsewhere, and it can fail.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering},
    },
    thread,
};

/// Its thread waits for connections until the tests end.
pub(crate) struct Forwarder {
    shared: Arc<Shared>,
    pub(crate) url: String,
}

#[derive(Default)]
struct Shared {
    target: AtomicU16,
    accepted: AtomicUsize,
    /// The next answer is lost, with its connection.
    loses_an_answer: AtomicBool,
    /// Connections up to this number carry no more answers, and stay open.
    silent: AtomicUsize,
}

impl Forwarder {
    pub(crate) fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("redis://{}/", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared { target: target.into(), ..Shared::default() });
        let this = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let number = this.accepted.fetch_add(1, Ordering::SeqCst) + 1;
                // Without a server the client's connection is closed.
                if let Ok(server) = TcpStream::connect(("127.0.0.1", this.target.load(Ordering::SeqCst))) {
                    this.forward(number, &client, &server);
                }
            }
        });
        Self { shared, url }
    }

    /// New connections lead to another port; the old ones stay.
    pub(crate) fn lead_to(&self, target: u16) {
        self.shared.target.store(target, Ordering::SeqCst);
    }

    pub(crate) fn lose_the_next_answer(&self) {
        self.shared.loses_an_answer.store(true, Ordering::SeqCst);
    }

    /// Whether [`lose_the_next_answer`](Self::lose_the_next_answer) lost one.
    pub(crate) fn has_lost_it(&self) -> bool {
        !self.shared.loses_an_answer.load(Ordering::SeqCst)
    }

    pub(crate) fn silence_the_connections(&self) {
        self.shared.silent.store(self.connections(), Ordering::SeqCst);
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn forward(self: &Arc<Self>, number: usize, client: &TcpStream, server: &TcpStream) {
        let copies = || (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
        let ((client, server), this) = (copies(), Arc::clone(self));
        thread::spawn(move || this.pump(client, server, |_| true));
        let ((client, server), this) = (copies(), Arc::clone(self));
        thread::spawn(move || {
            this.pump(server, client, |this| {
                while number <= this.silent.load(Ordering::SeqCst) {
                    thread::park();
                }
                !this.loses_an_answer.swap(false, Ordering::SeqCst)
            });
        });
    }

    fn pump(&self, mut from: TcpStream, mut to: TcpStream, passes: impl Fn(&Self) -> bool) {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            if !passes(self) || to.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    }
}

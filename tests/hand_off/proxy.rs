//! A proxy whose connections can fall silent.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream},
};

pub(crate) struct Proxy {
    pub(crate) port: u16,
    connections: Arc<AtomicUsize>,
    /// How many of the first connections are silent.
    silent: Arc<AtomicUsize>,
}

impl Proxy {
    pub(crate) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, silent) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let proxy = Self { port, connections: Arc::clone(&connections), silent: Arc::clone(&silent) };
        tokio::spawn(async move {
            loop {
                let (mut from_client, mut to_client) = listener.accept().await.unwrap().0.into_split();
                let stream = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let (mut from_server, mut to_server) = stream.into_split();
                let (number, silent) = (connections.fetch_add(1, SeqCst), Arc::clone(&silent));
                tokio::spawn(async move { copy(&mut from_client, &mut to_server).await });
                tokio::spawn(async move {
                    let mut bytes = vec![0; 65_536];
                    while let Ok(length @ 1..) = from_server.read(&mut bytes).await {
                        if number < silent.load(SeqCst) {
                            // It stays, and nothing comes.
                            pending::<()>().await;
                        }
                        if to_client.write_all(&bytes[..length]).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        proxy
    }

    /// Swallows what the server says on the connections that there are. New ones are as usual.
    pub(crate) fn silence(&self) {
        self.silent.store(self.connections.load(SeqCst), SeqCst);
    }
}

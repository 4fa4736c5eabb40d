//! Opens connections.

use std::{future::poll_fn, pin::Pin};

use deadpool_postgres::Connect;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::JoinHandle,
};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, Error, NoTls, Notification};

use super::url::Tls;
use crate::error::StoreError;

/// How connections are encrypted.
#[derive(Clone)]
pub(super) enum Connector {
    Plain,
    #[cfg(feature = "postgres-tls")]
    Tls(tokio_postgres_rustls::MakeRustlsConnect),
}

impl Connector {
    #[cfg_attr(not(feature = "postgres-tls"), allow(clippy::unnecessary_wraps))]
    pub(super) fn new(tls: Tls) -> Result<Self, StoreError> {
        match tls {
            Tls::Off => Ok(Self::Plain),
            #[cfg(feature = "postgres-tls")]
            Tls::Verified(roots) => super::tls::connector(roots.as_deref()).map(Self::Tls),
            #[cfg(not(feature = "postgres-tls"))]
            Tls::Verified(_) => Err(super::url::unusable(
                "the inbox's server is reached over TLS, which takes the feature `postgres-tls`; in a network that you \
                 trust, append `?sslmode=disable` to the URL",
            )),
        }
    }

    /// Opens a connection. It lives as long as the client.
    pub(super) async fn open(
        &self,
        config: &Config,
        heard: impl FnMut(&Notification) + Send + 'static,
    ) -> Result<(Client, JoinHandle<()>), Error> {
        match self {
            Self::Plain => {
                let (client, connection) = config.connect(NoTls).await?;
                Ok((client, drive(connection, heard)))
            }
            #[cfg(feature = "postgres-tls")]
            Self::Tls(tls) => {
                let (client, connection) = config.connect(tls.clone()).await?;
                Ok((client, drive(connection, heard)))
            }
        }
    }
}

/// Whatever else the server says, such as notices, may have a part of a row in it, and is dropped.
fn drive<S, T>(
    mut connection: Connection<S, T>,
    mut heard: impl FnMut(&Notification) + Send + 'static,
) -> JoinHandle<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            match message {
                AsyncMessage::Notification(notification) => heard(&notification),
                // Somebody has cancelled a COMMIT that waits for a standby. The server goes on to say that it is done, and
                // only warns that no standby may have it: nobody must hear the one without the other.
                AsyncMessage::Notice(notice) if notice.routine() == Some("SyncRepWaitForLSN") => return,
                _ => {}
            }
        }
    })
}

type Opening<'a> = Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + 'a>>;

impl Connect for Connector {
    fn connect(&self, config: &Config) -> Opening<'_> {
        let config = config.clone();
        Box::pin(async move { self.open(&config, |_| {}).await })
    }
}

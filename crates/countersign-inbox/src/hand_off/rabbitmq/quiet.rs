//! A connection that does not log what it reads.

use std::cell::RefCell;

use lapin::{
    Connection, ConnectionProperties, Error,
    tcp::{AMQPUriTcpExt, OwnedTLSConfig},
    uri::AMQPUri,
};
use tracing::{
    dispatcher::has_been_set,
    subscriber::{DefaultGuard, NoSubscriber, set_default},
};

thread_local! {
    static QUIET: RefCell<Option<DefaultGuard>> = const { RefCell::new(None) };
}

/// Connects as [`Connection::connect_uri`] does. lapin reads in a thread of its own, and logs there at WARN a message
/// that is returned, whole: nothing of that thread is traced.
pub(super) async fn connect(uri: AMQPUri, properties: ConnectionProperties) -> Result<Connection, Error> {
    let runtime = lapin::runtime::default_runtime()?;
    // It is called in that thread.
    let open = async |uri: AMQPUri, runtime| {
        // Set needlessly, it would take the program's traces away from the `log` crate.
        if has_been_set() {
            QUIET.with_borrow_mut(|guard| _ = guard.get_or_insert_with(|| set_default(NoSubscriber::new())));
        }
        let config = OwnedTLSConfig::default();
        AMQPUriTcpExt::connect_with_config_async(&uri, config.as_ref(), &runtime).await.map_err(Error::from)
    };
    Connection::connector(uri, runtime, open, properties).await
}

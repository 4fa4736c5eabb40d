//! What the tests ask of a broker's server.

use std::future::Future;

use countersign::hand_off::{Broker, Sealed};

pub(crate) use countersign_test_support::program::PATIENCE;

pub(crate) trait Server: Sized + Send + 'static {
    const NAME: &'static str;
    const PROGRAM: &'static str;
    /// Whether every machine that runs the tests has it.
    const IS_EVERYWHERE: bool;
    /// Whether it stores a message with a known key only once.
    const KNOWS_DUPLICATES: bool;

    fn start() -> Self;
    /// Starts it again if a test has left it stopped or paused.
    fn ensure_up(&mut self);
    /// SIGKILL.
    fn kill(&mut self);
    /// SIGSTOP: its connections stay.
    fn pause(&mut self);
    fn go_on(&mut self);

    fn port(&self) -> u16;

    /// A hand-off to a queue, which is created unless it exists.
    fn broker(&self, queue: &str) -> impl Future<Output = impl Broker> {
        self.broker_at(queue, self.port())
    }
    /// The same through a proxy.
    fn broker_at(&self, queue: &str, port: u16) -> impl Future<Output = impl Broker>;
    /// A hand-off to a queue that takes one message, and no other before it is consumed.
    fn small(&self, queue: &str) -> impl Future<Output = impl Broker>;
    /// Reads all messages of a queue, acknowledges them and removes them: a consumer in Rust.
    fn consume(&self, queue: &str) -> impl Future<Output = Vec<Sealed>>;
}

//! RabbitMQ. It takes seconds to start: one server for all tests.

use std::{
    cell::Cell,
    collections::HashSet,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use countersign::hand_off::{
    Broker, Published, Sealed,
    rabbitmq::{
        QuorumQueue, Settings,
        lapin::{
            Channel, Connection, ConnectionProperties, ExchangeKind,
            message::Delivery as BasicDelivery,
            options::{
                BasicAckOptions, BasicConsumeOptions, BasicGetOptions, BasicQosOptions, BasicRejectOptions,
                ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions,
            },
            types::{AMQPValue, FieldTable},
        },
        read,
    },
};
use countersign_test_support::{capture::Capture, ports, program::Program};
use futures_util::{StreamExt, future::join_all};

use crate::{
    server::Server,
    site::{Answer, Site, envelope, ids, until},
};

pub(crate) struct RabbitMq {
    process: Program,
    /// Erlang's list of nodes. RabbitMQ would start one that stays.
    epmd: Child,
    epmd_port: u16,
    /// When it was started, or the last queue was declared.
    changed: Cell<Instant>,
}

/// Killed before that, RabbitMQ loses a queue that it has just declared, or has just read from its disk.
const SETTLING: Duration = Duration::from_secs(2);

fn url(port: u16) -> String {
    format!("amqp://127.0.0.1:{port}/%2f")
}

/// Debian's is in no folder of the PATH, and the one that is there needs root to become another user.
fn program() -> &'static str {
    let own = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    if Path::new(own).exists() { own } else { "rabbitmq-server" }
}

impl RabbitMq {
    fn up(&mut self) {
        let epmd_port = self.epmd_port.to_string();
        self.process.ensure_up(|process| {
            let folder = process.folder.path();
            fs::write(folder.join("enabled_plugins"), "[].").unwrap();
            let settings = format!(
                "listeners.tcp.1 = 127.0.0.1:{}\nloopback_users.guest = true\nlog.file.level = error\n\
                 disk_free_limit.absolute = 1MB\nvm_memory_high_watermark.absolute = 1GB\n",
                process.port
            );
            fs::write(folder.join("rabbitmq.conf"), settings).unwrap();
            let mut command = Command::new(program());
            command
                // Where it writes what is left of it when it crashes.
                .current_dir(folder)
                .env("HOME", folder)
                // The script becomes the server. Otherwise, a SIGKILL would only end the script.
                .env("RUNNING_UNDER_SYSTEMD", "true")
                .env("ERL_EPMD_PORT", &epmd_port)
                .env("ERL_EPMD_ADDRESS", "127.0.0.1")
                .env("RABBITMQ_NODENAME", format!("test{}@localhost", process.port))
                .env("RABBITMQ_DIST_PORT", ports::free().to_string())
                .env("RABBITMQ_CONFIG_FILE", folder.join("rabbitmq.conf"))
                .env("RABBITMQ_CONF_ENV_FILE", folder.join("none.conf"))
                .env("RABBITMQ_ENABLED_PLUGINS_FILE", folder.join("enabled_plugins"))
                .env("RABBITMQ_MNESIA_BASE", folder.join("mnesia"))
                .env("RABBITMQ_LOG_BASE", folder.join("log"))
                .env("RABBITMQ_PID_FILE", folder.join("pid"))
                .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
            command
        });
    }

    fn url(&self) -> String {
        url(self.process.port)
    }

    /// The library would wait until RabbitMQ has settled, and only the tests that kill it need that.
    async fn declare(&self, queue: &str, mut arguments: FieldTable) {
        let (_connection, channel) = self.channel().await;
        for (name, value) in [("x-queue-type", "quorum"), ("x-overflow", "reject-publish")] {
            arguments.insert(name.into(), AMQPValue::LongString(value.into()));
        }
        channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments).await.unwrap();
        self.changed.set(Instant::now());
    }

    async fn channel(&self) -> (Connection, Channel) {
        let mut connection = None;
        until("RabbitMQ answers", async || {
            connection = Connection::connect(&self.url(), ConnectionProperties::default()).await.ok();
            connection.is_some()
        })
        .await;
        let connection = connection.unwrap();
        let channel = connection.create_channel().await.unwrap();
        (connection, channel)
    }

    async fn connect(&self, settings: Settings) -> QuorumQueue {
        self.connect_at(self.process.port, settings).await
    }

    async fn connect_at(&self, port: u16, settings: Settings) -> QuorumQueue {
        self.channel().await;
        let mut queue = None;
        // A quorum queue has to choose its leader after a start.
        until("the queue answers", async || {
            queue = QuorumQueue::connect(&url(port), settings.clone()).await.ok();
            queue.is_some()
        })
        .await;
        queue.unwrap()
    }
}

impl Server for RabbitMq {
    const NAME: &'static str = "rabbitmq";
    const PROGRAM: &'static str = "rabbitmq-server";
    const IS_EVERYWHERE: bool = false;
    const KNOWS_DUPLICATES: bool = false;

    fn start() -> Self {
        let epmd_port = ports::free();
        let mut epmd = Command::new("epmd");
        epmd.args(["-port", &epmd_port.to_string(), "-address", "127.0.0.1"]).stdout(Stdio::null());
        let epmd = epmd.stderr(Stdio::null()).spawn().expect("epmd, which comes with Erlang");
        Self { process: Program::unstarted(), epmd, epmd_port, changed: Cell::new(Instant::now()) }
    }

    fn ensure_up(&mut self) {
        self.up();
        self.changed.set(Instant::now());
    }

    fn kill(&mut self) {
        thread::sleep(SETTLING.saturating_sub(self.changed.get().elapsed()));
        self.process.kill();
    }

    fn pause(&mut self) {
        self.process.pause();
    }

    fn go_on(&mut self) {
        self.process.go_on();
    }

    fn port(&self) -> u16 {
        self.process.port
    }

    async fn broker_at(&self, queue: &str, port: u16) -> impl Broker {
        self.declare(queue, FieldTable::default()).await;
        self.connect_at(port, Settings::new(queue).without_dead_letters()).await
    }

    async fn small(&self, queue: &str) -> impl Broker {
        let (name, value) = ("x-max-length", AMQPValue::LongInt(1));
        let mut arguments = FieldTable::default();
        arguments.insert(name.into(), value.clone());
        self.declare(queue, arguments).await;
        self.connect(Settings::new(queue).without_dead_letters().with_argument(name, value)).await
    }

    async fn consume(&self, queue: &str) -> Vec<Sealed> {
        let (connection, channel) = self.channel().await;
        let (mut found, mut keys) = (Vec::new(), HashSet::new());
        let mut take = async |message: BasicDelivery| {
            let sealed = read(&message).unwrap();
            // With a channel that ends, an acknowledgement on its way may be lost. What was published twice is not marked
            // so.
            let is_again = !keys.insert(sealed.columns().key) && message.redelivered;
            if !is_again {
                found.push(sealed);
            }
            message.ack(BasicAckOptions::default()).await.unwrap();
        };
        // A queue that was just recovered may still be without its leader.
        let mut next = None;
        loop {
            until("the queue answers", async || {
                next = channel.basic_get(queue.into(), BasicGetOptions::default()).await.ok();
                next.is_some()
            })
            .await;
            let Some(message) = next.take().flatten() else { return found };
            let many = message.message_count;
            take(message.delivery).await;
            // One after the other takes long. What it is sent and does not take comes back with the end of the channel.
            let channel = connection.create_channel().await.unwrap();
            channel.basic_qos(1000, BasicQosOptions::default()).await.unwrap();
            let (options, none) = (BasicConsumeOptions::default(), FieldTable::default());
            let mut messages = channel.basic_consume(queue.into(), "".into(), options, none).await.unwrap();
            for _ in 0..many {
                take(messages.next().await.unwrap().unwrap()).await;
            }
            channel.close(200, "OK".into()).await.unwrap();
        }
    }
}

impl Drop for RabbitMq {
    fn drop(&mut self) {
        self.process.kill();
        let _ = self.epmd.kill();
        let _ = self.epmd.wait();
    }
}

/// With their texts, word for word.
pub(crate) async fn settings_that_lose_are_refused(server: &mut RabbitMq, queue: &str) {
    let (_connection, channel) = server.channel().await;
    let refused = async |settings: Settings| {
        let error = QuorumQueue::connect(&server.url(), settings).await.unwrap_err();
        error.to_string()
    };
    let settings = || Settings::new(queue).without_dead_letters();
    assert_eq!(
        refused(settings()).await,
        format!(
            "RabbitMQ has no queue `{queue}`: declare it, or have it declared at the start with \
             `Settings::declare_queue`"
        )
    );
    assert_eq!(
        refused(Settings::new(queue).with_dead_letter_exchange("dead").declare_queue()).await,
        "RabbitMQ has no exchange `dead` for dead letters: declare it, and bind a queue to it"
    );
    let mut arguments = FieldTable::default();
    let declare = async |arguments: &FieldTable| {
        channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
        channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments.clone()).await.unwrap();
    };
    let other = |difference: &str| {
        format!(
            "the queue `{queue}` of RabbitMQ is another one than `Settings` says: PRECONDITION_FAILED - inequivalent arg \
             {difference}. Declare it as a durable quorum queue with the arguments of `Settings`"
        )
    };
    declare(&arguments).await;
    let received = |name: &str, value: &str, current: &str| {
        let value = format!("the value '{value}' of type 'longstr' but current is {current}");
        other(&format!("'{name}' for queue '{queue}' in vhost '/': received {value}"))
    };
    let overflow = received("x-overflow", "reject-publish", "none");
    assert_eq!(refused(settings()).await, overflow);
    arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
    declare(&arguments).await;
    // A classic one.
    assert_eq!(refused(settings()).await, received("x-queue-type", "quorum", "none"));
    arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    declare(&arguments).await;
    assert_eq!(refused(settings()).await, overflow);
    arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
    declare(&arguments).await;
    assert!(QuorumQueue::connect(&server.url(), settings()).await.is_ok());
    assert_eq!(
        refused(Settings::new(queue)).await,
        "the queue has no dead-letter exchange, and RabbitMQ drops messages that fail too often: set one with \
         `Settings::with_dead_letter_exchange`, or say that they may be dropped with `Settings::without_dead_letters`"
    );
    let small = server.url() + "?frame_max=65536";
    assert_eq!(
        QuorumQueue::connect(&small, settings()).await.unwrap_err().to_string(),
        "RabbitMQ takes frames of 65536 bytes, and the headers of a delivery may need 69632: set `frame_max` to at least \
         that, in its settings and in the URL"
    );
    let error = QuorumQueue::connect("rabbit.example:5672", settings()).await.unwrap_err();
    assert_eq!(error.to_string(), "the URL of RabbitMQ is not like `amqp://host:5672/%2f`");
}

pub(crate) async fn dead_letters_are_kept(server: &mut RabbitMq, queue: &str) {
    let (_connection, channel) = server.channel().await;
    let (exchange, dead) = (format!("{queue}-dead"), format!("{queue}-dead-letters"));
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    let none = FieldTable::default;
    channel.exchange_declare(exchange.as_str().into(), ExchangeKind::Fanout, durable, none()).await.unwrap();
    let mut quorum = none();
    quorum.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    channel.queue_declare(dead.as_str().into(), QueueDeclareOptions::durable(), quorum).await.unwrap();
    let (from, to) = (exchange.as_str().into(), dead.as_str().into());
    channel.queue_bind(to, from, "".into(), QueueBindOptions::default(), none()).await.unwrap();
    let settings = Settings::new(queue).with_dead_letter_exchange(exchange).declare_queue();
    let settings = settings.with_argument("x-delivery-limit", AMQPValue::LongInt(2));
    let site = Site::new(server.connect(settings).await);
    assert_eq!(site.send("1").await, Answer::ok("stored"));
    // A consumer that fails.
    let mut attempts = 0;
    while let Some(message) = channel.basic_get(queue.into(), BasicGetOptions::default()).await.unwrap() {
        attempts += 1;
        message.reject(BasicRejectOptions { requeue: true }).await.unwrap();
    }
    assert_eq!(attempts, 3);
    let mut found = Vec::new();
    until("it is a dead letter", async || {
        found = server.consume(&dead).await;
        !found.is_empty()
    })
    .await;
    assert_eq!(ids(&found), ["1"]);
}

/// They wait for each other, and the connection stays.
pub(crate) async fn many_at_a_time_are_stored(server: &mut RabbitMq, queue: &str) {
    let broker = server.broker(queue).await;
    let capture = Capture::start();
    let published = join_all((0..800).map(|number| broker.publish(envelope(number)))).await;
    for published in published {
        assert_eq!(published.unwrap(), Published::New);
    }
    let messages: Vec<_> =
        capture.take().0.iter().filter_map(|traced| traced.field("message").map(str::to_owned)).collect();
    assert!(!messages.iter().any(|message| message.contains("is lost")), "{messages:?}");
    assert_eq!(server.consume(queue).await.len(), 800);
}

/// A message that is not mandatory would vanish, and be confirmed.
pub(crate) async fn a_queue_that_is_deleted_is_503(server: &mut RabbitMq, queue: &str) {
    server.channel().await;
    let settings = Settings::new(queue).without_dead_letters();
    drop(server.connect(settings.clone().declare_queue()).await);
    let site = Site::new(server.connect(settings.clone()).await);
    assert_eq!(site.send("1").await, Answer::ok("stored"));
    let (_connection, channel) = server.channel().await;
    channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
    // None of many at once is taken for another one that was stored.
    for answer in join_all(["2", "3", "4", "5"].map(|id| site.send(id))).await {
        assert_eq!(answer, Answer::unavailable());
    }
    assert_eq!(site.send("2").await, Answer::unavailable());
    drop(server.connect(settings.declare_queue()).await);
    until("it is there again", async || site.send("2").await == Answer::ok("stored")).await;
    assert_eq!(ids(&server.consume(queue).await), ["2"]);
}

/// Has this program trace everything, and hand off to a queue that is deleted.
pub(crate) const RETURNS: &str = "COUNTERSIGN_TEST_RETURNS";

pub(crate) async fn returns_a_message(url: &str) {
    tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::TRACE).init();
    let settings = Settings::new("returns").without_dead_letters().declare_queue();
    let broker = QuorumQueue::connect(url, settings).await.unwrap();
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel.queue_delete("returns".into(), QueueDeleteOptions::default()).await.unwrap();
    let error = broker.publish(envelope(1)).await.unwrap_err();
    println!("{error}");
}

/// In a process of its own: lapin reads in another thread than the test's.
pub(crate) async fn a_returned_message_is_not_logged(server: &mut RabbitMq, _: &str) {
    server.channel().await;
    let program = std::env::current_exe().unwrap();
    let output = Command::new(program).env(RETURNS, server.url()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("RabbitMQ returned the delivery: there is no such queue any more"), "{text}");
    assert!(text.contains("TRACE") && text.contains("lapin"), "{text}");
    let envelope = envelope(1);
    let bytes = format!("{:?}", &envelope.body()[..]);
    for content in [&*envelope.key().to_string(), "a body that no log has", &bytes[1..bytes.len() - 1]] {
        let line = text.lines().find(|line| line.contains(content));
        assert!(line.is_none(), "{line:?}");
    }
}

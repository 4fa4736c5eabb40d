//! The inbox: a store, its keys, and the handlers of its deliveries.

mod settings;

use std::{collections::HashMap, fmt, future::Future, sync::Arc};

use countersign_core::{provider::Provider, seal::SealKeys};
use tokio::sync::Notify;

pub(crate) use settings::Settings;

use crate::{
    backoff::Backoff,
    counters::{Counters, Counting},
    end::IntoEnd,
    error::StoreError,
    handler::{Any, Erased, Handler, Of},
    intake::Store,
    received::milliseconds,
    received_any::ReceivedAny,
    store::{Filter, Ledger, Queue},
    watch::Watch,
};

/// A durable inbox: deliveries are stored before their 2xx, and handled by a worker.
///
/// * [`store`](Self::store) is a handler of axum and actix-web, behind `VerifyWebhook`. It answers 200
///   once the delivery is on disk.
/// * [`on`](Self::on) names the function that handles the deliveries of a provider, and
///   [`on_any`](Self::on_any) one for all others.
/// * [`run`](Self::run) is the worker: it calls the functions, tries again what failed, and keeps what it
///   gave up as *dead letters*.
///
/// A delivery that was answered with 2xx is handled at least once, also if the process is killed at any
/// moment. After a success it is not handled again while its key is kept. It may be handled twice if the
/// process is killed, or the store fails, between the end of the handler and the moment when the store
/// knows of it.
///
/// | setting | default |
/// |---|---|
/// | attempts and delays | 10 in about 24 h: see [`Backoff`] |
/// | deadline of an attempt | 5 min |
/// | deliveries at the same time | 16 |
/// | deadline of storing | 1 s, or 60 % of the time that the provider waits if that is shorter |
/// | keys are kept | 24 h, or as long as the provider retries |
/// | bodies are kept | until they are handled |
/// | dead letters are kept | 30 days |
/// | order | none |
/// | a dead machine's deliveries are taken over | after 30 s: see [`with_lease`](Self::with_lease) |
#[derive(Clone)]
pub struct Inbox {
    pub(crate) core: Arc<Core>,
    pub(crate) handlers: HashMap<&'static str, Registered>,
    pub(crate) any: Option<Registered>,
    pub(crate) settings: Settings,
}

/// What every clone and handler of an inbox shares.
pub(crate) struct Core {
    pub(crate) store: Arc<dyn Kept>,
    pub(crate) keys: SealKeys,
    /// Wakes the worker.
    pub(crate) arrived: Notify,
    pub(crate) counting: Counting,
    pub(crate) watch: Watch,
}

/// A store with all of its faces.
pub(crate) trait Kept: Queue + Ledger {}

impl<S: Queue + Ledger> Kept for S {}

/// The handler of a provider.
#[derive(Clone)]
pub(crate) struct Registered {
    pub(crate) handler: Arc<dyn Erased>,
    pub(crate) backoff: Option<Backoff>,
    pub(crate) most: Option<usize>,
}

impl Inbox {
    /// Creates an inbox on a store that is open. `keys` seal its deliveries.
    ///
    /// For SQLite, [`open`](Self::open) does both.
    pub fn on_store(store: impl Queue + Ledger, keys: SealKeys) -> Self {
        let core = Arc::new(Core {
            store: Arc::new(store),
            keys,
            arrived: Notify::new(),
            counting: Counting::default(),
            watch: Watch::default(),
        });
        let woken = Arc::downgrade(&core);
        core.store.watch(Box::new(move || {
            if let Some(core) = woken.upgrade() {
                core.arrived.notify_one();
            }
        }));
        Self { core, handlers: HashMap::new(), any: None, settings: Settings::default() }
    }

    /// Sets the handler of the deliveries of `P`. Another one for the same provider replaces it.
    ///
    /// Deliveries of a provider without a handler go to the one of [`on_any`](Self::on_any), or wait in the
    /// store until a worker has one.
    #[must_use]
    pub fn on<P: Provider, H: Handler<P>>(mut self, handler: H) -> Self {
        let registered = Registered { handler: Arc::new(Of::<P, H>::new(handler)), backoff: None, most: None };
        self.handlers.insert(P::NAME, registered);
        self
    }

    /// Sets the handler of the deliveries of all providers that have none of their own. Another one replaces
    /// it.
    ///
    /// ```
    /// use countersign_inbox::{Inbox, ReceivedAny};
    ///
    /// async fn archive(hook: ReceivedAny) -> std::io::Result<()> {
    ///     std::fs::write(format!("archive/{}", hook.delivery_key()), hook.body())
    /// }
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let inbox = Inbox::open("inbox.db").await?.on_any(archive);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn on_any<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(ReceivedAny) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoEnd> + Send + 'static,
    {
        self.any = Some(Registered { handler: Arc::new(Any(handler)), backoff: None, most: None });
        self
    }

    /// Returns the handler of axum and actix-web that stores the deliveries of `P`. Set the inbox up
    /// before: it has the settings of this moment.
    pub fn store<P: Provider>(&self) -> Store<P> {
        Store::new(Arc::clone(&self.core), &self.settings)
    }

    /// Makes deliveries due now, with all their attempts, and returns how many: dead letters, deliveries that
    /// wait for another attempt, and handled ones whose body was kept. Others are left alone.
    ///
    /// ```
    /// use countersign_inbox::{Inbox, store::{Filter, State}};
    ///
    /// # async fn example(inbox: Inbox) -> Result<(), countersign_inbox::StoreError> {
    /// let redriven = inbox.redrive(Filter::in_state(State::Dead)).await?;
    /// println!("{redriven} dead letters are handled again");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the store fails.
    pub async fn redrive(&self, filter: Filter) -> Result<usize, StoreError> {
        let redriven = self.core.store.redrive(filter, milliseconds(self.settings.clock.now())).await;
        self.wake();
        redriven
    }

    /// Wakes the worker: for tests that move the clock. The worker looks at least once in a second.
    pub fn wake(&self) {
        self.core.arrived.notify_one();
    }

    /// Returns what the inbox has done since its process opened it.
    pub fn counters(&self) -> Counters {
        self.core.counting.read()
    }

    /// Returns the store, to list and purge its deliveries.
    pub fn ledger(&self) -> &dyn Ledger {
        &*self.core.store
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut handlers: Vec<_> = self.handlers.keys().collect();
        handlers.sort_unstable();
        f.debug_struct("Inbox").field("handlers", &handlers).finish_non_exhaustive()
    }
}

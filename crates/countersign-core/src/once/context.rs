//! A handler in the context of its request, such as its task-locals.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context as TaskContext, Poll},
};

use pin_project_lite::pin_project;

/// Enters the context, calls its argument, and leaves the context.
pub(super) type Context = Box<dyn FnMut(&mut dyn FnMut()) + Send>;

/// Captures the context of the current task.
pub(super) type Capture = Arc<dyn Fn() -> Context + Send + Sync>;

pin_project! {
    /// A handler that is polled and dropped in a context.
    pub(super) struct InContext<F> {
        // `None` once it was dropped.
        #[pin]
        handler: Option<F>,
        context: Option<Context>,
    }

    impl<F> PinnedDrop for InContext<F> {
        fn drop(this: Pin<&mut Self>) {
            this.drop_handler();
        }
    }
}

impl<F> InContext<F> {
    pub(super) fn new(handler: F, context: Option<Context>) -> Self {
        Self { handler: Some(handler), context }
    }

    /// Drops the handler, whatever that does. Returns its panic.
    pub(super) fn end(mut self: Pin<&mut Self>) -> std::thread::Result<()> {
        let ended = catch_unwind(AssertUnwindSafe(|| self.as_mut().drop_handler()));
        // A context that failed did not drop the handler, and is not entered again.
        let context = self.as_mut().project().context.take();
        ended.and(catch_unwind(AssertUnwindSafe(|| {
            drop(context);
            self.drop_handler();
        })))
    }

    fn drop_handler(self: Pin<&mut Self>) {
        let mut this = self.project();
        if this.handler.is_some() {
            within(this.context, || this.handler.set(None));
        }
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let mut polled = Poll::Pending;
        within(this.context, || {
            // Once it is ready, it is not polled again, however often the context calls.
            if let (Some(handler), Poll::Pending) = (this.handler.as_mut().as_pin_mut(), &polled) {
                polled = handler.poll(cx);
            }
        });
        polled
    }
}

fn within(context: &mut Option<Context>, mut act: impl FnMut()) {
    match context {
        Some(context) => context(&mut act),
        None => act(),
    }
}

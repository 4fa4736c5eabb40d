//! Something whose instructions are counted.

use std::{
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
};

/// An operation and its name. Only the one that is counted is made: another one's memory would be in its way.
pub type Named = (String, fn() -> Operation);

pub struct Operation {
    pub whole: Box<dyn FnMut()>,
    /// What is taken off.
    pub floor: Box<dyn FnMut()>,
}

impl Operation {
    /// Counts all of `run`.
    pub fn new<T: 'static>(run: impl FnMut() -> T + 'static) -> Self {
        Self { whole: measured(run), floor: Box::new(|| ()) }
    }

    /// Takes off what `floor` does.
    pub fn over<T: 'static>(self, floor: impl FnMut() -> T + 'static) -> Self {
        Self { floor: measured(floor), ..self }
    }

    /// Takes off so many of SHA-256's compressions, too. They are the limit, and valgrind runs others than the processor
    /// does: it knows no SHA instructions.
    pub fn without_compressions(self, blocks: usize) -> Self {
        let (mut floor, blocks) = (self.floor, vec![[0; 64]; blocks]);
        let floor = move || {
            floor();
            let mut state = [0; 8];
            sha2::block_api::compress256(&mut state, black_box(&blocks));
            black_box(state);
        };
        Self { floor: Box::new(floor), ..self }
    }
}

fn measured<T: 'static>(mut run: impl FnMut() -> T + 'static) -> Box<dyn FnMut()> {
    Box::new(move || drop(black_box(run())))
}

/// How many blocks SHA-256 compresses for so many bytes.
pub fn blocks(bytes: usize) -> usize {
    // One bit, a length of eight bytes, and what it takes to fill the block.
    (bytes + 9).div_ceil(64)
}

/// How many blocks HMAC compresses for so many bytes, once its key is set up.
pub fn hmac_blocks(bytes: usize) -> usize {
    blocks(bytes) + 1
}

/// What comes of a future that nothing keeps waiting, and so needs no runtime.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing keeps it waiting"),
    }
}

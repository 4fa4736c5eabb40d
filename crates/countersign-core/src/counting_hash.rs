//! SHA-256 for tests that counts its compressions: every one of them is a call here. That it is SHA-256 is shown by the
//! vectors that run through it.

use std::cell::Cell;

use sha2::{
    block_api::compress256,
    digest::{
        HashMarker, Output,
        array::Array,
        block_api::{Block, BlockSizeUser, Buffer, BufferKindUser, Eager, FixedOutputCore, OutputSizeUser, UpdateCore},
        buffer_fixed,
        consts::{U32, U64},
    },
};

thread_local! {
    static COMPRESSIONS: Cell<u64> = const { Cell::new(0) };
}

/// How many blocks this thread has compressed.
pub(crate) fn compressions() -> u64 {
    COMPRESSIONS.get()
}

buffer_fixed!(
    /// SHA-256.
    pub(crate) struct CountingSha256(Core);
    impl: BaseFixedTraits Default Clone HashMarker;
);

/// The state between two blocks.
#[derive(Clone)]
pub(crate) struct Core {
    state: [u32; 8],
    length: u64,
}

impl Core {
    fn compress(&mut self, blocks: &[Block<Self>]) {
        COMPRESSIONS.set(COMPRESSIONS.get() + blocks.len() as u64);
        compress256(&mut self.state, Array::cast_slice_to_core(blocks));
    }
}

impl Default for Core {
    /// FIPS 180-4, section 5.3.3.
    fn default() -> Self {
        let state =
            [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
        Self { state, length: 0 }
    }
}

impl HashMarker for Core {}

impl BlockSizeUser for Core {
    type BlockSize = U64;
}

impl BufferKindUser for Core {
    type BufferKind = Eager;
}

impl OutputSizeUser for Core {
    type OutputSize = U32;
}

impl UpdateCore for Core {
    fn update_blocks(&mut self, blocks: &[Block<Self>]) {
        self.length += 64 * blocks.len() as u64;
        self.compress(blocks);
    }
}

impl FixedOutputCore for Core {
    fn finalize_fixed_core(&mut self, buffer: &mut Buffer<Self>, out: &mut Output<Self>) {
        let bits = 8 * (self.length + buffer.get_pos() as u64);
        buffer.len64_padding_be(bits, |block| self.compress(std::slice::from_ref(block)));
        for (bytes, word) in out.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
    }
}

//! A body while it arrives: large frames are kept, small ones are gathered, and all are joined
//! once.

use bytes::Bytes;

/// Frames under this size are copied into chunks of this size. Kept one by one, a body in 1-byte
/// frames would cost 38 bytes a byte, and a frame keeps the whole buffer that its server read it
/// into: a few KiB may hold on to a hundred.
const CHUNK: usize = 32 * 1024;

/// The frames of a body, in the order received.
#[derive(Default)]
pub(crate) struct Frames {
    // By itself, because most bodies are one frame, and an empty `Vec` allocates nothing.
    first: Bytes,
    kept: Vec<Bytes>,
    gathered: Vec<u8>,
    length: usize,
}

impl Frames {
    /// Returns the length of all frames.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    pub(crate) fn push(&mut self, frame: Bytes) {
        self.length = self.length.saturating_add(frame.len());
        if self.first.is_empty() {
            self.first = frame;
        } else if frame.len() >= CHUNK {
            self.put_aside();
            self.kept.push(frame);
        } else {
            let room = CHUNK.saturating_sub(self.gathered.len()).min(frame.len());
            let (fits, rest) = frame.split_at(room);
            self.gather(fits);
            if !rest.is_empty() {
                self.put_aside();
                self.gather(rest);
            }
        }
    }

    /// Grows by doubling, up to one chunk: a small body does not reserve a whole chunk.
    fn gather(&mut self, bytes: &[u8]) {
        let length = self.gathered.len();
        let needed = length.saturating_add(bytes.len());
        let capacity = self.gathered.capacity();
        if needed > capacity {
            let doubled = capacity.saturating_mul(2).min(CHUNK);
            self.gathered.reserve_exact(doubled.max(needed).saturating_sub(length));
        }
        self.gathered.extend_from_slice(bytes);
    }

    /// Returns the pieces, in order.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let kept = std::iter::once(&self.first).chain(&self.kept).map(Bytes::as_ref);
        kept.chain(std::iter::once(self.gathered.as_slice()))
    }

    /// Returns at least the first `limit` bytes, without a copy if they are in one piece.
    pub(crate) fn start(&self, limit: usize) -> Bytes {
        if self.first.len() >= limit.min(self.length) {
            return self.first.clone();
        }
        let mut start = Vec::with_capacity(limit.min(self.length));
        for piece in self.pieces() {
            let room = limit.saturating_sub(start.len()).min(piece.len());
            start.extend_from_slice(piece.split_at(room).0);
        }
        start.into()
    }

    fn put_aside(&mut self) {
        if !self.gathered.is_empty() {
            self.gathered.shrink_to_fit();
            self.kept.push(std::mem::take(&mut self.gathered).into());
        }
    }

    /// Returns the whole body, which is then in one piece.
    pub(crate) fn whole(&mut self) -> &[u8] {
        let length = self.length;
        let first = std::mem::take(self).join();
        *self = Self { first, length, ..Self::default() };
        &self.first
    }

    /// Returns the whole body. A body of one frame is not copied.
    pub(crate) fn join(mut self) -> Bytes {
        self.put_aside();
        if self.kept.is_empty() {
            return self.first;
        }
        let mut whole = Vec::with_capacity(self.length);
        for frame in std::iter::once(self.first).chain(self.kept) {
            whole.extend_from_slice(&frame);
        }
        whole.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_frame_is_never_copied() {
        for size in [1, CHUNK - 1, CHUNK, 100_000] {
            let frame = Bytes::from(vec![7; size]);
            let mut frames = Frames::default();
            frames.push(Bytes::new());
            frames.push(frame.clone());
            frames.push(Bytes::new());
            assert_eq!(frames.start(usize::MAX).as_ptr(), frame.as_ptr());
            let joined = frames.join();
            assert_eq!(joined.as_ptr(), frame.as_ptr());
            assert_eq!(joined, frame);
        }
        assert!(Frames::default().join().is_empty());
    }

    #[test]
    fn frames_of_any_size_are_joined_in_order() {
        let sizes = [1, 5, 2048, 3, 2047, CHUNK, CHUNK + 1, 1, 1, CHUNK, CHUNK, 2, CHUNK - 1, 9];
        let mut frames = Frames::default();
        let mut expected = Vec::new();
        for (number, size) in (0_u8..).zip(sizes) {
            let frame = vec![number; size];
            expected.extend_from_slice(&frame);
            frames.push(frame.into());
        }
        assert_eq!(frames.length(), expected.len());
        assert_eq!(frames.pieces().collect::<Vec<_>>().concat(), expected);
        for limit in [0, 1, 2, 6, 2054, CHUNK, expected.len() - 1, expected.len(), expected.len() + 1, usize::MAX] {
            let start = frames.start(limit);
            assert!(expected.starts_with(&start) && start.len() >= limit.min(expected.len()), "{limit}");
            assert_eq!(start.as_ptr() == frames.first.as_ptr(), limit <= 1, "{limit}");
        }
        assert_eq!(frames.length(), expected.len());
        assert_eq!(frames.whole(), expected);
        assert_eq!((frames.length(), frames.pieces().count()), (expected.len(), 2));
        let whole = frames.whole().as_ptr();
        assert_eq!(frames.join().as_ptr(), whole);
    }

    #[test]
    fn small_frames_are_gathered() {
        let lengths = |frames: &Frames| frames.kept.iter().map(Bytes::len).collect::<Vec<_>>();
        let mut frames = Frames::default();
        let first = Bytes::from_static(b"x");
        frames.push(first);
        for _ in 0..32_768 {
            frames.push(Bytes::from_static(b"x"));
        }
        assert_eq!((lengths(&frames), frames.gathered.len()), (vec![], 32_768));
        frames.push(Bytes::from_static(b"x"));
        assert_eq!((lengths(&frames), frames.gathered.len()), (vec![32_768], 1));
        frames.push(vec![0; 32_767].into());
        assert_eq!((lengths(&frames), frames.gathered.len()), (vec![32_768], 32_768));
        frames.push(vec![0; 10].into());
        frames.push(vec![0; 32_768].into());
        assert_eq!((lengths(&frames), frames.gathered.len()), (vec![32_768, 32_768, 10, 32_768], 0));
        for _ in 0..32 {
            frames.push(vec![0; 1030].into());
        }
        assert_eq!((lengths(&frames), frames.gathered.len()), (vec![32_768, 32_768, 10, 32_768, 32_768], 192));
        assert_eq!(frames.gathered.capacity(), 192);
    }

    #[test]
    fn room_is_made_by_doubling_up_to_a_chunk() {
        let mut frames = Frames::default();
        frames.push(Bytes::from_static(b"x"));
        let mut capacity = |length: usize| {
            frames.push(vec![0; length].into());
            frames.gathered.capacity()
        };
        assert_eq!([1, 1, 1, 1, 1, 500, 600].map(&mut capacity), [1, 2, 4, 4, 8, 505, 1105]);
        assert_eq!([2000; 15].map(&mut capacity)[13..], [32_768, 32_768]);
    }
}

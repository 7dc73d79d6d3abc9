//! Parts of texts that many documents have, as far as they were met: nothing comes of looking them up.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

/// Places: a megabyte of them.
const BITS: u32 = 17;

/// Hashes of such parts, each at the place that some bits of it name; of two at one place the later one
/// stands.
#[derive(Debug)]
pub(super) struct Formulas(Box<[AtomicU64]>);

impl Formulas {
    pub(super) fn new() -> Self {
        Self((0..1 << BITS).map(|_| AtomicU64::new(0)).collect())
    }

    fn place(&self, hash: u64) -> &AtomicU64 {
        &self.0[(hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS)) as usize]
    }

    pub(super) fn has(&self, hash: u64) -> bool {
        self.place(hash).load(Ordering::Relaxed) == hash
    }

    /// Many documents have it, and always will.
    pub(super) fn note(&self, hash: u64) {
        self.place(hash).store(hash, Ordering::Relaxed);
    }
}

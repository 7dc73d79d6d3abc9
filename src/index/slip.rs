//! What is held ready of each document, to tell without its record whether a meeting was chance.

use crate::copies::Brief;
use crate::copies::Portrait;

/// Bytes of a slip.
pub(super) const SLIP: usize = Brief::SIZE + 8;

/// The brief sketch, the length of the key and the number of kept hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slip {
    pub(super) brief: Brief,
    pub(super) key_len: u32,
    pub(super) n_kept: u32,
}

impl Slip {
    /// That of a document which is found by another one of its node.
    pub(super) const NONE: Self = Self { brief: Brief::NONE, key_len: 0, n_kept: 0 };

    pub(super) fn of(portrait: &Portrait) -> Self {
        let brief = portrait.mins.as_ref().map_or(Brief::NONE, |mins| Brief::of(mins, &portrait.digits));
        Self { brief, key_len: portrait.key.len() as u32, n_kept: portrait.kept.len() as u32 }
    }

    pub(super) fn bytes(&self) -> [u8; SLIP] {
        let mut bytes = [0; SLIP];
        bytes[..Brief::SIZE].copy_from_slice(&self.brief.bytes());
        bytes[Brief::SIZE..][..4].copy_from_slice(&self.key_len.to_le_bytes());
        bytes[Brief::SIZE + 4..].copy_from_slice(&self.n_kept.to_le_bytes());
        bytes
    }

    pub(super) fn read(bytes: &[u8; SLIP]) -> Self {
        let word = |at: usize| bytes[at..].first_chunk().map_or(0, |word| u32::from_le_bytes(*word));
        let brief = bytes.first_chunk().map_or(Brief::NONE, Brief::read);
        Self { brief, key_len: word(Brief::SIZE), n_kept: word(Brief::SIZE + 4) }
    }
}

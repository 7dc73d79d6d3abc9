//! By what a document is found again: hashes that copies share.

use crate::copies::BANDS;
use crate::copies::Portrait;
use crate::copies::band;
use crate::index::packed::Id;

use xxhash_rust::xxh3::xxh3_64;

/// Bits of a hash that the index keeps: with 48, one look-up in three million meets a stranger in
/// an index of ten million documents, and whatever is met is read before it counts.
const BITS: u32 = 48;

/// Documents by one hash that are remembered. A hash with more belongs to a template or a formula
/// and tells nothing; the first ones stay. Each run has its own first ones until it is merged.
pub(super) const MAX_PER_HASH: usize = 64;

/// Fewer digits do not tell documents of one template apart.
const MIN_DIGITS: usize = 6;

/// What a hash is made of. The numbers are part of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The key: what the document says.
    Said,
    /// The key and the marks of value under one id: the same revision of the same document.
    Revision,
    /// Issuer and document number.
    Name,
    /// All its digits: copies agree on them, look-alikes do not.
    Digits,
    /// One band of the sketch.
    Band,
    /// A kept hash: a part of the text.
    Kept,
    /// The key and the marks of value: the same node. The key alone may be that of many nodes, as of
    /// a text that is published again each week.
    Node,
}

/// The 48 bits by which a hash of this kind is filed.
pub(super) fn filed(kind: Kind, hash: u64) -> u64 {
    let salt = (kind as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut mixed = (hash ^ salt).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    mixed ^= mixed >> 32;
    mixed = mixed.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    mixed >> (64 - BITS)
}

/// All hashes by which one document is found.
#[derive(Clone, Debug, Default)]
pub(super) struct Hashes {
    pub(super) said: u64,
    pub(super) node: u64,
    pub(super) revision: u64,
    /// Issuer and number, then digits; 0 where there is none.
    pub(super) name: u64,
    pub(super) digits: u64,
    /// None for texts that are too short for a sketch.
    pub(super) bands: Vec<u64>,
    pub(super) kept: Vec<u64>,
}

impl Hashes {
    pub(super) fn of(portrait: &Portrait, id: Id<'_>) -> Self {
        let name = portrait.facts.name().map_or(0, |name| filed(Kind::Name, name));
        let has_digits = portrait.digits.len() >= MIN_DIGITS;
        let bands = portrait.mins.as_ref().map_or_else(Vec::new, |mins| {
            (0..BANDS).map(|number| filed(Kind::Band, band(mins, number))).collect()
        });
        let [node, revision] = Self::same(portrait, id);
        Self {
            said: filed(Kind::Said, portrait.said as u64),
            node,
            revision,
            name,
            digits: if has_digits { filed(Kind::Digits, xxh3_64(&portrait.digits)) } else { 0 },
            bands,
            kept: portrait.kept.iter().map(|&hash| filed(Kind::Kept, hash)).collect(),
        }
    }

    /// By which the same node is found, and the same revision of one document.
    pub(super) fn same(portrait: &Portrait, id: Id<'_>) -> [u64; 2] {
        let node = portrait.said as u64 ^ portrait.marked.rotate_left(32);
        let revision = xxh3_64(id.0) ^ node.rotate_left(17);
        [filed(Kind::Node, node), filed(Kind::Revision, revision)]
    }

    /// Those that are filed for the first document of a node. The others of it share all but the revision.
    pub(super) fn all(&self) -> impl Iterator<Item = u64> + '_ {
        let named = [self.said, self.node, self.revision, self.name, self.digits];
        let named = named.into_iter().filter(|&hash| hash != 0);
        named.chain(self.bands.iter().copied()).chain(self.kept.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_do_not_meet() {
        let kinds =
            [Kind::Said, Kind::Revision, Kind::Name, Kind::Digits, Kind::Band, Kind::Kept, Kind::Node];
        for hash in [0, 1, u64::MAX, 0x6A77] {
            let mut filed: Vec<u64> = kinds.iter().map(|&kind| filed(kind, hash)).collect();
            assert!(filed.iter().all(|&hash| hash < 1 << BITS));
            filed.sort_unstable();
            filed.dedup();
            assert_eq!(filed.len(), kinds.len());
        }
    }

    #[test]
    fn where_hashes_are_filed_is_part_of_the_format() {
        assert_eq!(filed(Kind::Band, 7), 113_146_013_303_100);
    }
}

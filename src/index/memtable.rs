//! The newest postings, in memory: hashes with the documents that have them.

use crate::index::posting::MAX_PER_HASH;

/// No document.
const FREE: u32 = u32::MAX;
/// Places of an empty table.
const LEAST: usize = 1 << 12;
/// Bits of a hash, and those by which postings are parted before they are sorted.
const BITS: u32 = 48;
const PART_BITS: u32 = 12;

/// An open table: equal hashes stand in a row, in the order in which they came.
#[derive(Clone, Debug)]
pub(super) struct Memtable {
    hashes: Vec<u64>,
    docs: Vec<u32>,
    len: usize,
}

impl Memtable {
    pub(super) fn new() -> Self {
        Self { hashes: vec![0; LEAST], docs: vec![FREE; LEAST], len: 0 }
    }

    /// Where a hash begins to be looked for.
    fn start(&self, hash: u64) -> usize {
        (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20) as usize & (self.docs.len() - 1)
    }

    /// Files `doc` under `hash`; a hash that has [`MAX_PER_HASH`] documents takes no more.
    pub(super) fn insert(&mut self, hash: u64, doc: u32) {
        if 3 * (self.len + 1) > 2 * self.docs.len() {
            self.grow();
        }
        let mask = self.docs.len() - 1;
        let (mut at, mut n_same) = (self.start(hash), 0);
        while self.docs[at] != FREE {
            n_same += usize::from(self.hashes[at] == hash);
            if n_same == MAX_PER_HASH {
                return;
            }
            at = (at + 1) & mask;
        }
        (self.hashes[at], self.docs[at]) = (hash, doc);
        self.len += 1;
    }

    /// Calls `met` with the documents of `hash`, those that came first first.
    pub(super) fn look_up(&self, hash: u64, mut met: impl FnMut(u32)) {
        let mask = self.docs.len() - 1;
        let mut at = self.start(hash);
        while self.docs[at] != FREE {
            if self.hashes[at] == hash {
                met(self.docs[at]);
            }
            at = (at + 1) & mask;
        }
    }

    /// All postings, by hash and document.
    pub(super) fn sorted(&self) -> Vec<(u64, u32)> {
        // By their first bits, then within these few, which the first cache holds: a third of the time.
        let part = |hash: u64| (hash >> (BITS - PART_BITS)) as usize;
        let mut starts = vec![0_usize; (1 << PART_BITS) + 1];
        self.postings().for_each(|posting| starts[part(posting.0) + 1] += 1);
        for n in 1..starts.len() {
            starts[n] += starts[n - 1];
        }
        let mut all = vec![(0, 0); self.len];
        let mut next = starts.clone();
        for posting in self.postings() {
            let at = &mut next[part(posting.0)];
            all[*at] = posting;
            *at += 1;
        }
        starts.windows(2).for_each(|bounds| all[bounds[0]..bounds[1]].sort_unstable());
        all
    }

    fn postings(&self) -> impl Iterator<Item = (u64, u32)> + '_ {
        // Rows of equal hashes may run over the end of the table: from behind a free place on, they
        // come in one piece.
        let start = self.docs.iter().position(|&doc| doc == FREE).unwrap_or(0);
        let places = (start..self.docs.len()).chain(0..start);
        places.map(|at| (self.hashes[at], self.docs[at])).filter(|posting| posting.1 != FREE)
    }

    /// Postings.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Bytes of memory.
    pub(super) fn memory(&self) -> usize {
        12 * self.docs.len()
    }

    fn grow(&mut self) {
        let size = 2 * self.docs.len();
        let mut larger = Self { hashes: vec![0; size], docs: vec![FREE; size], len: 0 };
        for (hash, doc) in self.postings() {
            larger.insert(hash, doc);
        }
        *self = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docs(table: &Memtable, hash: u64) -> Vec<u32> {
        let mut docs = Vec::new();
        table.look_up(hash, |doc| docs.push(doc));
        docs
    }

    #[test]
    fn postings_are_found_again_and_hot_ones_are_bounded() {
        let mut table = Memtable::new();
        for doc in 0..20_000_u32 {
            table.insert(u64::from(doc % 7_000) << 30, doc);
            table.insert(1, doc);
        }
        for hash in [0, 1, 6_999] {
            let want: Vec<u32> = (0..20_000).filter(|doc| u64::from(doc % 7_000) == hash).collect();
            assert_eq!(docs(&table, hash << 30), want);
        }
        assert_eq!(docs(&table, 1), (0..MAX_PER_HASH as u32).collect::<Vec<_>>());
        assert_eq!(docs(&table, 7_000 << 30), Vec::<u32>::new());
        let sorted = table.sorted();
        assert_eq!(sorted.len(), 20_000 + MAX_PER_HASH);
        assert!(sorted.is_sorted());
    }
}

//! The newest postings, in memory: hashes with the documents that have them.

use crate::index::posting::MAX_PER_HASH;

/// No document, no link.
const NONE: u32 = u32::MAX;
/// Places of an empty table.
const LEAST: usize = 1 << 12;
/// Bits of a hash, and those by which postings are parted before they are sorted.
const BITS: u32 = 48;
const PART_BITS: u32 = 12;

/// Documents of one link.
const LINK: usize = 3;

/// Some documents of one hash, and the link before.
#[derive(Clone, Copy, Debug)]
struct Link {
    docs: [u32; LINK],
    before: u32,
}

/// An open table of hashes. Most have one document; the documents of the others are chains of links,
/// the last one first.
#[derive(Clone, Debug)]
pub(super) struct Memtable {
    /// Each hash above the number of its documents; 0 is free.
    hashes: Vec<u64>,
    /// The document of each, or the last link.
    last: Vec<u32>,
    links: Vec<Link>,
    n_hashes: usize,
    n_postings: usize,
}

/// The hash and the number of documents of a place.
fn parts(word: u64) -> (u64, usize) {
    (word >> (64 - BITS), (word & ((1 << (64 - BITS)) - 1)) as usize)
}

impl Memtable {
    pub(super) fn new() -> Self {
        let (hashes, last) = (vec![0; LEAST], vec![NONE; LEAST]);
        Self { hashes, last, links: Vec::new(), n_hashes: 0, n_postings: 0 }
    }

    /// The place of `hash`, or the one that it would take.
    fn place(&self, hash: u64) -> usize {
        let mask = self.hashes.len() - 1;
        let mut at = (hash.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20) as usize & mask;
        while self.hashes[at] != 0 && parts(self.hashes[at]).0 != hash {
            at = (at + 1) & mask;
        }
        at
    }

    /// Files `doc`, the largest so far, under `hash`; a hash that has [`MAX_PER_HASH`] documents takes
    /// no more.
    pub(super) fn insert(&mut self, hash: u64, doc: u32) {
        debug_assert!(hash >> BITS == 0, "a hash has {BITS} bits");
        let mut at = self.place(hash);
        if self.hashes[at] == 0 {
            if 3 * (self.n_hashes + 1) > 2 * self.hashes.len() {
                self.grow();
                at = self.place(hash);
            }
            self.hashes[at] = hash << (64 - BITS);
            self.n_hashes += 1;
        } else if parts(self.hashes[at]).1 == MAX_PER_HASH {
            return;
        }
        let n = parts(self.hashes[at]).1;
        match n {
            0 => self.last[at] = doc,
            1 => self.link([self.last[at], doc, NONE], NONE, at),
            _ if n.is_multiple_of(LINK) => self.link([doc, NONE, NONE], self.last[at], at),
            _ => self.links[self.last[at] as usize].docs[n % LINK] = doc,
        }
        self.hashes[at] += 1;
        self.n_postings += 1;
    }

    /// A link more for the hash at a place.
    fn link(&mut self, docs: [u32; LINK], before: u32, at: usize) {
        self.last[at] = self.links.len() as u32;
        self.links.push(Link { docs, before });
    }

    /// Calls `met` with the documents of `hash` that are smaller than `end`, in any order; for a
    /// part of texts that [`MAX_PER_HASH`] have, with none. Answers whether so many have it.
    pub(super) fn look_up(&self, hash: u64, end: u32, is_part: bool, mut met: impl FnMut(u32)) -> bool {
        let at = self.place(hash);
        let (n, last) = (parts(self.hashes[at]).1, self.last[at]);
        let is_hot = n == MAX_PER_HASH && self.links[last as usize].docs[(MAX_PER_HASH - 1) % LINK] < end;
        if is_hot && is_part {
            return true;
        }
        self.docs(n, last).filter(|&doc| doc < end).for_each(&mut met);
        is_hot
    }

    /// The `n` documents of a place.
    fn docs(&self, n: usize, last: u32) -> impl Iterator<Item = u32> + '_ {
        let (sole, chain) = if n == 1 { (Some(last), NONE) } else { (None, last) };
        // Behind the last one there is none.
        let link = |at: u32| self.links.get(at as usize);
        let links = std::iter::successors(link(chain), move |of| link(of.before));
        sole.into_iter().chain(links.flat_map(|link| link.docs).filter(|&doc| doc != NONE))
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
        let mut all = vec![(0, 0); self.len()];
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
        let used = self.hashes.iter().zip(&self.last).filter(|(word, _)| **word != 0);
        used.flat_map(|(&word, &last)| {
            let (hash, n) = parts(word);
            self.docs(n, last).map(move |doc| (hash, doc))
        })
    }

    /// Postings.
    pub(super) fn len(&self) -> usize {
        self.n_postings
    }

    /// Bytes of memory.
    pub(super) fn memory(&self) -> usize {
        12 * self.hashes.len() + size_of::<Link>() * self.links.capacity()
    }

    fn grow(&mut self) {
        let size = 2 * self.hashes.len();
        let (hashes, last) = (std::mem::take(&mut self.hashes), std::mem::take(&mut self.last));
        (self.hashes, self.last) = (vec![0; size], vec![NONE; size]);
        for (word, last) in hashes.into_iter().zip(last).filter(|(word, _)| *word != 0) {
            let at = self.place(parts(word).0);
            (self.hashes[at], self.last[at]) = (word, last);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docs(table: &Memtable, hash: u64) -> Vec<u32> {
        let mut docs = Vec::new();
        table.look_up(hash, u32::MAX, false, |doc| docs.push(doc));
        docs.sort_unstable();
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
        // Of a part, only whether it is hot for those that come so late.
        let is_hot = |end: u32, is_part: bool| {
            let mut n = 0;
            (table.look_up(1, end, is_part, |_| n += 1), n)
        };
        let most = MAX_PER_HASH as u32;
        assert_eq!((is_hot(most, true), is_hot(most, false)), ((true, 0), (true, most)));
        assert_eq!((is_hot(most - 1, true), is_hot(0, true)), ((false, most - 1), (false, 0)));
        let sorted = table.sorted();
        assert_eq!(sorted.len(), 20_000 + MAX_PER_HASH);
        assert!(sorted.is_sorted());
    }
}

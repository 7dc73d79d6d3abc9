//! Hashes that are looked up for some documents together, and the documents that are met by them.

use crate::index::posting::MAX_PER_HASH;

/// One hash that is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Probe {
    pub(super) hash: u64,
    /// For whom, by place among those that ask.
    pub(super) asker: u16,
    /// As what.
    slot: u16,
    /// It stands for a part of the text: where many documents have it, it is a formula and tells nothing.
    pub(super) is_part: bool,
    /// Documents that were met by it, and those of them that lie in memory.
    n: u8,
    n_newest: u8,
}

impl Probe {
    /// Nothing more can come of it.
    pub(super) fn is_over(&self) -> bool {
        self.is_part && self.is_hot()
    }

    fn is_hot(&self) -> bool {
        usize::from(self.n) >= MAX_PER_HASH
    }

    /// So many documents of the runs have this part: it will never tell anything.
    pub(super) fn is_formula(&self) -> bool {
        self.is_part && usize::from(self.n - self.n_newest) >= MAX_PER_HASH
    }
}

/// Documents that may ask in one call.
pub(super) const MAX_ASKED: usize = 1 << 16;

/// All that is looked up in one call.
#[derive(Debug, Default)]
pub(super) struct Probes {
    list: Vec<Probe>,
    /// Numbers of probes, with documents.
    met: Vec<(u32, u32)>,
}

/// What was met by one of those that asked.
#[derive(Debug)]
pub(super) struct Met<'a> {
    /// Slots with documents, in no order; nothing of the parts that many documents have.
    pub(super) rows: &'a [(u16, u32)],
    /// How many parts those are.
    pub(super) n_hot: u32,
    /// Of other hashes more than [`MAX_PER_HASH`] documents may have been there.
    pub(super) is_cut: bool,
}

impl Probes {
    /// Asks for the documents with `hash`; 0 is none.
    pub(super) fn push(&mut self, hash: u64, asker: usize, slot: u16, is_part: bool) {
        debug_assert!(asker < MAX_ASKED, "{asker} is asked about in one call");
        if hash != 0 {
            self.list.push(Probe { hash, asker: asker as u16, slot, is_part, n: 0, n_newest: 0 });
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// A probe by its number: those with small hashes come first, once they are sorted.
    pub(super) fn get(&self, number: usize) -> Probe {
        self.list[number]
    }

    /// A document has the hash of this probe.
    pub(super) fn meet(&mut self, number: usize, doc: u32) {
        let probe = &mut self.list[number];
        if !probe.is_over() {
            self.met.push((number as u32, doc));
        }
        probe.n = probe.n.saturating_add(1);
    }

    /// [`MAX_PER_HASH`] documents have the hash of this probe.
    pub(super) fn give_up(&mut self, number: usize) {
        self.list[number].n = MAX_PER_HASH as u8;
    }

    /// What was met so far lies in memory.
    pub(super) fn end_newest(&mut self) {
        self.list.iter_mut().for_each(|probe| probe.n_newest = probe.n);
    }

    /// Puts them in the order of the hashes, as they lie in the runs; nothing is met yet.
    pub(super) fn begin(&mut self) {
        self.met.clear();
        for probe in &mut self.list {
            (probe.n, probe.n_newest) = (0, 0);
        }
        self.list.sort_unstable();
    }

    /// Calls `told` with the place of each of the `n` that asked and with what it met.
    pub(super) fn tell<E>(
        &mut self,
        n: usize,
        mut told: impl FnMut(usize, Met<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self { list, met } = self;
        met.retain(|&(number, _)| !list[number as usize].is_over());
        let asker = |number: u32| usize::from(list[number as usize].asker);
        let mut ends = vec![0_usize; n + 1];
        for &(number, _) in &*met {
            ends[asker(number) + 1] += 1;
        }
        (0..n).for_each(|at| ends[at + 1] += ends[at]);
        let (mut rows, mut next) = (vec![(0_u16, 0_u32); met.len()], ends.clone());
        for &(number, doc) in &*met {
            let at = &mut next[asker(number)];
            rows[*at] = (list[number as usize].slot, doc);
            *at += 1;
        }
        let (mut n_hot, mut is_cut) = (vec![0_u32; n], vec![false; n]);
        for probe in list.iter().filter(|probe| probe.is_hot()) {
            n_hot[usize::from(probe.asker)] += u32::from(probe.is_part);
            is_cut[usize::from(probe.asker)] |= !probe.is_part;
        }
        (0..n).try_for_each(|at| {
            told(at, Met { rows: &rows[ends[at]..ends[at + 1]], n_hot: n_hot[at], is_cut: is_cut[at] })
        })
    }
}

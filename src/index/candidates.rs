//! Which stored documents a newcomer has to be compared with.

use std::sync::Arc;

use crate::copies::Portrait;
use crate::copies::rank;
use crate::error::Result;
use crate::index::packed::Id;
use crate::index::posting::Hashes;
use crate::index::probes::Met;
use crate::index::probes::Probes;
use crate::index::shelf::Shelf;
use crate::index::slip::Slip;

/// Documents that a newcomer is compared with. In a template all meet all: those with the same
/// figures come first, then those that share most bands.
pub(super) const MAX_CANDIDATES: usize = 64;
/// Kept hashes of a document that are looked up: all of a text of a hundred thousand characters.
const MAX_KEPT: usize = 3072;
/// A holder has so much of the kept hashes of what it holds: slips spoil some.
const MIN_HELD: f32 = 0.5;
/// One shared gram is a name or a formula.
const MIN_SHARED: u32 = 2;
/// Holders are longer than what they hold by a quarter at least; below, the bands find the pair.
const HOLDER_LENGTH: f32 = 1.25;

/// Slots of the hashes of one document.
const SAID: u16 = 0;
const NAME: u16 = 1;
const DIGITS: u16 = 2;
const BAND: u16 = 3;
const KEPT: u16 = 64;

/// Asks for those that are like the document with place `n` among those that are asked about.
pub(super) fn probe(n: usize, hashes: &Hashes, probes: &mut Probes) {
    probes.push(hashes.said, n, SAID, false);
    probes.push(hashes.name, n, NAME, false);
    probes.push(hashes.digits, n, DIGITS, false);
    for (slot, &hash) in (BAND..).zip(&hashes.bands) {
        probes.push(hash, n, slot, false);
    }
    // They are the smallest hashes, whatever document they come from, so two documents choose alike.
    for &hash in hashes.kept.iter().take(MAX_KEPT) {
        probes.push(hash, n, KEPT, true);
    }
}

/// By what a document was met.
#[derive(Clone, Copy, Debug, Default)]
struct Meeting {
    /// They say the same, or are named the same.
    is_close: bool,
    has_digits: bool,
    bands: u32,
    kept: u32,
}

/// Places of the sieve: it stays in the first cache, and of the thousand rows that a document meets few
/// fall on one place.
const SIEVE: usize = 1 << 14;

/// The buffers of one call.
#[derive(Debug, Default)]
pub(super) struct Chooser {
    met: Vec<(u32, Meeting)>,
    /// How many meetings there were at the place of each document, as far as a byte counts.
    sieve: Vec<u8>,
}

impl Chooser {
    /// The first documents of the nodes that are worth a comparison, the likeliest first, of those that
    /// were met. Also whether there were more.
    pub(super) fn choose(&mut self, met: &Met<'_>, own: &Slip, slips: &Shelf) -> Result<(Vec<u32>, bool)> {
        self.gather(met);
        let mut chosen: Vec<(bool, u32, u32)> = Vec::new();
        for same in self.met.chunk_by(|x, y| x.0 == y.0) {
            let doc = same[0].0;
            let all_of = same.iter().fold(Meeting::default(), |all, (_, one)| Meeting {
                is_close: all.is_close || one.is_close,
                has_digits: all.has_digits || one.has_digits,
                bands: all.bands + one.bands,
                kept: all.kept + one.kept,
            });
            let have_met = all_of.bands > 0 || all_of.has_digits;
            if !all_of.is_close && !have_met && all_of.kept < MIN_SHARED {
                continue;
            }
            let its = slips.slip(doc)?;
            let is_like = have_met && own.brief.is_like(&its.brief);
            if all_of.is_close || is_like || holds(own, &its, all_of.kept, met.n_hot) {
                let have_digits = all_of.is_close || is_like && all_of.has_digits;
                chosen.push((!have_digits, u32::MAX - 8 * all_of.bands - all_of.kept, doc));
            }
        }
        chosen.sort_unstable();
        let is_capped = met.is_cut || chosen.len() > MAX_CANDIDATES;
        chosen.truncate(MAX_CANDIDATES);
        Ok((chosen.into_iter().map(|row| row.2).collect(), is_capped))
    }

    /// All meetings that may count, by document. Most of those that share a part share one and nothing
    /// else: they fall through the sieve, and are not sorted.
    fn gather(&mut self, all: &Met<'_>) {
        let Self { met, sieve } = self;
        let place = |doc: u32| doc as usize % SIEVE;
        sieve.resize(SIEVE, 0);
        for &(_, doc) in all.rows {
            let n = &mut sieve[place(doc)];
            *n = n.saturating_add(1);
        }
        met.clear();
        for &(slot, doc) in all.rows {
            if slot == KEPT && sieve[place(doc)] < MIN_SHARED as u8 {
                continue;
            }
            let one = match slot {
                SAID | NAME => Meeting { is_close: true, ..Meeting::default() },
                DIGITS => Meeting { has_digits: true, ..Meeting::default() },
                KEPT => Meeting { kept: 1, ..Meeting::default() },
                _ => Meeting { bands: 1, ..Meeting::default() },
            };
            met.push((doc, one));
        }
        all.rows.iter().for_each(|&(_, doc)| sieve[place(doc)] = 0);
        met.sort_unstable_by_key(|row| row.0);
    }
}

/// One of the two may lie in the other: so many kept hashes are shared, and `n_hot` of the newcomer's
/// tell nothing.
fn holds(own: &Slip, its: &Slip, shared: u32, n_hot: u32) -> bool {
    let (short, long, n_kept) = if own.key_len < its.key_len {
        (own, its, own.n_kept.saturating_sub(n_hot))
    } else {
        (its, own, its.n_kept)
    };
    // Of a very long newcomer not all were looked up.
    let looked_up = MAX_KEPT as f32 / own.n_kept.max(MAX_KEPT as u32) as f32;
    shared >= MIN_SHARED
        && long.key_len as f32 >= HOLDER_LENGTH * short.key_len as f32
        && shared as f32 >= MIN_HELD * looked_up * n_kept as f32
        && short.brief.may_lie_in(&long.brief)
}

/// A document that is to be added or asked about.
#[derive(Debug)]
pub(super) struct Arrival {
    /// As JSON.
    pub(super) id: Vec<u8>,
    pub(super) portrait: Arc<Portrait>,
    pub(super) hashes: Hashes,
    pub(super) slip: Slip,
    /// Its rank without its copies.
    pub(super) base: u128,
    /// Its record.
    pub(super) record: Vec<u8>,
}

impl Arrival {
    pub(super) fn new(portrait: Portrait, id: Vec<u8>, record: Vec<u8>) -> Self {
        let Portrait { form, facts, key, .. } = &portrait;
        Self {
            hashes: Hashes::of(&portrait, Id(&id)),
            slip: Slip::of(&portrait),
            base: rank::of_form(form, facts.is_forward, facts.date, key.len() as u32),
            record,
            id,
            portrait: Arc::new(portrait),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_shared_part_falls_through_the_sieve() {
        let far = 5 + SIEVE as u32;
        // 5 and `far` fall on one place, 9 shares one part and 6 two, 7 a band and a part.
        let rows = [(KEPT, 5), (KEPT, far), (KEPT, 9), (KEPT, 6), (BAND, 7), (KEPT, 6), (KEPT, 7)];
        let mut chooser = Chooser::default();
        for _ in 0..2 {
            chooser.gather(&Met { rows: &rows, n_hot: 0, is_cut: false });
            let met = |doc: u32| {
                let of = chooser.met.iter().filter(|row| row.0 == doc);
                of.fold((0, 0), |all, (_, one)| (all.0 + one.bands, all.1 + one.kept))
            };
            let want = [(0, 1), (0, 1), (0, 0), (0, 2), (1, 1)];
            assert_eq!([5, far, 9, 6, 7].map(met), want);
            assert!(chooser.met.is_sorted_by_key(|row| row.0));
        }
        chooser.gather(&Met { rows: &rows[..1], n_hot: 0, is_cut: false });
        assert!(chooser.met.is_empty());
    }
}

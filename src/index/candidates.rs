//! Which stored documents a newcomer has to be compared with.

use std::sync::Arc;

use crate::copies::Portrait;
use crate::error::Result;
use crate::index::posting::Hashes;
use crate::index::posting::MAX_PER_HASH;
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

/// Tags of look-ups for one document.
const TAGS: u32 = 4096;
const SAID: u32 = 0;
const NAME: u32 = 1;
const DIGITS: u32 = 2;
const BAND: u32 = 3;
const KEPT: u32 = 64;

/// Documents that may be asked about at once.
pub(super) const MAX_ASKED: usize = (u32::MAX / TAGS) as usize;

/// The place of the document that a tag belongs to.
pub(super) fn asked_by(tag: u32) -> usize {
    (tag / TAGS) as usize
}

/// Appends what is to be looked up for the document with place `n` among those that are asked about.
pub(super) fn probe(n: usize, hashes: &Hashes, probes: &mut Vec<(u64, u32)>) {
    let tag = n as u32 * TAGS;
    let mut push = |hash: u64, slot: u32| {
        if hash != 0 {
            probes.push((hash, tag + slot));
        }
    };
    push(hashes.said, SAID);
    push(hashes.name, NAME);
    push(hashes.digits, DIGITS);
    for (slot, &hash) in (BAND..).zip(&hashes.bands) {
        push(hash, slot);
    }
    // They are the smallest hashes, whatever document they come from, so two documents choose alike.
    for (slot, &hash) in (KEPT..).zip(hashes.kept.iter().take(MAX_KEPT)) {
        push(hash, slot);
    }
}

/// What was met by one document.
#[derive(Clone, Copy, Debug, Default)]
struct Met {
    /// They say the same, or are named the same.
    is_close: bool,
    has_digits: bool,
    bands: u32,
    kept: u32,
}

/// The first documents of the nodes that are worth a comparison, the likeliest first. `found` holds
/// what came of the look-ups, `is_earlier` tells which documents count. Also whether there were more.
pub(super) fn choose(
    found: &[(u32, u32)],
    slip: &Slip,
    shelf: &Shelf,
    is_earlier: impl Fn(u32) -> bool,
) -> Result<(Vec<u32>, bool)> {
    let mut met: Vec<(u32, Met)> = Vec::new();
    let (mut n_hot, mut is_cut) = (0, false);
    for list in found.chunk_by(|x, y| x.0 == y.0) {
        let slot = list[0].0 % TAGS;
        // Those of the same batch that come behind are not there yet.
        let list = &list[..list.partition_point(|row| is_earlier(row.1))];
        if list.len() >= MAX_PER_HASH {
            is_cut |= slot < KEPT;
            if slot >= KEPT {
                n_hot += 1;
                continue;
            }
        }
        for &(_, doc) in list {
            let one = match slot {
                SAID | NAME => Met { is_close: true, ..Met::default() },
                DIGITS => Met { has_digits: true, ..Met::default() },
                BAND..KEPT => Met { bands: 1, ..Met::default() },
                _ => Met { kept: 1, ..Met::default() },
            };
            met.push((doc, one));
        }
    }
    met.sort_unstable_by_key(|row| row.0);
    let mut chosen: Vec<(bool, u32, u32)> = Vec::new();
    for same in met.chunk_by(|x, y| x.0 == y.0) {
        let doc = same[0].0;
        let all = same.iter().fold(Met::default(), |all, (_, one)| Met {
            is_close: all.is_close || one.is_close,
            has_digits: all.has_digits || one.has_digits,
            bands: all.bands + one.bands,
            kept: all.kept + one.kept,
        });
        let have_met = all.bands > 0 || all.has_digits;
        if !all.is_close && !have_met && all.kept < MIN_SHARED {
            continue;
        }
        let its = shelf.slip(doc)?;
        let is_like = have_met && slip.brief.is_like(&its.brief);
        if all.is_close || is_like || holds(slip, &its, all.kept, n_hot) {
            let have_digits = all.is_close || is_like && all.has_digits;
            chosen.push((!have_digits, u32::MAX - 8 * all.bands - all.kept, doc));
        }
    }
    chosen.sort_unstable();
    let is_capped = is_cut || chosen.len() > MAX_CANDIDATES;
    chosen.truncate(MAX_CANDIDATES);
    Ok((chosen.into_iter().map(|row| row.2).collect(), is_capped))
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

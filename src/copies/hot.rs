//! Second keys for documents of hot buckets: those of one template, or of one text spoilt a thousand
//! times. Each document gets them once, whatever number of its bands are hot.

use std::path::Path;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use crate::copies::crew::Crew;
use crate::copies::gallery::Gallery;
use crate::copies::intake::HASH_PARTS;
use crate::copies::intake::part_of;
use crate::copies::nodes::Nodes;
use crate::copies::sketch::grams;
use crate::disk::Pile;
use crate::error::Result;

/// Grams of either kind by which a document finds its like.
pub(crate) const KEYS: usize = 8;
/// A gram with so many documents and fewer is rare: figures, names. Others belong to a part of the
/// template (a place, a month), and serve where a text stands in it hundreds of times.
const RARE: u32 = 256;
/// A gram in a larger share of the documents of a template belongs to the template.
const TEMPLATE_SHARE: u32 = 2;
/// Counters of grams, as a power of two: 128 MB, for a million short documents.
const MAX_COUNTER_BITS: u32 = 25;

/// Documents whose second keys are worked out in one call.
const PER_CALL: usize = 256;
/// Calls whose results wait in memory.
const CALLS: usize = 64;

/// Second keys with the node of each, by the first bits of the key.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) rare: Pile<(u64, u32)>,
    pub(crate) common: Pile<(u64, u32)>,
}

/// The second keys of the nodes that are `hot`; no gram that stands once only.
pub(crate) fn keys(
    hot: &[u32],
    nodes: &Nodes,
    gallery: &Gallery,
    crew: &impl Crew,
    work: Option<&Path>,
) -> Result<Keys> {
    let path = |name: &str| work.map(|work| work.join(name));
    let rare = Pile::new(path("rare-keys"), HASH_PARTS)?;
    let mut keys = Keys { rare, common: Pile::new(path("common-keys"), HASH_PARTS)? };
    let n_grams: usize = hot.iter().map(|&node| nodes.key_len[node as usize] as usize).sum();
    let bits = (2 * n_grams).next_power_of_two().ilog2().clamp(1, MAX_COUNTER_BITS);
    // Grams that share a counter count as more than they are, which can cost a key only.
    let counters: Vec<AtomicU32> = (0..1 << bits).map(|_| AtomicU32::new(0)).collect();
    let counter = |hash: u64| &counters[(hash >> (64 - bits)) as usize];
    let calls: Vec<&[u32]> = hot.chunks(PER_CALL).collect();
    crew.map(calls.len(), &|bench, call| {
        for &node in calls[call] {
            let portrait = bench.portrait(gallery, nodes.face(node))?;
            for hash in grams(&portrait.key) {
                counter(hash).fetch_add(1, Relaxed);
            }
        }
        Ok(())
    })?;
    for calls in calls.chunks(CALLS) {
        let found = crew.map(calls.len(), &|bench, call| {
            let mut found: Vec<(bool, u64, u32)> = Vec::new();
            for &node in calls[call] {
                let portrait = bench.portrait(gallery, nodes.face(node))?;
                let count = |hash| counter(hash).load(Relaxed);
                let n_like = grams(&portrait.key).map(count).max().unwrap_or(0);
                let (mut rare, mut common) = (Least::default(), Least::default());
                for hash in grams(&portrait.key) {
                    let n = count(hash);
                    if n >= 2 && n <= n_like / TEMPLATE_SHARE {
                        if n <= RARE { &mut rare } else { &mut common }.push(hash);
                    }
                }
                found.extend(rare.hashes().map(|hash| (true, hash, node)));
                found.extend(common.hashes().map(|hash| (false, hash, node)));
            }
            Ok(found)
        })?;
        for (is_rare, hash, node) in found.into_iter().flatten() {
            let pile = if is_rare { &mut keys.rare } else { &mut keys.common };
            pile.push(part_of(hash), (hash, node))?;
        }
    }
    keys.rare.flush()?;
    keys.common.flush()?;
    Ok(keys)
}

/// The smallest hashes so far, ascending, each once: of two texts that share most of their grams
/// they are mostly the same.
#[derive(Clone, Copy)]
struct Least([u64; KEYS]);

impl Default for Least {
    fn default() -> Self {
        Self([u64::MAX; KEYS])
    }
}

impl Least {
    fn push(&mut self, hash: u64) {
        // The high half chose the counter, and counters chose the grams: sort by the low half.
        let hash = hash.rotate_left(32);
        let at = self.0.partition_point(|&other| other < hash);
        if at < KEYS && self.0[at] != hash {
            self.0.copy_within(at..KEYS - 1, at + 1);
            self.0[at] = hash;
        }
    }

    fn hashes(self) -> impl Iterator<Item = u64> {
        self.0.into_iter().filter(|&hash| hash != u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_are_kept_in_order_and_once() {
        let mut least = Least::default();
        let hashes: Vec<u64> = (1..40_u64).map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
        for &hash in hashes.iter().chain(&hashes) {
            least.push(hash);
        }
        let mut want: Vec<u64> = hashes.iter().map(|hash| hash.rotate_left(32)).collect();
        want.sort_unstable();
        assert_eq!(least.hashes().collect::<Vec<_>>(), want[..KEYS]);
        assert_eq!(Least::default().hashes().count(), 0);
    }
}

//! Second keys for documents of hot buckets: those of one template, or of one text spoilt a thousand
//! times. Each document gets them once, whatever number of its bands are hot.

use crate::copies::portrait::Portrait;
use crate::copies::sketch::grams;

/// Grams of either kind by which a document finds its like.
pub(crate) const KEYS: usize = 8;
/// A gram with so many documents and fewer is rare: figures, names. Others belong to a part of the
/// template (a place, a month), and serve where a text stands in it hundreds of times.
const RARE: u32 = 256;
/// A gram in a larger share of the documents of a template belongs to the template.
const TEMPLATE_SHARE: u32 = 2;
/// Counters of grams, as a power of two: 64 MB.
const MAX_COUNTER_BITS: u32 = 24;

/// Second keys with the node of each.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub(crate) rare: Vec<(u64, u32)>,
    pub(crate) common: Vec<(u64, u32)>,
}

/// The second keys of the nodes that are `hot`; no gram that only one of them has.
pub(crate) fn keys(nodes: &[&Portrait], hot: &[u32]) -> Keys {
    let n_grams: usize = hot.iter().map(|&node| nodes[node as usize].key.len()).sum();
    let bits = (2 * n_grams).next_power_of_two().ilog2().clamp(1, MAX_COUNTER_BITS);
    // Grams that share a counter count as more than they are, which can cost a key only.
    let mut counters = vec![0_u32; 1 << bits];
    let slot = |hash: u64| (hash >> (64 - bits)) as usize;
    for &node in hot {
        for hash in grams(&nodes[node as usize].key) {
            counters[slot(hash)] = counters[slot(hash)].saturating_add(1);
        }
    }
    let mut keys = Keys::default();
    for &node in hot {
        let key = &nodes[node as usize].key;
        let n_like = grams(key).map(|hash| counters[slot(hash)]).max().unwrap_or(0);
        let (mut rare, mut common) = (Least::default(), Least::default());
        for hash in grams(key) {
            let n = counters[slot(hash)];
            if n >= 2 && n <= n_like / TEMPLATE_SHARE {
                if n <= RARE { &mut rare } else { &mut common }.push(hash);
            }
        }
        keys.rare.extend(rare.hashes().map(|hash| (hash, node)));
        keys.common.extend(common.hashes().map(|hash| (hash, node)));
    }
    keys
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

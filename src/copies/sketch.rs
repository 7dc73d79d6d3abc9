//! Sketches: from the grams of a key to a few numbers by which copies find one another.
//!
//! Two kinds of one pass. *k-mins* (128 of them, in 32 bands of 4) meet where most of two texts
//! is equal: a band agrees with probability J⁴, one of 32 does at J 0.57 in 97 of 100 cases.
//! *Kept hashes* (each gram whose hash ends up in one 32nd of the range) tell how much of a short
//! text lies in a long one, whatever their lengths. Neither decides anything: a missed or a forged
//! sketch costs a candidate, never a document.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use pulp::Arch;
use pulp::Simd;
use pulp::WithSimd;

use crate::copies::recent::Recent;

/// Characters of one gram. Unrelated official texts share about 1 % of these (median), 11 % at worst.
pub(crate) const GRAM: usize = 5;
/// Bands of the k-mins.
pub(crate) const BANDS: usize = 32;
/// Numbers that have to agree in one band.
pub(crate) const ROWS: usize = 4;
/// Numbers of a sketch.
pub(crate) const MINS: usize = BANDS * ROWS;
/// Shorter keys are compared as a whole and never by sketch: too few grams to tell noise from content.
pub(crate) const MIN_CHARS: usize = 40;
/// One gram of so many is kept for containment.
pub(crate) const KEPT_OF: u32 = 1 << KEPT_BITS;
const KEPT_BITS: u32 = 5;

/// The published seed; a secret one keeps strangers from forging sketches.
pub(crate) const DEFAULT_SEED: u64 = 0x6A69_6E67_7765_6E31;

/// Keys from this length on are looked for among those that were met lately: a sketch of so many
/// characters costs ten times a look.
const WORTH_A_LOOK: usize = 512;

/// Hashes that wait for the k-mins loop: the block stays in the first cache.
const BLOCK: usize = 512;
/// k-mins of one tile: four vectors of eight with their factors fit the registers.
const TILE: usize = 32;

/// The k-mins of one text: of each number the low half, where those of long texts differ too.
pub(crate) type Mins = [u16; MINS];

/// One number for each function of the sketch.
type Wide = [u32; MINS];

/// Takes sketches with one set of hash functions.
#[derive(Clone, Debug)]
pub(crate) struct Sketcher {
    /// Odd factors and summands of the 128 functions on 32 bits.
    factors: Wide,
    summands: Wide,
    /// Sets the gram hash of this seed apart from that of others.
    seed: u64,
    arch: Arch,
    /// Shared by all copies of this sketcher.
    recent: Arc<Mutex<Recent>>,
}

impl Sketcher {
    pub(crate) fn new(seed: u64) -> Self {
        let mut state = seed;
        let mut next = || {
            // SplitMix64, by its published constants.
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ z >> 31
        };
        let gram_seed = next();
        let (mut factors, mut summands) = ([0; MINS], [0; MINS]);
        for (factor, summand) in factors.iter_mut().zip(&mut summands) {
            let word = next();
            *factor = word as u32 | 1;
            *summand = (word >> 32) as u32;
        }
        Self { factors, summands, seed: gram_seed, arch: Arch::new(), recent: Arc::default() }
    }

    /// As [`Sketcher::sketch`], where `said` is the hash of `key`: what was sketched lately is recalled.
    pub(crate) fn sketch_of(&self, said: u128, key: &[u16], kept: &mut Vec<u64>) -> Option<Box<Mins>> {
        if key.len() < WORTH_A_LOOK {
            return self.sketch(key, kept);
        }
        let recent = || self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mins) = recent().recall(said, kept) {
            return Some(mins);
        }
        let mins = self.sketch(key, kept)?;
        recent().hold(said, &mins, kept);
        Some(mins)
    }

    /// Sketches `key`: its k-mins, and into `kept` the kept hashes, sorted, each once. `None`
    /// where the key is too short. See the tests for the accuracy, about 400 MB/s with AVX2.
    pub(crate) fn sketch(&self, key: &[u16], kept: &mut Vec<u64>) -> Option<Box<Mins>> {
        kept.clear();
        if key.len() < MIN_CHARS {
            return None;
        }
        let mut mins = [u32::MAX; MINS];
        self.arch.dispatch(Pass { sketcher: self, key, mins: &mut mins, kept });
        kept.sort_unstable();
        kept.dedup();
        Some(Box::new(mins.map(|min| min as u16)))
    }
}

/// One pass over a key. A type of its own, because the compiler does not inline a closure so
/// large, and only inlined code is compiled for the instructions that `pulp` found.
struct Pass<'a> {
    sketcher: &'a Sketcher,
    key: &'a [u16],
    mins: &'a mut Wide,
    kept: &'a mut Vec<u64>,
}

impl WithSimd for Pass<'_> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "only inlined code is compiled for the chosen instructions")]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { sketcher, key, mins, kept } = self;
        let mut block = [0_u32; BLOCK];
        let mut word = key[..GRAM - 1].iter().fold(0_u64, |word, &c| word >> 16 | u64::from(c) << 48);
        let mut rest = &key[GRAM - 1..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(BLOCK));
            let hashes = &mut block[..now.len()];
            for (hash, &c) in hashes.iter_mut().zip(now) {
                let gram = mix(word ^ sketcher.seed, c);
                word = word >> 16 | u64::from(c) << 48;
                *hash = (gram >> 32) as u32;
                if gram >> (64 - KEPT_BITS) == 0 {
                    kept.push(gram);
                }
            }
            for ((mins, factors), summands) in mins
                .as_chunks_mut::<TILE>()
                .0
                .iter_mut()
                .zip(sketcher.factors.as_chunks::<TILE>().0)
                .zip(sketcher.summands.as_chunks::<TILE>().0)
            {
                let mut least = *mins;
                for &hash in &*hashes {
                    for n in 0..TILE {
                        least[n] = least[n].min(hash.wrapping_mul(factors[n]).wrapping_add(summands[n]));
                    }
                }
                *mins = least;
            }
            rest = later;
        }
    }
}

/// A hash of four characters and the one behind them.
#[inline(always)]
#[expect(clippy::inline_always, reason = "only inlined code is compiled for the chosen instructions")]
fn mix(four: u64, fifth: u16) -> u64 {
    let mut hash =
        (four ^ u64::from(fifth).wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    hash ^ hash >> 32
}

/// The key of band `n`: equal where its four rows are. The number goes in, so that the bands of
/// one text never meet one another.
pub(crate) fn band(mins: &Mins, n: usize) -> u64 {
    let rows = mins[n * ROWS..(n + 1) * ROWS].iter();
    let hash = rows.fold(0, |hash, &min| hash << 16 | u64::from(min));
    let hash = (hash ^ (n as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    hash ^ hash >> 29
}

/// Hashes of the grams of `key` in order, the same for every seed.
pub(crate) fn grams(key: &[u16]) -> impl Iterator<Item = u64> + '_ {
    let (first, rest) = key.split_at(key.len().min(GRAM - 1));
    let mut word = first.iter().fold(0_u64, |word, &c| word >> 16 | u64::from(c) << 48);
    rest.iter().map(move |&c| {
        let hash = mix(word, c);
        word = word >> 16 | u64::from(c) << 48;
        hash
    })
}

/// The Jaccard index by the share of equal k-mins; a standard deviation of 0.044 at J 0.5.
pub(crate) fn likeness(a: &Mins, b: &Mins) -> f32 {
    let equal: u32 = a.iter().zip(b).map(|(a, b)| u32::from(a == b)).sum();
    equal as f32 / MINS as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text without meaning in which no gram comes twice.
    fn letters(from: u32, n: u32) -> Vec<u16> {
        (from..from + n).map(|n| (0x4E00 + (n.wrapping_mul(2_654_435_761) >> 7) % 20_000) as u16).collect()
    }

    #[test]
    fn the_estimate_is_near_the_truth() {
        let mut kept = Vec::new();
        for (shared, own) in [(900, 100), (800, 200), (500, 500), (300, 700)] {
            let (mut sum, n_seeds) = (0.0, 40);
            for seed in 0..n_seeds {
                let sketcher = Sketcher::new(seed);
                let start = seed as u32 * 10_000;
                let a = letters(start, shared + own);
                let b = [letters(start, shared), letters(start + 5000, own)].concat();
                let [a, b] = [a, b].map(|key| sketcher.sketch(&key, &mut kept).unwrap());
                sum += likeness(&a, &b);
            }
            let truth = shared as f32 / (shared + 2 * own) as f32;
            let mean = sum / n_seeds as f32;
            // Three standard deviations of the mean.
            let slack = 3.0 * (truth * (1.0 - truth) / (MINS as f32 * n_seeds as f32)).sqrt() + 0.01;
            assert!((mean - truth).abs() < slack, "{mean} for {truth}");
        }
    }

    #[test]
    fn kept_hashes_of_a_part_are_kept_hashes_of_the_whole() {
        let sketcher = Sketcher::new(DEFAULT_SEED);
        let whole = letters(0, 6000);
        let (mut of_whole, mut of_part) = (Vec::new(), Vec::new());
        let mins = sketcher.sketch(&whole, &mut of_whole).unwrap();
        sketcher.sketch(&whole[2000..3000], &mut of_part).unwrap();
        assert!((10..60).contains(&of_part.len()), "{}", of_part.len());
        assert!(of_part.iter().all(|hash| of_whole.binary_search(hash).is_ok()));
        assert_eq!(mins, sketcher.sketch(&whole, &mut of_whole).unwrap());
        assert!((0..BANDS).map(|n| band(&mins, n)).collect::<std::collections::HashSet<_>>().len() == BANDS);
        assert_ne!(mins, Sketcher::new(1).sketch(&whole, &mut of_part).unwrap());
        assert!(sketcher.sketch(&whole[..MIN_CHARS - 1], &mut of_part).is_none());
    }
}

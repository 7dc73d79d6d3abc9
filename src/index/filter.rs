//! Which hashes a run does not have: a blocked Bloom filter (Putze, Sanders and Singler 2007), one
//! line of the cache for each hash. Lines follow the order of the hashes, so that sorted look-ups
//! walk through it.

use xxhash_rust::xxh3::xxh3_64;

/// Bytes of a line.
pub(super) const LINE: usize = 64;
/// Hashes of a line: twelve bits for each, of which six are set; six look-ups of a thousand are
/// answered with a yes in vain, and each of those is a read of the disk.
const PER_LINE: u64 = 42;
const PROBES: u32 = 6;
/// Bits of the hashes.
const BITS: u32 = 48;

/// How many lines a run of `n` postings has.
pub(super) fn n_lines(n: u64) -> u64 {
    n.div_ceil(PER_LINE).max(1)
}

/// The line of `hash` among `n`.
pub(super) fn line_of(hash: u64, n: u64) -> u64 {
    ((u128::from(hash) * u128::from(n)) >> BITS) as u64
}

/// The bits of `hash` in its line.
fn bits(hash: u64) -> impl Iterator<Item = usize> {
    let mixed = hash.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (0..PROBES).map(move |n| (mixed >> (10 + 9 * n)) as usize & (8 * LINE - 1))
}

/// Notes `hash` in its line.
pub(super) fn note(line: &mut [u8], hash: u64) {
    for bit in bits(hash) {
        line[bit / 8] |= 1 << (bit % 8);
    }
}

/// Whether `hash` may have been noted in its line.
pub(super) fn may_have(line: &[u8], hash: u64) -> bool {
    bits(hash).all(|bit| line[bit / 8] & 1 << (bit % 8) != 0)
}

/// The sum that a part of a run is checked by.
pub(super) fn sum(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_noted_is_denied_and_little_else_is_granted() {
        let n = 20_000_u64;
        let hash = |n: u64| n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - BITS);
        let lines = n_lines(n);
        let mut filter = vec![0; lines as usize * LINE];
        let line = |hash: u64| line_of(hash, lines) as usize * LINE;
        for hash in (0..n).map(hash) {
            let at = line(hash);
            note(&mut filter[at..at + LINE], hash);
        }
        let granted = |from: u64, to: u64| {
            (from..to).map(hash).filter(|&hash| may_have(&filter[line(hash)..][..LINE], hash)).count()
        };
        assert_eq!(granted(0, n), n as usize);
        assert!(granted(n, 2 * n) < n as usize / 100, "{}", granted(n, 2 * n));
        assert_eq!(line_of((1 << BITS) - 1, lines), lines - 1);
    }
}

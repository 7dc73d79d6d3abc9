//! Finds the few places of a text that a step looks at.
//!
//! Nineteen characters of twenty mean nothing to any step, and what it seeks shares its first bytes
//! with every comma. A sieve is a test of a few neighbouring bytes, free of branches, that the
//! compiler turns into vector instructions: it is asked about 64 places in one go, and costs 0.05 ns
//! a byte where it asks for one character, 0.25 ns where it asks for ten.

use pulp::{Arch, Simd, WithSimd};

/// Places that are asked about in one go: one bit each in a mask.
const BLOCK: usize = 64;
/// Blocks that are asked about in one call, which is what the choice of instructions costs.
const BLOCKS: usize = 16;
/// The bytes of a block, and those that its last place sees.
const WINDOW: usize = BLOCK + 3;

/// The offsets of `text` at which `sieve` says yes, in reading order. A sieve sees the byte at a place
/// and three behind it: a Chinese character and what follows; beyond the end of the text there are
/// zeros. (Four arguments, for of an array the compiler makes one wide number.) Written with `|` and `&`, not
/// `||` and `&&`, it runs at vector speed. It may let too much through; one that asks for ASCII or
/// for lead bytes never says yes inside a character.
pub(crate) fn sift<S: Fn(u8, u8, u8, u8) -> bool>(text: &str, sieve: S) -> Sift<'_, S> {
    Sift {
        bytes: text.as_bytes(),
        sieve,
        arch: Arch::new(),
        base: 0,
        next: 0,
        masks: [0; BLOCKS],
        at: 0,
        read: 0,
    }
}

/// The ends of the lines of `text`, the last one where the text ends. Lines of bulletins are short,
/// and a search for each would take longer to begin than to end.
pub(crate) fn line_ends(text: &str) -> impl Iterator<Item = usize> {
    sift(text, |a, _, _, _| a == b'\n').chain(std::iter::once(text.len()))
}

/// The iterator behind [`sift`].
#[derive(Debug)]
pub(crate) struct Sift<'a, S> {
    bytes: &'a [u8],
    sieve: S,
    /// The vectors that this machine has.
    arch: Arch,
    /// Where the first block of `masks` begins, and where the next one will.
    base: usize,
    next: usize,
    /// The places of each block that were not told yet.
    masks: [u64; BLOCKS],
    /// The block that is being told, of those that were read.
    at: usize,
    read: usize,
}

impl<S: Fn(u8, u8, u8, u8) -> bool> Iterator for Sift<'_, S> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        loop {
            while self.at < self.read {
                let mask = &mut self.masks[self.at];
                if *mask != 0 {
                    let place = self.base + self.at * BLOCK + mask.trailing_zeros() as usize;
                    *mask &= *mask - 1;
                    return Some(place);
                }
                self.at += 1;
            }
            if !self.read_on() {
                return None;
            }
        }
    }

    #[inline]
    fn fold<B, F: FnMut(B, usize) -> B>(mut self, init: B, mut with: F) -> B {
        let mut all = init;
        loop {
            for n in self.at..self.read {
                let mut mask = self.masks[n];
                while mask != 0 {
                    all = with(all, self.base + n * BLOCK + mask.trailing_zeros() as usize);
                    mask &= mask - 1;
                }
            }
            if !self.read_on() {
                return all;
            }
        }
    }

    fn count(mut self) -> usize {
        let mut n = 0;
        loop {
            n += self.masks[self.at..self.read].iter().map(|mask| mask.count_ones() as usize).sum::<usize>();
            if !self.read_on() {
                return n;
            }
        }
    }
}

impl<S: Fn(u8, u8, u8, u8) -> bool> Sift<'_, S> {
    /// Reads the next blocks; false at the end of the text.
    fn read_on(&mut self) -> bool {
        let rest = &self.bytes[self.next..];
        if rest.is_empty() {
            return false;
        }
        (self.base, self.at) = (self.next, 0);
        if rest.len() < WINDOW {
            let mut window = [0; WINDOW];
            window[..rest.len()].copy_from_slice(rest);
            self.masks[0] = AnyMachine.bits(ask(&self.sieve, &window));
            if rest.len() < BLOCK {
                self.masks[0] &= (1 << rest.len()) - 1;
            }
            self.read = 1;
            self.next += rest.len().min(BLOCK);
        } else {
            self.read = BLOCKS.min((rest.len() - (WINDOW - BLOCK)) / BLOCK);
            self.next += self.read * BLOCK;
            let blocks = Blocks { sieve: &self.sieve, bytes: rest, masks: &mut self.masks[..self.read] };
            match self.arch {
                #[cfg(target_arch = "x86_64")]
                Arch::V3(simd) => simd.vectorize(OnV3(simd, blocks)),
                #[cfg(target_arch = "x86_64")]
                Arch::V4(simd) => simd.vectorize(OnV3(*simd, blocks)),
                arch => arch.dispatch(blocks),
            }
        }
        true
    }
}

/// Asks about some blocks. A type of its own, because only what is inlined into `with_simd` is
/// compiled for the instructions that `pulp` found.
struct Blocks<'a, S> {
    sieve: &'a S,
    bytes: &'a [u8],
    masks: &'a mut [u64],
}

impl<S: Fn(u8, u8, u8, u8) -> bool> Blocks<'_, S> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "only inlined code is compiled for the chosen instructions")]
    fn read(self, gather: &impl Gather) {
        for (n, mask) in self.masks.iter_mut().enumerate() {
            let Some(window) = self.bytes[n * BLOCK..].first_chunk() else { break };
            *mask = gather.bits(ask(self.sieve, window));
        }
    }
}

impl<S: Fn(u8, u8, u8, u8) -> bool> WithSimd for Blocks<'_, S> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "only inlined code is compiled for the chosen instructions")]
    fn with_simd<V: Simd>(self, _: V) {
        self.read(&AnyMachine);
    }
}

/// The same with the one instruction of this family that gathers the bits of 32 bytes.
#[cfg(target_arch = "x86_64")]
struct OnV3<'a, S>(pulp::x86::V3, Blocks<'a, S>);

#[cfg(target_arch = "x86_64")]
impl<S: Fn(u8, u8, u8, u8) -> bool> pulp::NullaryFnOnce for OnV3<'_, S> {
    type Output = ();

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "only inlined code is compiled for the chosen instructions")]
    fn call(self) {
        self.1.read(&self.0);
    }
}

/// FF for each place of `window` at which `sieve` says yes, and 0 for the others.
#[inline(always)]
#[expect(clippy::inline_always, reason = "only inlined code is compiled for the chosen instructions")]
fn ask(sieve: &impl Fn(u8, u8, u8, u8) -> bool, window: &[u8; WINDOW]) -> [u8; BLOCK] {
    let mut told = [0_u8; BLOCK];
    for (i, told) in told.iter_mut().enumerate() {
        *told = 0_u8.wrapping_sub(u8::from(sieve(window[i], window[i + 1], window[i + 2], window[i + 3])));
    }
    told
}

/// How a machine gathers one bit of each byte.
pub(crate) trait Gather {
    /// A bit for each byte of `told`, which is FF or 0.
    fn bits(&self, told: [u8; BLOCK]) -> u64;
}

/// A machine of any kind.
pub(crate) struct AnyMachine;

impl Gather for AnyMachine {
    #[inline(always)]
    fn bits(&self, told: [u8; BLOCK]) -> u64 {
        /// The lowest bit of each byte.
        const LOWEST: u64 = 0x0101_0101_0101_0101;
        /// Gathers these in the highest byte.
        const GATHER: u64 = 0x0102_0408_1020_4080;
        let words = told.as_chunks::<8>().0;
        if words.iter().fold(0, |all, word| all | u64::from_le_bytes(*word)) == 0 {
            return 0;
        }
        let bits = |word: &[u8; 8]| (u64::from_le_bytes(*word) & LOWEST).wrapping_mul(GATHER) >> 56;
        words.iter().rev().fold(0, |mask, word| mask << 8 | bits(word))
    }
}

#[cfg(target_arch = "x86_64")]
impl Gather for pulp::x86::V3 {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "only inlined code is compiled for the chosen instructions")]
    fn bits(&self, told: [u8; BLOCK]) -> u64 {
        let [low, high]: [[u8; BLOCK / 2]; 2] = pulp::cast(told);
        let low = self.avx2._mm256_movemask_epi8(pulp::cast(low)).cast_unsigned();
        let high = self.avx2._mm256_movemask_epi8(pulp::cast(high)).cast_unsigned();
        u64::from(low) | u64::from(high) << (BLOCK / 2)
    }
}

/// The first byte of a character of the unified Han block, or of the few others from U+4000 to
/// U+9FFF. No branch, so that it may stand in a sieve.
#[inline]
pub(crate) const fn is_han_lead(b: u8) -> bool {
    b.wrapping_sub(0xE4) < 6
}

/// The characters of `ranges` that `sieve` does not let through, for tests.
#[cfg(test)]
pub(crate) fn missed(
    sieve: impl Fn(u8, u8, u8, u8) -> bool,
    ranges: impl IntoIterator<Item = std::ops::RangeInclusive<char>>,
) -> Vec<char> {
    let through = |c: &char| {
        let mut bytes = [0; 4];
        c.encode_utf8(&mut bytes);
        sieve(bytes[0], bytes[1], bytes[2], bytes[3])
    };
    ranges.into_iter().flatten().filter(|c| !through(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_at_any_offset_and_length() {
        let sieve =
            |a, b, c, d| (a == b'-') & (b == b'-') | (a == 0xE3) & (c == 0x82) & (d == 0xE3) | (a == 0);
        let mut text = String::new();
        let mut seed = 1_u64;
        for _ in 0..600 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(["甲", "。", "-", "。。", "、", "é", "\0", "😀"][(seed >> 61) as usize]);
            let bytes = text.as_bytes();
            let at = |i: usize| bytes.get(i).copied().unwrap_or(0);
            let says = |&i: &usize| sieve(at(i), at(i + 1), at(i + 2), at(i + 3));
            let naive: Vec<usize> = (0..bytes.len()).filter(says).collect();
            assert_eq!(sift(&text, sieve).collect::<Vec<_>>(), naive, "{text}");
        }
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert_eq!(sift("", |_, _, _, _| true).next(), None);
    }

    #[test]
    fn a_sieve_with_a_hole_is_told_of() {
        assert_eq!(missed(|a, _, c, _| (a == 0xE2) & (c != 0x86), ['★'..='☇', '☉'..='☊']), ['☆']);
    }
}

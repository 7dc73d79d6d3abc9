//! Finds blocks of a key that occur twice. A document without any pays for one hash a character
//! and a small table; only where enough of the sampled hashes recur are texts compared.

use crate::repeats::likeness::{numbers_differ, resemble, values_differ};
use crate::text::key::Key;

/// Characters of one gram. Twelve in a row agree by chance in formulas only.
pub(super) const GRAM: usize = 12;
/// One gram of eight is sampled: a block of 100 characters holds eleven on average.
const SAMPLE_BITS: u32 = 3;
/// A gram that occurs more often marks no copy, but a refrain, a form or periodic text. It also
/// keeps the number of pairs linear.
const MAX_SAME: u32 = 8;
/// The shortest block that must go had 110 characters, the longest repeat in a sound document 122
/// (and then under [`MIN_SHARE`]).
pub(super) const MIN_BLOCK: usize = 100;
/// A repeat is one part of this many of what stays, or more: 20 %. No repeat in a sound document
/// came above 6.5 %, the shortest that must go had 33 %.
pub(super) const MIN_SHARE: usize = 5;
/// Characters that may differ at one place while a block goes on: a typing error.
const MAX_SLIP: usize = 3;
/// Two blocks are one if no more than this lies between them on either side, and resembles.
const MAX_BRIDGE: usize = 128;
/// Formulas are full of pairs like two blocks; one of the two has to be longer than they are.
const MIN_TO_BRIDGE: usize = 32;
/// Neighbours looked at for such a bridge.
const LOOK_BACK: usize = 16;

/// `len` characters that are equal at `a` and at `b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) len: usize,
}

/// The same content at two places of a key: equal runs, and slips between them.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    pub(super) runs: Vec<Run>,
    /// How often the content occurs in the document; the median over its sampled grams.
    pub(super) times: u32,
    /// Characters of neighbouring blocks that continue this one behind a value that differs.
    varies: usize,
}

impl Block {
    /// Where the first copy lies.
    pub(super) fn a(&self) -> (usize, usize) {
        (self.runs.first().map_or(0, |r| r.a), self.runs.last().map_or(0, |r| r.a + r.len))
    }

    /// Where the second copy lies.
    pub(super) fn b(&self) -> (usize, usize) {
        (self.runs.first().map_or(0, |r| r.b), self.runs.last().map_or(0, |r| r.b + r.len))
    }

    /// Equal characters.
    pub(super) fn equal(&self) -> usize {
        self.runs.iter().map(|r| r.len).sum()
    }

    /// Where position `a` of the first copy lies in the second.
    pub(super) fn to_b(&self, a: usize) -> usize {
        let next = self.runs.partition_point(|r| r.a + r.len < a);
        self.runs.get(next).map_or(self.b().1, |r| r.b + a.saturating_sub(r.a))
    }

    /// The part of the block whose first copy lies in `from..to`.
    pub(super) fn clip(&self, from: usize, to: usize) -> Self {
        let clipped = self.runs.iter().filter_map(|r| {
            let (start, end) = (r.a.max(from), (r.a + r.len).min(to));
            (start < end).then(|| Run { a: start, b: r.b + (start - r.a), len: end - start })
        });
        Self { runs: clipped.collect(), times: self.times, varies: self.varies }
    }
}

/// Buffers of the search, used again from one document to the next.
#[derive(Debug, Default)]
pub(super) struct Finder {
    samples: Vec<(u32, u32)>,
    /// Open addressing: print and number (plus one) of the sample that came last.
    table: Vec<(u32, u32)>,
    /// For each sample, the number (plus one) of the one before with the same print.
    before: Vec<u32>,
    /// For each sample, how many with the same print came up to it.
    count: Vec<u32>,
    /// Samples that had one with the same print before them.
    again: usize,
}

/// Characters between two looks at the room for samples.
const CHUNK: usize = 4096;
/// Where more than one gram of this many is sampled, the text is one gram over and over.
const MAX_SAMPLED: usize = 4;
/// Samples above this many are given back after the document: 2 MB.
const KEEP_SAMPLES: usize = 1 << 17;

impl Finder {
    /// Whether enough of `chars` occurs twice for a block to be worth looking for.
    pub(super) fn suspects(&mut self, chars: &[u32]) -> bool {
        if chars.len() < 2 * MIN_BLOCK {
            return false;
        }
        self.sample(chars);
        if self.before.is_empty() {
            self.again = 0;
            return true;
        }
        self.again = self.fill_table();
        // A block has a sixth of the document at least, so a forty-eighth of its characters are
        // samples that recur; half of that leaves room for slips and for chance.
        self.again >= 3.max(chars.len() / 96)
    }

    /// Whether the document, of `len` characters, may be one text four times or more and nothing else:
    /// then every sample behind the first of them came before.
    pub(super) fn suspects_all(&self, len: usize) -> bool {
        let samples = &self.samples[..self.before.len()];
        let first = samples.partition_point(|sample| sample.0 as usize <= len / 4);
        self.again >= samples.len() - first
    }

    /// Chooses the grams whose hash ends in zeros. The hash turns with each character, so two
    /// steps of the chain cost two cycles; the multiplications are off the chain.
    fn sample(&mut self, chars: &[u32]) {
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        const MIX: u64 = 0xD6E8_FEB8_6659_FD93;
        let word = |c: u32| u64::from(c).wrapping_mul(SPREAD);
        if self.samples.len() > KEEP_SAMPLES && chars.len() < KEEP_SAMPLES {
            *self = Self::default();
        }
        let mut hash = 0_u64;
        for &c in &chars[..GRAM - 1] {
            hash = hash.rotate_left(5) ^ word(c);
        }
        let (mut n, mut at) = (0, 0);
        for new in chars[GRAM - 1..].chunks(CHUNK) {
            if self.samples.len() < n + CHUNK + 1 {
                self.samples.resize(n + CHUNK + 1, (0, 0));
            }
            let samples = &mut self.samples[n..=n + CHUNK];
            let mut m = 0;
            for (&new, &old) in new.iter().zip(&chars[at..]) {
                hash = hash.rotate_left(5) ^ word(new);
                let mixed = hash.wrapping_mul(MIX);
                // Written always, kept where the hash says so: a branch would be guessed wrong
                // once in eight characters.
                samples[m] = (at as u32, (mixed >> 24) as u32);
                m += usize::from(mixed >> (64 - SAMPLE_BITS) == 0);
                hash ^= word(old).rotate_left(5 * (GRAM as u32 - 1));
                at += 1;
            }
            n += m;
        }
        self.before.clear();
        self.count.clear();
        // One gram over and over: not a sample any more, and no block either.
        if n <= chars.len() / MAX_SAMPLED + CHUNK {
            self.before.resize(n, 0);
            self.count.resize(n, 1);
        }
    }

    /// Chains equal samples; the answer is how many had one before.
    fn fill_table(&mut self) -> usize {
        let n = self.before.len();
        let size = (2 * n).next_power_of_two().max(16);
        let mask = size - 1;
        self.table.clear();
        self.table.resize(size, (0, 0));
        let mut again = 0;
        for (number, &(_, print)) in self.samples[..n].iter().enumerate() {
            let mut slot = print as usize & mask;
            loop {
                let (there, last) = self.table[slot];
                if last == 0 {
                    break;
                }
                if there == print {
                    let last_number = last as usize - 1;
                    self.before[number] = last;
                    self.count[number] = self.count[last_number] + 1;
                    again += 1;
                    break;
                }
                slot = (slot + 1) & mask;
            }
            self.table[slot] = (print, number as u32 + 1);
        }
        again
    }

    /// The blocks that occur twice, after [`Finder::suspects`] said yes. In order of their second
    /// copy; none is shorter than [`MIN_BLOCK`].
    pub(super) fn blocks(&mut self, text: &str, key: &Key) -> Vec<Block> {
        let n = self.before.len();
        // The count of the last sample of a chain holds for all of it.
        for number in (0..n).rev() {
            if let Some(earlier) = (self.before[number] as usize).checked_sub(1) {
                self.count[earlier] = self.count[number];
            }
        }
        let chars = key.chars();
        // How far the second copy of each diagonal is known.
        let mut reach = vec![0_u32; chars.len() + 1];
        let mut blocks = Vec::new();
        for number in 0..n {
            if self.count[number] > MAX_SAME {
                continue;
            }
            let b = self.samples[number].0 as usize;
            let mut earlier = self.before[number] as usize;
            while earlier > 0 {
                let a = self.samples[earlier - 1].0 as usize;
                earlier = self.before[earlier - 1] as usize;
                if b >= reach[b - a] as usize && chars[a..a + GRAM] == chars[b..b + GRAM] {
                    blocks.push(grow(chars, a, b, &mut reach));
                }
            }
        }
        // All together they do not come to one repeat: nothing to join, nothing to judge.
        if blocks.iter().map(Block::equal).sum::<usize>() < MIN_BLOCK {
            return Vec::new();
        }
        blocks.sort_by_key(|block| (block.b().0, block.a().0));
        let mut blocks = bridge(chars, blocks);
        blocks.retain(|block| block.equal() >= MIN_BLOCK && block.varies * 10 < block.equal());
        blocks.retain(|block| !values_differ(text, key, block));
        for block in &mut blocks {
            block.times = self.times(block.b());
        }
        blocks
    }

    /// The median count of the samples from key position `from` to `to`.
    pub(super) fn times(&self, (from, to): (usize, usize)) -> u32 {
        let samples = &self.samples[..self.before.len()];
        let first = samples.partition_point(|s| (s.0 as usize) < from);
        let last = samples.partition_point(|s| (s.0 as usize) + GRAM <= to).max(first);
        let mut counts = self.count[first..last].to_vec();
        counts.sort_unstable();
        counts.get(counts.len() / 2).copied().unwrap_or(0)
    }
}

/// Extends a gram that is equal at `a` and `b` both ways, over slips behind which a whole gram
/// agrees again, never over a number that differs.
#[allow(clippy::many_single_char_names, reason = "places in the first and the second copy")]
fn grow(chars: &[u32], a: usize, b: usize, reach: &mut [u32]) -> Block {
    let mut left = Vec::new();
    let (mut x, mut y) = (a, b);
    loop {
        let known = reach[y - x] as usize;
        let most = x.min(y.saturating_sub(known));
        let len = common_end(&chars[x - most..x], &chars[y - most..y]);
        (x, y) = (x - len, y - len);
        left.push(Run { a: x, b: y, len });
        let slip = slips().find(|&(p, q)| {
            x >= p + GRAM && y >= q + GRAM && {
                let (u, v) = (x - p, y - q);
                u < v
                    && reach[v - u] as usize <= v - GRAM
                    && chars[u - GRAM..u] == chars[v - GRAM..v]
                    && !numbers_differ(&chars[u..x], &chars[v..y])
            }
        });
        let Some((p, q)) = slip else { break };
        (x, y) = (x - p, y - q);
    }
    let mut runs: Vec<Run> = left.into_iter().rev().filter(|r| r.len > 0).collect();
    let (mut x, mut y) = (a, b);
    loop {
        let len = common_start(&chars[x..], &chars[y..]);
        reach[y - x] = reach[y - x].max((y + len) as u32);
        match runs.last_mut() {
            Some(run) if run.a + run.len == x && run.b + run.len == y => run.len += len,
            _ => runs.push(Run { a: x, b: y, len }),
        }
        (x, y) = (x + len, y + len);
        let slip = slips().find(|&(p, q)| {
            let (u, v) = (x + p, y + q);
            u < v
                && v + GRAM <= chars.len()
                && chars[u..u + GRAM] == chars[v..v + GRAM]
                && !numbers_differ(&chars[x..u], &chars[y..v])
        });
        let Some((p, q)) = slip else { break };
        (x, y) = (x + p, y + q);
        if (y as u32) < reach[y - x] {
            break;
        }
    }
    Block { runs, times: 0, varies: 0 }
}

/// Characters that are compared in one go.
const STEP: usize = 8;

/// How many characters `x` and `y` begin with alike.
fn common_start(x: &[u32], y: &[u32]) -> usize {
    let steps = x.as_chunks::<STEP>().0.iter().zip(y.as_chunks::<STEP>().0);
    let known = steps.take_while(|(p, q)| p == q).count() * STEP;
    known + x[known..].iter().zip(&y[known..]).take_while(|(p, q)| p == q).count()
}

/// How many characters `x` and `y` end with alike.
fn common_end(x: &[u32], y: &[u32]) -> usize {
    let steps = x.as_rchunks::<STEP>().1.iter().rev().zip(y.as_rchunks::<STEP>().1.iter().rev());
    let known = steps.take_while(|(p, q)| p == q).count() * STEP;
    let (x, y) = (x[..x.len() - known].iter().rev(), y[..y.len() - known].iter().rev());
    known + x.zip(y).take_while(|(p, q)| p == q).count()
}

/// Pairs of gaps, the likeliest first: one character for another, then one left out.
fn slips() -> impl Iterator<Item = (usize, usize)> {
    const ORDER: [(usize, usize); 15] = [
        (1, 1),
        (0, 1),
        (1, 0),
        (2, 2),
        (0, 2),
        (2, 0),
        (1, 2),
        (2, 1),
        (3, 3),
        (0, 3),
        (3, 0),
        (1, 3),
        (3, 1),
        (2, 3),
        (3, 2),
    ];
    const { assert!(ORDER.len() == (MAX_SLIP + 1) * (MAX_SLIP + 1) - 1) };
    ORDER.into_iter()
}

/// Joins blocks that continue each other: what lies between resembles, and no number differs.
/// Where one does, both are told how much of the other it sets apart.
fn bridge(chars: &[u32], blocks: Vec<Block>) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::with_capacity(blocks.len());
    // Blocks that may still be continued; `blocks` come in order of their second copy.
    let mut open: Vec<usize> = Vec::new();
    for mut block in blocks {
        let (a, b) = (block.a().0, block.b().0);
        open.retain(|&at| joined[at].b().1 + MAX_BRIDGE >= b);
        let mut home: Option<(usize, usize, usize)> = None;
        for &at in open.iter().rev().take(LOOK_BACK) {
            let ((_, a_end), (_, b_end)) = (joined[at].a(), joined[at].b());
            // Runs may overlap by what is equal by chance on both sides of an insertion.
            let over = a_end.saturating_sub(a).max(b_end.saturating_sub(b));
            if over >= GRAM || block.runs[0].len <= over {
                continue;
            }
            let (a, b) = (a + over, b + over);
            let (x, y) = (a - a_end, b - b_end);
            let shift = x.abs_diff(y);
            if x > MAX_BRIDGE || y > MAX_BRIDGE || shift > MAX_SLIP.max(x.min(y)) {
                continue;
            }
            let (one, other) = (joined[at].equal(), block.equal());
            if one.max(other) < MIN_TO_BRIDGE {
                continue;
            }
            let (x, y) = (&chars[a_end..a], &chars[b_end..b]);
            if numbers_differ(x, y) {
                joined[at].varies += other;
                block.varies += one;
            } else if home.is_none_or(|h| shift < h.0) && resemble(x, y) {
                home = Some((shift, at, over));
            }
        }
        let at = if let Some((_, at, over)) = home {
            let run = &mut block.runs[0];
            (run.a, run.b, run.len) = (run.a + over, run.b + over, run.len - over);
            joined[at].varies += block.varies;
            joined[at].runs.append(&mut block.runs);
            open.retain(|&other| other != at);
            at
        } else {
            joined.push(block);
            joined.len() - 1
        };
        open.push(at);
    }
    joined
}

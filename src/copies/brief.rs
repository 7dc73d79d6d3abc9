//! Brief sketches: four bits of each k-min (b-bit minwise hashing, Li and König 2010), and which runs
//! of digits a document has. They tell who is worth an alignment, and those of ten million documents
//! fit in memory, so that meeting by chance in a band costs no read of the disk.

use crate::copies::crew::Bench;
use crate::copies::gallery::Gallery;
use crate::copies::intake::Intake;
use crate::copies::nodes::Nodes;
use crate::copies::sketch::MIN_CHARS;
use crate::copies::sketch::MINS;
use crate::copies::sketch::Mins;
use crate::disk::Bytes;
use crate::error::Result;

/// Words of k-mins, sixteen in each.
const WORDS: usize = MINS / 16;
/// Bytes of one.
const SIZE: usize = WORDS * 8 + 16;
/// The last bit of each four.
const LAST: u64 = 0x1111_1111_1111_1111;
/// Bytes that are read together.
const BLOCK: usize = SIZE << 10;

/// Equal fours of two documents that are worth an alignment. Of the pairs that are copies, the least
/// alike (a text with a note, typed twice) have a Jaccard index of 0.35; at 0.2, of 128 fours 26 are
/// equal by J, and of the others one in sixteen by chance.
const MIN_EQUAL: u32 = 32;

/// Equal fours at a Jaccard index of about a half. Copies less alike than this are so by slips that
/// are strewn over the text, and share their figures all the same: notes that make up so much of
/// two texts leave less than three quarters of the shorter one equal.
const HALF_EQUAL: u32 = 64;
/// Digits in one run.
const RUN: usize = 3;
/// So many runs may be missing in the other one by a slip or two: each digit stands in three.
const MAX_MISSING: u32 = 6;

/// Four bits of each k-min, and a bit for each run of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Brief {
    fours: [u64; WORDS],
    runs: u128,
}

impl Brief {
    /// Bytes of one.
    pub(crate) const SIZE: usize = SIZE;
    /// Nothing, for a document without a sketch.
    pub(crate) const NONE: Self = Self { fours: [0; WORDS], runs: 0 };

    /// That of a document with these k-mins and digits.
    pub(crate) fn of(mins: &Mins, digits: &[u8]) -> Self {
        let mut brief = Self::NONE;
        for (word, mins) in brief.fours.iter_mut().zip(mins.as_chunks::<16>().0) {
            *word = mins.iter().fold(0, |word, &min| word << 4 | u64::from(min & 15));
        }
        for run in digits.windows(RUN) {
            let number = run.iter().fold(0_u32, |number, &digit| number << 8 | u32::from(digit));
            brief.runs |= 1 << (number.wrapping_mul(0x9E37_79B9) >> 25);
        }
        brief
    }

    /// Whether two documents that met are worth an alignment; some nanoseconds.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let n_equal = self.n_equal(other);
        n_equal >= HALF_EQUAL || n_equal >= MIN_EQUAL && self.shares_runs(other)
    }

    /// How many fours are equal.
    fn n_equal(&self, other: &Self) -> u32 {
        const EVEN: u64 = 0x0F0F_0F0F_0F0F_0F0F;
        let mut equal = 0_u64;
        for (a, b) in self.fours.iter().zip(&other.fours) {
            let differ = a ^ b;
            let differ = differ | differ >> 1;
            let differ = differ | differ >> 2;
            // Eight words: no lane of four bits runs over.
            equal += !differ & LAST;
        }
        let bytes = (equal & EVEN) + (equal >> 4 & EVEN);
        (bytes.wrapping_mul(0x0101_0101_0101_0101) >> 56) as u32
    }

    /// Whether one of them has nearly all runs of the other, or they share most.
    fn shares_runs(&self, other: &Self) -> bool {
        let missing = (self.runs & !other.runs).count_ones().min((other.runs & !self.runs).count_ones());
        missing <= MAX_MISSING || missing <= (self.runs & other.runs).count_ones()
    }

    /// Whether a document may lie in the other one, by its figures: slips and a cut end cost some.
    pub(crate) fn may_lie_in(&self, holder: &Self) -> bool {
        let missing = (self.runs & !holder.runs).count_ones();
        missing <= MAX_MISSING || 2 * missing <= self.runs.count_ones()
    }

    /// The bytes of which [`Brief::read`] makes it again.
    pub(crate) fn bytes(&self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        let (fours, runs) = bytes.split_at_mut(WORDS * 8);
        for (bytes, word) in fours.as_chunks_mut::<8>().0.iter_mut().zip(self.fours) {
            *bytes = word.to_le_bytes();
        }
        runs.copy_from_slice(&self.runs.to_le_bytes());
        bytes
    }

    /// From the bytes that [`Brief::bytes`] gave.
    pub(crate) fn read(bytes: &[u8; SIZE]) -> Self {
        let mut brief = Self::NONE;
        let (fours, runs) = bytes.split_at(WORDS * 8);
        for (word, bytes) in brief.fours.iter_mut().zip(fours.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        brief.runs = runs.as_array().map_or(0, |bytes| u128::from_le_bytes(*bytes));
        brief
    }
}

/// The brief sketches of all nodes.
#[derive(Debug)]
pub(crate) struct Briefs {
    /// By node; empty where they would not fit.
    held: Vec<Brief>,
    /// By document.
    spilled: Bytes,
}

impl Briefs {
    /// Those of `intake`, in memory if they take no more than `memory` bytes.
    pub(crate) fn load(intake: &mut Intake, nodes: &Nodes, memory: usize) -> Result<Self> {
        let spilled = std::mem::replace(&mut intake.briefs, Bytes::new(None)?);
        let mut briefs = Self { held: Vec::new(), spilled };
        if nodes.len().saturating_mul(SIZE) > memory {
            return Ok(briefs);
        }
        briefs.held = vec![Brief::NONE; nodes.len()];
        let mut block = vec![0; BLOCK];
        let all = nodes.n_docs() * SIZE;
        for start in (0..all).step_by(BLOCK) {
            let block = &mut block[..BLOCK.min(all - start)];
            briefs.spilled.read(start as u64, block)?;
            for (doc, bytes) in (start / SIZE..).zip(block.as_chunks::<SIZE>().0) {
                if let Some(node) = nodes.of_face(doc as u32) {
                    briefs.held[node as usize] = Brief::read(bytes);
                }
            }
        }
        Ok(briefs)
    }

    /// That of a node.
    pub(crate) fn of(&self, node: u32, nodes: &Nodes) -> Result<Brief> {
        if let Some(brief) = self.held.get(node as usize) {
            return Ok(*brief);
        }
        let mut bytes = [0; SIZE];
        self.spilled.read(u64::from(nodes.face(node)) * SIZE as u64, &mut bytes)?;
        Ok(Brief::read(&bytes))
    }
}

/// Who is worth an alignment with whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Likings<'a> {
    pub(crate) nodes: &'a Nodes,
    pub(crate) gallery: &'a Gallery,
    pub(crate) briefs: &'a Briefs,
}

impl Likings<'_> {
    fn are_like(&self, x: u32, y: u32) -> Result<bool> {
        let Self { nodes, briefs, .. } = self;
        let are_long = [x, y].iter().all(|&node| nodes.key_len[node as usize] as usize >= MIN_CHARS);
        Ok(are_long && briefs.of(x, nodes)?.is_like(&briefs.of(y, nodes)?))
    }

    /// Whether two nodes that met are worth an alignment. Close ones, which met by more than chance,
    /// are too if they say the same or are named the same.
    pub(crate) fn may_match(&self, x: u32, y: u32, is_close: bool, bench: &mut Bench) -> Result<bool> {
        if self.are_like(x, y)? {
            return Ok(true);
        }
        if !is_close {
            return Ok(false);
        }
        let Self { nodes, gallery, .. } = self;
        let own = gallery.head(nodes.face(x) as usize)?;
        Ok(own.is_namesake(bench.head(gallery, nodes.face(y))?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_fours_are_counted() {
        let mins: Mins = std::array::from_fn(|n| (n * 37) as u16);
        for n_other in 0..=MINS {
            let other: Mins = std::array::from_fn(|n| mins[n] ^ if n < n_other { 1 << (n % 4) } else { 16 });
            let (a, b) = (Brief::of(&mins, b"2024"), Brief::of(&other, b"2024"));
            assert_eq!(a.n_equal(&b) as usize, MINS - n_other);
            assert_eq!(a.is_like(&b), MINS - n_other >= MIN_EQUAL as usize, "{n_other}");
            assert_eq!(Brief::read(&b.bytes()), b);
        }
    }

    #[test]
    fn figures_tell_forms_from_copies() {
        for (ours, theirs, shares) in [
            ("20240506120033578961", "20240506120033578961", true),
            // A slip, a note with a date, a part of the text.
            ("20240506120033578961", "20240506120038578961", true),
            ("20240506120033578961", "2024050720240506120033578961", true),
            ("20240506120033578961", "120033578961", true),
            ("", "20240506120033578961", true),
            // Notes of two pages about a text with figures of its own.
            ("2024050612003357896120240506", "2019112312003357896120240506", true),
            ("20240506120033578961", "20151130498877120094", false),
        ] {
            let of = |digits: &str| Brief::of(&[0; _], digits.as_bytes());
            assert_eq!(of(ours).shares_runs(&of(theirs)), shares, "{ours} {theirs}");
            assert_eq!(of(theirs).shares_runs(&of(ours)), shares, "{theirs} {ours}");
        }
    }

    #[test]
    fn figures_tell_holders_from_others() {
        let of = |digits: &str| Brief::of(&[0; _], digits.as_bytes());
        let part = of("20240506120033578961");
        assert!(part.may_lie_in(&of("77120240506120033578961043")));
        assert!(part.may_lie_in(&of("77120240506120038578961043")));
        assert!(!part.may_lie_in(&of("20151130498877120094")));
    }
}

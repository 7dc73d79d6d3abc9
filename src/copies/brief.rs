//! Brief sketches: four bits of each k-min (b-bit minwise hashing, Li and König 2010), and which runs
//! of digits a document has. They tell who is worth an alignment, and those of ten million documents
//! fit in memory, so that meeting by chance in a band costs no read of the disk.

use crate::copies::crew::Bench;
use crate::copies::gallery::Gallery;
use crate::copies::intake::Intake;
use crate::copies::nodes::Nodes;
use crate::copies::portrait::Portrait;
use crate::copies::sketch::MIN_CHARS;
use crate::copies::sketch::MINS;
use crate::copies::sketch::Mins;
use crate::copies::verdict::Match;
use crate::copies::verdict::ONE_LENGTH;
use crate::copies::verdict::by_likeness;
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
/// alike (a text with a note, typed twice) have a Jaccard index of 0.35: of 128 fours 45 are equal by J,
/// of the others one in sixteen by chance, and this is two and a half deviations fewer. Of the pairs
/// that meet by chance and are strangers, half have 32 to 35.
const MIN_EQUAL: u32 = 36;

/// Equal fours at a Jaccard index of about a half. Copies less alike than this are so by slips that
/// are strewn over the text, and share their figures all the same: notes that make up so much of
/// two texts leave less than three quarters of the shorter one equal.
const HALF_EQUAL: u32 = 64;
/// Digits in one run.
const RUN: usize = 3;
/// Where two texts are of one length, so many runs of either are missing in the other one only by three
/// digits in a row and more.
const OTHER_RUNS: u32 = 5;
/// Bits for runs.
const RUN_BITS: u32 = u128::BITS;
/// A document with fewer runs says too little about its figures; where more bits are taken, chance does.
const TELLING_RUNS: std::ops::RangeInclusive<u32> = 12..=80;
/// So many runs may be missing in the other one by a slip or two: each digit stands in three.
const MAX_MISSING: u32 = 6;

/// Four bits of each k-min.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fours([u64; WORDS]);

impl Fours {
    /// How many are equal.
    #[inline]
    pub(crate) fn n_equal(&self, other: &Self) -> u32 {
        const EVEN: u64 = 0x0F0F_0F0F_0F0F_0F0F;
        let mut equal = 0_u64;
        for (a, b) in self.0.iter().zip(&other.0) {
            let differ = a ^ b;
            let differ = differ | differ >> 1;
            let differ = differ | differ >> 2;
            // Eight words: no lane of four bits runs over.
            equal += !differ & LAST;
        }
        let bytes = (equal & EVEN) + (equal >> 4 & EVEN);
        (bytes.wrapping_mul(0x0101_0101_0101_0101) >> 56) as u32
    }

    /// What two documents of these lengths are that have other figures.
    fn look_alike(&self, other: &Self, lengths: [usize; 2]) -> Match {
        let by_chance = MINS as f32 / 16.0;
        let alike = (self.n_equal(other) as f32 - by_chance).max(0.0) / (MINS as f32 - by_chance);
        by_likeness(alike, lengths[0] + lengths[1])
    }
}

/// A bit for each run of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Runs(u128);

impl Runs {
    /// Those of either that are missing in the other one, at least so many.
    fn n_missing(self, other: Self) -> u32 {
        (self.0 & !other.0).count_ones().min((other.0 & !self.0).count_ones())
    }

    /// One of the two has nearly all of the other, or they share most.
    fn are_shared(self, other: Self) -> bool {
        let missing = self.n_missing(other);
        missing <= MAX_MISSING || missing <= (self.0 & other.0).count_ones()
    }

    /// Nowhere do the figures of the two agree: of the runs of the one that has fewer, not a quarter
    /// is found in the other but for those whose bits meet by chance.
    fn are_others(self, other: Self) -> bool {
        let (own, its) = (self.0.count_ones(), other.0.count_ones());
        let (fewer, more) = (own.min(its), own.max(its));
        let shared = (self.0 & other.0).count_ones();
        // Of n runs, n × more / RUN_BITS meet by chance.
        TELLING_RUNS.contains(&fewer)
            && TELLING_RUNS.contains(&more)
            && 4 * RUN_BITS * shared <= fewer * (4 * more + RUN_BITS - more)
    }

    /// Two documents of these lengths have other figures.
    fn are_apart(self, other: Self, lengths: [usize; 2]) -> bool {
        let are_of_one_length = lengths[0].abs_diff(lengths[1]) <= ONE_LENGTH;
        are_of_one_length && self.n_missing(other) >= OTHER_RUNS || self.are_others(other)
    }

    /// A document may lie in the other one, by its figures: slips and a cut end cost some.
    fn may_lie_in(self, holder: Self) -> bool {
        let missing = (self.0 & !holder.0).count_ones();
        missing <= MAX_MISSING || 2 * missing <= self.0.count_ones()
    }
}

/// What is brief about one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Brief {
    fours: Fours,
    runs: Runs,
}

impl Brief {
    /// Bytes of one.
    pub(crate) const SIZE: usize = SIZE;
    /// Nothing, for a document without a sketch.
    pub(crate) const NONE: Self = Self { fours: Fours([0; WORDS]), runs: Runs(0) };

    /// That of a document with these k-mins and digits.
    pub(crate) fn of(mins: &Mins, digits: &[u8]) -> Self {
        let mut brief = Self::NONE;
        for (word, mins) in brief.fours.0.iter_mut().zip(mins.as_chunks::<16>().0) {
            *word = mins.iter().fold(0, |word, &min| word << 4 | u64::from(min & 15));
        }
        for run in digits.windows(RUN) {
            let number = run.iter().fold(0_u32, |number, &digit| number << 8 | u32::from(digit));
            brief.runs.0 |= 1 << (number.wrapping_mul(0x9E37_79B9) >> 25);
        }
        brief
    }

    /// Whether two documents that met are worth an alignment; some nanoseconds.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let n_equal = self.fours.n_equal(&other.fours);
        n_equal >= HALF_EQUAL || n_equal >= MIN_EQUAL && self.runs.are_shared(other.runs)
    }

    /// Whether a document may lie in the other one, by its figures.
    pub(crate) fn may_lie_in(&self, holder: &Self) -> bool {
        self.runs.may_lie_in(holder.runs)
    }

    /// The bytes of which [`Brief::read`] makes it again.
    pub(crate) fn bytes(&self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        let (fours, runs) = bytes.split_at_mut(WORDS * 8);
        for (bytes, word) in fours.as_chunks_mut::<8>().0.iter_mut().zip(self.fours.0) {
            *bytes = word.to_le_bytes();
        }
        runs.copy_from_slice(&self.runs.0.to_le_bytes());
        bytes
    }

    /// From the bytes that [`Brief::bytes`] gave.
    pub(crate) fn read(bytes: &[u8; SIZE]) -> Self {
        let mut brief = Self::NONE;
        let (fours, runs) = bytes.split_at(WORDS * 8);
        for (word, bytes) in brief.fours.0.iter_mut().zip(fours.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        brief.runs.0 = runs.as_array().map_or(0, |bytes| u128::from_le_bytes(*bytes));
        brief
    }
}

/// What two documents with other figures are to one another, by their brief sketches: look-alikes at
/// most. That is what most pairs of one form come to, and it costs no alignment.
pub(crate) fn by_figures(a: &Portrait, b: &Portrait) -> Option<Match> {
    let brief = |portrait: &Portrait| portrait.mins.as_ref().map(|mins| Brief::of(mins, &portrait.digits));
    let carries = a.facts.carries_at.is_some() || b.facts.carries_at.is_some();
    let (own, its) = (brief(a).filter(|_| !carries)?, brief(b)?);
    let lengths = [a.key.len(), b.key.len()];
    own.runs.are_apart(its.runs, lengths).then(|| own.fours.look_alike(&its.fours, lengths))
}

/// So many fours are equal at least where two documents share so many grams: three standard deviations
/// below what is expected.
fn least_equal(n_grams: f32, lengths: [usize; 2]) -> u32 {
    let alike = n_grams / ((lengths[0] + lengths[1]) as f32 - n_grams).max(1.0);
    let n = MINS as f32;
    // One in sixteen of the others is equal by chance.
    let equal = alike + (1.0 - alike) / 16.0;
    let least = n * equal - 3.0 * (n * equal * (1.0 - equal)).sqrt();
    #[expect(clippy::cast_sign_loss, reason = "below zero is zero")]
    let least = least as u32;
    least
}

/// In one line of the cache: most pairs are told apart by these.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Line(Fours);

/// The brief sketches of all nodes.
#[derive(Debug)]
pub(crate) struct Briefs {
    /// By node; empty where they would not fit.
    fours: Vec<Line>,
    runs: Vec<Runs>,
    /// By document.
    spilled: Bytes,
}

impl Briefs {
    /// Those of `intake`, in memory if they take no more than `memory` bytes.
    pub(crate) fn load(intake: &mut Intake, nodes: &Nodes, memory: usize) -> Result<Self> {
        let spilled = std::mem::replace(&mut intake.briefs, Bytes::new(None)?);
        let mut briefs = Self { fours: Vec::new(), runs: Vec::new(), spilled };
        if nodes.len().saturating_mul(SIZE) > memory {
            return Ok(briefs);
        }
        briefs.fours = vec![Line(Brief::NONE.fours); nodes.len()];
        briefs.runs = vec![Brief::NONE.runs; nodes.len()];
        let mut block = vec![0; BLOCK];
        let all = nodes.n_docs() * SIZE;
        for start in (0..all).step_by(BLOCK) {
            let block = &mut block[..BLOCK.min(all - start)];
            briefs.spilled.read(start as u64, block)?;
            for (doc, bytes) in (start / SIZE..).zip(block.as_chunks::<SIZE>().0) {
                if let Some(node) = nodes.of_face(doc as u32) {
                    let brief = Brief::read(bytes);
                    briefs.fours[node as usize] = Line(brief.fours);
                    briefs.runs[node as usize] = brief.runs;
                }
            }
        }
        Ok(briefs)
    }

    #[inline]
    fn fours(&self, node: u32, nodes: &Nodes) -> Result<Fours> {
        match self.fours.get(node as usize) {
            Some(line) => Ok(line.0),
            None => Ok(self.spilled(node, nodes)?.fours),
        }
    }

    #[inline]
    fn runs(&self, node: u32, nodes: &Nodes) -> Result<Runs> {
        match self.runs.get(node as usize) {
            Some(runs) => Ok(*runs),
            None => Ok(self.spilled(node, nodes)?.runs),
        }
    }

    fn spilled(&self, node: u32, nodes: &Nodes) -> Result<Brief> {
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
    pub(crate) fn fours(&self, node: u32) -> Result<Fours> {
        self.briefs.fours(node, self.nodes)
    }

    fn runs(&self, node: u32) -> Result<Runs> {
        self.briefs.runs(node, self.nodes)
    }

    /// Whether two nodes with so many equal fours are worth an alignment.
    #[inline]
    pub(crate) fn is_enough(&self, n_equal: u32, x: u32, y: u32) -> Result<bool> {
        Ok(n_equal >= HALF_EQUAL || n_equal >= MIN_EQUAL && self.runs(x)?.are_shared(self.runs(y)?))
    }

    /// Whether two nodes are worth an alignment by their brief sketches.
    #[inline]
    pub(crate) fn are_like(&self, x: u32, y: u32) -> Result<bool> {
        let n_equal = self.fours(x)?.n_equal(&self.fours(y)?);
        // Few are so much alike: their lengths are asked last, for that is another look at memory.
        let are_long = || [x, y].iter().all(|&node| self.nodes.key_len[node as usize] as usize >= MIN_CHARS);
        Ok(self.is_enough(n_equal, x, y)? && are_long())
    }

    /// Whether so many grams of `node` may lie in `holder`, and its figures.
    pub(crate) fn may_lie_in(&self, node: u32, holder: u32, n_grams: f32) -> Result<bool> {
        let lengths = [node, holder].map(|node| self.nodes.key_len[node as usize] as usize);
        Ok(self.runs(node)?.may_lie_in(self.runs(holder)?)
            && self.fours(node)?.n_equal(&self.fours(holder)?) >= least_equal(n_grams, lengths))
    }

    /// As [`by_figures`], without a look at the portraits.
    pub(crate) fn by_figures(&self, x: u32, y: u32) -> Result<Option<Match>> {
        if self.nodes.may_carry[x as usize] || self.nodes.may_carry[y as usize] {
            return Ok(None);
        }
        let (own, its) = (self.runs(x)?, self.runs(y)?);
        let lengths = [x, y].map(|node| self.nodes.key_len[node as usize] as usize);
        let are_apart = own.are_apart(its, lengths);
        Ok(if are_apart { Some(self.fours(x)?.look_alike(&self.fours(y)?, lengths)) } else { None })
    }

    /// Whether the Jaccard index of two nodes may be a half and more, by their k-mins: those that
    /// are equal have equal fours.
    pub(crate) fn may_be_half_equal(&self, x: u32, y: u32) -> Result<bool> {
        Ok(self.fours(x)?.n_equal(&self.fours(y)?) >= HALF_EQUAL)
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
            assert_eq!(a.fours.n_equal(&b.fours) as usize, MINS - n_other);
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
            let of = |digits: &str| Brief::of(&[0; _], digits.as_bytes()).runs;
            assert_eq!(of(ours).are_shared(of(theirs)), shares, "{ours} {theirs}");
            assert_eq!(of(theirs).are_shared(of(ours)), shares, "{theirs} {ours}");
        }
    }

    #[test]
    fn other_figures_tell_look_alikes() {
        for (ours, theirs, differ) in [
            ("20240506120033578961", "20240506120033578961", false),
            ("20240506120033578961", "20151130498877120094", true),
            // The year is all that they share.
            ("2024050612003357", "2024113049887719", true),
            // A part of the text, and notes of two pages about it.
            ("20240506120033578961", "120033578961", false),
            ("2024050612003357896120240506", "2019112312003357896120240506", false),
            // Too few to tell, or all there are.
            ("20240506", "19951130", false),
            (&"20240506120033578961".repeat(2), &(0..999).map(|n| n.to_string()).collect::<String>(), false),
        ] {
            let of = |digits: &str| Brief::of(&[0; _], digits.as_bytes()).runs;
            assert_eq!(of(ours).are_others(of(theirs)), differ, "{ours} {theirs}");
            assert_eq!(of(theirs).are_others(of(ours)), differ, "{theirs} {ours}");
        }
    }

    #[test]
    fn a_part_of_so_much_has_so_many_equal_fours() {
        // Of 128, by hand: J 0.29 and 0.05 (by chance 1/16 of the rest), less three deviations.
        assert_eq!(least_equal(100.0, [200, 250]), 26);
        assert_eq!(least_equal(100.0, [200, 2_000]), 3);
        assert_eq!(least_equal(200.0, [200, 250]), 90);
        assert_eq!(least_equal(20.0, [40, 1_000_000]), 0);
    }

    #[test]
    fn figures_tell_holders_from_others() {
        let of = |digits: &str| Brief::of(&[0; _], digits.as_bytes()).runs;
        let part = of("20240506120033578961");
        assert!(part.may_lie_in(of("77120240506120033578961043")));
        assert!(part.may_lie_in(of("77120240506120038578961043")));
        assert!(!part.may_lie_in(of("20151130498877120094")));
    }
}

//! What two documents are to one another: copies, variants, part and whole, or strangers.
//!
//! The similarity of two texts does not tell: a bulletin of next year shares 99 grams of 100 with
//! this year's and is another document, a copy with typing errors shares half of them and is the
//! same. What tells is the kind of the places that differ: figures, names in the slots of a
//! template and whole sentences are content, scattered single characters and a note before or
//! behind the text are noise.

use crate::copies::align::Run;
use crate::copies::blocks::Block;
use crate::copies::blocks::BlockKind;
use crate::copies::blocks::Desk;
use crate::copies::blocks::measure;
use crate::copies::blocks::n_shared;
use crate::copies::portrait::Gap;
use crate::copies::portrait::Portrait;
use crate::copies::sketch::GRAM;
use crate::copies::sketch::likeness;

/// A copy holds so much of the shorter key …
const COPY_OF_SHORTER: f32 = 0.75;
/// … and so much of the longer one. A note as long as the text makes a document of its own.
pub(crate) const COPY_OF_LONGER: f32 = 0.55;
/// A part lies in its holder but for so little.
const PART_OF_SHORTER: f32 = 0.9;
/// A copy that holds this much of the other is contained in it, not near.
const WHOLE: f32 = 0.98;
/// Variants are linked where so much of the longer key is equal.
const VARIANT_OF_LONGER: f32 = 0.4;
/// One slot may be a slip. Of many differences, scattered noise falls together to a slot in one
/// case of twenty; in templates nearly all are slots.
const MAX_SLOT_SHARE: f32 = 0.15;
/// With so few differences in all a slot is the filling of a template: 王小明 for 李文, and elsewhere
/// one character of another name. Slips of typing fall so in one copy of ten that has two or three.
const FEW_BLOCKS: usize = 3;
/// So many characters replaced by as many others count as two slots: two fillings that touch, or
/// have nothing but chance between them.
const LONG_SLOT: usize = 3;
/// Noise hits a negation by chance, in one block of a hundred.
const MAX_NEGATION_SHARE: f32 = 0.25;
/// The same edit so often, and in so many of the places, is no slip but a change of name.
const MIN_SYSTEMATIC: usize = 10;
const SYSTEMATIC_SHARE: f32 = 0.5;

/// Characters by which the lengths of two texts of one form may differ.
pub(crate) const ONE_LENGTH: usize = 12;

/// How two documents stand to one another. Everything is named for the first and the second of
/// the pair as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Unrelated,
    Variant,
    /// Equal keys, no conflict of values.
    Same,
    Near,
    /// The shorter lies whole in the longer one.
    Contained,
    /// So does it here, but the longer one holds much else: no copy.
    Part,
}

impl Relation {
    pub(crate) const fn is_copy(self) -> bool {
        matches!(self, Self::Same | Self::Near | Self::Contained)
    }
}

/// A relation with what is needed of the pair later on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) relation: Relation,
    /// Characters that are equal in place.
    pub(crate) matched: u32,
    /// Grams that lie whole in equal runs: each difference costs some, however small it is.
    pub(crate) even: u32,
    /// From the first equal run to the last, in the longer of the two (the second where they are equal).
    pub(crate) span: (u32, u32),
    /// The first equal run, in the first and in the second.
    pub(crate) start: (u32, u32),
}

impl Match {
    pub(crate) const NONE: Self =
        Self { relation: Relation::Unrelated, matched: 0, even: 0, span: (0, 0), start: (0, 0) };
}

/// Compares two documents. The answer does not depend on which comes first but for rare ties of
/// alignment; callers give the pair in a fixed order. Linear in the lengths.
pub(crate) fn compare(a: &Portrait, b: &Portrait, desk: &mut Desk) -> Match {
    let found = compare_texts(a, b, desk);
    let is_variant = found.relation.is_copy() && a.facts.published_apart(&b.facts);
    Match { relation: if is_variant { Relation::Variant } else { found.relation }, ..found }
}

fn compare_texts(a: &Portrait, b: &Portrait, desk: &mut Desk) -> Match {
    if a.said == b.said {
        let conflict = has_conflict(a, b, Run { a: 0, b: 0, len: a.key.len() }, true);
        let relation = if conflict { Relation::Variant } else { Relation::Same };
        let n = a.key.len() as u32;
        return Match {
            relation,
            matched: n,
            even: n.saturating_sub(GRAM as u32 - 1),
            span: (0, n),
            start: (0, 0),
        };
    }
    // Texts too short for a sketch are compared as a whole.
    if a.mins.is_none() || b.mins.is_none() {
        return Match::NONE;
    }
    if figures_differ(a, b) {
        return by_sketch(a, b);
    }
    let found = measure(a, b, desk);
    if found.matched == 0 {
        return Match::NONE;
    }
    let (shorter, longer) = (a.key.len().min(b.key.len()) as f32, a.key.len().max(b.key.len()) as f32);
    let (of_shorter, of_longer) = (found.matched as f32 / shorter, found.matched as f32 / longer);
    // A document number names one document; another number is another document.
    let relation = if a.facts.numbers_differ(&b.facts) || is_variant(a, b, desk) {
        if of_longer >= VARIANT_OF_LONGER { Relation::Variant } else { Relation::Unrelated }
    } else if of_shorter >= COPY_OF_SHORTER && of_longer >= COPY_OF_LONGER {
        if of_shorter >= WHOLE && of_longer < WHOLE { Relation::Contained } else { Relation::Near }
    } else if of_shorter >= PART_OF_SHORTER {
        Relation::Part
    } else {
        Relation::Unrelated
    };
    Match { relation, ..found }
}

/// As [`compare`], for a pair of which only the relation is wanted: texts of one length with other
/// figures are variants without an alignment. That is what nearly all pairs of a template come to;
/// two copies can only look so by notes of one length, each with figures of its own.
pub(crate) fn compare_quickly(a: &Portrait, b: &Portrait, desk: &mut Desk) -> Match {
    /// Digits in a row that differ on both sides.
    const OTHER: usize = 3;
    let rest = || {
        let head = a.digits.iter().zip(&b.digits).take_while(|(x, y)| x == y).count();
        let (x, y) = (&a.digits[head..], &b.digits[head..]);
        let tail = x.iter().rev().zip(y.iter().rev()).take_while(|(x, y)| x == y).count();
        x.len().min(y.len()) - tail
    };
    let carries = a.facts.carries_at.is_some() || b.facts.carries_at.is_some();
    let have_sketches = a.mins.is_some() && b.mins.is_some();
    let is_long = a.key.len().abs_diff(b.key.len()) > ONE_LENGTH;
    if have_sketches && !carries && !is_long && a.said != b.said && rest() >= OTHER {
        return by_sketch(a, b);
    }
    compare(a, b, desk)
}

/// What two texts with other figures are, by their sketches.
fn by_sketch(a: &Portrait, b: &Portrait) -> Match {
    let alike = a.mins.as_ref().zip(b.mins.as_ref()).map_or(0.0, |(a, b)| likeness(a, b));
    by_likeness(alike, a.key.len() + b.key.len())
}

/// What two texts with other figures are that are so much alike, and have so many characters together.
pub(crate) fn by_likeness(alike: f32, n_chars: usize) -> Match {
    let relation = if alike >= VARIANT_OF_LONGER { Relation::Variant } else { Relation::Unrelated };
    // Not aligned: the grams in place are estimated, for the agreement of both.
    let even = alike / (1.0 + alike) * n_chars as f32;
    Match { relation, even: even as u32, ..Match::NONE }
}

/// Digits of a text below which it says too little about its figures.
const MIN_DIGITS: usize = 16;

/// Nowhere do the figures of the two agree: not a quarter of those of one is found in the other.
/// That is ten times cheaper than an alignment, and it is what most pairs of one template come to.
fn figures_differ(a: &Portrait, b: &Portrait) -> bool {
    let (fewer, more) = if a.digits.len() <= b.digits.len() { (a, b) } else { (b, a) };
    let n = fewer.digits.len();
    n >= MIN_DIGITS
        && fewer.digits.chunks(n.div_ceil(4)).all(|some| memchr::memmem::find(&more.digits, some).is_none())
}

/// Whether what differs is content.
fn is_variant(a: &Portrait, b: &Portrait, desk: &Desk) -> bool {
    let count = |kind| desk.blocks.iter().filter(|block| block.kind == kind).count();
    if count(BlockKind::Number) + count(BlockKind::Clause) > 0 {
        return true;
    }
    let (slots, negations) = (count(BlockKind::Slot), count(BlockKind::Negation));
    let inside = slots + negations + count(BlockKind::Noise);
    let is_long = |block: &&Block| {
        let (x, y) = (&a.key[block.a.0..block.a.1], &b.key[block.b.0..block.b.1]);
        block.kind == BlockKind::Slot && x.len().min(y.len()) >= LONG_SLOT + n_shared(x, y)
    };
    let fillings = slots + desk.blocks.iter().filter(is_long).count();
    if slots > 0 && inside <= FEW_BLOCKS || fillings as f32 > (MAX_SLOT_SHARE * inside as f32).max(1.0) {
        return true;
    }
    if inside >= MIN_SYSTEMATIC && is_systematic(a, b, desk, inside) {
        return true;
    }
    if negations > 0 && negations as f32 > MAX_NEGATION_SHARE * inside as f32 {
        return true;
    }
    desk.runs.iter().any(|&run| has_conflict(a, b, run, false))
}

/// Whether one and the same edit makes up most of the differences.
fn is_systematic(a: &Portrait, b: &Portrait, desk: &Desk, inside: usize) -> bool {
    let mut edits: Vec<(&[u16], &[u16])> = desk
        .blocks
        .iter()
        .filter(|block| !matches!(block.kind, BlockKind::Head | BlockKind::Tail))
        .map(|block| (&a.key[block.a.0..block.a.1], &b.key[block.b.0..block.b.1]))
        .collect();
    edits.sort_unstable();
    let most = edits.chunk_by(|x, y| x == y).map(<[_]>::len).max().unwrap_or(0);
    most >= MIN_SYSTEMATIC && most as f32 >= SYSTEMATIC_SHARE * inside as f32
}

/// Walks along an equal run: the value marks between two characters must be the same on both
/// sides. Against white space a mark is no conflict, for line wraps cut numbers.
fn has_conflict(a: &Portrait, b: &Portrait, run: Run, with_ends: bool) -> bool {
    // Before the first and behind the last character of a run the texts may differ anyway.
    let (from, to) = if with_ends { (0, run.len + 1) } else { (1, run.len) };
    if from >= to {
        return false;
    }
    let within = |gaps: &'_ [Gap], start: usize| {
        let low = gaps.partition_point(|gap| (gap.before as usize) < start + from);
        let high = gaps.partition_point(|gap| (gap.before as usize) < start + to);
        (low, high)
    };
    let ((mut in_a, end_a), (mut in_b, end_b)) = (within(&a.gaps, run.a), within(&b.gaps, run.b));
    let no_gap = |before: u32| Gap { before, marks: 0, has_space: false };
    while in_a < end_a || in_b < end_b {
        let at_a = a.gaps[..end_a].get(in_a).map_or(usize::MAX, |gap| gap.before as usize - run.a);
        let at_b = b.gaps[..end_b].get(in_b).map_or(usize::MAX, |gap| gap.before as usize - run.b);
        let left = if at_a <= at_b { a.gaps[in_a] } else { no_gap(0) };
        let right = if at_b <= at_a { b.gaps[in_b] } else { no_gap(0) };
        in_a += usize::from(at_a <= at_b);
        in_b += usize::from(at_b <= at_a);
        let excused = left.marks == 0 && left.has_space || right.marks == 0 && right.has_space;
        if left.marks != right.marks && !excused {
            return true;
        }
    }
    false
}

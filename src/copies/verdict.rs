//! What two documents are to one another: copies, variants, part and whole, or strangers.
//!
//! The similarity of two texts does not tell: a bulletin of next year shares 99 grams of 100 with
//! this year's and is another document, a copy with typing errors shares half of them and is the
//! same. What tells is the kind of the places that differ: figures, names in the slots of a
//! template and whole sentences are content, scattered single characters and a note before or
//! behind the text are noise.

use crate::copies::align::Aligner;
use crate::copies::align::Run;
use crate::copies::portrait::Gap;
use crate::copies::portrait::Portrait;
use crate::copies::portrait::is_digit;
use crate::copies::sketch::GRAM;
use crate::copies::sketch::likeness;
use crate::text::chars::is_han_numeral;

/// Equal runs at least this long hold two texts together; what lies outside the first and the
/// last of them is head and tail. Unrelated official texts share runs of 12 in formulas.
const ANCHOR: usize = 16;
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
/// A figure in one copy only is content in so short a block; in a longer one it belongs to a
/// passage that one copy left out, a table for example.
const SHORT_NUMBER: usize = 8;
/// Heads and tails up to this length are titles and dates; longer ones are notes of the site.
const SHORT_EDGE: usize = 40;
/// One slot may be a slip. Of many differences, scattered noise falls together to a slot in one
/// case of twenty; in templates nearly all are slots.
const MAX_SLOT_SHARE: f32 = 0.15;
/// So many characters replaced by as many others count as two slots: two fillings that touch, or
/// have nothing but chance between them.
const LONG_SLOT: usize = 4;
/// Noise hits a negation by chance, in one block of a hundred.
const MAX_NEGATION_SHARE: f32 = 0.25;
/// A passage with the heading of an article, longer than this and in one text only, is an amendment.
const LONG_PASSAGE: usize = 20;
/// An anchor at either end that is one part of this many of the gap before it does not belong to
/// the text: a formula that a note happens to share.
const STRAY: usize = 8;
/// Edges of which so much is alike belong to the text, though no anchor holds them: tables, or
/// titles full of figures.
const EDGE_ALIKE: f32 = 0.5;
/// The same edit so often, and in so many of the places, is no slip but a change of name.
const MIN_SYSTEMATIC: usize = 10;
const SYSTEMATIC_SHARE: f32 = 0.5;
/// Characters before an entry in the history of a law in which the entry before it is looked for.
const HISTORY: usize = 40;
/// A passage so long on both sides is a sentence replaced by another.
const SENTENCE: usize = 12;

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
}

impl Match {
    const NONE: Self = Self { relation: Relation::Unrelated, matched: 0, even: 0, span: (0, 0) };
}

/// What a place is where two texts differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BlockKind {
    Head,
    Tail,
    Number,
    Slot,
    Negation,
    Clause,
    Noise,
}

impl BlockKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Tail => "tail",
            Self::Number => "number",
            Self::Slot => "slot",
            Self::Negation => "negation",
            Self::Clause => "clause",
            Self::Noise => "noise",
        }
    }
}

/// A place where two keys differ: so many characters here stand for so many there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) a: (usize, usize),
    pub(crate) b: (usize, usize),
    pub(crate) kind: BlockKind,
}

/// Buffers of the comparison.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    aligner: Aligner,
    runs: Vec<Run>,
    blocks: Vec<Block>,
    grams: [Vec<u64>; 2],
    /// Edges without their digits.
    letters: Letters,
}

#[derive(Debug, Default)]
struct Letters {
    aligner: Aligner,
    a: Vec<u16>,
    b: Vec<u16>,
}

/// Compares two documents. The answer does not depend on which comes first but for rare ties of
/// alignment; callers give the pair in a fixed order. Linear in the lengths.
pub(crate) fn compare(a: &Portrait, b: &Portrait, desk: &mut Desk) -> Match {
    if a.said == b.said {
        let conflict = has_conflict(a, b, Run { a: 0, b: 0, len: a.key.len() }, true);
        let relation = if conflict { Relation::Variant } else { Relation::Same };
        let n = a.key.len() as u32;
        return Match { relation, matched: n, even: n.saturating_sub(GRAM as u32 - 1), span: (0, n) };
    }
    // Texts too short for a sketch are compared as a whole.
    if a.mins.is_none() || b.mins.is_none() {
        return Match::NONE;
    }
    if a.facts.number.is_some() && b.facts.number.is_some() && a.facts.number != b.facts.number {
        // A document number names one document; another number is another document.
        return Match { relation: Relation::Variant, ..measure(a, b, desk) };
    }
    if figures_differ(a, b) {
        let alike = a.mins.as_ref().zip(b.mins.as_ref()).map_or(0.0, |(a, b)| likeness(a, b));
        let relation = if alike >= VARIANT_OF_LONGER { Relation::Variant } else { Relation::Unrelated };
        // Not aligned: the grams in place are estimated, for the agreement of both.
        let even = alike / (1.0 + alike) * (a.key.len() + b.key.len()) as f32;
        return Match { relation, even: even as u32, ..Match::NONE };
    }
    let found = measure(a, b, desk);
    if found.matched == 0 {
        return Match::NONE;
    }
    let (shorter, longer) = (a.key.len().min(b.key.len()) as f32, a.key.len().max(b.key.len()) as f32);
    let (of_shorter, of_longer) = (found.matched as f32 / shorter, found.matched as f32 / longer);
    let relation = if is_variant(a, b, desk) {
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

/// Aligns the two and finds the blocks; nothing is matched where no anchor holds them together.
fn measure(a: &Portrait, b: &Portrait, desk: &mut Desk) -> Match {
    desk.aligner.align(&a.key, &b.key);
    let all = &desk.aligner.runs;
    desk.runs.clear();
    desk.blocks.clear();
    let is_anchor = |run: &Run| run.len >= ANCHOR;
    let (Some(first), Some(last)) = (all.iter().position(is_anchor), all.iter().rposition(is_anchor)) else {
        return Match::NONE;
    };
    let (first, last) = without_strays(all, first, last);
    let (first, last) = with_edges(all, first, last, a.key.len(), b.key.len());
    swallow_chance(&all[first..=last], &mut desk.runs);
    let matched = desk.runs.iter().map(|run| run.len).sum::<usize>() as u32;
    let even = desk.runs.iter().map(|run| run.len.saturating_sub(GRAM - 1)).sum::<usize>() as u32;
    let (start, end) = (all[first], all[last]);
    let (end_a, end_b) = (end.a + end.len, end.b + end.len);
    let head = Block { a: (0, start.a), b: (0, start.b), kind: BlockKind::Head };
    edge_block(head, &all[..first], a, b, &mut desk.letters, &mut desk.blocks);
    for pair in desk.runs.windows(2) {
        let x = (pair[0].a + pair[0].len, pair[1].a);
        let y = (pair[0].b + pair[0].len, pair[1].b);
        let mut kind = kind_of(&a.key[x.0..x.1], &b.key[y.0..y.1]);
        if is_history(&a.key, x, y.1 - y.0) || is_history(&b.key, y, x.1 - x.0) {
            kind = BlockKind::Clause;
        }
        desk.blocks.push(Block { a: x, b: y, kind });
    }
    let tail = Block { a: (end_a, a.key.len()), b: (end_b, b.key.len()), kind: BlockKind::Tail };
    edge_block(tail, &all[last + 1..], a, b, &mut desk.letters, &mut desk.blocks);
    let span = if a.key.len() > b.key.len() { (start.a, end_a) } else { (start.b, end_b) };
    Match { relation: Relation::Unrelated, matched, even, span: (span.0 as u32, span.1 as u32) }
}

fn between(left: &Run, right: &Run) -> (usize, usize) {
    (right.a - left.a - left.len, right.b - left.b - left.len)
}

/// Moves the ends of `all[first..=last]` inwards past anchors that lie far from the others.
fn without_strays(all: &[Run], mut first: usize, mut last: usize) -> (usize, usize) {
    let is_anchor = |run: &Run| run.len >= ANCHOR;
    let is_far = |left: &Run, right: &Run, stray: &Run| {
        let (x, y) = between(left, right);
        stray.len * STRAY < x.max(y)
    };
    while first < last {
        let Some(next) = (first + 1..=last).find(|&n| is_anchor(&all[n])) else { break };
        if !is_far(&all[first], &all[first + 1], &all[first]) || next > first + 1 {
            break;
        }
        first = next;
    }
    while first < last {
        let Some(next) = (first..last).rev().find(|&n| is_anchor(&all[n])) else { break };
        if !is_far(&all[last - 1], &all[last], &all[last]) || next + 1 < last {
            break;
        }
        last = next;
    }
    (first, last)
}

/// Takes in the runs of an edge of which most is alike.
fn with_edges(all: &[Run], mut first: usize, mut last: usize, a_len: usize, b_len: usize) -> (usize, usize) {
    let is_alike = |x: usize, y: usize, runs: &[Run]| {
        let equal = runs.iter().map(|run| run.len).sum::<usize>() as f32;
        equal > 0.0 && equal >= EDGE_ALIKE * x.max(y) as f32
    };
    let (start, end) = (all[first], all[last]);
    if is_alike(start.a, start.b, &all[..first]) {
        first = 0;
    }
    if is_alike(a_len - end.a - end.len, b_len - end.b - end.len, &all[last + 1..]) {
        last = all.len() - 1;
    }
    (first, last)
}

/// The block `span` of `key` holds an entry of the history of a law, behind another entry, and the
/// other text has next to nothing instead: it is the text before that amendment. (A copy without
/// any history lacks the first entry too.)
fn is_history(key: &[u16], span: (usize, usize), n_other: usize) -> bool {
    let holds = |text: &[u16], words: &[&str]| {
        let text = String::from_utf16_lossy(text);
        words.iter().any(|word| text.contains(word))
    };
    let text = &key[span.0..span.1];
    n_other <= 4
        && text.len() >= 2 * SENTENCE
        && holds(text, &["修订", "修正"])
        && has_digit(text)
        && holds(&key[span.0.saturating_sub(HISTORY)..span.0], &["修订", "修正", "通过", "公布", "发布"])
}

/// Leaves out runs shorter than the differences on both their sides: single characters that a
/// replaced sentence shares with the old one by chance.
fn swallow_chance(runs: &[Run], kept: &mut Vec<Run>) {
    let size = |left: &Run, right: &Run| (right.a - left.a - left.len).max(right.b - left.b - left.len);
    for &next in runs {
        while let [.., before, last] = kept.as_slice() {
            if last.len >= ANCHOR || last.len > size(before, last) || last.len > size(last, &next) {
                break;
            }
            kept.pop();
        }
        kept.push(next);
    }
}

/// What lies before the first anchor or behind the last. In short edges, and in those that say the
/// same but for their figures, the figures count.
fn edge_block(
    mut edge: Block,
    runs: &[Run],
    a: &Portrait,
    b: &Portrait,
    letters: &mut Letters,
    blocks: &mut Vec<Block>,
) {
    let (x, y) = (edge.a, edge.b);
    let (in_x, in_y) = (&a.key[x.0..x.1], &b.key[y.0..y.1]);
    if in_x.is_empty() && in_y.is_empty() {
        return;
    }
    let is_short = in_x.len() <= SHORT_EDGE && in_y.len() <= SHORT_EDGE;
    if has_digit(in_x)
        && has_digit(in_y)
        && digits_differ(in_x, in_y)
        && (is_short || letters.are_alike(in_x, in_y))
    {
        edge.kind = BlockKind::Number;
    }
    if is_short {
        let (mut from_a, mut from_b) = (x.0, y.0);
        let end = Run { a: x.1, b: y.1, len: 0 };
        for run in runs.iter().chain([&end]) {
            if is_numeral_for_numeral(&a.key[from_a..run.a], &b.key[from_b..run.b]) {
                edge.kind = BlockKind::Number;
            }
            (from_a, from_b) = (run.a + run.len, run.b + run.len);
        }
    }
    blocks.push(edge);
}

impl Letters {
    /// Most of `x` and `y` is equal, figures aside.
    fn are_alike(&mut self, x: &[u16], y: &[u16]) -> bool {
        for (letters, text) in [(&mut self.a, x), (&mut self.b, y)] {
            letters.clear();
            letters.extend(text.iter().filter(|&&unit| !is_digit(unit)));
        }
        self.aligner.align(&self.a, &self.b);
        let equal: usize = self.aligner.runs.iter().map(|run| run.len).sum();
        equal > 0 && equal as f32 >= EDGE_ALIKE * self.a.len().max(self.b.len()) as f32
    }
}

fn has_digit(text: &[u16]) -> bool {
    text.iter().any(|&unit| is_digit(unit))
}

fn digits_differ(x: &[u16], y: &[u16]) -> bool {
    let digits = |text: &'_ [u16]| text.iter().copied().filter(|&unit| is_digit(unit)).collect::<Vec<_>>();
    digits(x) != digits(y)
}

fn han(unit: u16) -> char {
    char::from_u32(u32::from(unit)).unwrap_or('\0')
}

fn is_numeral_for_numeral(x: &[u16], y: &[u16]) -> bool {
    let numeral = |text: &[u16]| !text.is_empty() && text.iter().all(|&unit| is_han_numeral(han(unit)));
    numeral(x) && numeral(y)
}

/// What kind of difference lies inside two texts where `x` stands for `y`.
fn kind_of(x: &[u16], y: &[u16]) -> BlockKind {
    let longer = x.len().max(y.len());
    if digits_differ(x, y) && (has_digit(x) && has_digit(y) || longer <= SHORT_NUMBER)
        || is_numeral_for_numeral(x, y)
    {
        return BlockKind::Number;
    }
    if x.len() >= SENTENCE && y.len() >= SENTENCE {
        return BlockKind::Clause;
    }
    if longer > LONG_PASSAGE && (has_article(x) || has_article(y)) {
        return BlockKind::Clause;
    }
    let negates = |text: &[u16]| text.iter().filter(|&&unit| "不未无非禁勿".contains(han(unit))).count();
    if longer <= SHORT_NUMBER && negates(x) != negates(y) {
        return BlockKind::Negation;
    }
    // Two slips side by side (国是 for 是国) share characters; the fillings of a slot do not.
    let shared = n_shared(x, y);
    if x.len() >= 2 + shared && y.len() >= 2 + shared { BlockKind::Slot } else { BlockKind::Noise }
}

/// Characters that `x` and `y` have in common, in any order.
fn n_shared(x: &[u16], y: &[u16]) -> usize {
    let (mut x, mut y) = (x.to_vec(), y.to_vec());
    x.sort_unstable();
    y.sort_unstable();
    let (mut i, mut j, mut n) = (0, 0, 0);
    while i < x.len() && j < y.len() {
        n += usize::from(x[i] == y[j]);
        let (next_i, next_j) = (x[i] <= y[j], y[j] <= x[i]);
        i += usize::from(next_i);
        j += usize::from(next_j);
    }
    n
}

/// Holds 第…条 with a numeral between.
fn has_article(text: &[u16]) -> bool {
    text.iter().enumerate().filter(|&(_, &unit)| han(unit) == '第').any(|(at, _)| {
        let rest = &text[at + 1..];
        let n = rest.iter().take_while(|&&unit| is_han_numeral(han(unit)) || is_digit(unit)).count();
        n > 0 && rest.get(n).is_some_and(|&unit| han(unit) == '条')
    })
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
    // Where nothing else differs, even one is the filling of a template.
    if slots > 0 && slots == inside || fillings as f32 > (MAX_SLOT_SHARE * inside as f32).max(1.0) {
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
    let ((mut i, i_end), (mut j, j_end)) = (within(&a.gaps, run.a), within(&b.gaps, run.b));
    let no_gap = |before: u32| Gap { before, marks: 0, has_space: false };
    while i < i_end || j < j_end {
        let x = a.gaps[..i_end].get(i).map_or(usize::MAX, |gap| gap.before as usize - run.a);
        let y = b.gaps[..j_end].get(j).map_or(usize::MAX, |gap| gap.before as usize - run.b);
        let left = if x <= y { a.gaps[i] } else { no_gap(0) };
        let right = if y <= x { b.gaps[j] } else { no_gap(0) };
        i += usize::from(x <= y);
        j += usize::from(y <= x);
        let excused = left.marks == 0 && left.has_space || right.marks == 0 && right.has_space;
        if left.marks != right.marks && !excused {
            return true;
        }
    }
    false
}

/// What is written down about a pair.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Evidence {
    /// Of the sets of grams.
    pub(crate) jaccard: f64,
    /// Grams of the first that are in the second, and the other way round.
    pub(crate) containment: (f64, f64),
    /// The longest equal runs: place in the first key, in the second, length.
    pub(crate) spans: Vec<Run>,
    /// The first places that differ, as they stand in the keys, and how many there are.
    pub(crate) differs: Vec<(BlockKind, String, String)>,
    pub(crate) n_differs: usize,
}

/// So many equal runs and so many differences are written down; more do not help a reader.
const MAX_SHOWN: usize = 8;
/// Characters of a difference that are written down.
const SHOWN_CHARS: usize = 40;

/// Works out the evidence for a pair that was compared before.
pub(crate) fn evidence(a: &Portrait, b: &Portrait, desk: &mut Desk) -> Evidence {
    if a.said == b.said {
        let whole = Run { a: 0, b: 0, len: a.key.len() };
        return Evidence {
            jaccard: 1.0,
            containment: (1.0, 1.0),
            spans: vec![whole],
            differs: Vec::new(),
            n_differs: 0,
        };
    }
    measure(a, b, desk);
    let [x, y] = &mut desk.grams;
    fill_grams(&a.key, x);
    fill_grams(&b.key, y);
    let shared = count_shared(x, y) as f64;
    let share = |n: usize| if n == 0 { 0.0 } else { shared / n as f64 };
    let jaccard = share(x.len() + y.len() - shared as usize);
    let containment = (share(x.len()), share(y.len()));
    let mut spans = desk.runs.clone();
    spans.sort_by_key(|run| (std::cmp::Reverse(run.len), run.a));
    spans.truncate(MAX_SHOWN);
    spans.sort_by_key(|run| run.a);
    let shown = |key: &[u16], (from, to): (usize, usize)| {
        let mut text = String::from_utf16_lossy(&key[from..to.min(from + SHOWN_CHARS)]);
        if to - from > SHOWN_CHARS {
            text.push('…');
        }
        text
    };
    // What decided comes first: content before noise.
    let mut order: Vec<&Block> = desk.blocks.iter().collect();
    order.sort_by_key(|block| matches!(block.kind, BlockKind::Noise | BlockKind::Head | BlockKind::Tail));
    let differs = order
        .iter()
        .take(MAX_SHOWN)
        .map(|block| (block.kind, shown(&a.key, block.a), shown(&b.key, block.b)));
    Evidence { jaccard, containment, spans, differs: differs.collect(), n_differs: desk.blocks.len() }
}

fn fill_grams(key: &[u16], grams: &mut Vec<u64>) {
    grams.clear();
    grams.extend(key.windows(GRAM).map(|gram| {
        gram.iter().fold(0_u64, |hash, &c| {
            let hash = (hash ^ u64::from(c)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            hash ^ hash >> 29
        })
    }));
    grams.sort_unstable();
    grams.dedup();
}

/// How many numbers two ascending lists share.
pub(crate) fn count_shared(x: &[u64], y: &[u64]) -> usize {
    let (mut i, mut j, mut n) = (0, 0, 0);
    while i < x.len() && j < y.len() {
        n += usize::from(x[i] == y[j]);
        let (next_i, next_j) = (x[i] <= y[j], y[j] <= x[i]);
        i += usize::from(next_i);
        j += usize::from(next_j);
    }
    n
}

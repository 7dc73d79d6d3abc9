//! The places where two texts differ, and of what kind each is.

use crate::copies::align::Aligner;
use crate::copies::align::Run;
use crate::copies::evidence::count_shared;
use crate::copies::portrait::Portrait;
use crate::copies::portrait::is_digit;
use crate::copies::sketch::GRAM;
use crate::copies::verdict::Match;
use crate::copies::verdict::Relation;
use crate::text::chars::is_han_numeral;

/// Equal runs at least this long hold two texts together; what lies outside the first and the
/// last of them is head and tail. Unrelated official texts share runs of 12 in formulas.
const ANCHOR: usize = 16;
/// A figure in one copy only is content in so short a block; in a longer one it belongs to a
/// passage that one copy left out, a table for example.
const SHORT_NUMBER: usize = 8;
/// Heads and tails up to this length are titles and dates; longer ones are notes of the site.
const SHORT_EDGE: usize = 40;
/// A passage with the heading of an article, longer than this and in one text only, is an amendment.
const LONG_PASSAGE: usize = 20;
/// An anchor at either end that is one part of this many of the gap before it does not belong to
/// the text: a formula that a note happens to share.
const STRAY: usize = 8;
/// Edges of which so much is alike belong to the text, though no anchor holds them: tables, or
/// titles full of figures.
const EDGE_ALIKE: f32 = 0.5;
/// Characters before an entry in the history of a law in which the entry before it is looked for.
const HISTORY: usize = 40;
/// A passage so long on both sides is a sentence replaced by another.
const SENTENCE: usize = 12;

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
    /// Equal runs from the first that counts to the last.
    pub(crate) runs: Vec<Run>,
    pub(crate) blocks: Vec<Block>,
    /// Grams of both keys, while they are counted.
    pub(crate) grams: Vec<u64>,
    /// Edges without their digits.
    letters: Letters,
}

#[derive(Debug, Default)]
struct Letters {
    aligner: Aligner,
    a: Vec<u16>,
    b: Vec<u16>,
}

/// Aligns the two and finds the blocks; nothing is matched where no anchor holds them together.
pub(crate) fn measure(a: &Portrait, b: &Portrait, desk: &mut Desk) -> Match {
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
    let span = (span.0 as u32, span.1 as u32);
    let start = (start.a as u32, start.b as u32);
    Match { relation: Relation::Unrelated, matched, even, span, start }
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
pub(crate) fn n_shared(x: &[u16], y: &[u16]) -> usize {
    let (mut x, mut y) = (x.to_vec(), y.to_vec());
    x.sort_unstable();
    y.sort_unstable();
    count_shared(&x, &y)
}

/// Holds 第…条 with a numeral between.
fn has_article(text: &[u16]) -> bool {
    text.iter().enumerate().filter(|&(_, &unit)| han(unit) == '第').any(|(at, _)| {
        let rest = &text[at + 1..];
        let n = rest.iter().take_while(|&&unit| is_han_numeral(han(unit)) || is_digit(unit)).count();
        n > 0 && rest.get(n).is_some_and(|&unit| han(unit) == '条')
    })
}

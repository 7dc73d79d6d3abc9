//! Which of two copies stays, and where a repeat begins and ends: at lines, not in a sentence.

use std::cell::OnceCell;
use std::cmp::Reverse;

use crate::repeats::blocks::{Block, MIN_BLOCK, MIN_SHARE, Run};
use crate::repeats::likeness::{distance, numbers_differ};
use crate::text::chars::{is_blank, is_wide_mark};
use crate::text::key::{Key, is_common_mark};

/// Spans of a key: `gone` repeats `stays`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) gone: (usize, usize),
    pub(super) stays: (usize, usize),
}

/// Content that occurs this often is a form, a refrain or a table, unless it is all there is.
const OFTEN: u32 = 4;
/// Characters at the end of a line that belong to the block before them if they resemble: two
/// typing errors within one gram end a block.
const MAX_REST: usize = 64;

/// A document and what is asked about places in it.
pub(super) struct Page<'a> {
    pub(super) text: &'a str,
    pub(super) key: &'a Key,
}

/// What speaks for removing one copy: compared field by field, the greater goes. Behind it comes the
/// noise, which is counted only where all of this is equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Worth {
    few_breaks: Reverse<usize>,
    cut_short: bool,
    whole_lines: bool,
}

impl Page<'_> {
    /// A line begins or ends between key characters `n - 1` and `n`.
    pub(super) fn breaks(&self, n: usize) -> bool {
        n == 0 || n == self.key.len() || self.key.gap(self.text, n).contains('\n')
    }

    pub(super) fn worth(&self, (from, to): (usize, usize)) -> Worth {
        Worth {
            few_breaks: Reverse(self.breaks_in(from, to)),
            cut_short: self.key.gap(self.text, to).trim_start().starts_with(['…', '.']),
            whole_lines: self.breaks(from) && self.breaks(to),
        }
    }

    /// The gaps between key characters `from` and `to - 1` in which a line ends.
    fn breaks_in(&self, from: usize, to: usize) -> usize {
        if from + 1 >= to {
            return 0;
        }
        let at = self.key.offsets();
        let (start, end) = (at[from] as usize, at[to - 1] as usize);
        // The number of the character behind the gap that was counted last, and where it stands.
        let (mut n, mut behind, mut breaks) = (from, 0, 0);
        for line_end in memchr::memchr_iter(b'\n', &self.text.as_bytes()[start..end]) {
            let line_end = start + line_end;
            if line_end >= behind {
                n += at[n..to].partition_point(|&at| (at as usize) < line_end);
                behind = at[n] as usize;
                breaks += 1;
            }
        }
        breaks
    }

    /// Characters between those of the key that are neither blanks nor marks of Chinese text.
    pub(super) fn noise(&self, (from, to): (usize, usize)) -> usize {
        let strange = |c: &char| !is_blank(*c) && *c != '\n' && !is_wide_mark(*c);
        let gaps = (from + 1..to).filter(|&n| !self.key.touch(n)).map(|n| self.key.gap(self.text, n));
        // Most gaps are one mark of prose, or nothing between two letters.
        gaps.filter(|gap| !is_plain(gap)).map(|gap| gap.chars().filter(strange).count()).sum()
    }
}

/// Nothing, or one mark that every text holds.
#[inline]
fn is_plain(gap: &str) -> bool {
    match *gap.as_bytes() {
        [] => true,
        [a @ 0xE3..=0xEF, b, c] => {
            let code = u32::from(a & 0x0F) << 12 | u32::from(b & 0x3F) << 6 | u32::from(c & 0x3F);
            is_common_mark(code)
        }
        _ => false,
    }
}

/// Two copies of which one may go.
struct Pair {
    cut: Cut,
    /// Of the copy that stays.
    worth: Worth,
    noise: OnceCell<usize>,
    /// The copy that goes is one part of so many of what stays, or more.
    share: usize,
}

/// What goes, in any order; spans that go do not overlap one another or what stays for them.
pub(super) fn choose(page: &Page<'_>, blocks: &[Block]) -> Vec<Cut> {
    let n = page.key.len();
    let all_often = covers(blocks, n);
    let mut pairs = Vec::new();
    for block in blocks.iter().filter(|b| b.times < OFTEN || all_often) {
        for pair in apart(page, block) {
            let Some(pair) = between_lines(page, pair) else { continue };
            let (a, b) = (pair.a(), pair.b());
            let (for_a, for_b) = (page.worth(a), page.worth(b));
            let a_goes = for_a.cmp(&for_b).then_with(|| page.noise(a).cmp(&page.noise(b))).is_gt();
            let (gone, stays, worth) = if a_goes { (a, b, for_b) } else { (b, a, for_a) };
            let share = if a.1 != b.0 && for_a.few_breaks == for_b.few_breaks && quoted(page, a, b) {
                2
            } else {
                MIN_SHARE
            };
            pairs.push(Pair { cut: Cut { gone, stays }, worth, noise: OnceCell::new(), share });
        }
    }
    // The best copy first, so that all others go for its sake.
    pairs.sort_unstable_by(|p, q| {
        let noise = |pair: &Pair| *pair.noise.get_or_init(|| page.noise(pair.cut.stays));
        let key = |pair: &Pair| (pair.worth.few_breaks, pair.worth.cut_short);
        key(p)
            .cmp(&key(q))
            .then_with(|| noise(p).cmp(&noise(q)))
            .then_with(|| (p.cut.stays.0, p.cut.gone).cmp(&(q.cut.stays.0, q.cut.gone)))
    });
    let mut cuts: Vec<Cut> = Vec::new();
    let mut left = n;
    let meet = |x: (usize, usize), y: (usize, usize)| x.0 < y.1 && y.0 < x.1;
    for Pair { cut, share, .. } in pairs {
        let length = cut.gone.1 - cut.gone.0;
        let free = cuts
            .iter()
            .all(|c| !meet(c.gone, cut.gone) && !meet(c.gone, cut.stays) && !meet(c.stays, cut.gone));
        if free && length * share >= left - length {
            left -= length;
            cuts.push(cut);
        }
    }
    cuts
}

/// Blocks that occur often are all there is.
fn covers(blocks: &[Block], n: usize) -> bool {
    let mut spans: Vec<_> = blocks.iter().filter(|b| b.times >= OFTEN).flat_map(|b| [b.a(), b.b()]).collect();
    spans.sort_unstable();
    let (mut end, mut covered) = (0, 0);
    for (from, to) in spans {
        covered += to.saturating_sub(from.max(end));
        end = end.max(to);
    }
    covered * 20 >= n * 19
}

/// The block as pairs of copies that do not overlap. Content thrice in a row overlaps itself, and
/// so do two copies side by side that happen to begin or end alike; where one ends and the next
/// begins is then a matter of choice, and lines decide.
fn apart(page: &Page<'_>, block: &Block) -> Vec<Block> {
    let ((from, to), (next, _)) = (block.a(), block.b());
    if to <= next {
        return vec![block.clone()];
    }
    let lines = |shift: usize| {
        let joint = block.to_b(from + shift);
        let places = [from + shift, joint, block.to_b(joint)];
        places.into_iter().filter(|&n| page.breaks(n)).count()
    };
    // The last of the best comes first: `max_by_key` takes the last one.
    let shift = (0..=MAX_REST.min(to - next)).rev().max_by_key(|&shift| lines(shift)).unwrap_or(0);
    let mut pairs = Vec::new();
    let (mut start, mut end) = (from + shift, block.to_b(from + shift));
    while end <= to && start < end {
        pairs.push(block.clip(start, end));
        (start, end) = (end, block.to_b(end));
    }
    pairs
}

/// Neither end of the copies lies at a line's border with its counterpart: a quotation.
fn quoted(page: &Page<'_>, a: (usize, usize), b: (usize, usize)) -> bool {
    page.breaks(a.0) != page.breaks(b.0) && page.breaks(a.1) != page.breaks(b.1)
}

/// The block cut back, or filled up, to places where a line of one of the copies begins and ends,
/// or where one copy follows the other directly. A cut in the middle of both would take half a
/// sentence away from its other half. `None` if too little is left.
fn between_lines(page: &Page<'_>, mut block: Block) -> Option<Block> {
    let glued = block.a().1 == block.b().0;
    let border = |a: usize, b: usize| page.breaks(a) || page.breaks(b);
    fill_up(page, &mut block);
    let ((a, a_end), (b, b_end)) = (block.a(), block.b());
    let glued = glued || a_end == b;
    if !glued && !border(a, b) {
        let from = block
            .runs
            .iter()
            .find_map(|r| (0..=r.len).find(|&k| border(r.a + k, r.b + k)).map(|k| r.a + k))?;
        block = block.clip(from, usize::MAX);
    }
    if !glued && !border(a_end, b_end) {
        let to = block
            .runs
            .iter()
            .rev()
            .find_map(|r| (0..=r.len).rev().find(|&k| border(r.a + k, r.b + k)).map(|k| r.a + k))?;
        block = block.clip(0, to);
    }
    (block.equal() >= MIN_BLOCK && block.a().1 <= block.b().0).then_some(block)
}

/// Takes in what lies between the ends of a block and the ends of its lines, if it is short and
/// resembles its counterpart.
fn fill_up(page: &Page<'_>, block: &mut Block) {
    let ((a, a_end), (b, b_end)) = (block.a(), block.b());
    let n = page.key.len();
    if !(page.breaks(a_end) && page.breaks(b_end)) && a_end < b {
        let rest_a = (a_end..b.min(a_end + MAX_REST + 1)).position(|k| page.breaks(k + 1)).map(|k| k + 1);
        let rest_b = (b_end..n.min(b_end + MAX_REST + 1)).position(|k| page.breaks(k + 1)).map(|k| k + 1);
        if let Some((x, y)) = rest(page, (a_end, b), (b_end, n), rest_a, rest_b, false) {
            block.runs.push(Run { a: a_end + x, b: b_end + y, len: 0 });
        }
    }
    if !(page.breaks(a) && page.breaks(b)) && a_end < b {
        let rest_a = (1..=a.min(MAX_REST)).find(|&k| page.breaks(a - k));
        let rest_b = (1..=(b - a_end).min(MAX_REST)).find(|&k| page.breaks(b - k));
        if let Some((x, y)) = rest(page, (0, a), (a_end, b), rest_a, rest_b, true) {
            block.runs.insert(0, Run { a: a - x, b: b - y, len: 0 });
        }
    }
}

/// How many characters of each copy make up the rest of a line; `back` counts from the end of the
/// spans.
fn rest(
    page: &Page<'_>,
    a: (usize, usize),
    b: (usize, usize),
    line_a: Option<usize>,
    line_b: Option<usize>,
    back: bool,
) -> Option<(usize, usize)> {
    let chars = page.key.chars();
    let take = |span: (usize, usize), len: usize| -> Vec<u32> {
        if back {
            chars[span.1.saturating_sub(len).max(span.0)..span.1].iter().rev().copied().collect()
        } else {
            chars[span.0..(span.0 + len).min(span.1)].to_vec()
        }
    };
    let place = |span: (usize, usize), len: usize| if back { span.1 - len } else { span.0 + len };
    let attempt = |one: (usize, usize), other: (usize, usize), len: usize| -> Option<usize> {
        let (x, y) = (take(one, len), take(other, len + 3));
        let costs = distance(&x, &y);
        let (cost, best) = (0..costs.len())
            .map(|j| ((costs[j], !page.breaks(place(other, j)), j.abs_diff(len)), j))
            .min()?;
        // One wrong character in a line of two is a typing error too, if the lines agree.
        let most = if page.breaks(place(other, best)) { (len / 3).max(1) } else { len / 4 };
        (best > 0 && cost.0 <= most && !numbers_differ(&x, &y[..best])).then_some(best)
    };
    if let Some(len) = line_a
        && let Some(other) = attempt(a, b, len)
    {
        return Some((len, other));
    }
    let len = line_b?;
    attempt(b, a, len).map(|other| (other, len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_gaps_are_neither_noise_nor_breaks() {
        for c in ('\0'..=char::MAX).filter(|c| is_plain(&c.to_string())) {
            assert!(is_blank(c) || is_wide_mark(c), "{c:?}");
        }
        assert!(is_plain("，") && is_plain("") && !is_plain("\n") && !is_plain("★"));
    }

    #[test]
    fn breaks_are_counted_once_a_gap() {
        let text = "\n甲\n乙，\n \n丙丁1\n2\nA\n\n戊己\n";
        let key = Key::of(text);
        let page = Page { text, key: &key };
        for from in 0..key.len() {
            for to in from..=key.len() {
                let naive = (from + 1..to).filter(|&n| key.gap(text, n).contains('\n')).count();
                assert_eq!(page.breaks_in(from, to), naive, "{from}..{to}");
            }
        }
    }
}

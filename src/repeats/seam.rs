//! What goes with a repeat besides its letters: its marks, its line end, an ellipsis. The seam that
//! stays is a clean one.

use std::ops::Range;

use crate::repeats::choose::{Cut, Page};
use crate::text::chars::{is_blank, is_closing, is_stop, never_starts_a_line};

/// Bytes that go, and the bytes of the copy that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gone {
    pub(super) src: Range<usize>,
    pub(super) twin: Range<usize>,
}

/// A mark that belongs to the words before it.
fn belongs_left(c: char) -> bool {
    never_starts_a_line(c) || is_closing(c) || is_stop(c) || matches!(c, ',' | '.' | ';' | ':' | '!')
}

/// The bytes of each cut, in reading order, without overlap.
pub(super) fn bytes(page: &Page<'_>, cuts: &mut [Cut]) -> Vec<Gone> {
    cuts.sort_unstable_by_key(|cut| cut.gone);
    let mut list: Vec<Gone> = Vec::with_capacity(cuts.len());
    let mut end_before = None;
    let mut lines_go = false;
    for cut in &*cuts {
        let touches = end_before == Some(cut.gone.0);
        let (begin, starts_line) = start(page, cut);
        lines_go = if touches { lines_go } else { starts_line };
        let mut src = begin..end(page, cut, lines_go);
        if let Some(last) = list.last() {
            // What lies between two repeats that touch belongs to neither and goes with them.
            src.start = if touches { last.src.end } else { src.start.max(last.src.end) };
        }
        end_before = Some(cut.gone.1);
        if src.start < src.end && !fuses(page.text, &src) {
            list.push(Gone { src, twin: words(page, cut.stays) });
        }
    }
    end_clean(page.text, &mut list);
    list
}

/// Where repeats go to the very end, the line end before them goes too: a text ends without one.
fn end_clean(text: &str, list: &mut [Gone]) {
    let mut first = list.len();
    let mut end = text.len();
    while first > 0 && list[first - 1].src.end == end {
        first -= 1;
        end = list[first].src.start;
    }
    let floor = first.checked_sub(1).map_or(0, |n| list[n].src.end);
    if let Some(gone) = list.get_mut(first) {
        let kept = text[floor..gone.src.start].trim_end();
        gone.src.start = floor + kept.len();
    }
}

/// The bytes of key characters `from..to` with the marks that close them.
fn words(page: &Page<'_>, (from, to): (usize, usize)) -> Range<usize> {
    let gap = page.key.gap(page.text, to);
    let end = if to == page.key.len() { page.text.len() } else { page.key.at(to) };
    let after = gap.trim_start_matches(belongs_left);
    page.key.at(from)..end - after.len()
}

/// Taking `src` out would make one word or number of two.
fn fuses(text: &str, src: &Range<usize>) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric();
    text[..src.start].ends_with(word) && text[src.end..].starts_with(word)
}

/// Where the bytes of a cut begin, and whether a line begins there.
fn start(page: &Page<'_>, cut: &Cut) -> (usize, bool) {
    let (text, key) = (page.text, page.key);
    let from = cut.gone.0;
    if from == 0 {
        return (0, true);
    }
    let gap = key.gap(text, from);
    let at = key.at(from) - gap.len();
    let Some(last) = gap.rfind('\n') else {
        // In mid-line the marks that close the words before stay with them.
        return (at + gap.trim_end_matches(|c| !belongs_left(c)).len(), false);
    };
    let twin = key.gap(text, cut.stays.0);
    // A rule below the text before, to which the repeat was glued: the repeat ends in its own.
    let glued = gap[last..].trim();
    if !glued.is_empty() && !twin.trim_end().ends_with(glued) && key.gap(text, cut.gone.1).contains(glued) {
        return (at + gap.trim_end_matches(is_blank).len(), false);
    }
    // Lines of marks only go where the twin has them too, blank lines in any case.
    let mut of_twin = twin.rsplit('\n').skip(1).map(str::trim).filter(|line| !line.is_empty()).peekable();
    let mut begin = last + 1;
    while let Some(before) = gap[..begin - 1].rfind('\n') {
        let line = gap[before..begin].trim();
        if !line.is_empty() && of_twin.next_if_eq(&line).is_none() {
            break;
        }
        begin = before + 1;
    }
    (at + begin, true)
}

/// Where the bytes of a cut end. With `lines_go` the cut takes whole lines with their line end.
fn end(page: &Page<'_>, cut: &Cut, lines_go: bool) -> usize {
    let (text, key) = (page.text, page.key);
    let to = cut.gone.1;
    if to == key.len() {
        return text.len();
    }
    let gap = key.gap(text, to);
    let at = key.at(to) - gap.len();
    let Some(first) = gap.find('\n') else {
        // Where words stay on both sides, the blank between them stays too.
        let rest = gap.trim_start_matches(|c| belongs_left(c) || lines_go && is_blank(c));
        return key.at(to) - rest.len();
    };
    let twin = key.gap(text, cut.stays.1);
    let mut of_twin = twin.split('\n').skip(1).map(str::trim).filter(|line| !line.is_empty()).peekable();
    let mut end = first + 1;
    while let Some(length) = gap[end..].find('\n') {
        let line = gap[end..end + length].trim();
        if !line.is_empty() && of_twin.next_if_eq(&line).is_none() {
            break;
        }
        end += length + 1;
    }
    at + end - usize::from(!lines_go)
}

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
    for cut in &*cuts {
        let mut src = span(page, cut.gone);
        if let Some(last) = list.last() {
            // What lies between two repeats that touch belongs to neither and goes with them.
            if end_before == Some(cut.gone.0) || src.start < last.src.end {
                src.start = last.src.end;
            }
        }
        end_before = Some(cut.gone.1);
        let twin = words(page, cut.stays);
        if src.start < src.end {
            list.push(Gone { src, twin });
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

/// All bytes that go with key characters `from..to`.
fn span(page: &Page<'_>, (from, to): (usize, usize)) -> Range<usize> {
    let (text, key) = (page.text, page.key);
    let before = key.gap(text, from);
    let start_of_gap = key.at(from) - before.len();
    let starts_line = from == 0 || before.contains('\n');
    let start = match before.find('\n') {
        _ if from == 0 => 0,
        Some(at) => start_of_gap + at + 1,
        // In mid-line the marks that close the words before stay with them.
        None => start_of_gap + before.rfind(belongs_left).map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8)),
    };
    let after = key.gap(text, to);
    let end_of_gap = if to == key.len() { text.len() } else { key.at(to) };
    let end = match after.rfind('\n') {
        _ if to == key.len() => text.len(),
        Some(at) => end_of_gap - after.len() + at + usize::from(starts_line),
        None => end_of_gap - after.trim_start_matches(|c| belongs_left(c) || is_blank(c)).len(),
    };
    start..end.max(start)
}

//! The same block twice in one document: the flattened copy beside the paragraphs, the body pasted
//! twice, the summary that is the beginning of the body.
//!
//! Copies are found on the key, so noise, width and layout do not hide them. The copy with more
//! lines stays: a table flattened to one line glues `121` and `2` to `1212`, only the rows are
//! right. Repetition that is content stays: it is short, or frequent, or differs in its values.

mod blocks;
mod choose;
mod seam;

use std::cell::RefCell;
use std::ops::Range;

use crate::repeats::blocks::{Finder, MIN_BLOCK, period};
use crate::repeats::choose::{Cut, Page, choose};
use crate::repeats::seam::{Gone, bytes};
use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::key::Key;

/// Looks at one document until nothing repeats. What a first look removes can bring together what
/// a second one finds; a text that is not settled after this many stays as it is.
const MAX_LOOKS: usize = 6;

thread_local! {
    /// A step has no state of its own, and fresh buffers would cost more than the search.
    static DESK: RefCell<(Key, Finder)> = RefCell::default();
}

/// Says what this step changes.
pub(crate) fn repeats(text: &str, rules: &Rules, edits: &mut Edits) {
    let Some(rule) = rules.on(builtin::REPEAT_BLOCK) else { return };
    // The shortest repeat with its copy, in bytes.
    if text.len() < 2 * MIN_BLOCK {
        return;
    }
    DESK.with_borrow_mut(|(key, finder)| {
        let gone = look(text, key, finder);
        if gone.is_empty() {
            return;
        }
        let gone = settle(text, gone, key, finder);
        for (n, cut) in gone.iter().enumerate() {
            let near = gone.partition_point(|g| g.src.end <= cut.twin.start);
            let stays =
                gone.get(near).is_none_or(|g| cut.twin.end <= g.src.start) && cut.twin.start < cut.twin.end;
            debug_assert!(n == 0 || gone[n - 1].src.end <= cut.src.start);
            if stays {
                edits.delete_copy(cut.src.clone(), cut.twin.clone(), rule);
            } else {
                edits.delete(cut.src.clone(), rule);
            }
        }
    });
}

/// What one look at the document finds.
fn look(text: &str, key: &mut Key, finder: &mut Finder) -> Vec<Gone> {
    key.fill(text);
    if !finder.suspects(key.chars()) {
        return Vec::new();
    }
    let page = Page { text, key };
    let whole = if finder.suspects_all() { period(key.chars()) } else { None };
    let mut cuts = match whole.filter(|&p| p >= MIN_BLOCK && key.len() > 3 * p) {
        Some(period) => one_of_many(&page, period),
        None => choose(&page, &finder.blocks(text, key)),
    };
    bytes(&page, &mut cuts)
}

/// The document is one text over and over: the copy with most lines stays.
fn one_of_many(page: &Page<'_>, period: usize) -> Vec<Cut> {
    let copy = |n: usize| (n * period, (n + 1) * period);
    let times = page.key.len() / period;
    let Some(best) = (0..times).min_by_key(|&n| page.worth(copy(n))) else { return Vec::new() };
    let rest = (0..times).filter(|&n| n != best);
    rest.map(|n| Cut { gone: copy(n), stays: copy(best) }).collect()
}

/// Looks again at what is left until nothing repeats; all in bytes of `text`. Empty if there is no
/// end to it.
fn settle(text: &str, mut gone: Vec<Gone>, key: &mut Key, finder: &mut Finder) -> Vec<Gone> {
    for _ in 1..MAX_LOOKS {
        let mut left = String::with_capacity(text.len());
        // For each piece that is left: where it begins in `left` and in `text`.
        let mut pieces = Vec::with_capacity(gone.len() + 1);
        let mut at = 0;
        for cut in &gone {
            pieces.push((left.len(), at));
            left.push_str(&text[at..cut.src.start]);
            at = cut.src.end;
        }
        pieces.push((left.len(), at));
        left.push_str(&text[at..]);
        let more = look(&left, key, finder);
        if more.is_empty() {
            return gone;
        }
        let start = |at: usize| {
            let (from, to) = pieces[pieces.partition_point(|p| p.0 <= at).saturating_sub(1)];
            to + (at - from)
        };
        let end = |at: usize| {
            let (from, to) = pieces[pieces.partition_point(|p| p.0 < at).saturating_sub(1)];
            to + (at - from)
        };
        let back = |span: &Range<usize>| start(span.start)..end(span.end);
        for new in &more {
            let new = Gone { src: back(&new.src), twin: back(&new.twin) };
            gone.retain(|old| old.src.end <= new.src.start || new.src.end <= old.src.start);
            gone.push(new);
        }
        gone.sort_unstable_by_key(|g| g.src.start);
    }
    Vec::new()
}

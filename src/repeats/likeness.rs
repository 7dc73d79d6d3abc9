//! Whether two pieces of a key say the same: the same numbers, the same value marks, about the same
//! letters. A repeat may differ by typing errors, never by a value.

use std::ops::Range;

use crate::repeats::blocks::{Block, Run};
use crate::text::chars::is_han_numeral;
use crate::text::key::Key;
use crate::text::sift::is_han_lead;

/// Whether two spans say different numbers. Digits have to be the same; a Han numeral may be
/// mistyped as another character, but it may not stand for another numeral, nor come or go.
pub(super) fn numbers_differ(x: &[u32], y: &[u32]) -> bool {
    fn digits(chars: &[u32]) -> impl Iterator<Item = u32> + '_ {
        chars.iter().copied().filter(|c| (0x30..0x3A).contains(c))
    }
    let numeral = |c: &&u32| char::from_u32(**c).is_some_and(|c| is_han_numeral(c) || "萬兩億亿".contains(c));
    !digits(x).eq(digits(y))
        || if x.len() == y.len() {
            x.iter().zip(y).any(|(p, q)| p != q && numeral(&p) && numeral(&q))
        } else {
            !x.iter().filter(numeral).eq(y.iter().filter(numeral))
        }
}

/// At least half of the longer span is the same.
pub(super) fn resemble(x: &[u32], y: &[u32]) -> bool {
    let longer = x.len().max(y.len());
    let apart = x.iter().zip(y).filter(|(p, q)| p != q).count();
    (x.len() == y.len() && 2 * apart <= longer) || distance(x, y).last().is_some_and(|&d| 2 * d <= longer)
}

/// The edit distance of `x` to each beginning of `y`.
pub(super) fn distance(x: &[u32], y: &[u32]) -> Vec<usize> {
    let mut row: Vec<usize> = (0..=y.len()).collect();
    for (i, p) in x.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, q) in y.iter().enumerate() {
            let cost = corner + usize::from(p != q);
            corner = row[j + 1];
            row[j + 1] = cost.min(corner + 1).min(row[j] + 1);
        }
    }
    row
}

/// Whether a value mark stands in one copy and not in the other: `5.6%` and `56%`, ☑是 and ☐是.
/// White space in its place is no sign of another value: a line wrap may have cut a number.
pub(super) fn values_differ(text: &str, key: &Key, block: &Block) -> bool {
    block.runs.iter().any(|run| {
        (1..run.len).step_by(STRETCH).any(|from| {
            let ns = &(from..run.len.min(from + STRETCH));
            !stretch_is_same(text.as_bytes(), key, run, ns) && differs_in(text, key, run, ns)
        })
    })
}

/// Gaps that are compared in one go.
const STRETCH: usize = 16;

/// The gaps `ns` of both copies are equal: the bytes are, and no circle stands there, which may be a
/// letter in one copy and a mark in the other. It may say no where they are.
fn stretch_is_same(bytes: &[u8], key: &Key, run: &Run, ns: &Range<usize>) -> bool {
    let span = |at: usize| key.at(at + ns.start - 1)..key.at(at + ns.end - 1);
    bytes[span(run.a)] == bytes[span(run.b)]
        && !key.chars()[run.a + ns.start - 1..run.a + ns.end].contains(&u32::from('〇'))
}

/// A value mark stands in one of the gaps `ns` of one copy and not in the other's.
fn differs_in(text: &str, key: &Key, run: &Run, ns: &Range<usize>) -> bool {
    let offsets = |at: usize| key.offsets()[at + ns.start - 1..at + ns.end].array_windows();
    offsets(run.a).zip(offsets(run.b)).zip(ns.clone()).any(|((&x, &y), n)| {
        !are_same(text.as_bytes(), x, y) && {
            let (x, y) = (key.gap(text, run.a + n), key.gap(text, run.b + n));
            x != y && {
                let equal = key.marks(text, run.a + n).eq(key.marks(text, run.b + n));
                let blank = |gap: &str| !gap.is_empty() && gap.trim().is_empty();
                // The same marks before another line end: `人：-⏎6月` and `人：-6月`.
                let shown = |gap: &str| gap.chars().filter(|c| !c.is_whitespace()).collect::<String>();
                !equal && !blank(x) && !blank(y) && shown(x) != shown(y)
            }
        }
    })
}

/// A character of a key and what stands behind it are the same bytes at both places, each of which is
/// given with that of the next character. Said at once where nothing or one mark of three bytes
/// stands behind Han; it may say no where they are the same.
#[inline]
fn are_same(bytes: &[u8], x: [u32; 2], y: [u32; 2]) -> bool {
    let (a, b) = (x[0] as usize, y[0] as usize);
    match (x[1] - x[0], y[1] - y[0]) {
        (1, 1) => true,
        (3, 3) => is_han_lead(bytes[a]) && is_han_lead(bytes[b]) || bytes[a..a + 3] == bytes[b..b + 3],
        (6, 6) => bytes[a..].first_chunk::<6>() == bytes[b..].first_chunk(),
        _ => false,
    }
}

/// The length of the text that `chars` is made of, over and over and nothing else, if it is.
pub(super) fn period(chars: &[u32]) -> Option<usize> {
    // The classic table of borders; the longest border of the whole leaves the shortest period.
    let mut border = vec![0_u32; chars.len()];
    let mut length = 0;
    for n in 1..chars.len() {
        while length > 0 && chars[n] != chars[length] {
            length = border[length - 1] as usize;
        }
        length += usize::from(chars[n] == chars[length]);
        border[n] = length as u32;
    }
    let period = chars.len() - length;
    (length > 0 && chars.len().is_multiple_of(period)).then_some(period)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Vec<u32> {
        text.chars().map(u32::from).collect()
    }

    #[test]
    fn a_number_differs_and_a_typing_error_does_not() {
        for (x, y, differ) in [
            ("增长5", "增长6", true),
            ("增长5", "增常5", false),
            ("第三条", "第五条", true),
            ("第三条", "第山条", false),
            ("三", "", true),
            ("条", "", false),
            ("", "12", true),
            ("两万", "两亿", true),
        ] {
            assert_eq!(numbers_differ(&key(x), &key(y)), differ, "{x} {y}");
        }
    }

    #[test]
    fn half_of_the_characters_make_a_likeness() {
        for (x, y, alike) in [
            ("改革发展", "改革开放", true),
            ("改革发展", "民生开放", false),
            ("改革发展", "改发展", true),
            ("改革", "", false),
        ] {
            assert_eq!(resemble(&key(x), &key(y)), alike, "{x} {y}");
        }
        assert_eq!(distance(&key("改革"), &key("改善革")), [2, 1, 1, 1]);
    }

    #[test]
    fn a_text_over_and_over_has_a_period() {
        for (text, expected) in
            [("改革改革改革", Some(2)), ("改改改", Some(1)), ("改革改", None), ("改革", None), ("", None)]
        {
            assert_eq!(period(&key(text)), expected, "{text}");
        }
    }
}

//! Which of two copies is the better one: by how they are made and by how many others agree with
//! them, never by when they came.

use std::cmp::Reverse;

use crate::text::chars::is_closing;
use crate::text::chars::is_stop;

/// How well a copy is made, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Form {
    pub(crate) is_one_line: bool,
    /// The length of its longest line, as a power of two: a flattened page has lines that no
    /// paragraph has, even where some of its line ends were found again.
    pub(crate) longest_line: u8,
    /// The number of its lines, likewise.
    pub(crate) n_lines: Reverse<u8>,
    /// Ends without a final mark, date or signature.
    pub(crate) ends_badly: bool,
    /// Written in Traditional characters; decides only where nothing else differs.
    pub(crate) is_traditional: bool,
}

/// A last line without a mark inside and not longer than this (in bytes, 20 characters) is a signature.
const MAX_SIGNATURE: usize = 60;

/// Characters that the script fold changed; a Simplified text quotes a few (乾隆, 著名).
const FEW_TRADITIONAL: u32 = 8;

impl Form {
    pub(crate) fn of(clean: &str, n_traditional: u32) -> Self {
        let text = clean.trim_end();
        let (mut longest, mut n_lines, mut start) = (0, 0, 0);
        for end in memchr::memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
            longest = longest.max(end - start);
            n_lines += 1;
            start = end + 1;
        }
        Self {
            is_one_line: memchr::memchr(b'\n', text.as_bytes()).is_none(),
            longest_line: power(longest),
            n_lines: Reverse(power(n_lines)),
            ends_badly: !ends_well(text),
            is_traditional: n_traditional > FEW_TRADITIONAL.min(text.len() as u32 / 24),
        }
    }
}

/// How many bits `n` has.
const fn power(n: usize) -> u8 {
    (usize::BITS - n.leading_zeros()) as u8
}

/// Ends in a final mark, a date or a signature.
fn ends_well(text: &str) -> bool {
    let Some(last) = text.chars().next_back() else { return false };
    if is_stop(last) || is_closing(last) || matches!(last, '日' | '月' | '年') {
        return true;
    }
    let line = text.rsplit('\n').next().unwrap_or(text);
    line.len() <= MAX_SIGNATURE && line.len() < text.len() && !line.contains(['，', '、', '；', '：', '。'])
}

/// The place of a document in the order ρ of all documents; smaller is better. Everything in it
/// comes from the document and its copies, nothing from the order of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank<'a> {
    /// Not of the set that the others are held against.
    pub(crate) is_new: bool,
    /// Carries another document that is to stay instead of it.
    pub(crate) is_carrier: bool,
    /// For `--keep first`: the number of the document; else 0 for all.
    pub(crate) first: usize,
    pub(crate) is_one_line: bool,
    /// How much of the document its copies confirm, in thousandths of a copy.
    pub(crate) agreement: Reverse<u64>,
    pub(crate) ends_badly: bool,
    /// Shows that it was passed on.
    pub(crate) is_forward: bool,
    pub(crate) length: Reverse<usize>,
    pub(crate) longest_line: u8,
    pub(crate) n_lines: Reverse<u8>,
    pub(crate) is_traditional: bool,
    /// An unknown date comes behind all others.
    pub(crate) date: u32,
    pub(crate) id: &'a [u8],
    pub(crate) text: u128,
    pub(crate) exact: u128,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_knows_how_texts_end() {
        for (text, want) in [
            ("通知\n内容。", [false, false]),
            ("通知 内容。", [true, false]),
            ("通知\n内容", [false, false]),
            ("通知\n二〇二四年五月六日", [false, false]),
            ("通知\n内容，见下，", [false, true]),
        ] {
            let form = Form::of(text, 0);
            assert_eq!([form.is_one_line, form.ends_badly], want, "{text}");
        }
    }
}

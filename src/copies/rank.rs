//! Which of two copies is the better one: by how they are made and by how many others agree with
//! them, never by when they came.

use std::cmp::Reverse;

use crate::copies::decide::Options;
use crate::copies::record::Head;
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
            is_one_line: n_lines == 1,
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

/// Bits of the fields of a rank, from the first to the last. The smaller number is the better
/// document. Everything in it comes from the document and its copies, nothing from the order of
/// input; of two equal ranks the smaller id is the better one, then the digests decide.
const BITS: [u32; 12] = [
    1,  // not of the set that the others are held against
    1,  // carries another document that is to stay instead of it
    32, // for `--keep first` the number of the document, else 0
    1,  // has one line
    17, // how much its copies confirm, in thousandths of a copy; the more the better
    1,  // ends badly
    1,  // shows that it was passed on
    28, // the length of its key; the longer the better
    7,  // its longest line, as a power of two
    7,  // the number of its lines, likewise; the more the better
    1,  // is in Traditional script
    27, // its date; an unknown one comes behind all others
];
const IS_NEW: usize = 0;
const IS_CARRIER: usize = 1;
const FIRST: usize = 2;
const AGREEMENT: usize = 4;
const LENGTH: usize = 7;

/// A field in its place.
fn field(n: usize, value: u64) -> u128 {
    let behind: u32 = BITS[n + 1..].iter().sum();
    u128::from(value.min((1 << BITS[n]) - 1)) << behind
}

/// As [`field`], where more is better.
fn more(n: usize, value: u64) -> u128 {
    let most = (1 << BITS[n]) - 1;
    field(n, most - value.min(most))
}

/// The rank of a document without its copies and its arrival.
pub(crate) fn base(head: &Head) -> u128 {
    of_form(&head.form, head.is_forward, head.date, head.key_len)
}

/// As [`base`], of the parts that it rests on.
pub(crate) fn of_form(form: &Form, is_forward: bool, date: Option<u32>, key_len: u32) -> u128 {
    let fields = [
        0,
        0,
        0,
        u64::from(form.is_one_line),
        0,
        u64::from(form.ends_badly),
        u64::from(is_forward),
        0,
        u64::from(form.longest_line),
        0,
        u64::from(form.is_traditional),
        date.map_or(u64::MAX, u64::from),
    ];
    let fields = fields.into_iter().enumerate().fold(0, |rank, (n, value)| rank | field(n, value));
    fields | more(LENGTH, u64::from(key_len)) | more(9, u64::from(form.n_lines.0))
}

/// What the arrival of document `n` adds to its rank.
pub(crate) fn arrival(n: u32, n_references: u32, options: &Options) -> u128 {
    let first = if options.keep_first { n } else { 0 };
    field(IS_NEW, u64::from(n >= n_references)) | field(FIRST, u64::from(first))
}

/// What its copies add: how much of it they confirm, and whether it carries one that is to stay.
pub(crate) fn of_copies(agreement: u32, is_carrier: bool) -> u128 {
    more(AGREEMENT, u64::from(agreement)) | field(IS_CARRIER, u64::from(is_carrier))
}

/// The length of the key that a rank was made with.
pub(crate) fn key_len(rank: u128) -> u32 {
    let behind: u32 = BITS[LENGTH + 1..].iter().sum();
    let most = (1 << BITS[LENGTH]) - 1;
    most - ((rank >> behind) as u32 & most)
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

    #[test]
    fn ranks_compare_field_by_field() {
        let head = |text: &str| {
            let facts = crate::copies::Facts::default();
            let sketcher = crate::copies::Sketcher::new(crate::copies::DEFAULT_SEED);
            let portrait = crate::copies::Painter::default().paint(text, text, facts, &sketcher);
            let mut record = Vec::new();
            portrait.write(b"1", "", &mut record);
            Head::read(&record)
        };
        let whole = head("关于停水的通知\n今日停水，敬请谅解。");
        let cut = head("关于停水的通知\n今日停水");
        let flat = head("关于停水的通知 今日停水，敬请谅解，恢复另告。");
        assert!(base(&whole) < base(&cut) && base(&cut) < base(&flat));
        assert_eq!((key_len(base(&cut)), key_len(base(&flat))), (11, 19));
        // More agreement is better, and only behind it length counts.
        assert!(base(&cut) | of_copies(2000, false) < base(&whole) | of_copies(1999, false));
        assert!(base(&whole) | of_copies(0, true) > base(&flat) | of_copies(0, false));
        let first = Options { keep_first: true, ..Options::default() };
        assert!(base(&flat) | arrival(3, 0, &first) < base(&whole) | arrival(4, 0, &first));
        assert!(base(&flat) | arrival(3, 4, &first) < base(&whole) | arrival(4, 4, &first));
        assert_eq!(BITS.iter().sum::<u32>(), 124);
    }
}

//! Page numbers. A printed page ends with a line that is no part of the text, and that line often
//! stands in the middle of a sentence: the number goes, and the halves of the sentence are joined.

use memchr::{memchr, memrchr};

use crate::layout::label::starts_paragraph;
use crate::layout::spaces::leading_blanks;
use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::{is_blank, is_closing, is_han, is_opening};
use crate::text::sift::sift;

/// The longest line that can be a page number, in bytes: `第 1234 页 共 1234 页` with wide blanks.
const MAX_PAGE_LINE: usize = 64;

/// Says which page numbers go.
pub(crate) fn furniture(text: &str, rules: &Rules, edits: &mut Edits) {
    let Some(number) = rules.on(builtin::PAGE_NUMBER) else { return };
    let mut totals = None;
    let bytes = text.as_bytes();
    // Where the last page number stood.
    let mut last_page = None;
    // Every line is asked, but for its first character only.
    let starts = std::iter::once(0).chain(sift(text, |a, _, _, _| a == b'\n').map(|at| at + 1));
    starts.for_each(|at| {
        let from = at + leading_blanks(&text[at..]);
        if !may_be_page_number(&bytes[from..]) {
            return;
        }
        let near = &bytes[at..bytes.len().min(at + MAX_PAGE_LINE + 1)];
        let end = match memchr(b'\n', near) {
            Some(n) => at + n,
            None if near.len() <= MAX_PAGE_LINE => bytes.len(),
            None => return,
        };
        let line = Line { start: at, end };
        let start = end + 1;
        let content = line.of(text);
        let page = match page_number(content) {
            Page::No => false,
            Page::Sure => true,
            Page::OfTotal(total) => {
                let counted = totals.get_or_insert_with(|| counted_totals(text));
                counted.binary_search(&total).is_ok()
            }
        };
        if !page {
            return;
        }
        let before = line_before(text, at, last_page.replace(at));
        if let (Some(before), Some(join)) = (before, rules.on(builtin::JOIN_PAGE))
            && let Some(after) = next_line(text, start)
            && cuts_a_sentence(before.of(text), after.of(text))
        {
            let from = before.trimmed(text).1.max(edits.end());
            let to = after.trimmed(text).0;
            edits.replace(from..to, glue(text, from, to), join);
        } else {
            // The line goes with the line end behind it; the last line of a text, with the one before.
            let from = if end == text.len() { line.start.saturating_sub(1) } else { line.start };
            edits.delete(from.max(edits.end())..(end + 1).min(text.len()), number);
        }
    });
}

#[derive(Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
}

impl Line {
    /// The line without the blanks at its edges.
    fn of(self, text: &str) -> &str {
        text[self.start..self.end].trim_matches(is_blank)
    }

    /// The bytes of [`Line::of`].
    fn trimmed(self, text: &str) -> (usize, usize) {
        let line = &text[self.start..self.end];
        let from = self.start + (line.len() - line.trim_start_matches(is_blank).len());
        (from, from.max(self.start + line.trim_end_matches(is_blank).len()))
    }
}

/// The last line before byte `at` that shows something; `None` where the page number that begins at
/// `last_page` comes first.
fn line_before(text: &str, at: usize, last_page: Option<usize>) -> Option<Line> {
    let mut end = at.checked_sub(1)?;
    loop {
        let start = memrchr(b'\n', &text.as_bytes()[..end]).map_or(0, |n| n + 1);
        if last_page == Some(start) {
            return None;
        }
        let line = Line { start, end };
        if end - start > MAX_PAGE_LINE || !line.of(text).is_empty() {
            return Some(line);
        }
        end = start.checked_sub(1)?;
    }
}

/// By its first character; few short lines begin so.
fn may_be_page_number(line: &[u8]) -> bool {
    match line {
        // 共 and 第
        [b'-' | b'(' | b'0'..=b'9', ..] | [0xE5, 0x85, 0xB1, ..] | [0xE7, 0xAC, 0xAC, ..] => true,
        // Dashes of all kinds, 【 and （.
        [0xE2, b, ..] => matches!(b, 0x80 | 0x88 | 0x94),
        [0xE3, b, c, ..] => matches!((b, c), (0x80, 0x90) | (0x83, 0xBC)),
        [0xEF, b, c, ..] => matches!((b, c), (0xB9, 0xA3) | (0xBC, 0x88 | 0x8D)),
        _ => false,
    }
}

/// The next line that is not blank; lines behind a page number are few, so the look is short, and
/// blank lines are given up after a printed page of them.
fn next_line(text: &str, mut start: usize) -> Option<Line> {
    const PAGE_OF_BLANK_LINES: usize = 64;
    for _ in 0..PAGE_OF_BLANK_LINES {
        if start >= text.len() {
            return None;
        }
        let end = memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |n| start + n);
        let line = Line { start, end };
        if end - start > MAX_PAGE_LINE || !line.of(text).is_empty() {
            return Some(line);
        }
        start = end + 1;
    }
    None
}

enum Page {
    No,
    Sure,
    /// `3/9`: a page number if the text counts up to this total more than once.
    OfTotal(u32),
}

const fn is_dash(c: char) -> bool {
    matches!(c, '-' | '‐'..='―' | '－' | '─' | '━' | '﹣' | '−' | 'ー')
}

/// `— 3 —`, `第3页 共9页`, `3/9`; `line` has no blanks at its edges and is short.
fn page_number(line: &str) -> Page {
    let Some(first) = line.chars().next() else { return Page::No };
    if is_dash(first) {
        let inner = line.trim_start_matches(is_dash);
        let number = inner.trim_end_matches(is_dash);
        let dashes = |n: usize| (1..=3).contains(&n);
        let (left, right) = (line.len() - inner.len(), inner.len() - number.len());
        let width = first.len_utf8();
        let sure = dashes(left / width)
            && right > 0
            && dashes(line.chars().rev().take_while(|&c| is_dash(c)).count())
            && number_in(number.trim_matches(is_blank)).is_some();
        return if sure { Page::Sure } else { Page::No };
    }
    match first {
        '第' | '共' | '（' | '(' | '【' => {
            if names_its_pages(line) {
                Page::Sure
            } else {
                Page::No
            }
        }
        '0'..='9' => {
            let digits = line.bytes().take_while(u8::is_ascii_digit).count();
            if !line[digits..].trim_start_matches(is_blank).starts_with(['/', '／']) {
                return Page::No;
            }
            let Some((page, total)) = line.split_once(['/', '／']) else { return Page::No };
            match (number_in(page.trim_end_matches(is_blank)), number_in(total.trim_start_matches(is_blank)))
            {
                (Some(page), Some(total)) if 1 <= page && page <= total && total >= 2 => Page::OfTotal(total),
                _ => Page::No,
            }
        }
        _ => Page::No,
    }
}

/// A number of one to four digits and nothing else.
fn number_in(text: &str) -> Option<u32> {
    ((1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// The whole line is `第3页`, `第3页 共9页`, `第3页/共9页`, `共9页 第3页`, also in brackets.
fn names_its_pages(line: &str) -> bool {
    let line = line.trim_start_matches(['（', '(', '【']);
    if !line.trim_start_matches(beside_number).starts_with(['第', '共']) {
        return false;
    }
    let line = line.trim_end_matches(['）', ')', '】']);
    let mut parts = 0;
    let mut numbered = false;
    for part in line.split_inclusive('页') {
        let part = part.trim_matches(beside_number);
        let Some(inner) = part.strip_suffix('页') else { return part.is_empty() && numbered && parts <= 2 };
        let number = inner.strip_prefix(['第', '共']).map(|n| n.trim_matches(is_blank));
        let Some(number) = number else { return false };
        let han = |n: &str| !n.is_empty() && n.chars().all(|c| "一二三四五六七八九十百〇零".contains(c));
        if number_in(number).is_none() && !han(number) {
            return false;
        }
        numbered |= part.starts_with('第');
        parts += 1;
    }
    numbered && parts <= 2
}

fn beside_number(c: char) -> bool {
    is_blank(c) || matches!(c, '/' | '／' | ',' | '，' | '、' | '|')
}

/// The totals of lines `n/total` that occur with at least two different n, in ascending order: one
/// such line alone may be a date, a score or a cell.
fn counted_totals(text: &str) -> Vec<u32> {
    let mut seen = Vec::new();
    for line in text.split('\n').filter(|line| line.len() <= MAX_PAGE_LINE) {
        let line = line.trim_matches(is_blank);
        if let Page::OfTotal(total) = page_number(line)
            && let Some(page) =
                line.split(['/', '／']).next().and_then(|n| number_in(n.trim_end_matches(is_blank)))
        {
            seen.push((total, page));
        }
    }
    seen.sort_unstable();
    seen.dedup();
    let mut totals: Vec<u32> =
        seen.windows(2).filter(|w| w[0].0 == w[1].0 && w[0].1 + 1 == w[1].1).map(|w| w[0].0).collect();
    totals.dedup();
    totals
}

/// Characters before a page number that can be the first half of a sentence, where a mark stands
/// among them; shorter lines are headings and cells.
const MIN_FIRST_HALF: usize = 20;

/// The same where no mark does.
const MIN_UNMARKED_HALF: usize = 29;

/// Characters behind a page number that can be the rest of a sentence without any mark.
const MIN_UNMARKED_REST: usize = 25;

/// The lines before and after a page number are halves of one sentence.
fn cuts_a_sentence(before: &str, after: &str) -> bool {
    let (Some(last), Some(first)) = (before.chars().next_back(), after.chars().next()) else { return false };
    if !(is_han(last)
        || last.is_ascii_alphanumeric()
        || matches!(last, '，' | '、' | ',' | '（' | '《' | '“'))
    {
        return false;
    }
    // The number of a table's row.
    let row = after.trim_start_matches(|c: char| c.is_ascii_digit());
    if row.len() < after.len() && row.starts_with(is_blank) {
        return false;
    }
    if starts_paragraph(after) || before.contains('\t') || after.contains('\t') {
        return false;
    }
    // No sentence begins with these.
    if matches!(first, '的' | '之' | '们' | '了' | '着' | '者')
        || is_closing(first)
        || matches!(first, '，' | '、' | '。' | '；')
    {
        return is_han(last) || last.is_ascii_alphanumeric();
    }
    // The mark of a label, and of a list in a heading, makes no sentence of it: 一、机构、人员和经费.
    let marked = |text: &str| {
        let pause = !starts_paragraph(text);
        text.chars().any(|c| matches!(c, '，' | '。' | '；' | ',' | ';') || pause && c == '、')
    };
    let longer = |text: &str, least: usize| text.chars().nth(least - 1).is_some();
    let first_half = if marked(before) {
        longer(before, MIN_FIRST_HALF)
    } else {
        // Headlines are long too, but set their halves apart; notes on a law end with what was done.
        let headline = before.chars().any(|c| is_blank(c) || c == '：')
            && !before.starts_with(|c: char| c.is_ascii_digit())
            && !before.contains(['”', '》']);
        let note = ["修正", "修订", "通过", "批准", "公布", "施行"].iter().any(|end| before.ends_with(end));
        longer(before, MIN_UNMARKED_HALF) && !note && (!headline || starts_paragraph(before))
    };
    first_half && !is_opening(first) && (marked(after) || longer(after, MIN_UNMARKED_REST))
}

/// What joins the halves: words of Latin need a space between them.
fn glue(text: &str, from: usize, to: usize) -> &'static str {
    let latin = |c: char| c.is_ascii_alphabetic();
    let left = text[..from].chars().next_back().is_some_and(latin);
    if left && text[to..].chars().next().is_some_and(latin) { " " } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::{assert_changes, assert_stays, settled};

    #[test]
    fn page_numbers_go_and_halves_meet() {
        assert_changes(
            furniture,
            &[
                ("关于做好工作的通知\n— 3 —\n各县人民政府：", "关于做好工作的通知\n各县人民政府："),
                ("给予评审优惠\n- 16 -\n的扶持政策", "给予评审优惠的扶持政策"),
                (
                    "各级政府应当加强对农村公路工作的领导，建立健全管\n\n- 2 -\n\n理养护体制，落实资金。",
                    "各级政府应当加强对农村公路工作的领导，建立健全管理养护体制，落实资金。",
                ),
                ("工作总结。\n第 3 页 共 9 页\n下一步打算", "工作总结。\n下一步打算"),
                ("工作总结。\n第3页/共9页", "工作总结。"),
                ("甲。\n1/3\n乙。\n2/3\n丙。", "甲。\n乙。\n丙。"),
                (
                    "工作目标\n— 4 —\n第二条 本办法自公布之日起施行，有效期五年。",
                    "工作目标\n第二条 本办法自公布之日起施行，有效期五年。",
                ),
                (
                    "一、集约化、数字化是政务服务的发展方向\n- 5 -\n随着改革的深入，各地都有新办法。",
                    "一、集约化、数字化是政务服务的发展方向\n随着改革的深入，各地都有新办法。",
                ),
                ("甲。\n- 1 -\n- 2 -\n乙。", "甲。\n乙。"),
                ("- 1 -", ""),
                ("关于 the public\n- 2 -\n，service", "关于 the public，service"),
            ],
        );
    }

    #[test]
    fn numbers_that_are_text_stay() {
        assert_stays(
            furniture,
            &[
                "5\n6\n7",
                "—3.2—",
                "2019\n09/07\n19:02",
                "3/9",
                "(9)",
                "— 一 —",
                "-5",
                "- 3 -x",
                "----",
                "-----5-----",
                "第三页写着他的名字",
                "共9页",
                "第一条\n第二条",
                "第3页\u{4e2d}",
                "10/7\n9/7",
            ],
        );
    }

    #[test]
    fn odd_texts_are_settled_after_one_run() {
        settled(furniture, &["- 1 -", "\n", " ", "甲", "，", "第3页", "1/2", "2/2", "的", "—"]);
    }
}

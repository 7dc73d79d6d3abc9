//! Dates as official texts write them, and the period that a title names.

use crate::text::chars::{before, is_blank};

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    /// 1900 to 2099.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// As ISO 8601 writes it: `2024-03-05`.
impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn value(c: char) -> Option<u32> {
    Some(match c {
        '0'..='9' => u32::from(c) - u32::from('0'),
        '〇' | '零' | '○' => 0,
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// Reads a number of at most `most` digits, Western or Chinese (十 included, as in 二十三).
fn number(text: &str, most: usize) -> Option<(u32, &str)> {
    let (mut n, mut digits, mut ten) = (0, 0, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '十' && !ten && digits <= 1 {
            n = if digits == 0 { 10 } else { n * 10 };
            (ten, digits) = (true, digits.max(1));
        } else if let Some(v) = value(c) {
            if digits == most || (ten && n % 10 != 0) {
                return None;
            }
            n = if ten { n + v } else { n * 10 + v };
            digits += usize::from(!ten);
        } else {
            break;
        }
        rest = &rest[c.len_utf8()..];
    }
    (digits > 0).then_some((n, rest))
}

fn blanks(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

/// The date at the start of `text` and its length in bytes: `2024年3月5日`, `二〇二四年三月五日`,
/// `2024-03-05`, blanks allowed between the parts.
pub(super) fn date_at(text: &str) -> Option<(Day, usize)> {
    let (year, rest) = number(text, 4)?;
    if !(1900..2100).contains(&year) {
        return None;
    }
    let rest = blanks(rest);
    let (month, day, rest) = if let Some(rest) = rest.strip_prefix('年') {
        let (month, rest) = number(blanks(rest), 2)?;
        let (day, rest) = number(blanks(blanks(rest).strip_prefix('月')?), 2)?;
        (month, day, blanks(rest).strip_prefix('日')?)
    } else {
        let mark = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
        let (month, rest) = number(rest.strip_prefix(mark)?, 2)?;
        let (day, rest) = number(rest.strip_prefix(mark)?, 2)?;
        (month, day, rest)
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    Some((Day { year: year as u16, month: month as u8, day: day as u8 }, text.len() - rest.len()))
}

/// `text` is one date and nothing else, brackets around it and blanks left aside.
pub(super) fn only_date(text: &str) -> Option<Day> {
    let text = text.trim_matches(|c| is_blank(c) || matches!(c, '（' | '）' | '(' | ')'));
    let (day, len) = date_at(text)?;
    (len == text.len()).then_some(day)
}

/// The first byte of 一 and 二, with which a year begins in Chinese numerals.
const HAN_YEAR_LEAD: u8 = 0xE4;

/// The places in `text` at which a year may begin: 1, 2, 一 or 二 that no digit precedes.
pub(super) fn years(text: &str) -> impl Iterator<Item = usize> + '_ {
    memchr::memchr3_iter(b'1', b'2', HAN_YEAR_LEAD, text.as_bytes()).filter(|&at| {
        let rest = &text[at..];
        let starts = rest.as_bytes()[0] != HAN_YEAR_LEAD || rest.starts_with(['一', '二']);
        starts && before(text, at).is_none_or(|c| value(c).is_none())
    })
}

/// The date that ends `text`, and where it starts.
pub(super) fn date_at_end(text: &str) -> Option<(Day, usize)> {
    if !text.ends_with('日') {
        return None;
    }
    years(text)
        .filter_map(|at| {
            let (day, len) = date_at(&text[at..])?;
            (at + len == text.len()).then_some((day, at))
        })
        .last()
}

/// What may follow the year of a period, longest first.
const PERIOD_ENDS: &[&str] = &["上半年", "下半年", "第一季度", "第二季度", "第三季度", "第四季度", "度", ""];

/// Where a range of years such as 2021—2025年 begins, if its first year stands at the end of `before`;
/// the end of `before` otherwise.
fn range_start(before: &str) -> usize {
    let head = before.trim_end_matches(['-', '—', '–', '～', '~', '至']);
    let from = head.len().saturating_sub(4);
    let year = head.as_bytes().get(from..).is_some_and(|year| {
        year.len() == 4 && year.iter().all(u8::is_ascii_digit) && matches!(&year[..2], b"19" | b"20")
    });
    if year && head.len() < before.len() { from } else { before.len() }
}

/// The span in `title` that says which year, half, quarter or months it is about.
pub(super) fn period(title: &str) -> Option<(usize, usize)> {
    for at in years(title) {
        let Some((year, rest)) = number(&title[at..], 4) else { continue };
        let Some(mut rest) = rest.strip_prefix('年') else { continue };
        if !(1900..2100).contains(&year) {
            continue;
        }
        let months = |text: &'_ str| -> Option<usize> {
            let (_, after) = number(text, 2)?;
            let after = match after.chars().next()? {
                c @ ('-' | '—' | '至' | '～') => number(&after[c.len_utf8()..], 2)?.1,
                _ => after,
            };
            let after = after.strip_prefix('月')?;
            Some(text.len() - after.len())
        };
        if let Some(len) = months(rest) {
            rest = &rest[len..];
        } else if let Some(word) = PERIOD_ENDS.iter().find(|word| rest.starts_with(**word)) {
            rest = &rest[word.len()..];
        }
        return Some((range_start(&title[..at]), title.len() - rest.len()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_both_numerals() {
        for (text, iso) in [
            ("2024年3月5日", "2024-03-05"),
            ("二〇二四年三月五日", "2024-03-05"),
            ("二○二四年十二月二十三日", "2024-12-23"),
            ("一九九〇年十月三十一日", "1990-10-31"),
            ("2024 年 03 月 05 日", "2024-03-05"),
            ("（2024年3月5日）", "2024-03-05"),
            ("2024-3-5", "2024-03-05"),
        ] {
            assert_eq!(only_date(text).map(|d| d.to_string()).as_deref(), Some(iso), "{text}");
        }
        for text in [
            "2024年3月",
            "3月5日",
            "2024年13月5日",
            "20240年3月5日",
            "1024年3月5日",
            "2024年3月5日起",
            "",
            "十",
        ] {
            assert_eq!(only_date(text), None, "{text}");
        }
        assert_eq!(date_at_end("青山县水务局2024年3月5日").map(|d| d.1), Some(18));
        assert_eq!(date_at_end("电话12024年3月5日"), None);
    }

    #[test]
    fn periods_are_read_from_titles() {
        for (title, told) in [
            ("青山县2023年国民经济和社会发展统计公报", Some("2023年")),
            ("2023年1—11月青山县工业运行情况", Some("2023年1—11月")),
            ("关于2023年度决算的报告", Some("2023年度")),
            ("二〇二三年上半年工作要点", Some("二〇二三年上半年")),
            ("青山县防汛规划（2021—2025年）", Some("2021—2025年")),
            ("关于防汛的通知", None),
            ("关于第2996号建议的答复", None),
        ] {
            assert_eq!(period(title).map(|(from, to)| &title[from..to]), told, "{title}");
        }
    }
}

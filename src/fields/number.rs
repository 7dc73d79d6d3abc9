//! The number of a document: `青政办发〔2024〕12号`, `国务院令第561号`, `公告2024年第3号`.

use crate::fields::Part;
use crate::text::chars::{is_blank, is_han};

/// A document number, borrowed from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'a> {
    /// The number as it stands.
    pub part: Part<'a>,
    /// Whom it belongs to: `青政办发`, `国务院令`, `公告`.
    pub prefix: &'a str,
    /// The year in brackets or before 年; 0 where there is none.
    pub year: u16,
    /// The serial number.
    pub serial: u32,
}

impl Number<'_> {
    /// Both name the same document. Where one prefix is the end of the other, they agree: a page
    /// writes `国务院令`, the next one `中华人民共和国国务院令`, and flattened heads glue the issuer on.
    ///
    /// ```
    /// let one = jingwen::fields::read("青政办发〔2024〕12号\n关于防汛的通知\n");
    /// let two = jingwen::fields::read("青政办发［2024］12号\n关于防汛的通知\n");
    /// assert!(one.number.unwrap().same(&two.number.unwrap()));
    /// ```
    #[must_use]
    pub fn same(&self, other: &Number<'_>) -> bool {
        let ends_alike = || {
            let mut own = self.prefix.chars().rev().filter(|c| !is_blank(*c));
            let mut others = other.prefix.chars().rev().filter(|c| !is_blank(*c));
            loop {
                match (own.next(), others.next()) {
                    (Some(a), Some(b)) if a == b => {}
                    (Some(_), Some(_)) => return false,
                    _ => return true,
                }
            }
        };
        self.year == other.year && self.serial == other.serial && ends_alike()
    }
}

/// Longest prefix in characters: two organs that issue an order together.
const PREFIX_CHARS: usize = 40;

/// Opening brackets of a year and those that close it; scraped pages mix them.
const OPEN: &[char] = &['〔', '［', '[', '（', '(', '【', '﹝'];
const CLOSE: &[char] = &['〕', '］', ']', '）', ')', '】', '﹞'];

fn digits(text: &str, most: usize) -> Option<(u32, &str)> {
    let n = text.bytes().take_while(u8::is_ascii_digit).count();
    if n == 0 || n > most {
        return None;
    }
    Some((text[..n].parse().ok()?, &text[n..]))
}

fn blanks(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

fn year(text: &str) -> Option<(u16, &str)> {
    let (year, rest) = digits(text, 4)?;
    (1900..2100).contains(&year).then_some((year as u16, rest))
}

/// `〔2024〕12号` at the start of `text`: year, serial number, length.
fn bracketed(text: &str) -> Option<(u16, u32, usize)> {
    let (year, rest) = year(blanks(text.strip_prefix(OPEN)?))?;
    let rest = blanks(blanks(rest).strip_prefix(CLOSE)?);
    // With 第 it is a certificate or a land title: 国用（2011）第12号.
    let (serial, rest) = digits(rest, 6)?;
    let rest = blanks(rest).strip_prefix('号')?;
    Some((year, serial, text.len() - rest.len()))
}

fn han_number(text: &str) -> Option<(u32, &str)> {
    let (mut n, mut unit, mut any) = (0, 0, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(v) = "〇一二三四五六七八九".chars().position(|d| d == c) {
            unit = if any && n == 0 && unit > 0 { unit * 10 + v as u32 } else { v as u32 };
        } else if let Some(power) = [('十', 10), ('百', 100), ('千', 1000)].iter().find(|p| p.0 == c) {
            n += unit.max(1) * power.1;
            unit = 0;
        } else {
            break;
        }
        if unit > 99_999 {
            return None;
        }
        any = true;
        rest = &rest[c.len_utf8()..];
    }
    any.then_some((n + unit, rest))
}

/// `第561号` or `2024年第3号` at the start of `text`: year or 0, serial number, length.
pub(super) fn ordinal(text: &str) -> Option<(u16, u32, usize)> {
    let (year, rest) = match year(text) {
        Some((year, rest)) => (year, blanks(blanks(rest).strip_prefix('年')?)),
        None => (0, text),
    };
    let rest = blanks(rest.strip_prefix('第')?);
    let (serial, rest) = digits(rest, 6).or_else(|| han_number(rest))?;
    let rest = blanks(rest).strip_prefix('号')?;
    Some((year, serial, text.len() - rest.len()))
}

fn is_prefix(text: &str) -> bool {
    let mut n = 0;
    let fits = text.chars().all(|c| {
        n += 1;
        is_han(c) || is_blank(c) || c.is_ascii_alphabetic() || c == '、'
    });
    // 第 before the bracket is a certificate; a verb makes it a sentence that quotes.
    fits && (1..=PREFIX_CHARS).contains(&n)
        && !["第", "根据", "按照", "依据", "关于", "转发", "印发", "参照", "废止"]
            .iter()
            .any(|word| text.contains(word))
}

/// A number with the brackets of its year that starts anywhere in `text` at or after `from`: where
/// its opening bracket stands, year, serial number, and where it ends.
pub(super) fn find(text: &str, from: usize) -> Option<(usize, u16, u32, usize)> {
    text[from..].match_indices(OPEN).find_map(|(at, _)| {
        let (year, serial, len) = bracketed(&text[from + at..])?;
        Some((from + at, year, serial, from + at + len))
    })
}

/// `line` is a document number and nothing else, one pair of brackets around it left aside.
pub(super) fn alone(line: Part<'_>) -> Option<Number<'_>> {
    let mut part = line.trim();
    for (open, close) in [('（', '）'), ('(', ')')] {
        if let Some(inner) = part.text.strip_prefix(open).and_then(|text| text.strip_suffix(close))
            && find(inner, 0).is_some_and(|found| found.3 == inner.len())
        {
            part = part.within(inner).trim();
        }
    }
    let (open, year, serial, end) = find(part.text, 0)?;
    let prefix = part.text[..open].trim_end_matches(is_blank);
    (end == part.text.len() && is_prefix(prefix)).then_some(Number { part, prefix, year, serial })
}

/// Words before a number that counts documents of one kind.
const SERIES: &[&str] = &["令", "公告", "通告"];

/// `国务院令第561号`, `公告（2024年第3号）` at the start of `text`; its length is that of the part.
pub(super) fn series(text: Part<'_>) -> Option<Number<'_>> {
    let (at, word) = SERIES
        .iter()
        .filter_map(|word| text.text.find(word).map(|at| (at, *word)))
        .min_by_key(|(at, word)| (*at, std::cmp::Reverse(word.len())))?;
    let prefix = &text.text[..at + word.len()];
    if !is_prefix(prefix) {
        return None;
    }
    let rest = blanks(&text.text[prefix.len()..]);
    let (inner, close) = match rest.strip_prefix(['（', '(']) {
        Some(inner) => (inner, 1),
        None => (rest, 0),
    };
    let (year, serial, len) = ordinal(blanks(inner))?;
    let mut after = &blanks(inner)[len..];
    if close == 1 {
        after = blanks(after).strip_prefix(['）', ')'])?;
    }
    let part = text.within(&text.text[..text.text.len() - after.len()]);
    Some(Number { part, prefix, year, serial })
}

/// A line such as 国务院令, whose number stands alone on the next line.
pub(super) fn heads_series(line: &str) -> bool {
    SERIES.iter().any(|word| line.ends_with(word)) && is_prefix(line)
}

/// The number of the series that `head` names, from `line` below it.
pub(super) fn below<'a>(head: Part<'a>, line: Part<'a>) -> Option<Number<'a>> {
    let part = line.trim();
    let inner = part.text.trim_matches(['（', '）', '(', ')']);
    let (year, serial, len) = ordinal(blanks(inner))?;
    (len == blanks(inner).len() && heads_series(head.text)).then_some(Number {
        part,
        prefix: head.text,
        year,
        serial,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_alone_on_a_line() {
        for (line, told) in [
            ("青政办发〔2024〕12号", Some(("青政办发", 2024, 12))),
            ("（青政办发[2024]12号）", Some(("青政办发", 2024, 12))),
            ("青水 〔 2024 〕 12 号", Some(("青水", 2024, 12))),
            ("青国用（2024）第7号", None),
            ("根据青政办发〔2024〕12号", None),
            ("转发青政办发〔2024〕12号", None),
            ("青政办发〔2024〕12号文件", None),
            ("青国用第（2024）12号", None),
            ("〔2024〕12号", None),
            ("青政办发〔2024〕号", None),
            ("", None),
        ] {
            let got = alone(Part { text: line, at: 0 }).map(|n| (n.prefix, n.year, n.serial));
            assert_eq!(got, told, "{line}");
        }
    }

    #[test]
    fn orders_and_announcements() {
        for (line, told) in [
            ("国务院令第561号", Some(("国务院令", 0, 561))),
            ("青山省人民政府令 第 12 号", Some(("青山省人民政府令", 0, 12))),
            ("水利部公告（2024年第3号）", Some(("水利部公告", 2024, 3))),
            ("中华人民共和国主席令第二十一号", Some(("中华人民共和国主席令", 0, 21))),
            ("公告2024年第3号", Some(("公告", 2024, 3))),
            ("公告栏第3号", None),
            ("关于公告第3号", None),
        ] {
            let got = series(Part { text: line, at: 0 }).map(|n| (n.prefix, n.year, n.serial));
            assert_eq!(got, told, "{line}");
        }
    }

    #[test]
    fn the_same_number_in_two_dresses() {
        let read = |text| alone(Part { text, at: 0 }).unwrap();
        for (a, b, same) in [
            ("青政办发〔2024〕12号", "青政办发[2024]12号", true),
            ("青山县人民政府青政发〔2024〕12号", "青政发〔2024〕12号", true),
            ("青政办发〔2024〕12号", "青政发〔2024〕12号", false),
            ("青政办发〔2024〕12号", "青政办发〔2023〕12号", false),
            ("青政办发〔2024〕12号", "青政办发〔2024〕13号", false),
        ] {
            assert_eq!(read(a).same(&read(b)), same, "{a} {b}");
        }
    }
}

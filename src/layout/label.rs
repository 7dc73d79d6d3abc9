//! What opens a paragraph: labels of lists, headings of laws, notes and dates. A line that begins
//! so is never the second half of a sentence.

use crate::text::chars::{is_blank, is_han_numeral, never_starts_a_line};

/// Digits of an Arabic label; longer numbers are amounts and years.
const MAX_LABEL_DIGITS: usize = 3;

/// Numerals of a Han label, as in 第一百二十三条.
const MAX_LABEL_NUMERALS: usize = 7;

/// The label of a list at the start of `line`, with its mark: `一、` `（一）` `1.` `1、` `（1）` `①`.
/// Gives its length in bytes.
pub(super) fn list_label(line: &str) -> Option<usize> {
    let first = line.chars().next()?;
    match first {
        '①'..='⑳' | '⑴'..='⒛' | '㈠'..='㈩' => Some(first.len_utf8()),
        '（' | '(' => {
            let inner = line[first.len_utf8()..].trim_start_matches(is_blank);
            let rest = inner[numeral(inner)?..].trim_start_matches(is_blank);
            let close = rest.chars().next().filter(|c| matches!(c, '）' | ')'))?;
            Some(line.len() - rest.len() + close.len_utf8())
        }
        _ => {
            let rest = line[numeral(line)?..].trim_start_matches(is_blank);
            let mark = rest.chars().next()?;
            let labels = match mark {
                '、' | '．' | '）' | ')' => true,
                // `5.6%` is an amount; a label's dot has no digit behind it.
                '.' => {
                    line.as_bytes()[0].is_ascii_digit()
                        && !rest[1..].starts_with(|c: char| c.is_ascii_digit())
                }
                _ => false,
            };
            labels.then(|| line.len() - rest.len() + mark.len_utf8())
        }
    }
}

/// The bytes of a short number, Arabic or Han, at the start of `text`.
fn numeral(text: &str) -> Option<usize> {
    let digits = text.bytes().take(MAX_LABEL_DIGITS + 1).take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        return (digits <= MAX_LABEL_DIGITS).then_some(digits);
    }
    let numerals: usize =
        text.chars().take(MAX_LABEL_NUMERALS).take_while(|&c| is_han_numeral(c)).map(char::len_utf8).sum();
    (numerals > 0).then_some(numerals)
}

/// 第…条, 第…章 and their like at the start of `line`: the bytes up to and with the unit, and the unit.
pub(super) fn article(line: &str) -> Option<(usize, char)> {
    let number = numeral(line.strip_prefix('第')?.trim_start_matches(is_blank))?;
    let blanks = line.len() - '第'.len_utf8() - line['第'.len_utf8()..].trim_start_matches(is_blank).len();
    let at = '第'.len_utf8() + blanks + number;
    let unit =
        line[at..].chars().next().filter(|c| matches!(c, '编' | '章' | '节' | '条' | '款' | '项' | '目'))?;
    Some((at + unit.len_utf8(), unit))
}

/// A paragraph begins with `line`, which has no blanks at its start.
pub(super) fn starts_paragraph(line: &str) -> bool {
    let Some(first) = line.chars().next() else { return true };
    if matches!(
        first,
        '【' | '●'
            | '◆'
            | '■'
            | '▲'
            | '★'
            | '※'
            | '•'
            | '·'
            | '□'
            | '◎'
            | '○'
            | '#'
            | '|'
            | '*'
            | '>'
    ) {
        return true;
    }
    if matches!(first, '—' | '-' | '－' | '–') || list_label(line).is_some() {
        return true;
    }
    if let Some((end, unit)) = article(line) {
        // “第三条规定的” goes on with a sentence; “第三条 国家” and “第三条之一” open an article.
        let rest = &line[end..];
        return rest.is_empty()
            || rest.starts_with(is_blank)
            || rest.starts_with("之一")
            || matches!(unit, '编' | '章') && rest.chars().count() <= MAX_HEADING;
    }
    let note = [
        "附件",
        "附表",
        "附：",
        "附:",
        "注：",
        "注:",
        "序号",
        "来源：",
        "一是",
        "二是",
        "三是",
        "四是",
        "五是",
    ];
    note.iter().any(|note| line.starts_with(note)) || is_date(line)
}

/// A news agency's dateline stands at the start of `line`: 新华社北京5月3日电.
pub(super) fn is_dateline(line: &str) -> bool {
    /// Characters within which it ends.
    const REACH: usize = 24;
    if !line.starts_with(['新', '中', '本', '据']) {
        return false;
    }
    let agency = ["新华社", "中新社", "本报", "据新华社"].iter().find(|name| line.starts_with(**name));
    let Some(agency) = agency else { return false };
    let mut day = false;
    for c in line[agency.len()..].chars().filter(|&c| !is_blank(c)).take(REACH) {
        if day && matches!(c, '电' | '讯') {
            return true;
        }
        day = c == '日';
    }
    false
}

/// A mark of either width that no line begins with stands at the start of `line`. With a wide gap
/// behind it, the line is a row of columns that were printed side by side.
pub(super) fn starts_with_pause(line: &str) -> bool {
    line.starts_with(|c| never_starts_a_line(c) || matches!(c, ',' | ';' | ':' | '?' | '!' | ')'))
}

/// Characters of a chapter's title.
const MAX_HEADING: usize = 20;

/// The whole line is a date: `2024年5月6日`, `二〇二四年五月六日`, `2024-05-06`.
fn is_date(line: &str) -> bool {
    const MAX_DATE: usize = 48;
    if line.len() > MAX_DATE {
        return false;
    }
    let part = |c: char| {
        c.is_ascii_digit()
            || is_han_numeral(c)
            || is_blank(c)
            || matches!(c, '年' | '月' | '日' | '-' | '/' | '.' | ':' | '○' | '廿' | '元')
    };
    line.chars().all(part)
        && line.chars().filter(|c| matches!(c, '年' | '月' | '日' | '-' | '/')).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_open_paragraphs_and_sentences_do_not() {
        let opens = [
            "一、总体要求",
            "（一）加强领导",
            "(1)资金",
            "1.资金",
            "12、资金",
            "1)资金",
            "①资金",
            "第三条 国家",
            "第三条",
            "第二章 总则",
            "附件1",
            "【正文】",
            "——甲",
            "2024年5月6日",
            "二〇二四年五月六日",
            "二十一、其他",
            "",
        ];
        assert!(is_dateline("新华社北京５月３日电") && is_dateline("本报石家庄5月3日讯  记者"));
        assert!(!is_dateline("本报记者5月3日在电影院") && !is_dateline("新华社电讯"));
        let goes_on = [
            "第三条规定的",
            "一体化发展",
            "三年来",
            "5.6%的",
            "2024年5月6日起施行",
            "的扶持",
            "1234.",
            "（试行）",
            "十分重要",
        ];
        for line in opens {
            assert!(starts_paragraph(line), "{line:?} opens a paragraph");
        }
        for line in goes_on {
            assert!(!starts_paragraph(line), "{line:?} goes on");
        }
    }

    #[test]
    fn a_label_ends_with_its_mark() {
        for (line, label) in
            [("一、甲", "一、"), ("（十二）甲", "（十二）"), ("1.甲", "1."), ("1) 甲", "1)"), ("⑴甲", "⑴")]
        {
            assert_eq!(list_label(line).map(|n| &line[..n]), Some(label));
        }
        assert_eq!(article("第 十 条").map(|a| a.1), None, "blanks inside a numeral are not its own");
        assert_eq!(article("第十二条　甲"), Some((12, '条')));
    }
}

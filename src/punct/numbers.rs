//! Document numbers: `国发〔2024〕5号`.
//!
//! The year stands between hexagonal brackets (GB/T 9704-2012, 7.2.5). Keyboards have no such
//! brackets, so pages carry a dozen others. Certificates and court cases keep the round ones:
//! they have 第 before the figure, or Han characters between the year and the figure.

use memchr::memmem;

use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::{is_blank, is_han};

/// Digits of a document's number.
const LONGEST_NUMBER: usize = 5;
/// Blanks that may stand between two parts.
const MOST_BLANKS: usize = 4;

/// Says which brackets of document numbers become `〔〕`, and which blanks inside them go.
pub(crate) fn numbers(text: &str, rules: &Rules, edits: &mut Edits) {
    let Some(rule) = rules.on(builtin::NUMBER_DOCUMENT) else { return };
    for hao in memmem::find_iter(text.as_bytes(), "号".as_bytes()) {
        if let Some(number) = parts(text, hao) {
            if number.from < edits.end() {
                continue;
            }
            let year = &text[number.year..number.year + 4];
            let figure = &text[number.figure.0..number.figure.1];
            let proper = format!("〔{year}〕{figure}");
            if text[number.from..hao] != proper {
                edits.replace(number.from..hao, &proper, rule);
            }
        }
    }
}

struct Number {
    from: usize,
    year: usize,
    figure: (usize, usize),
}

/// Reads the number backwards from its `号`.
fn parts(text: &str, hao: usize) -> Option<Number> {
    let end = skip_blanks(text, hao);
    let digits = text[..end].bytes().rev().take(LONGEST_NUMBER + 1).take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > LONGEST_NUMBER {
        return None;
    }
    let start = end - digits;
    let (close, at) = char_before(text, skip_blanks(text, start))?;
    if !matches!(close, ']' | '］' | ')' | '）' | '】' | '〗' | '〕' | '>' | '〉') {
        return None;
    }
    let year_end = skip_blanks(text, at);
    let year = year_end.checked_sub(4)?;
    let year_text = text.get(year..year_end)?;
    if !year_text.bytes().all(|b| b.is_ascii_digit())
        || !(year_text.starts_with("19") || year_text.starts_with("20"))
    {
        return None;
    }
    let (open, from) = char_before(text, skip_blanks(text, year))?;
    if !matches!(open, '[' | '［' | '(' | '（' | '【' | '〖' | '〔' | '<' | '〈') {
        return None;
    }
    let (agency, _) = char_before(text, from)?;
    is_han(agency).then_some(Number { from, year, figure: (start, end) })
}

fn char_before(text: &str, at: usize) -> Option<(char, usize)> {
    let c = text[..at].chars().next_back()?;
    Some((c, at - c.len_utf8()))
}

fn skip_blanks(text: &str, at: usize) -> usize {
    let blanks = text[..at].chars().rev().take(MOST_BLANKS).take_while(|&c| is_blank(c) || c == '\n');
    at - blanks.map(char::len_utf8).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Choice;

    fn clean(text: &str) -> String {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let (mut edits, mut new) = (Edits::default(), String::new());
        numbers(text, &rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    #[test]
    fn every_bracket_gives_the_proper_one() {
        for before in [
            "国发[2024]5号",
            "国发(2024)5号",
            "国发（2024）5号",
            "国发【2024】5号",
            "国发［2024］5号",
            "国发〔2024）5 号",
            "国发〔 2024 〕 5号",
            "国发〈2024〉5号",
            "国发〔2024〕\n5号",
        ] {
            assert_eq!(clean(before), "国发〔2024〕5号");
        }
        assert_eq!(clean("国发[2024]005号、豫政[2023]12号"), "国发〔2024〕005号、豫政〔2023〕12号");
        assert_eq!(clean("国发〔2024〕5号"), "国发〔2024〕5号");
    }

    #[test]
    fn certificates_cases_and_citations_stay() {
        for text in [
            "（2019）最高法民终123号",
            "京(2024)房字第5号",
            "CIP数据核字(2014)第123456号",
            "GB/T 9704(2012)",
            "见文献[2024]",
            "(2024)年度5号",
            "财政部令第87号",
            "2024年第5号公告",
            "编号[2024]123456号",
            "a[2024]5号",
            "[2024]5号",
            "国发[1824]5号",
            "号",
        ] {
            assert_eq!(clean(text), text);
        }
    }
}

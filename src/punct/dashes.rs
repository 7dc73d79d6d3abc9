//! Dashes that were typed as hyphens or taken from another alphabet.
//!
//! A Chinese dash is `——`, two characters wide (GB/T 15834-2011, 4.10.2). The `gb2312` table of
//! an old converter gives U+2015 for the same code.

use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::{after, before, is_blank, is_han, is_han_numeral, is_wide, left_on_line};
use crate::text::sift::sift;

/// Says which runs of hyphens and bars become `——`, and which tildes become `～`.
pub(crate) fn dashes(text: &str, rules: &Rules, edits: &mut Edits) {
    let mut done = 0;
    for i in sift(text, sieve) {
        if i < done {
            continue; // inside a run that was looked at from its start
        }
        let Some(c) = after(text, i) else { break };
        let n = text[i..].chars().take_while(|&other| other == c).count();
        let end = i + n * c.len_utf8();
        let told = match (c, n) {
            ('-', 2..=6) | ('–' | '─' | '━' | '―' | '－' | 'ー', 2) | ('⸺', 1) if is_dash(text, i, end) => {
                Some(("——", builtin::DASH_DOUBLE))
            }
            ('―', 1) if is_between(text, i, end, is_han) => Some(("—", builtin::DASH_DOUBLE)),
            ('~' | '〜' | '∼', 1) if is_between(text, i, end, is_figure) => {
                Some(("～", builtin::DASH_RANGE))
            }
            _ => None,
        };
        if let Some((with, rule)) = told
            && let Some(rule) = rules.on(rule)
        {
            edits.replace(i..end, with, rule);
        }
        done = end;
    }
}

/// Lets through `--`, `~` and where – ― ─ ━ ⸺ ∼, ー 〜 and － stand, and what is rare beside them.
fn sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    let ascii = (a == b'-') & (b == b'-') | (a == b'~');
    let general = (b == 0x80) & (c & 0xF9 == 0x91) | (b == 0x94) | (b == 0xB8) | (b == 0x88);
    let cjk = (b == 0x83) | (b == 0x80) & (c == 0x9C);
    ascii | (a == 0xE2) & general | (a == 0xE3) & cjk | (a == 0xEF) & (b == 0xBC) & (c == 0x8D)
}

/// Chinese text on both sides, or on one with the line's edge or a word on the other; digits on
/// both sides make a range or a telephone number, a lower-case word an option of a program, and
/// three hyphens at a line's start are a rule of Markdown.
fn is_dash(text: &str, from: usize, to: usize) -> bool {
    let (left, right) = (before(text, from), after(text, to));
    let wide = |c: Option<char>| c.is_some_and(|c| is_wide(c) && !matches!(c, '—' | '｜'));
    // `<` and `"` are titles and quotes that a later step makes of them.
    let word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '%' | '<' | '>' | '"');
    let two = !text[from..to].starts_with("---");
    let starts_line = left_on_line(text, from).is_none();
    match (wide(left), wide(right)) {
        (true, true) => true,
        (true, false) => right.is_some_and(word) || begins_with_name(&text[to..]),
        (false, true) => {
            two && (starts_line || left.is_some_and(is_blank))
                || left.is_some_and(|c| word(c) || c.is_ascii_lowercase())
        }
        // A dateline: a line that begins with a dash and a year.
        (false, false) => two && starts_line && right.is_some_and(|c| c.is_ascii_digit()),
    }
}

/// A Latin word with a capital in it: `iMac`, not an option such as `--help`.
fn begins_with_name(rest: &str) -> bool {
    /// Letters to look at.
    const REACH: usize = 12;
    rest.bytes().take(REACH).take_while(u8::is_ascii_alphabetic).any(|b| b.is_ascii_uppercase())
}

fn is_between(text: &str, from: usize, to: usize, fits: fn(char) -> bool) -> bool {
    before(text, from).is_some_and(fits) && after(text, to).is_some_and(fits)
}

fn is_figure(c: char) -> bool {
    c.is_ascii_digit() || is_han_numeral(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Choice, Profile};

    fn clean(text: &str, profile: Profile) -> String {
        let rules = Rules::bundled(&Choice { profile, ..Choice::default() }).unwrap();
        let (mut edits, mut new) = (Edits::default(), String::new());
        dashes(text, &rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    #[test]
    fn hyphens_in_prose_are_dashes() {
        for (before, after) in [
            ("三是--落实", "三是——落实"),
            ("三是-----落实", "三是——落实"),
            ("目标――全面", "目标——全面"),
            ("目标──全面", "目标——全面"),
            ("目标⸺全面", "目标——全面"),
            ("“好”--他说", "“好”——他说"),
            ("--坚持发展", "——坚持发展"),
            ("政府工作报告\n--2012年", "政府工作报告\n——2012年"),
            ("产品--iMac一体机", "产品——iMac一体机"),
            ("报告\n    --2012年", "报告\n    ——2012年"),
            ("新任务 --由甲到乙", "新任务 ——由甲到乙"),
            ("政策--<<意见>>", "政策——<<意见>>"),
            ("卡尔―马克思", "卡尔—马克思"),
        ] {
            assert_eq!(clean(before, Profile::Standard), after);
            assert_eq!(clean(after, Profile::Standard), after);
        }
        assert_eq!(clean("100~150公斤，三~五天", Profile::Corpus), "100～150公斤，三～五天");
    }

    #[test]
    fn rules_options_ranges_and_kana_stay() {
        for text in [
            "---",
            "--help",
            "-- 注",
            "1--2",
            "010--123456",
            "<!-- 注 -->",
            "|---|",
            "ラーメン",
            "1-11月",
            "GB/T 15834-2011",
            "目录-------3",
            "甲 -- 乙",
        ] {
            assert_eq!(clean(text, Profile::Standard), text);
        }
        for text in ["~/x", "/~user/", "100~150"] {
            assert_eq!(clean(text, Profile::Standard), text);
        }
    }
}

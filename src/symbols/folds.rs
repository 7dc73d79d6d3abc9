//! Code points that stand for another character.
//!
//! Fonts, old encodings and vertical layout leave radicals, compatibility ideographs, full-width
//! letters and presentation forms in a text. NFKC would undo them and destroy Chinese punctuation,
//! so every fold is a line in `src/rules/codepoints/`; here stand those that depend on neighbours.

use std::ops::{Range, RangeInclusive};

use crate::rules::{Rules, builtin};
use crate::symbols::script::is_simplified;
use crate::text::Edits;
use crate::text::chars::{after, before, is_blank, is_han, is_han_digit};
use crate::text::sift::sift;

/// The characters that a fold may replace.
pub(crate) const FOLDED: &[RangeInclusive<char>] = &[
    '\u{2E80}'..='\u{2FD5}',
    '\u{F900}'..='\u{FAFF}',
    '\u{2F800}'..='\u{2FA1D}',
    '\u{E000}'..='\u{F8FF}',
    '\u{FE10}'..='\u{FE18}',
    '\u{FE30}'..='\u{FE6B}',
    '\u{FF03}'..='\u{FF06}',
    '\u{FF0A}'..='\u{FF0B}',
    '\u{FF0D}'..='\u{FF19}',
    '＝'..='＝',
    '\u{FF20}'..='\u{FF5A}',
    '\u{FF61}'..='\u{FF64}',
];

/// Lets through where a character of [`FOLDED`] begins, and little else.
fn sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    let radical = (a == 0xE2) & (b >= 0xBA);
    // Of the full-width block all but ！（），：；？ and those marks that stay.
    let mark = (c == 0x81) | (c & 0xFE == 0x88) | (c == 0x8C) | (c & 0xFE == 0x9A) | (c == 0x9F);
    let form = (a == 0xEF) & ((b != 0xBC) | !mark);
    radical | (a == 0xEE) | form | (a >= 0xF0)
}

/// Radicals in a row, set apart by blanks, from which on they are a table about radicals.
const TABLE_OF_RADICALS: usize = 10;

/// Bullets in the private codes of the fonts Symbol and Wingdings.
const fn is_font_bullet(c: char) -> bool {
    matches!(c, '\u{F06C}' | '\u{F06E}' | '\u{F075}' | '\u{F0A7}' | '\u{F0B7}' | '\u{F0D8}')
}

const fn is_radical(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{2FD5}')
}

const fn is_alphanumeric(c: char) -> bool {
    matches!(c, '0'..='9' | 'A'..='Z' | 'a'..='z' | '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
}

/// The text has operators such as `＞＝`.
fn has_wide_operators(text: &str) -> bool {
    ["＞＝", "＜＝", "＝＞", "＝＜"]
        .iter()
        .any(|o| memchr::memmem::find(text.as_bytes(), o.as_bytes()).is_some())
}

/// Of either width.
const fn is_digit(c: char) -> bool {
    matches!(c, '0'..='9' | '０'..='９')
}

/// Says which code points are replaced.
pub(crate) fn folds(text: &str, rules: &Rules, edits: &mut Edits) {
    let folds = rules.folds();
    let vertical_colon = rules.on(builtin::FOLD_VERTICAL_COLON);
    let wide_hyphen = rules.on(builtin::FOLD_WIDE_HYPHEN);
    let symbol_font = rules.on(builtin::FOLD_SYMBOL_FONT);
    let mut script = None;
    let mut simplified = || *script.get_or_insert_with(|| is_simplified(text));
    let mut radicals = RadicalRun::default();
    let mut zeros = Zeros::default();
    let mut operators = None;
    let mut with = [0; 4];
    for at in sift(text, sieve) {
        let Some(c) = after(text, at) else { break };
        let end = at + c.len_utf8();
        if let Some(fold) = folds.get(c) {
            // Bytes read in the wrong encoding: a repair will need them as they are.
            if before(text, at) == Some('\u{FFFD}') || after(text, end) == Some('\u{FFFD}') {
                continue;
            }
            if is_radical(c) {
                if at >= radicals.span.end {
                    radicals = RadicalRun::starting(text, at);
                }
                if radicals.is_table() {
                    continue;
                }
            }
            if matches!(c, '＆' | '﹠') && begins_entity(&text[end..]) {
                continue;
            }
            if c == '０' {
                if at >= zeros.end {
                    zeros = Zeros::starting(text, at);
                }
                if zeros.of_han_number {
                    continue;
                }
            }
            // `＞＝` is one operator; ＞ and ＜ stay wide, for they would read as a tag, and so do all ＝
            // of such a text.
            if c == '＝' && *operators.get_or_insert_with(|| has_wide_operators(text)) {
                continue;
            }
            if c == '﹕'
                && before(text, at).is_some_and(is_alphanumeric)
                && after(text, end).is_some_and(is_digit)
            {
                edits.replace(at..end, ":", fold.rule);
                continue;
            }
            let to = if fold.simplified != fold.to && simplified() { fold.simplified } else { fold.to };
            edits.replace(at..end, to.encode_utf8(&mut with), fold.rule);
        } else if c == '－' {
            if let Some(rule) = wide_hyphen
                && before(text, at).is_some_and(is_alphanumeric)
                && after(text, end).is_some_and(is_alphanumeric)
            {
                edits.replace(at..end, "-", rule);
            }
        } else if c == '︰' {
            if let Some(rule) = vertical_colon
                && before(text, at).is_some_and(|c| is_han(c) || is_radical(c))
            {
                edits.replace(at..end, "：", rule);
            }
        } else if is_font_bullet(c)
            && let Some(rule) = symbol_font
            && starts_line(text, at)
        {
            edits.replace(at..end, "●", rule);
        }
    }
}

/// A run of ０. In 第八八００二號 it is written in the place of 〇; as 00 it would mix two scripts
/// of digits in one number.
#[derive(Debug, Default)]
struct Zeros {
    end: usize,
    of_han_number: bool,
}

impl Zeros {
    /// The run that starts at `at`.
    fn starting(text: &str, at: usize) -> Self {
        let end = at + (text[at..].len() - text[at..].trim_start_matches('０').len());
        let (left, right) = (before(text, at), after(text, end));
        let of_han_number = left.is_some_and(is_han_digit) && !right.is_some_and(is_alphanumeric)
            || right.is_some_and(is_han_digit) && !left.is_some_and(is_alphanumeric);
        Self { end, of_han_number }
    }
}

/// Behind `&` this would make a character reference, which the next run would read.
fn begins_entity(rest: &str) -> bool {
    /// Characters of the longest name that occurs, `thetasym`, and some more.
    const MAX_NAME: usize = 32;
    let name = |c: char| is_alphanumeric(c) || matches!(c, '#' | '＃');
    rest.starts_with(name) && rest.chars().take(MAX_NAME).find(|&c| !name(c)) == Some(';')
}

/// Only blanks stand before `at` on its line. The look back ends at the next bullet at the latest,
/// so it never passes the same blanks twice.
fn starts_line(text: &str, at: usize) -> bool {
    let head = text[..at].trim_end_matches(is_blank);
    head.is_empty() || head.ends_with('\n')
}

/// Radicals that follow one another with nothing but white space and `、` between.
#[derive(Debug, Default)]
struct RadicalRun {
    span: Range<usize>,
    radicals: usize,
    parted: usize,
}

impl RadicalRun {
    /// The run that starts at `at`, where a radical stands.
    fn starting(text: &str, at: usize) -> Self {
        let mut run = Self { span: at..at, radicals: 0, parted: 0 };
        let mut apart = false;
        for (offset, c) in text[at..].char_indices() {
            if is_radical(c) {
                run.radicals += 1;
                run.parted += usize::from(apart);
                apart = false;
                run.span.end = at + offset + c.len_utf8();
            } else if c.is_whitespace() || c == '、' {
                apart = true;
            } else {
                break;
            }
        }
        run
    }

    /// A table about radicals, as dictionaries have it, and not a text in a strange font.
    const fn is_table(&self) -> bool {
        self.radicals >= TABLE_OF_RADICALS && self.parted + 1 == self.radicals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Choice, Profile};
    use crate::symbols::tests::{cleaned, failures};
    use crate::text::sift::missed;

    #[test]
    fn forms_become_plain_characters_and_neighbours_stay() {
        let cases = [
            ("⼈⺠政府⻓效机制", "人民政府长效机制"),
            ("國務會議⾧⾨", "國務會議長門"),
            ("国务会议⾧⾨", "国务会议长门"),
            ("部首：⼀ ⼁ ⼂ ⼃ ⼄ ⼅ ⼆ ⼇ ⼈ ⼉ ⼊", "部首：⼀ ⼁ ⼂ ⼃ ⼄ ⼅ ⼆ ⼇ ⼈ ⼉ ⼊"),
            ("⼈ ⼤ ⼭ ⼩ ⼝ ⼿ ⽉ ⽇ ⽔", "人 大 山 小 口 手 月 日 水"),
            ("⼈⼤⼭⼩⼝⼿⽉⽇⽔⽕⽊", "人大山小口手月日水火木"),
            ("\u{F92C}坊\u{FA0E}", "郎坊\u{FA0E}"),
            ("第１２３号ＧＤＰ增长５.６％", "第123号GDP增长5.6%"),
            ("电话０１０－６６６６，Ａ－１", "电话010-6666，A-1"),
            ("北京－上海，３～５年", "北京－上海，3～5年"),
            ("￥５００｜，；：？！（）［］｛｝", "￥500｜，；：？！（）［］｛｝"),
            ("发展﹐改革﹔开放﹙试行﹚", "发展，改革；开放（试行）"),
            ("︵试行︶︽条例︾", "（试行）《条例》"),
            ("Ｒ＆Ｄ，A＆B，＆nbsp;＆＃65;", "R&D，A&B，＆nbsp;＆#65;"),
            ("温差﹤5度，﹤b﹥", "温差＜5度，＜b＞"),
            ("编者按︰⼈︰1︰2", "编者按：人：1︰2"),
            ("发展､改革｡", "发展、改革。"),
            ("①⑴㎡℃№½²Ⅳ㈠", "①⑴㎡℃№½²Ⅳ㈠"),
            ("府字第七七００五三０號，１００號", "府字第七七００五三０號，100號"),
            ("第２０一组，五１０", "第20一组，五10"),
            ("若甲＞＝乙，丙＜＝丁，戊＝己", "若甲＞＝乙，丙＜＝丁，戊＝己"),
            ("戊＝己，庚＞辛", "戊=己，庚＞辛"),
            ("比例尺1﹕500，附件﹕1", "比例尺1:500，附件：1"),
            ("\u{F0B7}第一项", "\u{F0B7}第一项"),
        ];
        let wrong = failures(folds, &cases);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn the_step_wakes_for_every_character_that_it_folds() {
        let woken = |c| FOLDED.iter().any(|range| range.contains(&c));
        for c in '\0'..=char::MAX {
            let folded = is_font_bullet(c) || matches!(c, '－' | '︰');
            assert!(!folded || woken(c), "{c:?}");
        }
        for fold in crate::rules::codepoints::bundled() {
            assert!(woken(fold.from), "{:?}", fold.from);
        }
    }

    #[test]
    fn the_sieve_has_no_hole() {
        assert_eq!(missed(sieve, FOLDED.iter().cloned()), []);
    }

    #[test]
    fn profiles_differ() {
        let with = |profile| Rules::bundled(&Choice { profile, ..Choice::default() }).unwrap();
        let text = " \u{F0B7}二四年，２０年\u{F0B7}";
        assert_eq!(cleaned(folds, &with(Profile::Archive), text), " \u{F0B7}二四年，20年\u{F0B7}");
        assert_eq!(cleaned(folds, &with(Profile::Corpus), text), " ●二四年，20年\u{F0B7}");
    }

    #[test]
    fn hostile_texts_settle() {
        let rules = Rules::bundled(&Choice { profile: Profile::Corpus, ..Choice::default() }).unwrap();
        for unit in
            ["一0", "二○", "○", "0", "⼈", "⼈ ", "－", "０－", "\u{F0B7}", " ", "二０二", "十○", "百○０年"]
        {
            let text = unit.repeat(2000);
            let once = cleaned(folds, &rules, &text);
            assert_eq!(cleaned(folds, &rules, &once), once, "{unit:?} repeated");
        }
    }
}

//! Zeros in numbers written with Han numerals.
//!
//! GB 2312 has no 〇, so older texts write 二○二四 with a circle, and typists put О, O, o or 0 there.
//! A circle beside Han numerals is a zero in any number; the letters and digits only in a
//! year or a number of three or four places, since they are also what they look like.

use std::ops::Range;

use crate::rules::{Rules, builtin};
use crate::symbols::script::is_simplified;
use crate::text::Edits;
use crate::text::chars::{after, is_han_digit};
use crate::text::sift::{is_han_lead, sift};

/// Says which circles, letters and digits become 〇.
pub(crate) fn years(text: &str, rules: &Rules, edits: &mut Edits) {
    let Some(rule) = rules.on(builtin::FOLD_YEAR_ZERO) else { return };
    let mut simplified = None;
    let mut number = NumeralRun::default();
    for at in places(text) {
        let Some(c) = after(text, at) else { continue };
        if at >= number.span.end && (at == 0 || !text.as_bytes()[at - 1].is_ascii()) {
            number = NumeralRun::starting(text, at).unwrap_or_default();
        }
        if number.span.contains(&at)
            && number.is_zero(c, *simplified.get_or_insert_with(|| is_simplified(text)))
        {
            edits.replace(at..at + c.len_utf8(), "〇", rule);
        }
    }
}

/// Where a character stands that may be a zero, in reading order. A letter or digit in ASCII
/// counts only in a run that began behind a Han numeral, which leaves few of them.
fn places(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut places: Vec<usize> = Vec::new();
    // Runs of ASCII were looked for up to here.
    let mut seen = 0;
    for at in sift(text, sieve) {
        if !is_numeral_lead(bytes[at]) {
            places.push(at);
            continue;
        }
        let zero = at + 3;
        if zero < seen || !after(text, at).is_some_and(is_numeral) {
            continue;
        }
        let mut last = zero;
        places.push(zero);
        seen = zero + 1;
        while seen < bytes.len() && seen - last <= MAX_RUN {
            if matches!(bytes[seen], b'0' | b'O' | b'o') {
                places.push(seen);
                last = seen;
            }
            seen += 1;
        }
    }
    places.sort_unstable();
    places
}

/// The first byte of a Han numeral, 〇 among them, or of another character.
const fn is_numeral_lead(b: u8) -> bool {
    b == 0xE3 || is_han_lead(b)
}

/// Lets through ○ ◯ ● О Ο ０ Ｏ ｏ, and Han before a zero or a letter like it.
fn sieve(a: u8, b: u8, c: u8, d: u8) -> bool {
    let ascii = (d == b'0') | (d | 0x20 == b'o');
    let circle = (a == 0xE2) & (b == 0x97) & ((c == 0x8B) | (c == 0xAF) | (c == 0x8F));
    let letter = (a == 0xD0) & (b == 0x9E) | (a == 0xCE) & (b == 0x9F);
    let wide = (b == 0xBC) & ((c == 0x90) | (c == 0xAF)) | (b == 0xBD) & (c == 0x8F);
    ((a == 0xE3) | is_han_lead(a)) & ascii | circle | letter | (a == 0xEF) & wide
}

/// Bytes of the longest number in which a letter may be a zero.
const MAX_RUN: usize = 3 * MAX_PLACES;

/// A run of Han numerals and characters that may stand for 〇.
#[derive(Debug, Default)]
struct NumeralRun {
    /// Its bytes, from the first character that may stand for 〇 on.
    span: Range<usize>,
    /// Circles in it are zeros.
    circles: bool,
    /// Letters, digits and discs in it are zeros.
    lookalikes: bool,
}

/// Places of the longest number in which a letter may be a zero: 二О二四.
const MAX_PLACES: usize = 4;

const fn is_circle(c: char) -> bool {
    matches!(c, '○' | '◯')
}

/// Characters typed in the place of 〇 that mean something else elsewhere.
const fn is_lookalike(c: char) -> bool {
    matches!(c, 'О' | 'Ο' | 'O' | 'o' | '0' | '０' | 'Ｏ' | 'ｏ' | '●')
}

/// Characters that may stand for 〇.
const fn may_be_zero(c: char) -> bool {
    is_circle(c) || is_lookalike(c)
}

/// 百, 千 and 万 also stand before a zero, as in 一百○五条; 十 never does.
const fn is_numeral(c: char) -> bool {
    is_han_digit(c) || matches!(c, '百' | '千' | '万')
}

/// What follows a year or a number.
const fn is_counted(c: char) -> bool {
    matches!(c, '年' | '级' | '級' | '届' | '屆' | '号' | '號' | '条' | '條')
}

impl NumeralRun {
    /// The run whose first doubtful character stands at `at`; `None` where no Han numeral stands
    /// before it.
    fn starting(text: &str, at: usize) -> Option<Self> {
        let head = text[..at].chars().rev().take(MAX_PLACES + 1).take_while(|&c| is_numeral(c)).count();
        if head == 0 {
            return None;
        }
        let mut digits = text[..at].chars().rev().take(head).all(is_han_digit);
        // A doubtful character before the numerals makes another number of it: ○○一○.
        let clean_start =
            text[..at].chars().rev().nth(head).is_none_or(|c| !may_be_zero(c) && !c.is_ascii_alphanumeric());
        let (mut end, mut places, mut sure) = (at, head, head);
        for c in text[at..].chars().take_while(|&c| is_numeral(c) || may_be_zero(c)) {
            digits &= is_han_digit(c) || may_be_zero(c);
            sure += usize::from(is_numeral(c));
            places += 1;
            end += c.len_utf8();
        }
        let next = after(text, end);
        let lookalikes = digits
            && clean_start
            && (places == MAX_PLACES || places + 1 == MAX_PLACES && sure >= 2)
            && next.is_some_and(is_counted);
        // 选项一○ 选项二○: a circle behind a single numeral may be a box to tick.
        let circles = places > 2 || next.is_some_and(|c| !c.is_whitespace());
        let tail = text[..at].chars().next_back().is_some_and(is_han_digit) || sure > head;
        Some(Self { span: at..end, circles: circles && tail, lookalikes })
    }

    /// `c`, which stands in this run, is a zero; `simplified` says the script of the text, since
    /// Traditional texts write a circle on purpose.
    const fn is_zero(&self, c: char, simplified: bool) -> bool {
        is_circle(c) && self.circles && simplified || is_lookalike(c) && self.lookalikes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Choice;
    use crate::symbols::tests::{cleaned, failures};

    #[test]
    fn zeros_of_han_numbers() {
        let cases = [
            ("二○二四年五月", "二〇二四年五月"),
            ("一九九○年，二○○○年，二○一○年", "一九九〇年，二〇〇〇年，二〇一〇年"),
            ("二О二四年 二O二四年 二o二四年 二0二四年", "二〇二四年 二〇二四年 二〇二四年 二〇二四年"),
            ("二００二年，二00二年", "二〇〇二年，二〇〇二年"),
            ("二●二四年", "二〇二四年"),
            ("第一百○五条，第二○三号", "第一百〇五条，第二〇三号"),
            ("○○县，○是 ○否，○一般 ○二般", "○○县，○是 ○否，○一般 ○二般"),
            ("选项一○ 选项二○", "选项一○ 选项二○"),
            (
                "这一OLED面板，歼-20四机，三零一医院，H2O，O型血",
                "这一OLED面板，歼-20四机，三零一医院，H2O，O型血",
            ),
            ("二0二四个，一0年，二000001年", "二0二四个，一0年，二000001年"),
            ("中華民國八十○年，一○三條，國務會議", "中華民國八十○年，一○三條，國務會議"),
            ("一一一一○二", "一一一一〇二"),
            ("二○０二年", "二〇〇二年"),
            ("二○Ｏ二人", "二〇Ｏ二人"),
        ];
        let wrong = failures(years, &cases);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn rows_of_zeros_end() {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        for unit in ["一0", "二○", "○", "0", "二０二", "十○", "百○０年", "一OoO"] {
            let text = unit.repeat(100_000);
            let once = cleaned(years, &rules, &text);
            assert_eq!(cleaned(years, &rules, &once), once, "{unit:?} repeated");
        }
    }
}

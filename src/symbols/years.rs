//! Zeros in numbers written with Han numerals.
//!
//! GB 2312 has no 〇, so older texts write 二○二四 with a circle, and typists put О, O, o or 0 there.
//! A circle beside Han numerals is a zero in any number; the letters and digits only in a
//! year or a number of three or four places, since they are also what they look like.

use std::ops::Range;

use crate::text::chars::{after, is_han_digit};

/// A run of Han numerals and characters that may stand for 〇.
#[derive(Debug, Default)]
pub(super) struct NumeralRun {
    /// Its bytes, from the first character that may stand for 〇 on.
    pub(super) span: Range<usize>,
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
pub(super) const fn may_be_zero(c: char) -> bool {
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
    pub(super) fn starting(text: &str, at: usize) -> Option<Self> {
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
    pub(super) const fn is_zero(&self, c: char, simplified: bool) -> bool {
        is_circle(c) && self.circles && simplified || is_lookalike(c) && self.lookalikes
    }
}

//! Letter-spaced text: titles and headings that a typist widened with blanks, `总 则`.

use crate::layout::label::article;
use crate::text::chars::{after, before, is_blank, is_han, is_han_numeral};
use crate::text::sift::{is_han_lead, sift};

/// Characters from which on a run of single characters is a widened word; shorter ones may be
/// names, cells or initials.
const MIN_CHAIN: usize = 4;

/// The same where U+3000 widens: typists set the two characters of a name apart with it, so four
/// may be two names.
const MIN_WIDE_CHAIN: usize = 5;

/// Blanks between two characters of a widened word.
const MAX_GAP: usize = 2;

/// Characters of a chapter's title that is widened.
const MAX_TITLE: usize = 12;

/// Widened words of two characters that stand alone on a line.
const WORDS: &[&str] =
    &["目录", "总则", "分则", "附则", "罚则", "附件", "通知", "公告", "决定", "批复", "意见", "前言"];

/// Buttons of a web form, side by side: two words, not a widened one.
const BUTTONS: &[&str] = &["确定取消", "提交重置", "登录注册", "保存取消", "上页下页"];

/// Share of gaps among the Han characters from which on the text is cut into words: ordinary
/// text has one gap in a hundred characters, tokenised text one in two or three.
const MIN_TOKENISED: f64 = 0.15;

/// Shorter texts are titles.
const MIN_TOKENISED_HAN: usize = 30;

/// A run of single Han characters with gaps between them, `中 华 人 民`.
#[derive(Clone, Copy)]
pub(super) struct Chain {
    /// Behind its last character.
    pub(super) end: usize,
    /// It is a widened word.
    pub(super) closes_up: bool,
    /// It is too long for names and cells, so its gaps are left alone where it does not close up:
    /// to make them equal would make a widened word of it.
    pub(super) long: bool,
    /// The gap behind 第…章, which stays as one space.
    pub(super) keeps_gap: Option<usize>,
}

impl Chain {
    /// The chain whose first gap is at `gap` in the line `from..to`; without characters where the
    /// one before the gap is no single one.
    pub(super) fn around(text: &str, from: usize, gap: usize, to: usize) -> Self {
        let none = Self { end: from, closes_up: false, long: false, keeps_gap: None };
        let Some(first) = before(text, gap) else { return none };
        let first_at = gap - first.len_utf8();
        let joined_left = first_at > from && before(text, first_at).is_some_and(is_han);
        if joined_left {
            return none;
        }
        let (mut chars, mut end) = (vec![(first_at, first)], gap);
        let (mut gaps_equal, mut width) = (true, 0);
        while let Some((next, blanks)) = skip_blanks(text, end, to) {
            let Some(c) = after(text, next).filter(|&c| is_han(c)) else { break };
            let behind = next + c.len_utf8();
            // ○ stands for 〇 in years: 国  务  院  二○一一年 is an issuer and a date.
            if behind < to && after(text, behind).is_some_and(|c| is_han(c) || c == '○') {
                break;
            }
            gaps_equal &= blanks <= MAX_GAP && (width == 0 || width == blanks);
            width = blanks;
            chars.push((next, c));
            end = behind;
        }
        let left = text[from..first_at].chars().rev().find(|&c| !is_blank(c));
        let right = text[end..to].chars().find(|&c| !is_blank(c));
        let bounded = !left.is_some_and(is_han) && !right.is_some_and(is_han);
        let alone = left.is_none() && right.is_none_or(|c| c == '：');
        let word: String = chars.iter().map(|c| c.1).collect();
        let long = chars.len() >= MIN_CHAIN;
        let least = if text[gap..].starts_with('　') { MIN_WIDE_CHAIN } else { MIN_CHAIN };
        let widened = bounded && gaps_equal && chars.len() >= least && is_word(&word);
        let closes_up = widened || alone && WORDS.contains(&word.as_str());
        let keeps_gap = article(&word)
            .filter(|_| left.is_none())
            .and_then(|(len, _)| chars.get(word[..len].chars().count() - 1))
            .map(|(at, c)| at + c.len_utf8());
        Self { end, closes_up, long, keeps_gap }
    }
}

/// The end of the blanks at `at` and their number; `None` where there are none.
fn skip_blanks(text: &str, at: usize, to: usize) -> Option<(usize, usize)> {
    let (mut end, mut blanks) = (at, 0);
    for c in text[at..to].chars().take_while(|&c| is_blank(c)) {
        end += c.len_utf8();
        blanks += 1;
    }
    (blanks > 0).then_some((end, blanks))
}

/// A word, and no list of numerals, marks or directions, and no date to be filled in.
fn is_word(word: &str) -> bool {
    let listed = |c: char| {
        is_han_numeral(c) || "甲乙丙丁戊己庚辛壬癸上中下左右东南西北优良差好大小男女是否有无合格".contains(c)
    };
    if word.chars().all(listed) || BUTTONS.contains(&word) {
        return false;
    }
    let dates = "年月日时分".chars().filter(|&c| word.contains(c)).count();
    // One of them may belong to a title: 青少年工作.
    dates == 0 || dates == 1 && word.chars().nth(5).is_some()
}

/// In a heading `第X章 总 则` the offset of the title, whose gaps all go.
pub(super) fn heading_title(line: &str) -> Option<usize> {
    if !line.starts_with('第') {
        return None;
    }
    let (end, _) = article(line).filter(|(_, unit)| matches!(unit, '编' | '章' | '节'))?;
    let (title, _) = skip_blanks(line, end, line.len())?;
    let mut letters = 0;
    let mut single = true;
    for c in line[title..].chars().take(MAX_TITLE * (MAX_GAP + 4)) {
        if is_blank(c) {
            single = true;
        } else if single && is_han(c) {
            letters += 1;
            single = false;
        } else {
            return None;
        }
    }
    (2..=MAX_TITLE).contains(&letters).then_some(title)
}

/// The text is cut into words by spaces, so a gap says nothing about a title. Gaps between single
/// characters do not count: they are what letter-spacing makes, and what closing up takes away.
pub(super) fn is_tokenised(text: &str) -> bool {
    // Leads of Han and blanks are counted at memory speed; too few blanks settle it for most texts.
    let leads = sift(text, |a, _, _, _| is_han_lead(a)).count();
    let blanks = sift(text, may_be_blank).count();
    if blanks as f64 <= MIN_TOKENISED * leads as f64 {
        return false;
    }
    let (mut han, mut gaps) = (0_usize, 0_usize);
    // Han characters since the last gap, and whether a Han character stood before that gap.
    let (mut word, mut last_word, mut in_gap) = (0_usize, 0_usize, false);
    for c in text.chars() {
        if is_han(c) {
            han += 1;
            if in_gap {
                // The gap counts once the word behind it is known to be long, or the one before was.
                last_word = word;
                word = 0;
                in_gap = false;
                gaps += usize::from(last_word > 1);
            }
            word += 1;
            if word == 2 && last_word == 1 {
                gaps += 1;
            }
        } else if is_blank(c) && (word > 0) {
            in_gap = true;
        } else {
            (word, last_word, in_gap) = (0, 0, false);
        }
    }
    han >= MIN_TOKENISED_HAN && gaps as f64 > MIN_TOKENISED * han as f64
}

/// Lets through where blanks begin, and some others.
fn may_be_blank(a: u8, b: u8, c: u8, _: u8) -> bool {
    let rare = (a == 0xC2) | (a == 0xE1) | (a == 0xE2);
    (a == b' ') | (a == b'\t') | rare | (a == 0xE3) & (b == 0x80) & (c == 0x80)
}

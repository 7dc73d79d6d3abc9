//! Characters that nobody sees.
//!
//! Editors, converters and copy protection leave byte order marks, zero-width spaces and controls
//! in a text. They break searches and make two spellings of one word. Some are part of how other
//! scripts are written, and there they stay.

use std::ops::RangeInclusive;

use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::{after, is_han};
use crate::text::sift::sift;

/// The characters that [`kind`] knows.
pub(crate) const UNSEEN: &[RangeInclusive<char>] = &[
    '\0'..='\u{8}',
    '\u{E}'..='\u{1F}',
    '\u{7F}'..='\u{9F}',
    '\u{AD}'..='\u{AD}',
    '\u{34F}'..='\u{34F}',
    '\u{61C}'..='\u{61C}',
    '\u{115F}'..='\u{1160}',
    '\u{180E}'..='\u{180E}',
    '\u{200B}'..='\u{200F}',
    '\u{202A}'..='\u{202E}',
    '\u{2060}'..='\u{206F}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{FE00}'..='\u{FE0F}',
    '\u{FEFF}'..='\u{FEFF}',
    '\u{FFA0}'..='\u{FFA0}',
    '\u{FFF9}'..='\u{FFFC}',
    '\u{E0001}'..='\u{E01EF}',
];

/// Lets through where a character of [`UNSEEN`] begins, and little else.
fn sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    let control = (a < 0x20) & (a.wrapping_sub(b'\t') > b'\r' - b'\t') | (a == 0x7F);
    let two_bytes = (a == 0xC2) & (b <= 0xAD) | (a == 0xCD) | (a == 0xD8);
    // The marks of the same block that every text holds, as “ ” — …, end with 93 to A6.
    let general = (a == 0xE2) & ((c.wrapping_sub(0x8B) < 5) | (c >= 0xAA) | (b == 0x81) | (b == 0xA0));
    let hangul = (a == 0xE1) | (a == 0xE3) & (c == 0xA4);
    // Full-width marks are EF BC and EF BD.
    let forms = (a == 0xEF) & (b != 0xBC) & (b != 0xBD);
    control | two_bytes | general | hangul | forms | (a >= 0xF0)
}

/// What an invisible character is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    ByteOrder,
    ZeroWidth,
    Joiner,
    Direction,
    Control,
    /// Chooses between text and emoji style, or between glyphs of one ideograph.
    Style,
    /// Chooses between forms of the letter before it; only after Han without meaning.
    Form,
    HangulFiller,
    BrailleBlank,
}

const fn kind(c: char) -> Option<Kind> {
    Some(match c {
        '\u{FEFF}' => Kind::ByteOrder,
        '\u{200B}'
        | '\u{2060}'..='\u{2064}'
        | '\u{206A}'..='\u{206F}'
        | '\u{180E}'
        | '\u{AD}'
        | '\u{34F}'
        | '\u{FFF9}'..='\u{FFFC}'
        | '\u{E0001}'
        | '\u{E0020}'..='\u{E007F}' => Kind::ZeroWidth,
        '\u{200C}' | '\u{200D}' => Kind::Joiner,
        '\u{200E}' | '\u{200F}' | '\u{61C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            Kind::Direction
        }
        // U+0085 ends a line and belongs to the step before.
        '\0'..='\u{8}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}' => Kind::Control,
        '\u{FE0E}' | '\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => Kind::Style,
        '\u{FE00}'..='\u{FE0D}' => Kind::Form,
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => Kind::HangulFiller,
        '\u{2800}' => Kind::BrailleBlank,
        _ => return None,
    })
}

/// Letters of scripts that are written with joiners: Arabic and its neighbours, the Indic family,
/// Mongolian.
const fn is_joined_letter(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{61B}' | '\u{61D}'..='\u{8FF}' | '\u{900}'..='\u{FFF}' | '\u{1000}'..='\u{109F}'
        | '\u{1780}'..='\u{17FF}' | '\u{1800}'..='\u{180D}' | '\u{180F}'..='\u{18AF}'
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{11000}'..='\u{11FFF}')
}

const fn is_braille(c: char) -> bool {
    matches!(c, '\u{2801}'..='\u{28FF}')
}

const fn is_mongolian(c: char) -> bool {
    matches!(c, '\u{1800}'..='\u{180D}' | '\u{180F}'..='\u{18AF}')
}

/// Symbols that emoji sequences are made of.
const fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{27BF}' | '\u{2900}'..='\u{2BFF}'
        | '\u{1F000}'..='\u{1FAFF}')
}

/// Letters that are written from right to left. Direction marks are none: this step removes them.
const fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{61B}' | '\u{61D}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

fn has_right_to_left(text: &str) -> bool {
    sift(text, right_to_left_sieve).any(|at| after(text, at).is_some_and(is_right_to_left))
}

/// Lets through where a letter of [`is_right_to_left`] begins, and little else.
fn right_to_left_sieve(a: u8, b: u8, _: u8, _: u8) -> bool {
    let forms = (a == 0xEF) & (b.wrapping_sub(0xAC) <= 0xBB - 0xAC);
    (a.wrapping_sub(0xD6) <= 0xE0 - 0xD6) | forms | (a == 0xF0)
}

const fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115E}' | '\u{1161}'..='\u{11FF}' | '\u{3131}'..='\u{3163}'
        | '\u{3165}'..='\u{318E}' | '\u{A960}'..='\u{A97F}' | '\u{AC00}'..='\u{D7FF}' | '\u{FFA1}'..='\u{FFDC}')
}

/// Says which invisible characters go.
///
/// What stays depends on the nearest character to the left that itself stays, and on the character
/// directly to the right. So a second run meets the same neighbours and finds nothing.
pub(crate) fn invisible(text: &str, rules: &Rules, edits: &mut Edits) {
    let mut right_to_left = None;
    // The deleted characters that were met last and touch one another.
    let mut gone = 0..0;
    for at in sift(text, sieve) {
        let Some(c) = after(text, at) else { break };
        let Some(kind) = kind(c) else { continue };
        let end = at + c.len_utf8();
        let kept = &text[..if gone.end == at { gone.start } else { at }];
        let left = || kept.chars().next_back();
        let right = || after(text, end);
        let beside = |test: fn(char) -> bool| left().is_some_and(test) || right().is_some_and(test);
        let (rule, stays) = match kind {
            Kind::ByteOrder => (builtin::INVISIBLE_BOM, false),
            Kind::ZeroWidth => {
                let stays = match c {
                    // It parts a vowel from its Mongolian word.
                    '\u{180E}' => left().is_some_and(is_mongolian),
                    // Behind Latin-1 it is the second half of a character read in the wrong encoding.
                    '\u{AD}' => {
                        left().is_some_and(|c| matches!(c, '\u{A1}'..='\u{FF}'))
                            || beside(|c| c == '\u{FFFD}')
                    }
                    // Bytes read in the wrong encoding: a repair will need them as they are.
                    _ => beside(|c| c == '\u{FFFD}'),
                };
                (builtin::INVISIBLE_ZERO_WIDTH, stays)
            }
            Kind::Joiner => (builtin::INVISIBLE_ZERO_WIDTH, joins(kept, c, right())),
            Kind::Direction => {
                (builtin::INVISIBLE_DIRECTION, *right_to_left.get_or_insert_with(|| has_right_to_left(text)))
            }
            Kind::Control => (builtin::INVISIBLE_CONTROL, false),
            Kind::Style => (builtin::INVISIBLE_VARIATION, false),
            Kind::Form => (builtin::INVISIBLE_VARIATION, !left().is_some_and(is_han)),
            Kind::HangulFiller => (builtin::INVISIBLE_FILLER, beside(is_hangul)),
            Kind::BrailleBlank => (builtin::INVISIBLE_FILLER, beside(is_braille)),
        };
        if let (false, Some(rule)) = (stays, rules.on(rule)) {
            let filler = matches!(kind, Kind::HangulFiller | Kind::BrailleBlank);
            // A filler between two words was set there as their space.
            if filler && gone.end != at && sets_apart(left(), right()) {
                edits.replace(at..end, " ", rule);
                continue;
            }
            edits.delete(at..end, rule);
            gone = if gone.end == at { gone.start..end } else { at..end };
        }
    }
}

/// Both sides show something, and not Han on both: a blank between them means something.
fn sets_apart(left: Option<char>, right: Option<char>) -> bool {
    let shown = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && kind(c).is_none());
    shown(left) && shown(right) && !(left.is_some_and(is_han) && right.is_some_and(is_han))
}

/// A joiner has work to do behind `kept`: in a word of a joined script, or between two emoji.
fn joins(kept: &str, joiner: char, right: Option<char>) -> bool {
    let mut left = kept.chars().rev();
    match left.next() {
        // The selector of emoji style stands between an emoji and its joiner.
        Some('\u{FE0F}') => {
            joiner == '\u{200D}' && left.next().is_some_and(is_emoji) && right.is_some_and(is_emoji)
        }
        Some(c) if is_joined_letter(c) => true,
        Some(c) => joiner == '\u{200D}' && is_emoji(c) && right.is_some_and(is_emoji),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_wakes_for_every_character_that_it_knows() {
        for c in '\0'..=char::MAX {
            assert!(kind(c).is_none() || UNSEEN.iter().any(|range| range.contains(&c)), "{c:?}");
        }
    }

    #[test]
    fn no_sieve_has_a_hole() {
        assert_eq!(missed(sieve, UNSEEN.iter().cloned()), []);
        let letters = ('\0'..=char::MAX).filter(|&c| is_right_to_left(c)).map(|c| c..=c);
        assert_eq!(missed(right_to_left_sieve, letters), []);
    }
    use crate::rules::Choice;
    use crate::symbols::tests::{cleaned, failures};
    use crate::text::sift::missed;

    #[test]
    fn what_nobody_sees_goes_and_what_scripts_need_stays() {
        let cases = [
            ("\u{FEFF}关于\u{FEFF}印发\u{FEFF}", "关于印发"),
            ("通\u{200B}知\u{2060}公\u{AD}告\u{FFFC}", "通知公告"),
            ("¡\u{AD}¡\u{AD}±¾", "¡\u{AD}¡\u{AD}±¾"),
            ("http://a.cn/\u{200B}b", "http://a.cn/b"),
            ("通\u{200D}知\u{200C}", "通知"),
            ("क्\u{200D}ष", "क्\u{200D}ष"),
            ("می\u{200C}خواهم", "می\u{200C}خواهم"),
            ("می\u{200B}\u{200C}خواهم", "می\u{200C}خواهم"),
            ("👨\u{200D}👩", "👨\u{200D}👩"),
            ("❤\u{FE0F}\u{200D}🔥", "❤\u{200D}🔥"),
            ("👨\u{200D}的", "👨的"),
            ("通\u{200E}知\u{202A}公告\u{202C}\u{2066}", "通知公告"),
            ("ئۇيغۇر\u{200F} 通知\u{202C}", "ئۇيغۇر\u{200F} 通知\u{202C}"),
            ("通\0知\u{7}公\u{81}告\u{7F}", "通知公告"),
            ("通\t知\n公告\u{85}", "通\t知\n公告\u{85}"),
            ("葛\u{E0100}城\u{FE0F}市\u{FE00}", "葛城市"),
            ("ᠠ\u{180E}ᠠ\u{FE00}通\u{180E}", "ᠠ\u{180E}ᠠ\u{FE00}通"),
            ("通\u{3164}知\u{2800}\u{FFA0}\u{115F}", "通知"),
            ("한\u{3164}\u{3164}글 ⠃\u{2800}⠉", "한\u{3164}\u{3164}글 ⠃\u{2800}⠉"),
            ("缺字\u{FFFD}〓", "缺字\u{FFFD}〓"),
            ("\u{FFFD}\u{AD}甲", "\u{FFFD}\u{AD}甲"),
            ("\u{FFFD}\u{200B}甲\u{2060}\u{FFFD}", "\u{FFFD}\u{200B}甲\u{2060}\u{FFFD}"),
        ];
        let wrong = failures(invisible, &cases);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_rule_that_is_off_changes_nothing() {
        let choice = Choice { disable: vec!["invisible.*".to_owned()], ..Choice::default() };
        let rules = Rules::bundled(&choice).unwrap();
        assert_eq!(cleaned(invisible, &rules, "\u{FEFF}通\u{200B}知\0"), "\u{FEFF}通\u{200B}知\0");
    }
}

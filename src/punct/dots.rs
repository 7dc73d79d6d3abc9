//! The middle dot between the parts of a transliterated name: `卡尔·马克思`.
//!
//! It is U+00B7 (GB/T 15834-2011, 4.14; W3C clreq). Most look-alikes are rows of the table, since
//! they need nothing but Han on both sides. The katakana dot also stands beside initials, and some
//! journals set apart the parts of a reference with it; that, and the gaps around a dot, is here.

use memchr::memmem;

use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::{after, before, is_han};

const KATAKANA: char = '・';

/// Says which dots become the middle dot, and which blanks beside one go.
pub(crate) fn dots(text: &str, rules: &Rules, edits: &mut Edits) {
    let (middle, katakana) = (rules.on(builtin::DOT_MIDDLE), rules.on(builtin::DOT_KATAKANA));
    let mut places: Vec<usize> = Vec::new();
    if middle.is_some() {
        places.extend(memmem::find_iter(text.as_bytes(), "·".as_bytes()));
    }
    if katakana.is_some() {
        places.extend(memmem::find_iter(text.as_bytes(), "・".as_bytes()));
        places.sort_unstable();
    }
    // The end of the line looked at last, and whether its dots part a reference.
    let mut line = (0, false);
    for at in places {
        if at < edits.end() {
            continue;
        }
        if text[at..].starts_with(KATAKANA) {
            if at >= line.0 {
                let from = text[..at].rfind('\n').map_or(0, |n| n + 1);
                let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
                line = (end, is_reference(&text[from..end]));
            }
            if let Some(rule) = katakana.filter(|_| !line.1 && in_name(text, at)) {
                edits.replace(at..at + KATAKANA.len_utf8(), "·", rule);
            }
        } else if let Some(rule) = middle {
            let end = at + '·'.len_utf8();
            let from = at - usize::from(text[..at].ends_with(' '));
            let to = end + usize::from(text[end..].starts_with(' '));
            if (from, to) != (at, end)
                && before(text, from).is_some_and(is_han)
                && after(text, to).is_some_and(is_han)
                && from >= edits.end()
            {
                edits.replace(from..to, "·", rule);
            }
        }
    }
}

/// Han or an initial stands on either side of the dot at `at`, and Han in the name: `J・希利斯`.
fn in_name(text: &str, at: usize) -> bool {
    let end = at + KATAKANA.len_utf8();
    let mut left = text[..at].chars().rev();
    let mut right = text[end..].chars();
    let (l, r) = (left.next(), right.next());
    let (l2, r2) = (left.next(), right.next());
    let initial = |c: Option<char>, beyond: Option<char>| {
        c.is_some_and(|c| c.is_ascii_uppercase()) && !beyond.is_some_and(|c| c.is_ascii_alphanumeric())
    };
    let han = |c: Option<char>| c.is_some_and(is_han);
    match (han(l), han(r)) {
        (true, true) => true,
        (true, false) => initial(r, r2),
        (false, true) => initial(l, l2),
        (false, false) => {
            let led = l2 == Some(KATAKANA) && han(left.next());
            let followed = r2 == Some(KATAKANA) && han(right.next());
            initial(l, l2) && initial(r, r2) && (led || followed)
        }
    }
}

/// Characters of a part of a name; titles between two dots are longer.
const LONGEST_PART: usize = 8;

/// The dots of `line` part an entry of a list of references: a publisher, an issue or the year
/// stands behind one of them, or nothing at all.
fn is_reference(line: &str) -> bool {
    memmem::find_iter(line.as_bytes(), "・".as_bytes()).any(|at| {
        let rest = &line[at + KATAKANA.len_utf8()..];
        let name = rest.len() - rest.trim_start_matches(is_han).len();
        rest.strip_prefix('第').unwrap_or(rest).starts_with(|c: char| c.is_ascii_digit() || c == '。')
            || rest.is_empty()
            || rest[name..].starts_with(KATAKANA) && rest[..name].chars().count() > LONGEST_PART
            || ["出版社", "书馆", "書館", "书店", "書店"].iter().any(|end| rest[..name].ends_with(end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Choice, Profile};

    fn clean(text: &str, profile: Profile) -> String {
        let rules = Rules::bundled(&Choice { profile, ..Choice::default() }).unwrap();
        let (mut edits, mut new) = (Edits::default(), String::new());
        dots(text, &rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    #[test]
    fn dots_of_names_are_middle_dots_and_others_stay() {
        let mut wrong = Vec::new();
        for (before, after) in [
            ("买买提・吐尔逊到会", "买买提·吐尔逊到会"),
            ("J・希利斯・米勒，卡尔・H・马克思", "J·希利斯·米勒，卡尔·H·马克思"),
            ("约翰・A・B・史密斯", "约翰·A·B·史密斯"),
            ("M・H・艾布拉姆斯", "M·H·艾布拉姆斯"),
            ("ジョン・スミス", "ジョン・スミス"),
            ("王某・地方志・某某出版社，1986年版", "王某・地方志・某某出版社，1986年版"),
            ("李某・论集・第3号", "李某・论集・第3号"),
            ("张某・论丛・1987年第2期\n卡尔・马克思", "张某・论丛・1987年第2期\n卡尔·马克思"),
            ("《沉思集・第三个沉思》", "《沉思集·第三个沉思》"),
            ("NBA・中国，A・B", "NBA・中国，A・B"),
        ] {
            let got = clean(before, Profile::Standard);
            if got != after || clean(&got, Profile::Standard) != got {
                wrong.push(format!("{before} → {got}, not {after}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(clean("买买提 · 吐尔逊・甲", Profile::Corpus), "买买提·吐尔逊·甲");
    }

    #[test]
    fn rows_of_dots_end() {
        for unit in ["・", "甲・", "A・", "・甲\n", "· ", "甲 · ・"] {
            let text = unit.repeat(100_000);
            let once = clean(&text, Profile::Corpus);
            assert_eq!(clean(&once, Profile::Corpus), once, "{unit:?} repeated");
        }
    }
}

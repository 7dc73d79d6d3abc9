//! Book titles typed with `<` and `>`.
//!
//! Chinese titles stand between 《 and 》, a title inside a title between 〈 and 〉 (GB/T 15834-2011,
//! 4.15). A single `<X>` outside a title is a tag, a comparison or an address and stays: of 69 real
//! ones in official texts every one stood inside an open 《.

use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::{after, before, is_han};

/// Characters of a title.
const LONGEST_TITLE: usize = 60;

/// The spellings of an opening mark, and what closes each.
const DOUBLED: &[(&str, &str)] =
    &[("<<", ">>"), ("＜＜", "＞＞"), ("«", "»"), ("≪", "≫"), ("〈〈", "〉〉"), ("﹤﹤", "﹥﹥")];
const SINGLE: &[(&str, &str)] = &[("<", ">"), ("＜", "＞")];

/// Says which of these marks become 《》 or 〈〉.
pub(crate) fn titles(text: &str, rules: &Rules, edits: &mut Edits) {
    let bytes = text.as_bytes();
    // Titles that are open at this place of the line.
    let mut depth = 0usize;
    let mut at = 0;
    while at < bytes.len() {
        let c = match bytes[at] {
            0xE4..=0xE9 => {
                at += 3;
                continue;
            }
            b'\n' => {
                depth = 0;
                at += 1;
                continue;
            }
            b'<' | 0xC2 | 0xE3 => after(text, at).unwrap_or(' '),
            0xE2 if (bytes[at + 1], bytes[at + 2]) == (0x89, 0xAA) => '≪',
            0xEF if (bytes[at + 1], bytes[at + 2]) == (0xBC, 0x9C) => '＜',
            _ => {
                at += 1;
                continue;
            }
        };
        match c {
            '《' => depth += 1,
            '》' => depth = depth.saturating_sub(1),
            '<' | '＜' | '«' | '≪' | '〈' => {
                if let Some(end) = title_at(text, at, depth > 0, rules, edits) {
                    at = end;
                    continue;
                }
                // A run of the mark is looked at once, not once for each of its characters.
                at += text[at..].chars().take_while(|&other| other == c).count().max(1) * c.len_utf8();
                continue;
            }
            _ => {}
        }
        at += c.len_utf8();
    }
}

/// Marks the title that opens at `at`; gives its end.
fn title_at(text: &str, at: usize, inside: bool, rules: &Rules, edits: &mut Edits) -> Option<usize> {
    let rest = &text[at..];
    let spelled =
        |list: &[(&'static str, &'static str)]| list.iter().find(|(mark, _)| rest.starts_with(mark)).copied();
    let (open, close) = match spelled(DOUBLED) {
        Some(marks) => marks,
        None if inside => spelled(SINGLE)?,
        None => return None,
    };
    let rule = rules.on(if inside { builtin::TITLE_INNER } else { builtin::TITLE_DOUBLED })?;
    let from = at + open.len();
    let title = title(&text[from..], close)?;
    let to = from + title.len();
    let end = to + close.len();
    if before(text, at).is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let in_prose = || before(text, at).is_some_and(is_han) || after(text, end).is_some_and(is_han);
    if !title.contains(is_han) && (inside || !in_prose()) {
        return None;
    }
    let (left, right) = if inside { ("〈", "〉") } else { ("《", "》") };
    edits.replace(at..from, left, rule);
    edits.replace(to..end, right, rule);
    Some(end)
}

/// The text up to `close`, if it reads like a title.
fn title<'a>(rest: &'a str, close: &str) -> Option<&'a str> {
    let reach = rest.char_indices().nth(LONGEST_TITLE + 2).map_or(rest.len(), |(at, _)| at);
    let title = &rest[..rest[..reach].find(close)?];
    let reads_well = !title.is_empty()
        && !title.contains(['<', '>', '＜', '＞', '«', '»', '≪', '≫', '《', '》', '\n', '=', ';', '{', '}'])
        && !title.starts_with([' ', '/', '!']);
    reads_well.then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Choice;

    fn clean(text: &str) -> String {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let (mut edits, mut new) = (Edits::default(), String::new());
        titles(text, &rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    #[test]
    fn typed_brackets_become_title_marks() {
        for (before, after) in [
            ("印发<<管理条例>>的通知", "印发《管理条例》的通知"),
            (
                "印发«管理条例»和≪规定≫、＜＜办法＞＞、〈〈细则〉〉",
                "印发《管理条例》和《规定》、《办法》、《细则》",
            ),
            ("《关于修改<管理条例>的决定》", "《关于修改〈管理条例〉的决定》"),
            ("《关于修改<<管理条例>>和＜办法＞的决定》", "《关于修改〈管理条例〉和〈办法〉的决定》"),
            ("发表在<<Nature>>上", "发表在《Nature》上"),
        ] {
            assert_eq!(clean(before), after);
            assert_eq!(clean(after), after);
        }
    }

    #[test]
    fn tags_comparisons_and_addresses_stay() {
        for text in [
            "印发<条例>的通知",
            "a<b>c",
            "x<<2",
            "1<n<5",
            "cout<<x<<y>>z",
            "张三<a@b.cn>",
            "<<\n条例>>",
            "<<条例",
            "《条例》<附件>",
            "<<甲<乙>>",
            "若a≪b且c≫d则为真",
        ] {
            let got = clean(text);
            assert_eq!(got, text);
        }
    }

    #[test]
    fn a_million_opening_marks_end() {
        for piece in ["<", "<<", "«", "《<甲", "<<甲"] {
            let text = piece.repeat(300_000);
            let once = clean(&text);
            assert_eq!(clean(&once), once);
        }
    }
}

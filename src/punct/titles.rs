//! Book titles typed with `<` and `>`.
//!
//! Chinese titles stand between 《 and 》, a title inside a title between 〈 and 〉 (GB/T 15834-2011,
//! 4.15). A single `<X>` outside a title is a tag, a comparison or an address and stays: of 69 real
//! ones in official texts every one stood inside an open 《.

use memchr::memrchr;

use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::{after, before, is_han};
use crate::text::sift::sift;

/// Characters of a title.
const LONGEST_TITLE: usize = 60;

/// The spellings of an opening mark, and what closes each.
const DOUBLED: &[(&str, &str)] =
    &[("<<", ">>"), ("＜＜", "＞＞"), ("«", "»"), ("≪", "≫"), ("〈〈", "〉〉"), ("﹤﹤", "﹥﹥")];
const SINGLE: &[(&str, &str)] = &[("<", ">"), ("＜", "＞")];

/// Says which of these marks become 《》 or 〈〉.
pub(crate) fn titles(text: &str, rules: &Rules, edits: &mut Edits) {
    // Titles that are open where reading has come to.
    let (mut depth, mut seen, mut done) = (0, 0, 0);
    for at in sift(text, sieve) {
        if at < done {
            continue;
        }
        let Some(c) = after(text, at) else { break };
        depth = depth_at(&text[seen..at], depth);
        seen = at;
        // A run of the mark is looked at once, not once for each of its characters.
        let run = || text[at..].chars().take_while(|&other| other == c).count() * c.len_utf8();
        done = title_at(text, at, depth > 0, rules, edits).unwrap_or_else(|| at + run());
    }
}

/// Lets through `<`, `＜`, `«`, `≪` and where `〈` stands before a mark of its kind.
fn sieve(a: u8, b: u8, c: u8, d: u8) -> bool {
    let cjk = (a == 0xE3) & (b == 0x80) & (c == 0x88) & (d == 0xE3);
    let wide = (a == 0xEF) & (b == 0xBC) & (c == 0x9C);
    let other = (a == 0xC2) & (b == 0xAB) | (a == 0xE2) & (b == 0x89) & (c == 0xAA);
    (a == b'<') | cjk | wide | other
}

/// Titles of one line that are open behind `text`, of which `depth` were open before it.
fn depth_at(text: &str, depth: usize) -> usize {
    let (line, depth) = match memrchr(b'\n', text.as_bytes()) {
        Some(end) => (&text[end + 1..], 0),
        None => (text, depth),
    };
    // 《 is E3 80 8A, 》 is E3 80 8B.
    let marks = sift(line, |a, b, c, _| (a == 0xE3) & (b == 0x80) & (c & 0xFE == 0x8A));
    let opens = |at: usize| line[at..].starts_with('《');
    marks.fold(depth, |depth, at| if opens(at) { depth + 1 } else { depth.saturating_sub(1) })
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
    if !title.contains(is_han) && (inside || !in_prose()) || inside && title.contains(WIDE) {
        return None;
    }
    let (left, right) = if inside { ("〈", "〉") } else { ("《", "》") };
    edits.replace(at..from, left, rule);
    if let Some(rule) = rules.on(builtin::TITLE_INNER) {
        // The brackets alternate, as `title` has seen.
        for (n, (place, bracket)) in title.match_indices(WIDE).enumerate() {
            let mark = if n % 2 == 0 { "〈" } else { "〉" };
            edits.replace(from + place..from + place + bracket.len(), mark, rule);
        }
    }
    edits.replace(to..end, right, rule);
    Some(end)
}

/// Full-width brackets, which no code and no formula is written with.
const WIDE: [char; 2] = ['＜', '＞'];

/// The full-width brackets in `title` are pairs around titles: `关于修改＜条例＞的决定`.
fn holds_titles_only(title: &str) -> bool {
    let mut rest = title;
    while let Some((before, inner)) = rest.split_once(WIDE[0]) {
        let Some((inner, behind)) = inner.split_once(WIDE[1]) else { return false };
        let reads_well = inner.starts_with(is_han) && inner.ends_with(|c| is_han(c) || c == '）');
        if before.contains(WIDE[1]) || inner.contains(WIDE[0]) || !reads_well {
            return false;
        }
        rest = behind;
    }
    !rest.contains(WIDE[1])
}

/// The text up to `close`, if it reads like a title.
fn title<'a>(rest: &'a str, close: &str) -> Option<&'a str> {
    let reach = rest.char_indices().nth(LONGEST_TITLE + 2).map_or(rest.len(), |(at, _)| at);
    let title = &rest[..rest[..reach].find(close)?];
    let reads_well = !title.is_empty()
        && !title.contains(['<', '>', '«', '»', '≪', '≫', '《', '》', '\n', '=', ';', '{', '}'])
        && holds_titles_only(title)
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
            ("批准<<关于修改＜管理规定＞的决定>>", "批准《关于修改〈管理规定〉的决定》"),
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
            "<<甲＜乙>>",
            "<<甲＞乙＜丙>>",
            "<<若a＜b则a＞c>>",
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

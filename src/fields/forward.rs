//! Signs that a text was taken from elsewhere: an editor's note, a line that names the source.
//!
//! They make no new document, but of two copies the one without them is the original.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fields::{Fields, Part, end_of, start_of};

/// The signs found; nothing found is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forward {
    /// 编者按, 现转发给大家, 转自.
    pub note: bool,
    /// 来源： or 文章来源 with a colon.
    pub source: bool,
    /// 责任编辑.
    pub editor: bool,
}

impl Forward {
    /// At least one sign was found.
    #[must_use]
    pub fn any(&self) -> bool {
        self.note || self.source || self.editor
    }
}

/// Bytes of head and tail that are looked at: an editor's note stands in the first lines.
const LOOK: usize = 600;

/// The signs, and which of the three they are.
const SIGNS: &[(&str, Kind)] = &[
    ("编者按", Kind::Note),
    ("现转发给", Kind::Note),
    ("转自：", Kind::Note),
    ("转载自", Kind::Note),
    ("来源：", Kind::Source),
    ("责任编辑", Kind::Editor),
];

#[derive(Clone, Copy)]
enum Kind {
    Note,
    Source,
    Editor,
}

/// All signs in one pass; leftmost matches let it use vector search.
static SEARCH: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(SIGNS.iter().map(|(sign, _)| sign))
        .expect("six short words make an automaton")
});

pub(super) fn read(text: &str, fields: &mut Fields<'_>) {
    let title = fields.title.unwrap_or(Part { text: "", at: 0 }).span();
    let head = start_of(text, LOOK);
    let tail = end_of(&text[head.len()..], LOOK);
    for (piece, at) in [(head, 0), (tail, text.len() - tail.len())] {
        for hit in SEARCH.find_iter(piece) {
            if title.contains(&(at + hit.start())) {
                continue;
            }
            match SIGNS[hit.pattern().as_usize()].1 {
                Kind::Note => fields.forward.note = true,
                Kind::Editor => fields.forward.editor = true,
                Kind::Source => fields.forward.source |= starts_label(&piece[..hit.start()]),
            }
        }
    }
}

/// `资金来源：` and `数据来源：` are content; the source of a page stands first, or after a blank.
fn starts_label(before: &str) -> bool {
    ["信息", "文章", "稿件", "新闻", "内容"].iter().any(|word| before.ends_with(word))
        || !before.ends_with(crate::text::chars::is_han)
}

#[cfg(test)]
mod tests {
    use crate::fields::read;

    #[test]
    fn signs_are_seen_and_look_alikes_are_not() {
        for (text, any) in [
            ("编者按：近日，青山县印发通知，现转发给大家。\n关于防汛的通知\n", true),
            ("关于防汛的通知\n来源：青山日报\n", true),
            ("现通知如下。\n（责任编辑：王五）", true),
            ("资金来源：县财政。\n", false),
            ("关于转发防汛方案的通知\n各乡镇：\n", false),
            ("", false),
        ] {
            assert_eq!(read(text).forward.any(), any, "{text}");
        }
    }
}

//! Labels that sites and forms put in front of a field: `发文字号：`, `【标 题】`.

use crate::text::chars::{is_blank, is_han};

/// Labels in front of a field, blanks left out. The value follows on the line, or is the next line.
const LABELS: &[(&str, Label)] = &[
    ("标题", Label::Title),
    ("文件名称", Label::Title),
    ("文件标题", Label::Title),
    ("公文名称", Label::Title),
    ("标题名称", Label::Title),
    ("发文字号", Label::Number),
    ("文号", Label::Number),
    ("文件编号", Label::Number),
    ("发文号", Label::Number),
    ("公文号", Label::Number),
    ("行政处罚决定书文号", Label::Number),
    ("发文机关", Label::Issuer),
    ("发文单位", Label::Issuer),
    ("发文机构", Label::Issuer),
    ("发布机构", Label::Issuer),
    ("发布机关", Label::Issuer),
    ("制定机关", Label::Issuer),
    ("印发机关", Label::Issuer),
    ("成文日期", Label::Date),
    ("发文日期", Label::Date),
    ("成文时间", Label::Date),
    ("密级", Label::Other),
    ("索引号", Label::Other),
    ("主题分类", Label::Other),
    ("主题词", Label::Other),
    ("发布日期", Label::Other),
    ("发布时间", Label::Other),
    ("公开日期", Label::Other),
    ("生成日期", Label::Other),
    ("有效性", Label::Other),
    ("来源", Label::Other),
    ("信息来源", Label::Other),
    ("体裁分类", Label::Other),
    ("栏目", Label::Other),
    ("原文链接", Label::Other),
];

/// The first characters of [`LABELS`].
const LABEL_STARTS: &[char] = &[
    '主', '体', '信', '公', '制', '印', '原', '发', '密', '成', '文', '有', '来', '标', '栏', '生', '索',
    '行',
];

/// What a label announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Title,
    Number,
    Issuer,
    Date,
    /// A label of the page; its value is no part of the document.
    Other,
}

/// Longest label in bytes, blanks included: `标　　　　题：`, `行政处罚决定书文号`.
const LABEL_BYTES: usize = 36;

/// The label at the start of `line` and the byte where its value begins; `文　号：`, `【标 题】`.
/// A line that is nothing but a label needs no colon.
pub(super) fn label(line: &str) -> Option<(Label, usize)> {
    let body = line.strip_prefix('【').unwrap_or(line);
    if !body.starts_with(LABEL_STARTS) && body.len() == line.len() {
        return None;
    }
    let from = line.len() - body.len();
    let mut name = [0u8; LABEL_BYTES];
    let (mut n, mut end) = (0, None);
    for (at, c) in body.char_indices() {
        if matches!(c, '：' | ':' | '】') {
            end = Some(from + at + c.len_utf8());
            break;
        }
        if is_blank(c) {
            continue;
        }
        if !is_han(c) || n + c.len_utf8() > LABEL_BYTES {
            return None;
        }
        n += c.encode_utf8(&mut name[n..]).len();
    }
    let name = std::str::from_utf8(&name[..n]).ok()?;
    let (_, label) = LABELS.iter().find(|(known, _)| *known == name)?;
    match end {
        Some(end) => Some((*label, end)),
        None if matches!(label, Label::Number | Label::Issuer | Label::Date) => Some((*label, line.len())),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_look_knows_every_label() {
        for (word, _) in LABELS {
            assert!(word.starts_with(LABEL_STARTS), "{word}");
        }
    }

    #[test]
    fn labels_are_read_with_their_blanks() {
        for (line, what) in [
            ("标　　题：关于防汛的通知", Some((Label::Title, 15))),
            ("文 号:", Some((Label::Number, 8))),
            ("【标 题】青山水利", Some((Label::Title, 13))),
            ("成文日期", Some((Label::Date, 12))),
            ("标题", None),
            ("会议指出：", None),
            ("来源：青山日报", Some((Label::Other, 9))),
        ] {
            assert_eq!(label(line), what, "{line}");
        }
    }
}

//! The words by which parts of a document are known: suffixes of organs, types of document, marks of
//! secrecy and urgency.

use crate::text::chars::{is_blank, is_han};

/// What the name of an organ, court, party body or state firm ends with.
const ORGANS: &[&str] = &[
    "国务院",
    "人民政府",
    "政府",
    "委员会",
    "常委会",
    "管委会",
    "办公厅",
    "办公室",
    "领导小组",
    "工作组",
    "总局",
    "总署",
    "监管局",
    "局",
    "厅",
    "部",
    "署",
    "委",
    "人民法院",
    "法院",
    "检察院",
    "中央",
    "党组",
    "党委",
    "代表大会",
    "主席团",
    "指挥部",
    "公司",
    "集团",
    "银行",
    "协会",
    "学会",
    "联合会",
    "总工会",
    "工会",
    "大学",
    "学院",
    "科学院",
    "社会科学院",
    "中心",
    "总队",
    "支队",
    "大队",
    "监管办",
    "司令部",
    "政治部",
    "主席",
    "省委",
    "市委",
    "区委",
    "县委",
    "研究院",
    "交易所",
    "管理处",
    "街道办事处",
    "办事处",
];

/// The last characters of [`ORGANS`].
const ORGAN_ENDS: &[char] = &[
    '会', '办', '厅', '司', '团', '处', '央', '委', '学', '室', '局', '席', '府', '心', '所', '组', '署',
    '行', '部', '队', '院',
];

/// Words that end in the suffix of an organ and name none.
const NO_ORGANS: &[&str] = &[
    "全部",
    "内部",
    "外部",
    "干部",
    "大部",
    "局部",
    "结局",
    "布局",
    "格局",
    "客厅",
    "餐厅",
    "大厅",
    "为中心",
    "东部",
    "西部",
    "中部",
    "南部",
    "北部",
    "总部",
    "头部",
    "底部",
    "顶部",
    "部署",
];

/// Types of official documents and of legislation, the last word of a title (GB/T 9704-2012
/// 7.3.1; the regulations on official documents of 2012, article 8).
const TYPES: &[&str] = &[
    "决议",
    "决定",
    "命令",
    "公报",
    "公告",
    "通告",
    "意见",
    "通知",
    "通报",
    "报告",
    "请示",
    "批复",
    "议案",
    "函",
    "纪要",
    "条例",
    "规定",
    "办法",
    "细则",
    "规则",
    "章程",
    "准则",
    "规程",
    "方案",
    "规划",
    "纲要",
    "要点",
    "计划",
    "解释",
    "答复",
    "复函",
    "令",
    "法",
    "法典",
    "宪法",
    "標準",
    "條例",
    "辦法",
    "通則",
    "規程",
    "細則",
    "規則",
    "準則",
    "规范",
    "制度",
    "指引",
    "指南",
    "预案",
    "措施",
    "工作报告",
    "建议",
    "倡议书",
    "公开信",
    "目录",
    "简则",
];

/// The last characters of [`TYPES`].
const TYPE_ENDS: &[char] = &[
    '书', '令', '例', '信', '典', '函', '划', '则', '則', '南', '告', '复', '定', '度', '引', '录', '报',
    '施', '案', '法', '準', '点', '知', '示', '程', '范', '要', '见', '议', '释',
];

/// Types that end only a title, never a heading inside a text; those may be read from flat text.
const SURE_TYPES: &[&str] = &[
    "的决议",
    "的决定",
    "的公告",
    "的通告",
    "的意见",
    "的通知",
    "的通报",
    "的报告",
    "的请示",
    "的批复",
    "的函",
    "的复函",
    "的命令",
    "的公报",
    "的答复",
    "的规定",
    "的解释",
    "的指导意见",
    "的实施意见",
    "的若干意见",
    "的若干规定",
    "的暂行规定",
    "的补充通知",
    "的紧急通知",
    "的实施方案",
    "的工作方案",
];

/// `text` ends in the suffix of an organ.
pub(super) fn ends_in_organ(text: &str) -> bool {
    let text = text.trim_end_matches(is_blank);
    // Most lines fail by their last character; a test holds that it knows every suffix.
    if !text.ends_with(ORGAN_ENDS) {
        return false;
    }
    ORGANS.iter().any(|word| text.ends_with(word)) && !NO_ORGANS.iter().any(|word| text.ends_with(word))
}

/// Characters of running text that no organ bears in its name.
const NOT_IN_ORGANS: &[char] =
    &['的', '了', '是', '将', '已', '我', '你', '您', '请', '被', '把', '从', '向'];

/// Longest name of an organ, or of several in a row, in characters.
const ORGAN_CHARS: usize = 60;

/// `text` is the name of one organ, or of several set apart by blanks.
pub(super) fn is_organ(text: &str) -> bool {
    let mut n = 0;
    for c in text.chars() {
        n += 1;
        let fits = is_han(c) || is_blank(c) || matches!(c, '（' | '）' | '·' | '、' | 'X' | '“' | '”');
        if !fits || n > ORGAN_CHARS || NOT_IN_ORGANS.contains(&c) {
            return false;
        }
    }
    n >= 3 && text.split(|c| is_blank(c) || c == '、').filter(|part| !part.is_empty()).all(one_organ)
}

fn one_organ(name: &str) -> bool {
    let name = name.strip_suffix('）').and_then(|cut| cut.rsplit_once('（')).map_or(name, |(head, _)| head);
    ends_in_organ(name)
}

/// The end of the last suffix of an organ in `text`; only suffixes of two characters and more
/// count, for one character ends words of every kind.
pub(super) fn last_organ_end(text: &str) -> Option<usize> {
    ORGANS
        .iter()
        .filter(|word| word.len() > 3)
        .filter_map(|word| text.rfind(word).map(|at| at + word.len()))
        .max()
}

/// `text` ends in a type of document, an added note in brackets left aside.
pub(super) fn ends_in_type(text: &str) -> bool {
    let bare = without_note(text);
    if !bare.ends_with(TYPE_ENDS) {
        return false;
    }
    TYPES.iter().any(|word| bare.ends_with(word))
}

/// The end of the first `的通知`, `的意见` … in `text` from `at` on that can end a title.
pub(super) fn sure_type_at(text: &str) -> Option<usize> {
    SURE_TYPES.iter().find(|word| text.starts_with(**word)).map(|word| word.len())
}

/// `text` without one bracketed note at its end: `（试行）`, `（04504）`.
pub(super) fn without_note(text: &str) -> &str {
    let text = text.trim_end_matches(is_blank);
    for (open, close) in [('（', '）'), ('(', ')')] {
        if let Some(inner) = text.strip_suffix(close)
            && let Some(at) = inner.rfind(open)
        {
            return text[..at].trim_end_matches(is_blank);
        }
    }
    text
}

/// Levels of secrecy, highest first (GB/T 9704-2012 7.2.2).
pub(super) const SECRECY: &[&str] = &["绝密", "机密", "秘密"];

/// Degrees of urgency (GB/T 9704-2012 7.2.3; the four of telegrams included).
pub(super) const URGENCY: &[&str] = &["特提", "特急", "加急", "平急"];

/// Marks of reach that stand in the same place in firms; not part of GB/T 9704.
pub(super) const REACH: &[&str] = &["内部事项", "普通事项", "公开事项"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_looks_know_every_word() {
        for word in ORGANS {
            assert!(word.ends_with(ORGAN_ENDS), "{word}");
        }
        for word in TYPES {
            assert!(word.ends_with(TYPE_ENDS), "{word}");
        }
    }

    #[test]
    fn organs_are_told_from_words() {
        for name in [
            "青山县人民政府办公室",
            "财政部 水利部",
            "青山市水务局（市河长办）",
            "国务院",
            "青山集团有限公司",
        ] {
            assert!(is_organ(name), "{name}");
        }
        for text in ["全部", "加强干部", "已报送市局", "二〇二四年", "办公室主任", "", "部", "推进工作部署"]
        {
            assert!(!is_organ(text), "{text}");
        }
    }
}

//! Places where a decorative symbol means something: secrecy, tender clauses, ratings, lists.
//!
//! A lock keeps its own occurrence, whatever the rest of the document looks like. Two kinds also
//! speak for the symbol everywhere: a sentence that says what it means, and a tender's marked clause.

use memchr::memmem;

use crate::text::chars::{is_blank, is_han, is_han_digit, is_han_numeral, is_opening};

/// Why an occurrence stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lock {
    /// 机密★10年.
    Secrecy,
    /// 带★号的条款, ★为必考题, or a line of a key: ★：优.
    Legend,
    /// ★1.投标人应当 in a tender.
    Clause,
    /// ★★★级.
    Rating,
    /// ※注, ▲5.6, ■是 □否, （●）: the mark stands for something here.
    Sign,
    /// At the start of a line.
    Bullet,
    /// Between two digits or Latin letters, which would grow into one.
    Inner,
}

impl Lock {
    /// The occurrence shows that its symbol has a meaning in this document. A secrecy mark is a
    /// formula of its own, and letters on both sides are chance.
    pub(super) const fn speaks(self) -> bool {
        !matches!(self, Self::Secrecy | Self::Inner)
    }
}

/// How far a lock looks to each side, in characters. Sites may lie close together, so this bound
/// keeps the work linear.
const REACH: usize = 16;

/// One place of the skeleton where a symbol was.
#[derive(Debug)]
pub(super) struct Site<'a> {
    symbol: char,
    /// Symbols of this kind at the place.
    here: usize,
    left: &'a str,
    right: &'a str,
}

impl<'a> Site<'a> {
    /// The place `at` of `skeleton`, where `here` symbols like `symbol` were.
    pub(super) fn new(skeleton: &'a str, at: usize, symbol: char, here: usize) -> Self {
        let (left, right) = skeleton.split_at(at);
        let from = left.char_indices().rev().nth(REACH - 1).map_or(0, |(at, _)| at);
        let to = right.char_indices().nth(REACH).map_or(right.len(), |(at, _)| at);
        Self { symbol, here, left: &left[from..], right: &right[..to] }
    }

    /// The character before it.
    fn left(&self) -> Option<char> {
        self.left.chars().next_back()
    }

    /// The character behind it.
    fn right(&self) -> Option<char> {
        self.right.chars().next()
    }

    /// Nothing but an indent stands before it on the line.
    pub(super) fn starts_line(&self) -> bool {
        starts_line(self.left)
    }
}

/// The text before a line's first word: nothing, or blanks behind a line end. Deeper indents than
/// a site reaches are no line start; `left` is whole where it is shorter than that.
fn starts_line(left: &str) -> bool {
    let head = left.trim_end_matches(is_blank);
    head.ends_with('\n') || head.is_empty() && left.chars().count() < REACH
}

fn ends_with_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.ends_with(word))
}

fn starts_with_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.starts_with(word))
}

/// Verbs by which a tender names its mark. Those that also end everyday words (指标, 包含) need a
/// plain word behind the mark.
const MARKED: &[&str] = &["带", "标有", "注有", "带有", "打有", "印有", "标注", "加注", "打", "凡标"];
const MARKED_LOOSELY: &[&str] = &["标", "标识", "标记", "含", "凡", "有"];

/// What such a mark is called.
const MARK_WORDS: &[&str] =
    &["号", "號", "标记", "标识", "标志", "符号", "记号", "標記", "標識", "符號", "記號", "字样"];

/// What it is put on.
const MARKED_THINGS: &[&str] =
    &["的", "项", "条款", "参数", "指标", "部分", "内容", "条目", "者", "處", "处"];

const MEANS: &[&str] = &["为", "表示", "代表", "為", "指", "系", "是"];

/// The closing mark that belongs to `open`.
const fn closing(open: char) -> Option<char> {
    Some(match open {
        '“' => '”',
        '‘' => '’',
        '"' => '"',
        '\'' => '\'',
        '（' => '）',
        '(' => ')',
        '【' => '】',
        '[' => ']',
        '［' => '］',
        '「' => '」',
        '『' => '』',
        '《' => '》',
        '〈' => '〉',
        '<' => '>',
        '〔' => '〕',
        _ => return None,
    })
}

/// A symbol between these two characters has no lock, unless boxes are near: a word stands before it
/// that ends no lock's formula, and behind it a mark that begins none. Nor does it start a line.
pub(super) fn stands_in_prose(left: Option<char>, right: Option<char>) -> bool {
    let ends_formula = |c: char| matches!(c, '密' | '荐' | '数' | '级' | '星' | '分');
    left.is_some_and(|c| {
        is_han(c) && !ends_formula(c)
            || c.is_ascii_alphanumeric()
            || matches!(c, '%' | '％' | '”' | '’' | '）' | '》' | '〉' | ')')
    }) && right.is_some_and(|c| {
        matches!(
            c,
            '，' | '。'
                | '、'
                | '；'
                | '：'
                | '？'
                | '！'
                | '”'
                | '）'
                | '》'
                | ','
                | ';'
                | ':'
                | '?'
                | '!'
                | ')'
        )
    })
}

/// Lets through the boxes that make a sign of a symbol near them.
pub(super) fn box_sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    (a == 0xE2) & ((b == 0x96) & (c == 0xA1) | (b == 0x98) & (c.wrapping_sub(0x90) < 3))
}

/// The lock of `site`; `tender` tells whether marked clauses are to be expected in the document.
pub(super) fn lock(site: &Site, tender: impl FnOnce() -> bool) -> Option<Lock> {
    if is_legend(site) {
        Some(Lock::Legend)
    } else if is_secrecy(site) {
        Some(Lock::Secrecy)
    } else if is_rating(site) {
        Some(Lock::Rating)
    } else if is_clause(site) && tender() {
        Some(Lock::Clause)
    } else if is_sign(site) {
        Some(Lock::Sign)
    } else if site.starts_line() {
        Some(Lock::Bullet)
    } else if site.left().is_some_and(is_alphanumeric) && site.right().is_some_and(is_alphanumeric) {
        Some(Lock::Inner)
    } else {
        None
    }
}

fn is_alphanumeric(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ')
}

/// Where the site is all that a pair of quotes or brackets holds: what stands before and behind
/// the pair.
fn around_pair<'a>(site: &Site<'a>) -> Option<(&'a str, &'a str)> {
    let left = site.left.trim_end_matches(is_blank);
    let open = left.chars().next_back()?;
    let right = site.right.trim_start_matches(is_blank).strip_prefix(closing(open)?)?;
    Some((&left[..left.len() - open.len_utf8()], right))
}

/// The text says here what the symbol means or that things are marked with it.
fn is_legend(site: &Site) -> bool {
    if let Some((left, right)) = around_pair(site) {
        let right = right.trim_start_matches(is_blank);
        return ends_with_any(left, MARKED)
            || ends_with_any(left, MARKED_LOOSELY)
            || [MARK_WORDS, MARKED_THINGS, MEANS].iter().any(|words| starts_with_any(right, words));
    }
    let (left, right) = (site.left, site.right);
    // Noise stands before marks of punctuation: there no list of words need be asked.
    let before_word = right.starts_with(is_han);
    if before_word
        && (ends_with_any(left, MARKED)
            && (starts_with_any(right, MARK_WORDS) || starts_with_any(right, MARKED_THINGS))
            || ends_with_any(left, MARKED_LOOSELY) && starts_with_any(right, MARK_WORDS))
    {
        return true;
    }
    if let Some(things) = right.strip_prefix('号')
        && starts_with_any(things, &["条款", "参数", "项", "指标", "要求", "技术"])
    {
        return true;
    }
    let head = left.rsplit('\n').next().unwrap_or(left);
    let is_entry = head.chars().all(|c| is_blank(c) || matches!(c, '-' | '*' | '+' | '•'));
    // An entry of a list of pictographs that tells what each means: “🔷 免费开放”. Stars and discs
    // also begin the items of other lists.
    if site.symbol >= '\u{1F000}'
        && is_entry
        && right.starts_with(is_blank)
        && right.trim_start_matches(is_blank).starts_with(is_han)
    {
        return true;
    }
    let starts = site.starts_line();
    // A line of a key. Noise never begins a line, and a list has no colon behind its bullet.
    starts && right.trim_start_matches(is_blank).starts_with(['：', ':'])
        || (starts || left.ends_with(['（', '(', '“', '：', ':', '；', ';', '，', ',']))
            && starts_with_any(right.strip_prefix('号').unwrap_or(right), &MEANS[..3])
}

/// 绝密★长期, 机密★10年, 秘密★一年, 绝密★启用前, or alone on its line (order on marking state
/// secrets, 1990, article 4).
fn is_secrecy(site: &Site) -> bool {
    let left = site.left.trim_end_matches(is_blank);
    if !left.ends_with('密') {
        return false;
    }
    let Some(before) =
        ["绝密", "机密", "秘密", "絕密", "機密"].iter().find_map(|word| left.strip_suffix(word))
    else {
        return false;
    };
    let right = site.right.trim_start_matches(is_blank);
    if right.starts_with("长期") || right.starts_with("長期") {
        return true;
    }
    let term = right.trim_start_matches(|c: char| c.is_ascii_digit() || is_han_numeral(c));
    if term.len() < right.len() && starts_with_any(term, &["年", "个月", "個月", "月", "日"]) {
        return true;
    }
    let event = right.trim_start_matches(|c| is_han(c) && c != '前');
    let n_event = (right.len() - event.len()) / '前'.len_utf8();
    // 国家秘密★在公布前不得… is prose: the formula ends its cell.
    if (2..=8).contains(&n_event)
        && let Some(rest) = event.strip_prefix('前')
        && rest.chars().next().is_none_or(|c| is_blank(c) || c == '\n')
    {
        return true;
    }
    starts_line(before) && (right.is_empty() || right.starts_with('\n'))
}

/// ★★★级, 推荐指数：★★★★☆.
fn is_rating(site: &Site) -> bool {
    matches!(site.symbol, '★' | '☆' | '⭐')
        && site.here >= 2
        && (starts_with_any(site.right, &["级", "星", "分", "推荐", "級"])
            || ends_with_any(
                site.left.trim_end_matches(['：', ':', ' ']),
                &["推荐", "推荐指数", "星级", "级", "星", "分", "评分", "指数"],
            ))
}

/// At the start of a line or cell, behind a label or none, before what may begin a clause.
fn is_clause(site: &Site) -> bool {
    if !matches!(site.symbol, '★' | '▲' | '☆') {
        return false;
    }
    let right = site.right.trim_start_matches(is_blank);
    if !right.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '（' | '(' | '“' | '《') || is_han(c))
    {
        return false;
    }
    let label = |c: char| {
        c.is_ascii_digit()
            || is_han_numeral(c)
            || matches!(c, '.' | '．' | '、' | '（' | '）' | '(' | ')' | '①'..='⑳')
    };
    let head = site.left.trim_end_matches(label);
    // 一★ is a numeral in a sentence, 一、★ is a label.
    let whole_label = head.len() == site.left.len() || !site.left.ends_with(is_han_numeral);
    whole_label
        && (head.is_empty() || head.ends_with(|c: char| is_blank(c) || c == '\n' || matches!(c, '|' | '>')))
}

/// The mark stands for something by its shape and neighbours.
fn is_sign(site: &Site) -> bool {
    let (left, right) = (site.left(), site.right());
    let box_near = || {
        let line = |part: &str| part.contains(['□', '☐', '☑', '☒']);
        line(site.left.rsplit('\n').next().unwrap_or_default())
            || line(site.right.split('\n').next().unwrap_or_default())
    };
    match site.symbol {
        '※' if starts_with_any(site.right, &["注", "说明", "本"]) => true,
        // An arrow before a number is its sign.
        '▲' | '▼' | '▽' | '▶' if right.is_some_and(|c| c.is_ascii_digit()) => true,
        // 二●二四年: a zero, which is folded later.
        '●' if left.is_some_and(is_han_digit) && right.is_some_and(|c| is_han_digit(c) || c == '年') => {
            true
        }
        '〒' if right.is_some_and(|c| c.is_ascii_digit()) => true,
        _ => left.is_some_and(|c| is_opening(c) || c == '"') && around_pair(site).is_some() || box_near(),
    }
}

/// Words of which a tender document holds at least two.
const TENDER_WORDS: &[&str] = &["招标", "投标", "采购", "磋商", "询价", "评标", "废标", "实质性", "响应"];

/// The document is about a tender, where ★ and ▲ before a clause have legal weight (Ministry of
/// Finance order 87, article 20: substantive requirements are marked conspicuously).
pub(super) fn says_tender(text: &str) -> bool {
    let found = TENDER_WORDS.iter().filter(|word| memmem::find(text.as_bytes(), word.as_bytes()).is_some());
    found.take(2).count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::sift::missed;

    #[test]
    fn what_stands_in_prose_has_no_lock() {
        let sides =
            "一密荐数级星分年号1aZ%％”’）》〉)（“\"：:；;，,。、？！?!〉…—-|> \u{3000}\nＡ０●条带有是";
        let words =
            ["", "机", "推", "指", "评", "绝", "\n", " ", "（", "带", "标", "一", "注：", "密★", "12", "二"];
        let mut tried = 0;
        for left in sides.chars().filter(|c| stands_in_prose(Some(*c), Some('，'))) {
            for right in sides.chars().filter(|c| stands_in_prose(Some('一'), Some(*c))) {
                for (before, behind) in words.iter().flat_map(|a| words.iter().map(move |b| (a, b))) {
                    let text = format!("{before}{left}{right}{behind}");
                    let at = before.len() + left.len_utf8();
                    for symbol in ['★', '※', '▲', '●', '〒', '🔷'] {
                        let site = Site::new(&text, at, symbol, 3);
                        assert_eq!(lock(&site, || true), None, "{symbol} in {text}");
                        assert!(!site.starts_line(), "{text}");
                        tried += 1;
                    }
                }
            }
        }
        assert!(tried > 10_000, "{tried}");
    }

    #[test]
    fn the_sieve_knows_every_box() {
        assert_eq!(missed(box_sieve, ['□', '☐', '☑', '☒'].map(|c| c..=c)), []);
    }
}

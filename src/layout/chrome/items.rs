//! One line taken apart: every piece of it must be a label with its value, a button or a mark.

use crate::layout::chrome::Side;
use crate::layout::chrome::words::{COUNTED, FOOT, LABELS, SIZES, Strength, Value, WIDGETS};
use crate::text::chars::{is_blank, is_han};

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A line of the page.
    Sure,
    /// One beside a sure one, otherwise text.
    Weak,
    Blank,
    Text,
}

/// Longest label, in characters.
const LABEL_CHARS: usize = 8;

/// Longest name behind a label, in characters: a committee, two newspapers.
const NAME_CHARS: usize = 24;

/// Longest title behind 上一篇, or path behind 当前位置, in characters.
const REST_CHARS: usize = 90;

/// Longest line of a foot, in characters.
const FOOT_CHARS: usize = 130;

/// The least steps of a path: 首页 > 政务公开 > 通知.
const LEAST_STEPS: usize = 2;

/// A line and how much it says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub(super) class: Class,
    /// It has a button, a count, a path, or a foot: nothing that a document says of itself.
    pub(super) is_furniture: bool,
    /// Labels with a value.
    pub(super) n_values: usize,
}

impl Told {
    fn of(class: Class) -> Self {
        Self { class, is_furniture: class == Class::Sure, n_values: 0 }
    }
}

/// What `line` is at this side of a document.
pub(super) fn told(line: &str, side: Side) -> Told {
    let line = line.trim_matches(|c: char| is_blank(c) || c == '\n');
    if line.is_empty() {
        return Told::of(Class::Blank);
    }
    if is_old_title(line) {
        return Told::of(Class::Sure);
    }
    if line.contains(['。', '！', '？', '?']) {
        return Told::of(Class::Text);
    }
    if side == Side::Tail
        && let Some(strength) = count(line)
    {
        return Told::of(if strength == Strength::Sure { Class::Sure } else { Class::Weak });
    }
    if side == Side::Head && is_path(line) || side == Side::Tail && is_foot(line) {
        return Told::of(Class::Sure);
    }
    let mut told = Told::of(Class::Weak);
    let (mut rest, mut any) = (line, false);
    loop {
        let bracketed = rest.starts_with(['（', '(', '【', '[']);
        rest = rest.trim_start_matches(is_between);
        if rest.is_empty() {
            return if any { told } else { Told::of(Class::Text) };
        }
        let (strength, after) = if let Some((value, strength, after)) = label(rest) {
            let Some(behind) = skip_value(value, after, side) else { return Told::of(Class::Text) };
            let value_len = after.trim_matches(is_blank).len() - behind.trim_start_matches(is_blank).len();
            told.n_values += usize::from(value_len > "-".len());
            told.is_furniture |= !matches!(value, Value::Moment | Value::Name);
            // （编辑：王五） is nobody's speech.
            let is_name = bracketed && rest.starts_with("编辑") && side == Side::Tail;
            (if is_name { Strength::Sure } else { strength }, behind)
        } else if let Some((strength, after)) = widget(rest) {
            told.is_furniture |= strength == Strength::Sure;
            (strength, after)
        } else if let Some(after) = moment(rest) {
            told.n_values += 1;
            rest = after;
            continue;
        } else {
            return Told::of(Class::Text);
        };
        any = true;
        rest = after;
        if strength == Strength::Sure || strength == Strength::SureAbove && side == Side::Head {
            told.class = Class::Sure;
        }
    }
}

/// （原标题：…）: what a paper called the text that a site took over. Titles may ask and exclaim.
fn is_old_title(line: &str) -> bool {
    let inner = line.strip_prefix(['（', '(']).and_then(|line| line.strip_suffix(['）', ')']));
    inner.and_then(|line| line.strip_prefix("原标题")).is_some_and(|title| {
        title.starts_with(['：', ':']) && !title.contains(['。', '）']) && title.chars().count() <= REST_CHARS
    })
}

/// 推荐0, 阅读 539, 阅读数（15878）: what readers did with a page, and nothing else on its line.
fn count(line: &str) -> Option<Strength> {
    let (word, strength) = COUNTED.iter().find(|(word, _)| line.starts_with(word))?;
    let rest = line[word.len()..].strip_prefix(' ').unwrap_or(&line[word.len()..]);
    let rest = rest.strip_prefix(['（', '(']).and_then(|rest| rest.strip_suffix(['）', ')'])).unwrap_or(rest);
    (!rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())).then_some(*strength)
}

/// Marks between the pieces of a line.
fn is_between(c: char) -> bool {
    is_blank(c)
        || matches!(
            c,
            '【' | '】'
                | '['
                | ']'
                | '（'
                | '）'
                | '('
                | ')'
                | '|'
                | '｜'
                | '·'
                | '/'
                | '>'
                | ','
                | '，'
                | ';'
                | '；'
                | '、'
        )
}

/// The label at the start of `rest`, blanks between its characters left out, and what follows it.
fn label(rest: &str) -> Option<(Value, Strength, &str)> {
    let mut name = [0; LABEL_CHARS * 3];
    let mut len = 0;
    for (at, c) in rest.char_indices() {
        if is_blank(c) {
            continue;
        }
        if is_han(c) && len + c.len_utf8() <= name.len() {
            len += c.encode_utf8(&mut name[len..]).len();
            continue;
        }
        if !matches!(c, '：' | ':' | '】' | ']') {
            return None;
        }
        let name = std::str::from_utf8(&name[..len]).ok()?;
        let (_, value, strength) = LABELS.iter().find(|(label, ..)| *label == name)?;
        let after = &rest[at + c.len_utf8()..];
        return Some((*value, *strength, after.strip_prefix(['：', ':']).unwrap_or(after)));
    }
    None
}

/// The button at the start of `rest`, and what follows it.
fn widget(rest: &str) -> Option<(Strength, &str)> {
    let (word, strength) = WIDGETS.iter().find(|(word, _)| rest.starts_with(word))?;
    let after = &rest[word.len()..];
    // 分享到了成果, 微信群 and 打印机 are words of their own.
    let ends = after.chars().next().is_none_or(is_between);
    ends.then_some((*strength, after))
}

/// What follows the value at the start of `rest`; nothing where that is no such value.
fn skip_value(value: Value, rest: &str, side: Side) -> Option<&str> {
    let rest = rest.trim_start_matches(is_blank);
    match value {
        Value::Moment => moment(rest).or_else(|| (rest.is_empty() && side == Side::Head).then_some(rest)),
        Value::Count => {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, ',' | '+'));
            let after = after.strip_prefix(['次', '人']).unwrap_or(after);
            after.chars().next().is_none_or(is_between).then_some(after)
        }
        Value::Size => {
            let mut rest = rest;
            loop {
                rest = rest.trim_start_matches(is_between);
                let Some(word) = SIZES.iter().find(|word| rest.starts_with(**word)) else {
                    return Some(rest);
                };
                rest = &rest[word.len()..];
            }
        }
        Value::Name => {
            let end = name_end(rest);
            (rest[..end].chars().count() <= NAME_CHARS).then(|| &rest[end..])
        }
        Value::Rest => (rest.chars().count() <= REST_CHARS).then_some(""),
    }
}

/// Where the name at the start of `rest` ends: at a bracket, two blanks, or a blank before another label.
fn name_end(rest: &str) -> usize {
    let mut was_blank = false;
    for (at, c) in rest.char_indices() {
        if matches!(c, '【' | '】' | '[' | ']' | '|' | '｜' | '）' | ')' | '\t' | '\u{3000}') {
            return at;
        }
        let blank = is_blank(c);
        if was_blank
            && (blank
                || label(&rest[at..]).is_some()
                || widget(&rest[at..]).is_some()
                || moment(&rest[at..]).is_some())
        {
            return at;
        }
        was_blank = blank;
    }
    rest.len()
}

/// What follows the date, or the date and time, at the start of `rest`.
fn moment(rest: &str) -> Option<&str> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let year = digits(rest);
    if year != 4 || !(rest.starts_with("19") || rest.starts_with("20")) {
        return None;
    }
    let behind = rest[year..].trim_start_matches(is_blank);
    let mark = behind.chars().next().filter(|c| matches!(c, '-' | '/' | '.' | '年'))?;
    let month = behind[mark.len_utf8()..].trim_start_matches(is_blank);
    let n = digits(month);
    let behind = month[n..].trim_start_matches(is_blank);
    let behind = behind.strip_prefix(if mark == '年' { '月' } else { mark })?.trim_start_matches(is_blank);
    let m = digits(behind);
    if !(1..=2).contains(&n) || !(1..=2).contains(&m) {
        return None;
    }
    let mut after = &behind[m..];
    if mark == '年' {
        after = after.trim_start_matches(is_blank).strip_prefix('日')?;
    }
    let time = after.trim_start_matches(|c: char| is_blank(c) || c == 'T');
    let len = time.bytes().take_while(|b| b.is_ascii_digit() || *b == b':').count();
    if (4..=8).contains(&len) && time[..len].contains(':') {
        after = &time[len..];
    }
    after.chars().next().is_none_or(|c| is_between(c) || is_han(c)).then_some(after)
}

/// 首页 > 政务公开 > 通知: the path to the page.
fn is_path(line: &str) -> bool {
    let steps = line.matches(['>', '＞', '»', '›']).count();
    steps >= LEAST_STEPS
        && line.chars().count() <= REST_CHARS
        && line.split(is_blank).next().is_some_and(|first| {
            first
                .split(['>', '＞', '»', '›'])
                .next()
                .is_some_and(|first| first.ends_with("首页") || first.ends_with("主页"))
        })
}

/// A line of the site's foot.
fn is_foot(line: &str) -> bool {
    line.chars().count() <= FOOT_CHARS && FOOT.iter().any(|word| line.contains(word))
}

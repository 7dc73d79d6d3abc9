//! The head of a text that a page flattened into one line.
//!
//! Without line breaks only marks tell where a part ends: 文件 before a number, 号 behind it,
//! 的通知 at the end of a title. Where they do not, the field is none.

use crate::fields::head::is_secrecy;
use crate::fields::number::{self, Number};
use crate::fields::title::named_by;
use crate::fields::words::{REACH, SECRECY, URGENCY, is_organ, last_organ_end, sure_type_at};
use crate::fields::{Fields, Part, start_of};
use crate::text::chars::{is_blank, is_han};

/// Bytes of the line that are looked at: marks, number and title stand in the first 200 characters.
const LOOK: usize = 700;

/// The number of a document stands in the first 60 characters, or right behind the title.
const NUMBER_WITHIN: usize = 180;

/// Longest title in bytes.
const TITLE_BYTES: usize = 330;

pub(super) fn read<'a>(text: &'a str, fields: &mut Fields<'a>) {
    let from = text.len() - text.trim_start().len();
    let line = start_of(&text[from..], LOOK);
    let line = Part { text: line.split('\n').next().unwrap_or(line), at: from };
    let mut at = marks(line, fields);
    if let Some((number, start)) = own_number(line, at) {
        if let Some(name) = line.text[at..start].strip_suffix("文件")
            && is_organ(name)
        {
            fields.issuer = fields.issuer.or(Some(line.slice(at..at + name.len())));
        }
        if let Some(name) = number.prefix.strip_suffix('令') {
            fields.issuer = fields.issuer.or(Some(line.slice(start..start + name.len())));
        }
        fields.number = fields.number.or(Some(number));
        at = number.part.span().end - line.at;
    }
    if fields.title.is_some() {
        return;
    }
    let Some(end) = title_end(&line.text[at..]).map(|end| at + end) else { return };
    let title = own_title(line.slice(at..end));
    fields.title = Some(title);
    fields.issuer = fields.issuer.or_else(|| named_by(title));
    if fields.number.is_none() {
        fields.number = number_behind(line, end);
    }
    if fields.addressee.is_none() {
        let start = fields.number.map_or(end, |n| (n.part.span().end - line.at).max(end));
        let rest = &line.text[start..];
        let rest = rest.trim_start_matches(is_blank);
        let start = line.text.len() - rest.len();
        let stop = rest.find(['：', ':', '。', '；']);
        if let Some(stop) = stop.filter(|stop| rest[*stop..].starts_with(['：', ':']))
            && (rest.starts_with('各') && !rest.starts_with("各位") || is_organ(&rest[..stop]))
        {
            fields.addressee = Some(line.slice(start..start + stop));
        }
    }
}

/// `title` without what stands above it on paper: marks of reach, and the name in red that the title
/// begins with once more.
fn own_title(title: Part<'_>) -> Part<'_> {
    let about = title.text.find("关于").unwrap_or(0);
    let above = REACH.iter().chain(URGENCY).chain(&["公文稿纸"]);
    let from = above.filter_map(|word| title.text[..about].rfind(word).map(|at| at + word.len())).max();
    let title = title.slice(from.unwrap_or(0)..title.text.len());
    let name = named_by(title).map_or("", |name| name.text);
    let (first, second) = name.split_at(name.floor_char_boundary(name.len() / 2));
    if first == second { title.slice(first.len()..title.text.len()) } else { title }
}

/// Skips secrecy, urgency and reach at the start of the line.
fn marks<'a>(line: Part<'a>, fields: &mut Fields<'a>) -> usize {
    let mut at = 0;
    loop {
        let rest = &line.text[at..];
        if let Some(word) = REACH.iter().find(|word| rest.starts_with(**word)) {
            at += word.len();
        } else if let Some(word) = URGENCY.iter().find(|word| rest.starts_with(**word)) {
            fields.urgency.get_or_insert(line.slice(at..at + word.len()));
            at += word.len();
        } else if let Some(word) = SECRECY.iter().find(|word| rest[..].starts_with(**word)) {
            // 秘密 may begin a sentence; with ★ and a term it is a mark.
            let term = rest.find(['年', '月', '期']).map(|n| n + '年'.len_utf8());
            let Some(term) = term.filter(|n| *n > word.len() && is_secrecy(&rest[..*n])) else { return at };
            fields.secrecy.get_or_insert(line.slice(at..at + term));
            at += term;
        } else {
            return at;
        }
    }
}

/// Words in front of a number that quote it.
const QUOTES: &[&str] = &[
    "关于", "根据", "按照", "转发", "印发", "落实", "依据", "转载", "收到", "现将", "下发", "参照", "贯彻",
    "近日", "执行", "发布", "学习", "传达", "废止", "修改", "我", "以",
];

/// What stands behind a number that a sentence quotes.
const GOES_ON_NUMBER: &[&str] = &[
    "文", "》", "）", ")", "、", "，", "。", "；", "精神", "规定", "要求", "印发", "和", "及", "的", "等",
    "公告", "下发",
];

/// Longest prefix without the name of its issuer: 国网陕电发展, 总经理办公会议纪要.
const PREFIX_CHARS: usize = 10;

/// The length of the issuer's name at the start of `head`, where the title behind the number begins
/// with the same name.
fn named_again(head: &str, behind: &str) -> Option<usize> {
    let pairs = head.chars().zip(behind.chars()).take_while(|(a, b)| a == b);
    let len = pairs.map(|(a, _)| a.len_utf8()).sum();
    (len < head.len() && is_organ(&head[..len])).then_some(len)
}

/// The number at the head of the line, and where its prefix begins.
fn own_number(line: Part<'_>, from: usize) -> Option<(Number<'_>, usize)> {
    if let Some(number) = number::series(line.slice(from..line.text.len()))
        && number.part.at == line.at + from
        && number.prefix.ends_with('令')
        && number.prefix.strip_suffix('令').is_some_and(|name| is_organ(name) || name.ends_with("主席"))
    {
        return Some((number, from));
    }
    let (open, year, serial, end) = number::find(line.text, from)?;
    let head = &line.text[from..open];
    if open > from + NUMBER_WITHIN || !head.chars().all(|c| is_han(c) || is_blank(c) || c == 'X') {
        return None;
    }
    // A word that quotes in front of the number, or behind it, makes it another's number.
    let quoted = QUOTES.iter().any(|word| head.contains(word));
    if quoted || GOES_ON_NUMBER.iter().any(|word| line.text[end..].starts_with(word)) {
        return None;
    }
    let start = from
        + match head.find("文件") {
            Some(at) => at + "文件".len(),
            None => named_again(head, &line.text[end..])
                .or_else(|| last_organ_end(head).filter(|at| *at < head.len()))
                .unwrap_or(0),
        };
    let mut prefix = line.text[start..open].trim_start_matches(is_blank);
    for word in REACH.iter().chain(URGENCY) {
        prefix = prefix.rsplit(word).next().unwrap_or(prefix);
    }
    let start = open - prefix.len();
    let prefix = prefix.trim_end_matches(is_blank);
    // A longer one has the name of the issuer glued to it.
    if prefix.is_empty() || prefix.chars().count() > PREFIX_CHARS {
        return None;
    }
    Some((Number { part: line.slice(start..end), prefix, year, serial }, start))
}

/// `……的决定国发〔1990〕65号`, `……的通知（国办发〔2014〕56号）`: the number right behind the title.
fn number_behind(line: Part<'_>, title_end: usize) -> Option<Number<'_>> {
    let (open, _, _, end) = number::find(line.text, title_end)?;
    let before = line.text[title_end..open].trim_start_matches(is_blank);
    if before.chars().count() > 10 {
        return None;
    }
    let start = open - before.len();
    match before.strip_prefix(['（', '(']) {
        Some(_) => {
            let close = line.text[end..].chars().next().filter(|c| matches!(c, '）' | ')'))?;
            number::alone(line.slice(start..end + close.len_utf8()))
        }
        None => number::alone(line.slice(start..end)),
    }
}

/// What may not follow the last word of a title: then the title is named in a sentence.
const GOES_ON: &[&str] = &[
    "》", "》", "”", "」", "和", "及", "与", "等", "的", "中", "要求", "精神", "（", "(", "、", "，", "。",
    "；", "已", "收悉", "发布", "印发", "下发", "规定", "是", "为", "后", "要", "将", "在", "提出", "明确",
    "指出", "[", "〔",
];

/// Where the title at the start of `text` ends: `……关于……的通知`, the type outside 《》.
fn title_end(text: &str) -> Option<usize> {
    let text = start_of(text, TITLE_BYTES);
    let about = text.find("关于")?;
    if about > 0 && !is_organ(&text[..about]) {
        return None;
    }
    let mut depth = 0;
    for (at, c) in text.char_indices().skip_while(|(at, _)| *at < about) {
        match c {
            '《' | '“' => depth += 1,
            '》' | '”' => depth -= 1,
            '。' | '；' | '：' | ':' | '\n' | '！' | '？' => return None,
            '的' if depth == 0 => {
                let Some(len) = sure_type_at(&text[at..]) else { continue };
                let rest = &text[at + len..];
                let numbered = rest.starts_with(['（', '('])
                    && number::find(rest, '（'.len_utf8()).is_some_and(|found| found.0 < 40);
                if rest.is_empty()
                    || sure_type_at(rest).is_none()
                        && (numbered || !GOES_ON.iter().any(|word| rest.starts_with(word)))
                {
                    return Some(at + len);
                }
            }
            _ => {}
        }
    }
    None
}

//! Straight quotes in Chinese text become curly ones.
//!
//! Quotes are “ ”, inside them ‘ ’ (GB/T 15834-2011, 4.8.2 and 4.8.3). A line is converted whole or
//! not at all: an odd quote, an inch, an attribute of HTML or a field of a CSV file leaves the line
//! as it is. So nothing half done is left for a second run.

use memchr::{memchr, memmem, memrchr};

use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::{after, before, is_blank, is_han, is_wide};
use crate::text::sift::sift;

/// Says which straight quotes open and which close.
pub(crate) fn quotes(text: &str, rules: &Rules, edits: &mut Edits) {
    let double = rules.on(builtin::QUOTE_DOUBLE);
    let single = rules.on(builtin::QUOTE_SINGLE);
    let mut found = Vec::new();
    let mut done = 0;
    for at in sift(text, sieve) {
        if at < done {
            continue;
        }
        let start = memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |n| n + 1);
        let end = memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |n| at + n);
        done = end;
        if !text[start..end].contains(is_han) {
            continue;
        }
        if double.is_some() {
            doubles(text, start, end, &mut found);
        }
        if single.is_some() {
            singles(text, start, end, &mut found);
        }
        found.sort_unstable_by_key(|quote: &Quote| quote.from);
        for quote in found.drain(..) {
            let rule = if quote.rule_is_double { double } else { single };
            if let Some(rule) = rule {
                edits.replace(quote.from..quote.to, quote.with, rule);
            }
        }
    }
}

/// Lets through where `" ' ＂ ＇ 〝 〞 〟 „ ‟` stand.
fn sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    let wide = (b == 0xBC) & ((c == 0x82) | (c == 0x87));
    let prime = (b == 0x80) & (c.wrapping_sub(0x9D) <= 0x9F - 0x9D);
    let low = (b == 0x80) & (c & 0xFE == 0x9E);
    (a == b'"') | (a == b'\'') | (a == 0xEF) & wide | (a == 0xE3) & prime | (a == 0xE2) & low
}

/// Lets through where `“` and `”` stand.
fn curly_sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    (a == 0xE2) & (b == 0x80) & (c & 0xFE == 0x9C)
}

struct Quote {
    from: usize,
    to: usize,
    with: &'static str,
    rule_is_double: bool,
}

/// Every straight double quote of the line, also two single ones in a row.
fn doubles(text: &str, start: usize, end: usize, found: &mut Vec<Quote>) {
    let mut marks: Vec<(usize, usize, bool)> = Vec::new();
    let mut curly = false;
    let mut done = start;
    for n in sift(&text[start..end], |a, b, c, d| sieve(a, b, c, d) | curly_sieve(a, b, c, d)) {
        let at = start + n;
        let Some(c) = after(text, at) else { break };
        let len = match c {
            '"' | '＂' | '〝' | '〞' | '〟' | '„' | '‟' => c.len_utf8(),
            '\'' if at >= done && text[at..end].starts_with("''") => 2,
            _ => {
                match c {
                    '“' => curly = true,
                    '”' => curly = false,
                    _ => {}
                }
                continue;
            }
        };
        marks.push((at, at + len, curly));
        done = at + len;
    }
    if marks.is_empty() || !marks.len().is_multiple_of(2) {
        return;
    }
    let fits = |pair: &[(usize, usize, bool)]| {
        let ((open, inner, in_curly), (close, outer, _)) = (pair[0], pair[1]);
        pair[0].2 == pair[1].2
            && inner < close
            && opens(text, open, inner, close)
            && closes(text, inner, close, outer)
            && {
                // Inside curly quotes a pair must not hold the curly mark that ends them.
                !in_curly || !text[inner..close].contains(['“', '”'])
            }
    };
    if !marks.chunks_exact(2).all(fits) {
        return;
    }
    for pair in marks.chunks_exact(2) {
        let (left, right) = if pair[0].2 { ("‘", "’") } else { ("“", "”") };
        for ((from, to, _), with) in pair.iter().zip([left, right]) {
            found.push(Quote { from: *from, to: *to, with, rule_is_double: true });
        }
    }
}

/// An opening quote stands at the line's start, behind a blank, Han, a Chinese mark or a bracket;
/// behind a figure only when what it opens is closed behind Han (`15"屏` is an inch).
fn opens(text: &str, at: usize, inner: usize, close: usize) -> bool {
    let Some(c) = before(text, at) else { return true };
    let figure = c.is_ascii_alphanumeric() || c == '%';
    let before_prose = after(text, inner).is_some_and(is_han) && before(text, close).is_some_and(is_wide);
    c == '\n'
        || is_blank(c) && !text[..at].trim_end_matches(is_blank).ends_with(is_code) && !in_link(text, at)
        || is_wide(c)
        || matches!(c, '(' | '[' | '\'')
        || (figure || matches!(c, '-' | '/' | '+')) && before_prose
        || c == '.' && after(text, inner).is_some_and(is_han)
        || matches!(c, '"' | '＂')
            && (before(text, close).is_some_and(is_wide) || is_call_number(&text[inner..close]))
}

/// What a pair holds that stands between other pairs without a mark: `"110""119"`.
fn is_call_number(text: &str) -> bool {
    (2..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// `[甲](乙.html "丙")`: the quotes hold the title of a Markdown link.
fn in_link(text: &str, at: usize) -> bool {
    /// Bytes of an address, at most.
    const REACH: usize = 200;
    let head = text[..at].trim_end_matches(is_blank);
    let near = &head.as_bytes()[head.len().saturating_sub(REACH)..];
    let target = near.iter().rposition(|b| b.is_ascii_whitespace() || *b == b')').map_or(0, |n| n + 1);
    memmem::find(&near[target..], b"](").is_some()
}

/// What stands before the quoted value of a setting, and before the title of a Markdown link.
fn is_code(c: char) -> bool {
    c.is_alphanumeric() && !is_wide(c) || matches!(c, ':' | '=' | '/')
}

/// A closing quote stands at the line's end, before a blank, Han or a mark; before a figure only
/// behind Han.
fn closes(text: &str, inner: usize, at: usize, outer: usize) -> bool {
    let Some(c) = after(text, outer) else { return true };
    c == '\n'
        || is_blank(c)
        || is_wide(c)
        || matches!(c, '.' | ',' | ';' | '?' | '!' | ')' | ']' | '\'' | '-' | '/')
        || (c.is_ascii_alphanumeric() || matches!(c, '"' | '＂')) && before(text, at).is_some_and(is_wide)
        || matches!(c, '"' | '＂') && is_call_number(&text[inner..at])
}

/// Single quotes that touch Han on their inner sides, in pairs, none of them an apostrophe.
fn singles(text: &str, start: usize, end: usize, found: &mut Vec<Quote>) {
    let line = &text[start..end];
    // In most lines no single quote stands.
    if sift(line, |a, b, c, _| (a == b'\'') | (a == 0xEF) & (b == 0xBC) & (c == 0x87)).next().is_none()
        || line.contains(['‘', '’'])
    {
        return; // half of a pair may be curly already
    }
    let mut marks: Vec<(usize, usize)> = Vec::new();
    for (n, c) in line.char_indices().filter(|&(_, c)| c == '\'' || c == '＇') {
        let at = start + n;
        let taken = found.iter().any(|quote| quote.from <= at && at < quote.to);
        let neighbours = (before(text, at), after(text, at + c.len_utf8()));
        if taken || matches!(neighbours, (Some('\''), _) | (_, Some('\''))) {
            return;
        }
        marks.push((at, at + c.len_utf8()));
    }
    if marks.is_empty() || !marks.len().is_multiple_of(2) {
        return;
    }
    let outside = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '=');
    let fits = |pair: &[(usize, usize)]| {
        let ((open, inner), (close, outer)) = (pair[0], pair[1]);
        inner < close
            && after(text, inner).is_some_and(is_wide)
            && before(text, close).is_some_and(is_wide)
            && outside(before(text, open))
            && !before(text, open).is_some_and(|c| {
                is_blank(c)
                    && (text[..open].trim_end_matches(is_blank).ends_with(is_code) || in_link(text, open))
            })
            && outside(after(text, outer))
    };
    if marks.chunks_exact(2).all(fits) {
        for pair in marks.chunks_exact(2) {
            for ((from, to), with) in pair.iter().zip(["‘", "’"]) {
                found.push(Quote { from: *from, to: *to, with, rule_is_double: false });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Choice;

    fn clean(text: &str) -> String {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let (mut edits, mut new) = (Edits::default(), String::new());
        quotes(text, &rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    #[test]
    fn pairs_become_curly() {
        for (before, after) in [
            ("他说：\"这是'好'消息。\"", "他说：“这是‘好’消息。”"),
            ("推进\"放管服\"改革和\"一网通办\"", "推进“放管服”改革和“一网通办”"),
            ("“他说\"好\"”", "“他说‘好’”"),
            ("＂十四五＂规划和''双碳''目标", "“十四五”规划和“双碳”目标"),
            ("实施\"十四五\"2023年计划", "实施“十四五”2023年计划"),
            ("达100\"强企\"标准", "达100“强企”标准"),
            ("允许\"一址多照\"\"一照多址\"，", "允许“一址多照”“一照多址”，"),
            ("1.\"五一\"假期\"95后\"\"00后\"出游", "1.“五一”假期“95后”“00后”出游"),
            ("10.\"天网2023\"行动", "10.“天网2023”行动"),
            ("点开\"我\"-\"钱包\"", "点开“我”-“钱包”"),
            ("拨打\"110\"\"119\"\"122\"求助", "拨打“110”“119”“122”求助"),
        ] {
            assert_eq!(clean(before), after);
            assert_eq!(clean(after), after);
        }
    }

    #[test]
    fn inches_fields_and_odd_quotes_stay() {
        for text in [
            "15.6\"显示屏",
            "15\"屏和17\"屏",
            "30°12'15\"处",
            "It's好",
            "他说\"好",
            "{\"名称\":\"甲\"}",
            "\"甲\",\"乙\"",
            "屏幕15\"\"17\"\"",
            "<a href=\"x\">甲</a>",
            "\"Hello\" he said",
            "值='甲'",
            "“甲\"乙”丙\"",
            "content: \"好消息\"",
            "[甲](http://a.cn \"好消息\")",
            "他说'好’，又说'坏’",
            "[快讯](http://a.cn/x '要闻')",
        ] {
            assert_eq!(clean(text), text);
        }
    }
}

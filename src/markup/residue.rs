//! Entities and tags that a crawler left in a text, often escaped once or more.
//!
//! What one removal brings together may be a tag again (`&lt;p&gt;`, `<<b>p>`). So the text is read
//! like a formula by a stack: characters are put on it, and as soon as its top is a whole entity, tag
//! or comment, that is taken off and what it stands for is put on. Every decision rests on the stack
//! alone, so the result has nothing left to take off: one run settles any text, in linear time.

use memchr::memmem;

use crate::markup::entities;
use crate::markup::tags::{self, Element, Tag};
use crate::rules::{Rules, builtin};
use crate::text::chars::before;
use crate::text::{Edits, RuleId};

/// How far back an address is looked for that an ampersand may belong to.
const MAX_ADDRESS: usize = 256;

/// A cell that closes within so many bytes holds data; longer ones lay out a page, whose paragraphs
/// are lines of their own.
const MAX_CELL: usize = 400;

/// Behind a tag these words show that the text speaks about tags.
const TAG_WORDS: &[&str] = &["标签", "标记", "元素", "标志", "標籤", "標記"];

/// Says what this step changes.
pub(crate) fn markup(text: &str, rules: &Rules, edits: &mut Edits) {
    let Some(first) = first_candidate(text) else { return };
    let mut stack = Stack::new(text, text.floor_char_boundary(first.saturating_sub(MAX_ADDRESS)), rules);
    stack.read();
    for cut in &stack.cuts {
        edits.replace(cut.src.0..cut.src.1, &stack.out[cut.out.0..cut.out.1], cut.rule);
    }
}

/// The first `<` or `&` that could begin anything.
fn first_candidate(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'<', b'&', bytes).find(|&at| match (bytes[at], bytes.get(at + 1)) {
        (b'<', Some(b)) => b.is_ascii_alphabetic() || b"/!?&".contains(b) || *b == b'<',
        (b'&', Some(b)) => b.is_ascii_alphabetic() || b"#&<".contains(b),
        _ => false,
    })
}

/// A change to the source: bytes `src` became bytes `out` of the stack.
#[derive(Clone, Copy)]
struct Cut {
    src: (usize, usize),
    out: (usize, usize),
    rule: RuleId,
}

/// A `<` on the stack, and the nearest `<!--` under it.
#[derive(Clone, Copy)]
struct Open {
    at: usize,
    comment_below: Option<usize>,
}

/// Where a script or style began, whose tag is gone already.
#[derive(Clone, Copy)]
struct Code {
    out: usize,
    src: usize,
}

struct Stack<'a> {
    text: &'a str,
    base: usize,
    out: String,
    cuts: Vec<Cut>,
    opens: Vec<Open>,
    /// The last `&` of the stack, if it is near its top.
    amp: Option<usize>,
    scripts: Vec<Code>,
    styles: Vec<Code>,
    /// Where the content of the open cell begins on the stack, and where the source closes it.
    cell: Option<(usize, usize)>,
    entity: Option<RuleId>,
    tag: Option<RuleId>,
    code: Option<RuleId>,
}

impl<'a> Stack<'a> {
    fn new(text: &'a str, base: usize, rules: &Rules) -> Self {
        // A text with `<%` shows the program of a page; its tags belong to the listing.
        let shown = memmem::find(text.as_bytes(), b"<%").is_some();
        Self {
            text,
            base,
            out: String::with_capacity(text.len() - base),
            cuts: Vec::new(),
            opens: Vec::new(),
            amp: None,
            scripts: Vec::new(),
            styles: Vec::new(),
            cell: None,
            entity: rules.on(builtin::MARKUP_ENTITY),
            tag: rules.on(builtin::MARKUP_TAG).filter(|_| !shown),
            code: rules.on(builtin::MARKUP_CODE).filter(|_| !shown),
        }
    }

    fn read(&mut self) {
        let text = self.text;
        let mut at = self.base;
        while at < text.len() {
            if self.amp.is_none_or(|amp| self.out.len() - amp > entities::MAX_BODY) {
                let plain = memchr::memchr3(b'<', b'>', b'&', &text.as_bytes()[at..]);
                let end = plain.map_or(text.len(), |n| at + n);
                if end > at {
                    self.out.push_str(&text[at..end]);
                    at = end;
                    continue;
                }
            }
            let Some(c) = text[at..].chars().next() else { break };
            at = self.put(c, at, at + c.len_utf8());
        }
    }

    /// Puts a character on the stack, which is bytes `start..end` of the source, and takes off what
    /// it completes. Returns where to read on.
    fn put(&mut self, c: char, start: usize, end: usize) -> usize {
        let (mut c, mut start, mut by) = (c, start, None);
        if !c.is_ascii_alphanumeric()
            && !matches!(c, ';' | '=' | '#')
            && let Some((amp, rule, with)) = self.entity_on_top(entities::open)
        {
            let from = self.take_off(amp);
            self.put_entity(with, from, start, rule);
            if with == With::Char('>') {
                let next = self.close(start);
                if next > start {
                    return next;
                }
            }
        }
        while c == ';'
            && let Some((amp, rule, with)) = self.entity_on_top(entities::closed)
        {
            start = self.take_off(amp);
            let With::Char(with) = with else {
                self.cut(start, end, "", rule);
                return end;
            };
            (c, by) = (with, Some(rule));
        }
        match by {
            Some(rule) => self.put_entity(With::Char(c), start, end, rule),
            None => self.push(c),
        }
        if c == '>' { self.close(end) } else { end }
    }

    /// The entity that the top of the stack is, but for its end: where its `&` stands, and what it
    /// stands for.
    fn entity_on_top(&self, read: fn(&str) -> Option<char>) -> Option<(usize, RuleId, With)> {
        let rule = self.entity?;
        let amp = self.amp?;
        let c = read(Some(&self.out[amp + 1..]).filter(|body| body.len() <= entities::MAX_BODY)?)?;
        let with = plain(c)?;
        (!self.is_in_address(amp)).then_some((amp, rule, with))
    }

    /// Byte `at` of the stack belongs to a URL, where `&` sets apart and `&lt=2` is a parameter.
    fn is_in_address(&self, at: usize) -> bool {
        let before = &self.out.as_bytes()[at.saturating_sub(MAX_ADDRESS)..at];
        let Some(start) = memmem::rfind(before, b"://").or_else(|| memmem::rfind(before, b"www.")) else {
            return false;
        };
        before[start..].iter().all(|b| b.is_ascii_graphic() && !b"<>\"'".contains(b))
    }

    fn push(&mut self, c: char) {
        match c {
            '<' => {
                let comment_below = self.comment();
                self.opens.push(Open { at: self.out.len(), comment_below });
            }
            '&' => self.amp = Some(self.out.len()),
            _ => {}
        }
        self.out.push(c);
    }

    fn put_entity(&mut self, with: With, start: usize, end: usize, rule: RuleId) {
        let from = self.out.len();
        if let With::Char(c) = with {
            self.push(c);
        }
        self.cuts.push(Cut { src: (start, end), out: (from, self.out.len()), rule });
    }

    fn cut(&mut self, start: usize, end: usize, with: &str, rule: RuleId) {
        let from = self.out.len();
        self.out.push_str(with);
        self.cuts.push(Cut { src: (start, end), out: (from, self.out.len()), rule });
    }

    /// Takes off the stack all from byte `at`; returns where that began in the source.
    fn take_off(&mut self, at: usize) -> usize {
        let mut start = None;
        while let Some(cut) = self.cuts.pop_if(|cut| cut.out.1 > at) {
            start = (cut.out.0 == at).then_some(cut.src.0);
        }
        self.truncate(at);
        start.unwrap_or_else(|| {
            let (src, out) = self.cuts.last().map_or((self.base, 0), |cut| (cut.src.1, cut.out.1));
            src + (at - out)
        })
    }

    fn truncate(&mut self, at: usize) {
        self.out.truncate(at);
        while self.opens.pop_if(|open| open.at >= at).is_some() {}
        while self.scripts.pop_if(|code| code.out > at).is_some() {}
        while self.styles.pop_if(|code| code.out > at).is_some() {}
        self.cell = self.cell.filter(|cell| cell.0 <= at);
        let near = at.saturating_sub(entities::MAX_BODY + 1);
        self.amp = memchr::memrchr(b'&', &self.out.as_bytes()[near..]).map(|n| near + n);
    }

    /// Where the innermost comment of the stack opens.
    fn comment(&self) -> Option<usize> {
        let top = self.opens.last()?;
        if self.out[top.at..].starts_with("<!--") { Some(top.at) } else { top.comment_below }
    }

    /// Takes off the comment or tag that the `>` on the stack ends. Returns where to read on.
    fn close(&mut self, end: usize) -> usize {
        if self.out.ends_with("-->")
            && let Some(open) = self.comment()
            && self.out.len() >= open + "<!-->".len()
            && let Some(rule) = self.code
        {
            let start = self.take_off(open);
            self.cut(start, end, "", rule);
            return end;
        }
        let Some(open) = self.opens.last().map(|open| open.at) else { return end };
        let Some(tag) = tags::read(&self.out[open..]) else { return end };
        if self.is_spoken_of(tag, open, end) {
            return end;
        }
        let rule = match tag.element {
            Element::Script | Element::Style => self.code,
            _ => self.tag,
        };
        let Some(rule) = rule else { return end };
        let start = self.take_off(open);
        match tag.element {
            Element::Script | Element::Style if tag.closing => {
                let opened =
                    if tag.element == Element::Script { &mut self.scripts } else { &mut self.styles };
                let mut start = start;
                if let Some(code) = opened.pop() {
                    while self.cuts.pop_if(|cut| cut.src.0 >= code.src).is_some() {}
                    self.truncate(code.out);
                    start = code.src;
                    // Those that began inside stand at the same byte of the stack.
                    while self.scripts.pop_if(|inner| inner.src > start).is_some() {}
                    while self.styles.pop_if(|inner| inner.src > start).is_some() {}
                }
                self.cut(start, end, "", rule);
            }
            Element::Script | Element::Style => {
                let opened =
                    if tag.element == Element::Script { &mut self.scripts } else { &mut self.styles };
                opened.push(Code { out: self.out.len(), src: start });
                self.cut(start, end, "", rule);
            }
            Element::Sup if !tag.closing => {
                let raised = tags::raised_ahead(&self.text[end..]);
                let (len, with) = raised.unwrap_or_default();
                self.cut(start, end + len, &with, rule);
                return end + len;
            }
            Element::Block if self.cell.is_some_and(|cell| end <= cell.1) => {
                return self.break_in_cell(start, end, rule);
            }
            // The end of a quoted value is the end of its last line.
            Element::Block if self.text[end..].starts_with("\"\n") => self.cut(start, end, "", rule),
            Element::Block => self.cut(start, end, "\n", rule),
            Element::Row => {
                self.cell = None;
                self.cut(start, end, "\n", rule);
            }
            Element::Cell => return self.cell(tag.closing, start, end, rule),
            Element::Inline | Element::Sup => self.cut(start, end, "", rule),
        }
        end
    }

    /// Opens or closes a cell. White space between two cells, and at the edges of one, comes from
    /// the source of the page and would break the row.
    fn cell(&mut self, closing: bool, mut start: usize, end: usize, rule: RuleId) -> usize {
        let rest = &self.text[end..];
        let next = rest.trim_ascii_start();
        let behind = text_end(self.text, next);
        if !closing {
            let near = &rest.as_bytes()[..rest.len().min(MAX_CELL)];
            let cell = |tag: &&[u8]| matches!(tag.to_ascii_lowercase().as_slice(), b"/td" | b"/th");
            let close = memchr::memchr_iter(b'<', near)
                .find(|&n| near.get(n + 1..n + 4).as_ref().is_some_and(cell))
                .filter(|&n| !near[..n].windows(2).any(|two| matches!(two, b"<t" | b"<T")));
            let to = if close.is_some() { behind } else { end };
            self.cut(start, to, "", rule);
            self.cell = close.map(|n| (self.out.len(), end + n));
            return to;
        }
        if let Some((from, _)) = self.cell.take() {
            let kept = from + self.out[from..].trim_end_matches(|c: char| c.is_ascii_whitespace()).len();
            if kept < self.out.len() {
                start = self.take_off(kept);
            }
        }
        let in_row = ["<td", "<th", "</tr"].iter().any(|tag| starts_with_tag(next, tag));
        let to = if in_row { behind } else { end };
        self.cut(start, to, "\t", rule);
        to
    }

    /// A line of a cell ends; the row must not.
    fn break_in_cell(&mut self, start: usize, end: usize, rule: RuleId) -> usize {
        let next = self.text[end..].trim_ascii_start();
        let edge = self.cell.is_some_and(|cell| cell.0 == self.out.len())
            || self.out.ends_with(|c: char| c.is_ascii_whitespace())
            || next.starts_with("</");
        let to = text_end(self.text, next);
        self.cut(start, to, if edge { "" } else { " " }, rule);
        to
    }

    /// The text speaks about the tag, or means “smaller than b and c greater than”: it stays.
    fn is_spoken_of(&self, tag: Tag, open: usize, end: usize) -> bool {
        let left = before(&self.out, open);
        let right = &self.text[end..];
        let quoted = [('“', '”'), ('‘', '’'), ('「', '」'), ('《', '》'), ('`', '`')];
        tag.bare_letter && left.is_some_and(|c| c.is_ascii_alphanumeric() || c == ')')
            || TAG_WORDS.iter().any(|word| right.starts_with(word))
            || quoted.iter().any(|(l, r)| left == Some(*l) && right.starts_with(*r))
    }
}

/// Where `rest` begins, which is the end of `text`.
const fn text_end(text: &str, rest: &str) -> usize {
    text.len() - rest.len()
}

fn starts_with_tag(text: &str, tag: &str) -> bool {
    text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag))
}

/// What an entity puts into a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum With {
    Char(char),
    /// Characters that nobody sees.
    Nothing,
}

/// What stands for `c` in a text; controls stay written out.
fn plain(c: char) -> Option<With> {
    Some(match c {
        '\n' | '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => With::Char('\n'),
        '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{180E}'
        | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{FFF9}'..='\u{FFFC}' => With::Nothing,
        c if c.is_control() && c != '\t' => return None,
        c => With::Char(c),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Choice;

    fn run(rules: &Rules, text: &str) -> String {
        let (mut edits, mut new) = (Edits::default(), String::new());
        markup(text, rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    #[test]
    fn what_a_crawler_left_goes_and_text_stays() {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let mut wrong = Vec::new();
        for (before, after) in [
            ("投资&nbsp;100万元", "投资\u{A0}100万元"),
            ("投资&nbsp100万元&nbsp共", "投资&nbsp100万元\u{A0}共"),
            ("&ldquo;十四五&rdquo;规划", "“十四五”规划"),
            ("&amp;amp;lt;通知&amp;amp;gt;", "<通知>"),
            ("&amp;lt;p&amp;gt;通知&amp;lt;/p&amp;gt;", "\n通知\n"),
            ("&lt;script&gt;var a=1;&lt;/script&gt;通知", "通知"),
            ("保&shy;留&#8203;行", "保留行"),
            ("甲&#13;&#10;乙&#x2028;丙", "甲\n\n乙\n丙"),
            ("&#0;&#xD800;&#1;", "&#0;&#xD800;&#1;"),
            ("<td>甲</td><td>乙</td></tr>", "甲\t乙\t\n"),
            ("<tr>\n  <td>甲</td>\n  <td>\n 乙 \n</td>\n</tr>", "\n\n  甲\t乙\t\n"),
            ("<tr>\n<td></td>\n<td>乙</td></tr>", "\n\n\t乙\t\n"),
            ("<td><p>甲</p><p>乙</p></td><td>丙<br>丁</td>", "甲 乙\t丙 丁\t"),
            ("<td><table><tr><td>甲</td></tr></table></td>", "\n\n甲\t\n\n\t"),
            ("<TD>甲<BR>乙</TD>", "甲 乙\t"),
            ("a: \"甲<br>\"\nb: 乙<br>", "a: \"甲\"\nb: 乙\n"),
            ("<td>甲\n<p>乙", "甲\n\n乙"),
            ("页面为\n<html>\n<body>\n<%=name%>\n</body>", "页面为\n<html>\n<body>\n<%=name%>\n</body>"),
            ("面积5m<sup>2</sup>，注<sup>[1]</sup>", "面积5m²，注[1]"),
            ("10<SUP>-3</SUP>克", "10⁻³克"),
            ("甲<!-- 乙 <b>丙</b> -->丁", "甲丁"),
            ("甲<!--[if gte mso 9]><xml>乙</xml><![endif]-->丁", "甲丁"),
            ("甲<!-- 乙", "甲<!-- 乙"),
            ("甲 --> 乙", "甲 --> 乙"),
            ("甲<style>p{}</style><p class=\"a>b\">乙", "甲\n乙"),
            ("甲<script>乙", "甲乙"),
            ("<o:p></o:p>甲<st1:chsdate year=\"2006\">乙</st1:chsdate>", "甲乙"),
            ("&lt;&lt;b&gt;p&gt;甲", "\n甲"),
            ("<<b>p>甲", "\n甲"),
            ("&am<em></em>p;甲", "&甲"),
            ("&nbs<em>p</em>;甲", "\u{A0};甲"),
            ("&lt&semi;p&gt;甲", "<;p>甲"),
            ("根据<条例>和<<办法>>", "根据<条例>和<<办法>>"),
            ("若a<b且c>d，x<b>y", "若a<b且c>d，x<b>y"),
            ("R&D、AT&T，A&amp", "R&D、AT&T，A&amp"),
            ("http://a.cn/?a=1&lt=2&nbsp;x", "http://a.cn/?a=1&lt=2&nbsp;x"),
            ("用<p>标签分段，“<br>”换行", "用<p>标签分段，“<br>”换行"),
            ("<agent> <time> 1<i≤m", "<agent> <time> 1<i≤m"),
        ] {
            let got = run(&rules, before);
            if got != after || run(&rules, &got) != got {
                wrong.push(format!("{before:?}: {got:?}, not {after:?}; again {:?}", run(&rules, &got)));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn one_run_settles_any_mixture() {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let parts = [
            "<",
            ">",
            "&",
            ";",
            "p",
            "b",
            "/",
            "!--",
            "-->",
            "&lt;",
            "&gt",
            "amp",
            "script",
            "<script>",
            "</script>",
            "<td>",
            "</td>",
            "<tr>",
            "\n",
            "<p>",
            "</b>",
            "&#60;",
            "&semi;",
            "nbsp",
            "\"",
            "=",
            " ",
            "<a t=\"",
            "国",
            "标签",
            "“",
            "”",
            "sup>2</sup>",
            "#",
            "<style>",
            "</style>",
            "http://a/",
            "\n",
        ];
        // A walk that is the same on every machine.
        let mut seed = 1u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize
        };
        for _ in 0..20_000 {
            let text: String = (0..next() % 14).map(|_| parts[next() % parts.len()]).collect();
            let once = run(&rules, &text);
            assert_eq!(run(&rules, &once), once, "{text:?}");
        }
    }

    #[test]
    fn hostile_texts_take_linear_time() {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let n = 100_000;
        for text in [
            "<".repeat(n),
            "&".repeat(n),
            ">".repeat(n),
            "<!--".repeat(n),
            "-->".repeat(n),
            format!("{}{}", "<".repeat(n), "-->".repeat(n)),
            format!("<a {}{}", "甲".repeat(n), ">".repeat(n)),
            format!("<p{}{}", " ".repeat(n), "甲>".repeat(n)),
            format!("<p {}{}", "a".repeat(n), ">".repeat(n)),
            format!("<{}{}", "t".repeat(n), ">".repeat(n)),
            format!("{}{}", "<div>".repeat(n), "</div>".repeat(n)),
            format!("{}{}", "<script>".repeat(n), "</style>".repeat(n)),
            format!("{};", "&semi".repeat(n)),
            "&amp;".repeat(n),
            "&amp".repeat(n),
            "<a title=\"".repeat(n),
        ] {
            let once = run(&rules, &text);
            assert_eq!(run(&rules, &once), once, "{}", &text[..text.floor_char_boundary(20)]);
        }
    }
}

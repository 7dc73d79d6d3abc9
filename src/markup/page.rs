//! A whole HTML page becomes lines of text: what a reader of the page would copy from it.
//!
//! No tree is built. Blocks end lines, cells are set apart by tabs, code and comments go, and all
//! that stands between two pieces of text becomes one edit. So nesting costs nothing, and a page that
//! is broken or hostile takes the time of any other.

use std::ops::Range;

use crate::markup::entities;
use crate::markup::html::MAX_NAME;
use crate::markup::html::is_feed;
use crate::markup::tags::{self, Element};
use crate::rules::{Rules, builtin};
use crate::text::{Edits, RuleId};

/// A title longer than this was never closed; it must not swallow the page.
const MAX_TITLE: usize = 2048;

/// What must stand between two pieces of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
    Cells(usize),
    Row,
}

/// Says what a page changes to become lines.
pub(crate) fn page(text: &str, rules: &Rules, edits: &mut Edits) {
    let mut reader = Reader {
        text,
        edits,
        tag: rules.on(builtin::PAGE_TAG),
        code: rules.on(builtin::PAGE_CODE),
        entity: rules.on(builtin::PAGE_ENTITY),
        space: rules.on(builtin::PAGE_SPACE),
        gap: Gap::None,
        pending: 0..0,
        pending_rule: None,
        is_empty: true,
        pre: 0,
        last_high: None,
        spent: Spent::default(),
        no_title_end: 0,
        titles_are_text: is_feed(text),
    };
    reader.read();
}

/// Marks of which the rest of the page holds no more; else each search would run to its end again.
#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    tag_end: bool,
    quote: [bool; 2],
    comment_end: bool,
}

struct Reader<'t, 'e> {
    text: &'t str,
    edits: &'e mut Edits,
    tag: Option<RuleId>,
    code: Option<RuleId>,
    entity: Option<RuleId>,
    space: Option<RuleId>,
    gap: Gap,
    /// What stands between the last piece of text and here, and the strongest rule that spoke on it.
    pending: Range<usize>,
    pending_rule: Option<RuleId>,
    /// No text came yet.
    is_empty: bool,
    pre: usize,
    /// Where the last byte above ASCII stands; looked up once.
    last_high: Option<usize>,
    spent: Spent,
    /// Up to here no title ends.
    no_title_end: usize,
    titles_are_text: bool,
}

impl Reader<'_, '_> {
    fn read(&mut self) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                b'<' => at = self.markup(at),
                b'&' => at = self.entity(at),
                b' ' | b'\t' | b'\n' | b'\r' | 0x0C => at = self.space(at),
                _ => {
                    let end = bytes[at..]
                        .iter()
                        .position(|b| matches!(b, b'<' | b'&' | b' ' | b'\t' | b'\n' | b'\r' | 0x0C))
                        .map_or(bytes.len(), |n| at + n);
                    self.content();
                    at = end;
                }
            }
        }
        self.gap = Gap::None;
        self.is_empty = true;
        self.content();
    }

    /// Text follows: what is pending before it becomes what separates the two.
    fn content(&mut self) {
        let span = std::mem::take(&mut self.pending);
        let rule = self.pending_rule.take();
        let gap = if self.is_empty { Gap::None } else { self.gap };
        self.is_empty = false;
        self.gap = Gap::None;
        let (Some(rule), false) = (rule, span.is_empty()) else { return };
        let tabs;
        let with = match gap {
            Gap::None => "",
            Gap::Space => " ",
            Gap::Line | Gap::Row => "\n",
            Gap::Cells(n) => {
                tabs = "\t".repeat(n);
                &tabs
            }
        };
        if &self.text[span.clone()] != with {
            self.edits.replace(span, with, rule);
        }
    }

    /// Bytes `span` are no text. A rule that is off leaves them as if they were.
    fn drop(&mut self, span: Range<usize>, rule: Option<RuleId>, gap: Gap) -> usize {
        let end = span.end;
        if rule.is_none() {
            self.content();
            return end;
        }
        self.gap = match (self.gap, gap) {
            // More than one cell boundary means that cells between them are empty.
            (Gap::Cells(n), Gap::Cells(m)) => Gap::Cells(n + m),
            (Gap::Cells(n), _) if gap < Gap::Row => Gap::Cells(n),
            (a, b) => a.max(b),
        };
        if self.pending.is_empty() {
            self.pending = span;
        } else {
            self.pending.end = end;
        }
        if rule != self.space || self.pending_rule.is_none() {
            self.pending_rule = rule;
        }
        end
    }

    fn space(&mut self, at: usize) -> usize {
        let run = &self.text.as_bytes()[at..];
        let len =
            run.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0C)).unwrap_or(run.len());
        let breaks = self.pre > 0 && memchr::memchr2(b'\n', b'\r', &run[..len]).is_some();
        if self.pre > 0 && !breaks {
            self.content();
            return at + len;
        }
        let gap = if breaks { Gap::Line } else { Gap::Space };
        self.drop(at..at + len, self.space, gap)
    }

    fn entity(&mut self, at: usize) -> usize {
        let rest = &self.text[at + 1..];
        let len = rest
            .bytes()
            .take(entities::MAX_BODY)
            .position(|b| !(b.is_ascii_alphanumeric() || b == b'#'))
            .unwrap_or(rest.len().min(entities::MAX_BODY));
        let body = rest.get(..len).unwrap_or_default();
        let closed = rest.as_bytes().get(len) == Some(&b';');
        let c = if body.starts_with('#') && body.len() > 1 {
            let number = body[1..].trim_start_matches(['x', 'X']);
            let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_hexdigit());
            is_number.then(|| entities::numbered(body).unwrap_or(char::REPLACEMENT_CHARACTER))
        } else if closed {
            entities::named(body)
        } else if rest.as_bytes().get(len) == Some(&b'=') {
            None
        } else {
            entities::open(body)
        };
        self.content();
        let (Some(c), Some(rule)) = (c, self.entity) else { return at + 1 };
        let end = at + 1 + len + usize::from(closed);
        self.edits.replace(at..end, c.encode_utf8(&mut [0; 4]), rule);
        end
    }

    /// A `<`: a comment, a tag, or text.
    fn markup(&mut self, at: usize) -> usize {
        let text = self.text;
        let rest = &text[at + 1..];
        if rest.starts_with("!--") {
            let end = if self.spent.comment_end { None } else { comment_end(&rest[1..]).map(|n| at + 2 + n) };
            self.spent.comment_end = end.is_none();
            return self.drop(at..end.unwrap_or(at + 4), self.code, Gap::None);
        }
        if rest.starts_with(['!', '?']) {
            return match self.plain_end(at) {
                Some(end) => self.drop(at..end, self.tag, Gap::None),
                None => self.text_at(at),
            };
        }
        let (closing, name_at) = if rest.starts_with('/') { (true, at + 2) } else { (false, at + 1) };
        let head = &text[name_at..text.floor_char_boundary(name_at + MAX_NAME)];
        let len = tags::name_len(head);
        if len == 0 {
            return self.text_at(at);
        }
        let name = &head[..len];
        let Some(end) = self.tag_end(name_at + len) else {
            // Cut off inside a tag: what follows is its attributes, unless it is prose.
            let last_high =
                *self.last_high.get_or_insert_with(|| text.bytes().rposition(|b| b >= 0x80).unwrap_or(0));
            return if last_high > at {
                self.text_at(at)
            } else {
                self.drop(at..text.len(), self.tag, Gap::None)
            };
        };
        if !closing && let Some(after) = self.element_with_content(name, at, end) {
            return after;
        }
        let element = tags::element(name).unwrap_or(Element::Inline);
        if name.eq_ignore_ascii_case("pre") {
            self.pre = if closing { self.pre.saturating_sub(1) } else { self.pre + 1 };
        }
        if element == Element::Sup
            && !closing
            && let Some(rule) = self.tag
            && let Some((len, with)) = tags::raised_ahead(&text[end..])
        {
            self.content();
            self.edits.replace(at..end + len, &with, rule);
            return end + len;
        }
        let gap = match element {
            Element::Block => Gap::Line,
            Element::Row => Gap::Row,
            Element::Cell if !closing && self.gap != Gap::Row => Gap::Cells(1),
            _ => Gap::None,
        };
        self.drop(at..end, self.tag, gap)
    }

    fn text_at(&mut self, at: usize) -> usize {
        self.content();
        at + 1
    }

    /// Behind the next `>`.
    fn plain_end(&mut self, at: usize) -> Option<usize> {
        if self.spent.tag_end {
            return None;
        }
        let end = memchr::memchr(b'>', &self.text.as_bytes()[at..]).map(|n| at + n + 1);
        self.spent.tag_end = end.is_none();
        end
    }

    /// Behind the `>` of a tag whose name ends at `at`; quoted values may hold others.
    fn tag_end(&mut self, at: usize) -> Option<usize> {
        let plain = self.plain_end(at)?;
        let bytes = self.text.as_bytes();
        let mut i = at;
        while let Some(n) = memchr::memchr3(b'>', b'"', b'\'', &bytes[i..]) {
            i += n + 1;
            let quote = bytes[i - 1];
            if quote == b'>' {
                return Some(i);
            }
            let is_value = bytes[at..i - 1].iter().rfind(|b| !b.is_ascii_whitespace()) == Some(&b'=');
            let kind = usize::from(quote == b'"');
            if is_value && !self.spent.quote[kind] {
                match memchr::memchr(quote, &bytes[i..]) {
                    Some(n) => i += n + 1,
                    None => self.spent.quote[kind] = true,
                }
            }
        }
        // Quotes that pair up wrongly swallowed the rest of the page. They are not believed again.
        self.spent.quote = [true; 2];
        Some(plain)
    }

    /// Drops an element whose content is no text of the page. `at..end` is its opening tag.
    fn element_with_content(&mut self, name: &str, at: usize, end: usize) -> Option<usize> {
        let rest = &self.text[end..];
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let close = if is("script") {
            // Behind a script that is never closed stands only more of it.
            closing_tag(rest, "script").unwrap_or(rest.len())
        } else if is("style") {
            memchr::memchr(b'<', rest.as_bytes()).map_or(rest.len(), |n| {
                closing_tag(&rest[n..rest.floor_char_boundary(n + 16)], "style").map_or(n, |len| n + len)
            })
        } else if is("title") && !self.titles_are_text {
            let from = self.no_title_end.saturating_sub(end + "</title".len());
            let from = rest.floor_char_boundary(from);
            let window = &rest[from..rest.floor_char_boundary(MAX_TITLE).max(from)];
            let Some(len) = closing_tag(window, "title") else {
                self.no_title_end = end + from + window.len();
                return None;
            };
            from + len
        } else {
            return None;
        };
        let gap = if is("title") { Gap::Line } else { Gap::None };
        Some(self.drop(at..end + close, self.code, gap))
    }
}

/// The length of a comment without its `<!`, `-->` or `--!>` included; `<!-->` is one.
fn comment_end(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    memchr::memmem::find_iter(bytes, "--").find_map(|n| match bytes[n + 2..] {
        [b'>', ..] => Some(n + 3),
        [b'!', b'>', ..] if n > 0 => Some(n + 4),
        [b'-', b'>', ..] => Some(n + 4),
        _ => None,
    })
}

/// Behind the first `</name…>` of `rest`.
fn closing_tag(rest: &str, name: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let at = memchr::memmem::find_iter(bytes, "</").find(|at| {
        bytes[at + 2..].get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    })?;
    Some(memchr::memchr(b'>', &bytes[at..]).map_or(rest.len(), |n| at + n + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Choice;

    fn run(rules: &Rules, text: &str) -> String {
        let (mut edits, mut new) = (Edits::default(), String::new());
        page(text, rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    #[test]
    fn a_page_becomes_what_a_reader_would_copy() {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let mut wrong = Vec::new();
        for (page, text) in [
            (
                "<!DOCTYPE html>\n<html><head><title>甲</title></head>\n<body>\n<p>乙</p>\n</body></html>\n",
                "乙",
            ),
            ("<p>甲\n  乙 <b>丙</b>丁</p><P CLASS=x>戊<br>己<br/><br>庚", "甲 乙 丙丁\n戊\n己\n庚"),
            (
                "<table><tr><td>甲</td>\n<td></td> <td><p>乙</p></td></tr><tr><th>丙<th>丁</table>戊",
                "甲\t\t乙\n丙\t丁\n戊",
            ),
            ("甲<!-- <p>乙</p> -->丙<!-->丁<!-- 戊 --!>己", "甲丙丁己"),
            ("<p>甲</p><title>一</title><p>乙</p><title>二</title><p>丙</p>", "甲\n乙\n丙"),
            (
                "<?xml version=\"1.0\"?>\n<rss><item><title>甲</title><p>乙</p></item><item><title>丙</title></item></rss>",
                "甲\n乙\n丙",
            ),
            ("甲<!-- 乙", "甲 乙"),
            ("甲<script>if(a<b){'</p>'}</SCRIPT >乙<style>p{}</style>丙<script>丁", "甲乙丙"),
            ("<title>通知<p>甲</p>", "通知\n甲"),
            ("<style>p{}<p>甲", "甲"),
            ("<a title=\"1>0\" href='x'>甲</a><a title=\"乙>丙", "甲丙"),
            ("温度<5℃，《<通知>》，R&D，a<", "温度<5℃，《<通知>》，R&D，a<"),
            ("面积5m<sup>2</sup>，甲<sup>[1]</sup>", "面积5m²，甲[1]"),
            (
                "&nbsp;甲&#x4e59&#19993;&#0;&#xD800;&ampamp;&notit;?a&lt=1",
                "\u{A0}甲乙丙\u{FFFD}\u{FFFD}&ampamp;&notit;?a&lt=1",
            ),
            ("<span>甲</span><span>乙</span><wbr>丙", "甲乙丙"),
            ("<pre>甲\n乙  丙</pre>\n丁\n戊", "甲\n乙  丙\n丁 戊"),
            ("<p>甲</p><a href=\"http://x", "甲"),
            ("<![CDATA[甲]]>乙<?xml version='1'?>丙", "乙丙"),
            ("<bo\0dy>甲", "甲"),
            ("", ""),
            ("<p></p>", ""),
        ] {
            let got = run(&rules, page);
            if got != text {
                wrong.push(format!("{page:?}: {got:?}, not {text:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn hostile_pages_take_linear_time() {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let n = 100_000;
        for (page, text) in [
            (format!("{}甲{}", "<div>".repeat(n), "</div>".repeat(n)), "甲"),
            (format!("甲{}", "<title>".repeat(n)), "甲"),
            (format!("甲{}", "<style>".repeat(n)), "甲"),
            (format!("甲{}", "<script>".repeat(n)), "甲"),
            (format!("甲{}", "<!--".repeat(n)), "甲"),
            (format!("甲{}", "<a b=\"".repeat(n)), "甲"),
            (format!("甲{}", "<a b='>\"".repeat(n)), "甲\""),
            (format!("<div {}>甲", "a=1 ".repeat(n)), "甲"),
        ] {
            let got = run(&rules, &page);
            assert_eq!(
                got.trim_end_matches('"'),
                text.trim_end_matches('"'),
                "{}",
                &page[..page.floor_char_boundary(20)]
            );
        }
        // Text that only looks like markup stays; nothing is searched for twice.
        for text in ["<![CDATA[".repeat(n), format!("{}国", "<a ".repeat(n).replace(' ', "")), "&".repeat(n)]
        {
            assert_eq!(run(&rules, &text), text);
        }
    }
}

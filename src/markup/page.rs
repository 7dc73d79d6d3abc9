//! A whole HTML page becomes lines of text: what a reader of the page would copy from it.
//!
//! No tree is built. Blocks end lines, cells are set apart by tabs, code and comments go, and all
//! that stands between two pieces of text becomes one edit. So nesting costs nothing, and a page that
//! is broken or hostile takes the time of any other.

use std::ops::Range;

use crate::markup::entities;
use crate::markup::tags::{self, Element};
use crate::rules::{Rules, builtin};
use crate::text::{Edits, RuleId};

/// Bytes in which a page shows that it is one.
const HEAD: usize = 16 << 10;

/// Characters of text that may stand before `<html` or `<body`; further down it is spoken about.
const MAX_BEFORE: usize = 200;

/// Tags of known elements that make a page of a text that begins with one.
const MIN_TAGS: usize = 5;

/// A title longer than this was never closed; it must not swallow the page.
const MAX_TITLE: usize = 2048;

/// The text is HTML, by its content. Markdown with a few tags in it is none.
#[must_use]
pub fn is_page(text: &str) -> bool {
    let head = &text[..text.floor_char_boundary(HEAD)];
    let mut rest = head.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}' || c == '\0');
    while let Some(inner) = rest.strip_prefix("<!--").or_else(|| rest.strip_prefix("<?xml")) {
        let Some((_, behind)) = inner.split_once('>') else { return false };
        rest = behind.trim_start();
    }
    let (mut known, mut closed) = (0, 0);
    for at in memchr::memchr_iter(b'<', rest.as_bytes()) {
        let tag = &rest[at + 1..];
        let begins = |word: &str| tag.get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word));
        if ["html", "body", "head>", "!doctype html", "frameset"].iter().any(|word| begins(word))
            && rest[..at].chars().filter(|c| !c.is_ascii()).count() <= MAX_BEFORE
        {
            return true;
        }
        let (closing, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let len = tags::name_len(&tag[..tag.floor_char_boundary(MAX_NAME)]);
        if tags::element(&tag[..len]).is_some() {
            known += 1;
            closed += usize::from(closing);
        }
    }
    rest.starts_with('<') && known >= MIN_TAGS && closed > 0
}

/// Names longer than this are of no element.
const MAX_NAME: usize = 32;

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
        no_end: false,
        no_quote: [false; 2],
        no_title_end: 0,
        no_comment_end: false,
        no_script_end: false,
    };
    reader.read();
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
    /// No `>`, no quote of a kind, no `-->` is left; else each search would run to the end again.
    no_end: bool,
    no_quote: [bool; 2],
    no_comment_end: bool,
    no_script_end: bool,
    /// Up to here no title ends.
    no_title_end: usize,
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
            let end = if self.no_comment_end { None } else { comment_end(&rest[1..]).map(|n| at + 2 + n) };
            self.no_comment_end = end.is_none();
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
        if self.no_end {
            return None;
        }
        let end = memchr::memchr(b'>', &self.text.as_bytes()[at..]).map(|n| at + n + 1);
        self.no_end = end.is_none();
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
            if is_value && !self.no_quote[kind] {
                match memchr::memchr(quote, &bytes[i..]) {
                    Some(n) => i += n + 1,
                    None => self.no_quote[kind] = true,
                }
            }
        }
        // Quotes that pair up wrongly swallowed the rest of the page. They are not believed again.
        self.no_quote = [true; 2];
        Some(plain)
    }

    /// Drops an element whose content is no text of the page. `at..end` is its opening tag.
    fn element_with_content(&mut self, name: &str, at: usize, end: usize) -> Option<usize> {
        let rest = &self.text[end..];
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let close = if is("script") {
            // Behind a script that is never closed stands only more of it.
            let close = if self.no_script_end { None } else { closing_tag(rest, "script") };
            self.no_script_end = close.is_none();
            close.unwrap_or(rest.len())
        } else if is("style") {
            memchr::memchr(b'<', rest.as_bytes()).map_or(rest.len(), |n| {
                closing_tag(&rest[n..rest.floor_char_boundary(n + 16)], "style").map_or(n, |len| n + len)
            })
        } else if is("title") {
            let from = self.no_title_end.saturating_sub(end + "</title".len());
            let from = rest.floor_char_boundary(from);
            let window = &rest[from..rest.floor_char_boundary(MAX_TITLE).max(from)];
            self.no_title_end = end + from + window.len();
            from + closing_tag(window, "title")?
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

//! The edits that make lines of a page: blocks end lines, cells are set apart by tabs, code goes, and
//! all that stands between two pieces of text becomes one edit.

use std::ops::Range;

use crate::markup::entities;
use crate::markup::page::tokens::{Kind, Token};
use crate::markup::tags::{self, Element, Role};
use crate::rules::{Rules, builtin};
use crate::text::{Edits, RuleId};

/// What must stand between two pieces of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
    Cells(usize),
    Row,
}

/// The bytes of text at which something may change.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let bytes = b"& \t\n\r\x0C";
    let mut n = 0;
    while n < bytes.len() {
        stops[bytes[n] as usize] = true;
        n += 1;
    }
    stops
};

/// Spans of the source in reading order, and how far they were passed.
pub(super) struct Spans<'s> {
    spans: &'s [Range<usize>],
}

impl<'s> Spans<'s> {
    pub(super) fn new(spans: &'s [Range<usize>]) -> Self {
        Self { spans }
    }

    /// Where the next one begins.
    fn next_start(&self) -> Option<usize> {
        self.spans.first().map(|span| span.start)
    }

    /// Byte `at` stands in one of them. Ask in reading order.
    fn hold(&mut self, at: usize) -> bool {
        while let Some((first, rest)) = self.spans.split_first()
            && first.end <= at
        {
            self.spans = rest;
        }
        self.spans.first().is_some_and(|span| span.start <= at)
    }
}

/// Says what the tokens of `text` change to become lines. Where `kept` is given, what stands outside
/// goes; what is `unseen` goes too. `bare` tells of each token whether nothing in it can change.
pub(super) fn lines(
    text: &str,
    tokens: &[Token],
    bare: &[bool],
    mut kept: Option<Spans<'_>>,
    mut unseen: Spans<'_>,
    rules: &Rules,
    edits: &mut Edits,
) {
    let mut writer = Writer {
        text,
        edits,
        tag: rules.on(builtin::PAGE_TAG),
        code: rules.on(builtin::PAGE_CODE),
        entity: rules.on(builtin::PAGE_ENTITY),
        space: rules.on(builtin::PAGE_SPACE),
        outside: rules.on(builtin::PAGE_OUTSIDE),
        hidden: rules.on(builtin::PAGE_HIDDEN),
        gap: Gap::None,
        pending: 0..0,
        pending_rule: None,
        is_empty: true,
        pre: 0,
        done: 0,
    };
    let mut rest = tokens;
    while let Some((token, more)) = rest.split_first() {
        rest = more;
        let at = token.at as usize;
        if at < writer.done {
            continue;
        }
        let is_text = token.kind == Kind::Text;
        if writer.outside.is_some()
            && let Some(kept) = &mut kept
            && !kept.hold(at)
        {
            // All tokens up to the next part that is kept.
            let next = kept.next_start().unwrap_or(text.len());
            rest = &rest[rest.partition_point(|token| (token.at as usize) < next)..];
            let end = rest.first().map_or(text.len(), |token| token.at as usize);
            writer.drop(at..end, writer.outside, Gap::Line);
        } else if is_text && writer.hidden.is_some() && unseen.hold(at) {
            writer.drop(token.span(), writer.hidden, Gap::None);
        } else if bare[tokens.len() - rest.len() - 1] {
            writer.content();
        } else {
            writer.token(*token);
        }
    }
    writer.end();
}

struct Writer<'t, 'e> {
    text: &'t str,
    edits: &'e mut Edits,
    tag: Option<RuleId>,
    code: Option<RuleId>,
    entity: Option<RuleId>,
    space: Option<RuleId>,
    outside: Option<RuleId>,
    hidden: Option<RuleId>,
    gap: Gap,
    /// What stands between the last piece of text and here, and the strongest rule that spoke on it.
    pending: Range<usize>,
    pending_rule: Option<RuleId>,
    /// No text came yet.
    is_empty: bool,
    pre: usize,
    /// Up to here the source is dealt with.
    done: usize,
}

impl Writer<'_, '_> {
    fn token(&mut self, token: Token) {
        let span = token.span();
        match token.kind {
            Kind::Text => self.run(span),
            Kind::Code => self.drop(span, self.code, Gap::None),
            Kind::Title => self.drop(span, self.code, Gap::Line),
            Kind::Other => self.drop(span, self.tag, Gap::None),
            Kind::Open(name) | Kind::Close(name) => {
                let opens = matches!(token.kind, Kind::Open(_));
                if name.role() == Role::Pre {
                    self.pre = if opens { self.pre + 1 } else { self.pre.saturating_sub(1) };
                }
                let element = name.element();
                if element == Element::Sup
                    && opens
                    && let Some(rule) = self.tag
                    && let Some((len, with)) = tags::raised_ahead(&self.text[span.end..])
                {
                    self.content();
                    self.done = span.end + len;
                    self.edits.replace(span.start..self.done, &with, rule);
                    return;
                }
                let gap = match element {
                    Element::Block => Gap::Line,
                    Element::Row => Gap::Row,
                    Element::Cell if opens && self.gap != Gap::Row => Gap::Cells(1),
                    _ => Gap::None,
                };
                self.drop(span, self.tag, gap);
            }
        }
    }

    /// Text of the source: white space and character references are what may change in it.
    fn run(&mut self, span: Range<usize>) {
        let bytes = &self.text.as_bytes()[..span.end];
        let mut at = span.start;
        while at < bytes.len() {
            match bytes[at] {
                b'&' => at = self.entity(at),
                b' ' | b'\t' | b'\n' | b'\r' | 0x0C => at = self.space(at, span.end),
                _ => {
                    let mut end = at;
                    while let Some(&b) = bytes.get(end) {
                        // Nineteen bytes of twenty of a text are Han.
                        if b >= 0xE0 {
                            end += if b < 0xF0 { 3 } else { 4 };
                        } else if STOPS[usize::from(b)] {
                            break;
                        } else {
                            end += 1;
                        }
                    }
                    self.content();
                    at = end;
                }
            }
        }
    }

    /// The page ends; what is pending goes.
    fn end(&mut self) {
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
    fn drop(&mut self, span: Range<usize>, rule: Option<RuleId>, gap: Gap) {
        if rule.is_none() {
            self.content();
            return;
        }
        self.gap = match (self.gap, gap) {
            // More than one cell boundary means that cells between them are empty.
            (Gap::Cells(n), Gap::Cells(m)) => Gap::Cells(n + m),
            (Gap::Cells(n), _) if gap < Gap::Row && rule != self.outside => Gap::Cells(n),
            (_, _) if rule == self.outside => Gap::Row,
            (a, b) => a.max(b),
        };
        if self.pending.is_empty() {
            self.pending = span;
        } else {
            self.pending.end = span.end;
        }
        let is_weaker = rule == self.space || self.takes_text();
        if !is_weaker || self.pending_rule.is_none() || rule == self.outside {
            self.pending_rule = rule;
        }
    }

    /// What is pending holds text that a reader could have read.
    fn takes_text(&self) -> bool {
        self.pending_rule.is_some() && (self.pending_rule == self.outside || self.pending_rule == self.hidden)
    }

    fn space(&mut self, at: usize, end: usize) -> usize {
        let run = &self.text.as_bytes()[at..end];
        let len =
            run.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0C)).unwrap_or(run.len());
        let breaks = self.pre > 0 && memchr::memchr2(b'\n', b'\r', &run[..len]).is_some();
        if self.pre > 0 && !breaks {
            self.content();
            return at + len;
        }
        let gap = if breaks { Gap::Line } else { Gap::Space };
        self.drop(at..at + len, self.space, gap);
        at + len
    }

    fn entity(&mut self, at: usize) -> usize {
        let (c, len) = reference(&self.text[at..]);
        self.content();
        let (Some(c), Some(rule)) = (c, self.entity) else { return at + 1 };
        self.edits.replace(at..at + len, c.encode_utf8(&mut [0; 4]), rule);
        at + len
    }
}

/// The character that the reference at the start of `text` stands for, and its length.
pub(super) fn reference(text: &str) -> (Option<char>, usize) {
    let rest = text.strip_prefix('&').unwrap_or(text);
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
    (c, 1 + len + usize::from(closed))
}

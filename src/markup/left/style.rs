//! Style sheets: `.TRS_Editor P{margin-top:0;}`, and what Word writes before a text.

use std::ops::Range;

use memchr::{memchr, memchr2, memmem};

use super::speaks_of_code;
use crate::markup::tags;

/// Classes of editors and words of Word, which no text speaks of.
const SIGNATURES: &[&str] =
    &["TRS_", "mso-", "Mso", "@font-face", "@page", "custom_unionstyle", "UEDITOR", "ueditor", "WordSection"];

/// Sheets that begin behind a title or a name on its line.
const INLINE: &[&str] = &[".TRS_Editor", ".TRS_PreAppend", ".TRS_UEDITOR", "@font-face"];

/// First words of the properties that a sheet sets.
const PROPERTIES: &[&str] = &[
    "align",
    "background",
    "border",
    "bottom",
    "box",
    "clear",
    "color",
    "cursor",
    "direction",
    "display",
    "float",
    "font",
    "height",
    "layout",
    "left",
    "letter",
    "line",
    "list",
    "margin",
    "max",
    "min",
    "mso",
    "opacity",
    "outline",
    "overflow",
    "padding",
    "page",
    "panose",
    "position",
    "punctuation",
    "right",
    "ruby",
    "size",
    "src",
    "tab",
    "table",
    "text",
    "top",
    "unicode",
    "vertical",
    "visibility",
    "white",
    "width",
    "word",
    "writing",
    "z",
    "zoom",
];

/// Bytes of a selector, of one block, and of a comment, at most.
const MAX_SELECTOR: usize = 300;
const MAX_BLOCK: usize = 4_000;
const MAX_COMMENT: usize = 300;

/// The sheets of `text`.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut spans: Vec<Range<usize>> = Vec::new();
    let Some(mut brace) = memchr(b'{', bytes) else { return spans };
    let mut about_code = None;
    let mut inline = INLINE.iter().flat_map(|mark| memmem::find_iter(bytes, mark)).collect::<Vec<_>>();
    inline.sort_unstable();
    let mut inline = inline.into_iter().peekable();
    let mut at = 0;
    while at < bytes.len() {
        let line_end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n);
        while brace < at {
            let Some(n) = memchr(b'{', &bytes[at..]) else { return spans };
            brace = at + n;
        }
        let mut starts =
            vec![at + (text[at..].len() - text[at..].trim_start_matches(is_space).len()).min(line_end - at)];
        while let Some(&mark) = inline.peek()
            && mark < line_end
        {
            inline.next();
            starts.push(mark);
        }
        let mut next = line_end + 1;
        for start in starts {
            if start < spans.last().map_or(0, |span| span.end)
                || brace.saturating_sub(start) > MAX_SELECTOR + MAX_COMMENT
            {
                continue;
            }
            let Some(end) = sheet(text, start) else { continue };
            let sheet = &text[start..end];
            let signed = SIGNATURES.iter().any(|mark| sheet.contains(mark));
            // A sheet of no known editor is left over where it stands above all text.
            let first = || spans.is_empty() && text[..start].trim().is_empty();
            if signed || first() && !*about_code.get_or_insert_with(|| speaks_of_code(text)) {
                spans.push(start..end);
                next = next.max(end);
                break;
            }
        }
        at = next;
    }
    spans
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{A0}' | '\u{3000}')
}

/// Where the blocks end that begin at byte `start`.
fn sheet(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut end) = (start, None);
    loop {
        while bytes.get(at).is_some_and(|b| b.is_ascii_whitespace() || end.is_some() && *b == b'}') {
            if bytes[at] == b'}' {
                end = Some(at + 1);
            }
            at += 1;
        }
        if bytes[at..].starts_with(b"/*") {
            let Some(n) = memmem::find(&bytes[at..bytes.len().min(at + MAX_COMMENT)], b"*/") else {
                return end;
            };
            at += n + 2;
            if end.is_some() {
                end = Some(at);
            }
            continue;
        }
        let Some(after) = block(text, at) else { return end };
        (at, end) = (after, Some(after));
    }
}

/// Where the block ends that begins at byte `at` with its selector.
fn block(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let near = &bytes[at..bytes.len().min(at + MAX_SELECTOR)];
    let open =
        near.iter().position(|b| !(b.is_ascii_alphanumeric() || b" \t\r\n.#,:>*_-@\"=[]()~+".contains(b)))?;
    if near[open] != b'{' || !text.get(at..at + open).is_some_and(is_selector) {
        return None;
    }
    let inner = at + open + 1;
    let body = &bytes[inner..bytes.len().min(inner + MAX_BLOCK)];
    let close = memchr2(b'{', b'}', body)?;
    // `@media screen{` holds blocks.
    if body[close] == b'{' {
        return if near[0] == b'@' && bytes.get(inner) != Some(&b'@') { block(text, inner) } else { None };
    }
    is_declarations(text.get(inner..inner + close)?).then_some(inner + close + 1)
}

/// Nothing but elements, classes and names: a title before a sheet is none.
fn is_selector(selector: &str) -> bool {
    let selector = selector.trim();
    selector.starts_with('@')
        || selector.split([' ', '\t', '\r', '\n', ',', '>', '+', '~']).filter(|part| !part.is_empty()).all(
            |part| {
                let name = part.split(['.', '#', ':', '[']).next().unwrap_or_default();
                name.is_empty() && part.len() > 1 || name == "*" || tags::element(name).is_some()
            },
        )
}

/// `name: value` between semicolons, and half of the names are known.
fn is_declarations(body: &str) -> bool {
    let (mut all, mut known) = (0, 0);
    for declaration in body.split(';').map(str::trim).filter(|d| !d.is_empty()) {
        let Some((name, _)) = declaration.split_once(':') else { return false };
        let name = name.trim_end().trim_start_matches(['_', '*']);
        if name.is_empty() || name.len() > 60 || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        {
            return false;
        }
        let plain = ["-webkit-", "-moz-", "-ms-", "-o-"].iter().find_map(|maker| name.strip_prefix(maker));
        let word = plain.unwrap_or(name).split('-').next().unwrap_or_default().to_ascii_lowercase();
        all += 1;
        known += usize::from(PROPERTIES.contains(&word.as_str()));
    }
    all > 0 && known * 2 >= all
}

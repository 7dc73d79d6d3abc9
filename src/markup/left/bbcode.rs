//! The marks of forums: `[b]…[/b]`, `[url=…]…[/url]`.
//!
//! Only those go that open and close: `x[i]` is an element of a field, and `[1]` a note.

use std::ops::Range;

use memchr::{memchr_iter, memmem};

use crate::text::chars::{after, before};

/// The names, in small letters as forums write them.
const NAMES: &[&str] = &[
    "b",
    "i",
    "u",
    "s",
    "size",
    "color",
    "font",
    "url",
    "img",
    "quote",
    "align",
    "list",
    "table",
    "tr",
    "td",
    "indent",
    "float",
    "attach",
    "media",
    "flash",
    "email",
    "hide",
    "backcolor",
];

/// Those of which the content is an address or a number, and no text.
const NO_TEXT: &[&str] = &["img", "attach", "media", "flash"];

/// Bytes of a value, and of a content that is no text, at most.
const MAX_VALUE: usize = 200;

/// The marks of `text`.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    if memmem::find(text.as_bytes(), b"[/").is_none() {
        return spans;
    }
    let mut open: Vec<Vec<Range<usize>>> = vec![Vec::new(); NAMES.len()];
    for at in memchr_iter(b'[', text.as_bytes()) {
        let Some((name, closing, end)) = mark(text, at) else { continue };
        let spoken_of = matches!(before(text, at), Some('“' | '"' | '`' | '‘'))
            && matches!(after(text, end), Some('”' | '"' | '`' | '’'));
        if spoken_of {
            continue;
        }
        if !closing {
            open[name].push(at..end);
        } else if let Some(opened) = open[name].pop() {
            let content = &text[opened.end..at];
            let hidden = NO_TEXT.contains(&NAMES[name]) && content.len() <= MAX_VALUE && content.is_ascii();
            if hidden {
                spans.push(opened.start..end);
            } else {
                spans.push(opened);
                spans.push(at..end);
            }
        }
    }
    spans
}

/// The mark at byte `at`: the number of its name, whether it closes, and where it ends.
fn mark(text: &str, at: usize) -> Option<(usize, bool, usize)> {
    let inner = &text.as_bytes()[at + 1..];
    let (closing, inner) = inner.strip_prefix(b"/").map_or((false, inner), |inner| (true, inner));
    let len = inner.iter().take(10).position(|b| !b.is_ascii_lowercase())?;
    let name = NAMES.iter().position(|name| name.as_bytes() == &inner[..len])?;
    let from = at + 1 + usize::from(closing) + len;
    match inner[len] {
        b']' => Some((name, closing, from + 1)),
        b'=' if !closing => {
            let near = &inner[len..inner.len().min(len + MAX_VALUE)];
            let n = near.iter().position(|b| matches!(b, b']' | b'[' | b'\n'))?;
            (near[n] == b']').then_some((name, closing, from + n + 1))
        }
        _ => None,
    }
}

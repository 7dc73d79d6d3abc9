//! Lines of JavaScript whose `<script>` is gone: `var a=1;`, `document.write(…)`.

use std::ops::Range;

use memchr::{memchr2, memmem};

use super::speaks_of_code;
use crate::text::chars::is_han;
use crate::text::sift::line_ends;

/// How a statement begins that no prose begins with.
const STARTS: &[&str] = &[
    "var ",
    "function ",
    "function(",
    "document.",
    "window.",
    "$(",
    "$.",
    "jQuery",
    "(function",
    "!function",
    "_hmt",
    "setTimeout(",
    "WebTrends",
    "location.",
];

/// What one of the statements holds.
const WORDS: &[&str] = &["var ", "function", "document.", "window.", "$(", "jQuery", "setTimeout("];

/// Characters of the rest that a text must keep; a file of code is not emptied.
const MIN_HAN: usize = 20;

/// The lines of code of `text`.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    if memchr2(b'{', b'=', text.as_bytes()).is_none() {
        return Vec::new();
    }
    let has_word = |word: &&str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    if !WORDS.iter().any(has_word) || speaks_of_code(text) {
        return Vec::new();
    }
    let mut spans: Vec<Range<usize>> = Vec::new();
    let (mut open, mut depth, mut han, mut start) = (false, 0_usize, 0, 0);
    for end in line_ends(text) {
        let line = &text[start..end];
        let code = line.trim();
        if !is_plain(code) {
            open = false;
            han += code.chars().filter(|c| is_han(*c)).count();
        } else if is_statement(code) || open && (depth > 0 || is_rest(code)) && !code.is_empty() {
            if !open {
                depth = 0;
            }
            let change = |b| code.bytes().filter(|c| *c == b).count();
            depth = (depth + change(b'{')).saturating_sub(change(b'}'));
            match spans.last_mut() {
                Some(span) if open => span.end = end,
                _ => spans.push(start..end),
            }
            open = true;
        } else if !code.is_empty() {
            open = false;
        }
        start = end + 1;
    }
    if han < MIN_HAN { Vec::new() } else { spans }
}

/// Next to no Han in the line.
fn is_plain(line: &str) -> bool {
    line.len() <= 16 << 10 && line.chars().filter(|c| is_han(*c)).count() * 5 <= line.chars().count()
}

fn ends(line: &str) -> bool {
    line.ends_with([';', '{', '}', ')'])
}

/// The line begins a group of statements.
fn is_statement(line: &str) -> bool {
    STARTS.iter().any(|start| line.starts_with(start))
        && ends(line)
        && line.contains(['{', '='])
        && (line.contains([';', '{']) || line.ends_with(')'))
}

/// The line goes on with one.
fn is_rest(line: &str) -> bool {
    line.bytes().all(|b| b"{}();,/*-<>! \t".contains(&b))
        || line.starts_with("//")
        || line.is_ascii() && line.ends_with([';', '{', '}'])
}

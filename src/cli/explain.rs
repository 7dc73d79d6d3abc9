//! `jingwen explain`: one document before and after, with the name of the rule at each change.

use std::fs;
use std::io;
use std::io::IsTerminal;
use std::io::Read;
use std::path::Path;

use crate::cli::args::ExplainArgs;
use crate::cli::say;
use crate::cli::watch::printable;
use crate::decode::Hints;
use crate::decode::decode;
use crate::error::Error;
use crate::error::Result;
use crate::markup;
use crate::pipeline::Desk;
use crate::source::STDIN;
use crate::text::Change;

/// Characters shown on either side of a change.
const CONTEXT: usize = 12;

/// How a change is marked.
struct Paint {
    removed: (&'static str, &'static str),
    added: (&'static str, &'static str),
    rule: (&'static str, &'static str),
}

const COLOUR: Paint = Paint {
    removed: ("\u{1B}[31m", "\u{1B}[0m"),
    added: ("\u{1B}[32m", "\u{1B}[0m"),
    rule: ("\u{1B}[36m", "\u{1B}[0m"),
};
const PLAIN: Paint = Paint { removed: ("[-", "-]"), added: ("{+", "+}"), rule: ("", "") };

pub(super) fn explain(args: &ExplainArgs) -> Result<u8> {
    let cleaner = args.rules.cleaner()?;
    let mut bytes = Vec::new();
    if args.file.as_os_str() == STDIN {
        io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|e| Error::io("reading", Path::new("standard input"), e))?;
    } else {
        bytes = fs::read(&args.file).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => {
                Error::usage(format!("the input {} cannot be found", args.file.display()))
            }
            _ => Error::input(format!("reading {}: {e}", args.file.display())),
        })?;
    }
    let decoded = decode(&bytes, &Hints::default())
        .map_err(|why| Error::input(format!("{} is not text: {}", args.file.display(), why.what)))?;
    let wants_colour =
        io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let paint = if wants_colour { COLOUR } else { PLAIN };

    let mut desk = Desk::default();
    let clean =
        cleaner.clean_document_at(&mut desk, &decoded.text, markup::is_page(&decoded.text)).to_owned();
    let rules = cleaner.rules();
    let mut now = decoded.text.into_owned();
    let mut said = format!("encoding {}\n", decoded.encoding);
    for frame in desk.trail().frames() {
        said.push_str(&format!("\n{} ({} changes)\n", frame.step, frame.edits.len()));
        for change in frame.edits.iter() {
            said.push_str(&line(&now, &change, rules.name(change.rule), &paint));
        }
        let mut next = String::new();
        frame.edits.apply(&now, &mut next);
        now = next;
        say(&said)?;
        said.clear();
    }
    said.push_str("\nclean text\n");
    said.push_str(&clean);
    if !clean.ends_with('\n') {
        said.push('\n');
    }
    say(&said)?;
    Ok(0)
}

/// `  punct.comma  …60%[-,-]{+，+}其中…`
fn line(text: &str, change: &Change<'_>, rule: &str, paint: &Paint) -> String {
    let before = &text[..change.src.start];
    let start = before.char_indices().rev().nth(CONTEXT - 1).map_or(0, |(at, _)| at);
    let after = &text[change.src.end..];
    let end = after.char_indices().nth(CONTEXT).map_or(after.len(), |(at, _)| at);
    let mut line = format!("  {}{rule}{}  {}", paint.rule.0, paint.rule.1, shown(&before[start..]));
    for (part, (open, close)) in [(&text[change.src.clone()], paint.removed), (change.with, paint.added)] {
        if !part.is_empty() {
            line.push_str(&format!("{open}{}{close}", shown(part)));
        }
    }
    line.push_str(&shown(&after[..end]));
    line.push('\n');
    line
}

/// Line ends as a sign, whatever steers a terminal by its number, long texts by their ends.
fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let n = text.chars().count();
    let cut: String = if n > 2 * MOST {
        let head: String = text.chars().take(MOST).collect();
        let tail: String = text.chars().skip(n - MOST).collect();
        format!("{head} … {tail}")
    } else {
        text.to_owned()
    };
    printable(&cut.replace('\n', "⏎"))
}

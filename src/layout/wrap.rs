//! Finds the width to which a text was wrapped, and which of its lines the wrapping cut.
//!
//! Printers and old editors break lines at a fixed column: 28 characters on official paper
//! (GB/T 9704-2012, 5.2.3), 63 or 38 in archives of journals. Such a text has a width that no line
//! passes and that most lines reach, so that the first word of the next line would not have fitted.

use memchr::memchr;

use crate::layout::label::{is_dateline, starts_paragraph};
use crate::layout::spaces::{leading_blanks, trailing_blanks};
use crate::text::chars::{after, is_blank, is_han, is_opening, never_starts_a_line};
use crate::text::sift::{line_ends, sift};

/// One line that shows something: what it takes to find a width. The rest is asked for only of
/// lines that are as wide, for most texts have no width.
#[derive(Clone, Copy)]
pub(super) struct Line {
    /// Its first character that is no blank.
    pub(super) from: usize,
    /// Behind its last one.
    pub(super) to: usize,
    /// Columns of blanks before it.
    pub(super) lead: usize,
    /// It ends in blanks.
    pub(super) trailing: bool,
    /// Blank lines stand before it.
    apart: bool,
    /// In columns and in characters.
    size: [Size; 2],
}

#[derive(Clone, Copy, Default)]
struct Size {
    /// All of it, without blanks at its end.
    whole: u32,
    /// Without the marks at its end that a printer lets hang over.
    core: u32,
}

impl Line {
    fn of(self, text: &str) -> &str {
        &text[self.from..self.to]
    }

    /// Ends in the middle of a sentence.
    fn has_open_end(self, text: &str) -> bool {
        !self.of(text).ends_with([
            '。', '！', '？', '；', '：', '”', '）', '…', '!', '?', ';', ':', ')', '.', '》', '】',
        ])
    }

    /// Begins with 【, the label of a record, or with a dateline.
    fn is_record(self, text: &str) -> bool {
        self.of(text).starts_with('【') || is_dateline(self.of(text))
    }

    /// Opens a paragraph by its label.
    fn is_labelled(self, text: &str) -> bool {
        self.is_record(text) || starts_paragraph(self.of(text))
    }

    /// Has cells, set apart by TABs.
    fn has_tabs(self, text: &str) -> bool {
        memchr(b'\t', self.of(text).as_bytes()).is_some()
    }
}

/// Widths that printers use, in columns (Han 2, ASCII 1) and in characters.
const WIDTHS: [std::ops::RangeInclusive<u32>; 2] = [40..=130, 20..=65];

/// A line of so many bytes is wider than any printer's, whatever stands in it.
const MAX_BYTES: usize = 210;

/// Lines at the full width that prove a wrapped text.
const MIN_FULL: usize = 8;

/// Lines cut in two that prove it where the indents of paragraphs agree.
const MIN_CUT: usize = 3;

/// Lines of a text below which it is not looked at.
const MIN_LINES: usize = 5;

/// The lines of a text by their bytes, for this is asked of every text.
#[derive(Default)]
pub(super) struct Shape {
    lines: usize,
    wide: usize,
}

impl Shape {
    /// Counts a line of so many bytes.
    pub(super) const fn add(&mut self, bytes: usize) {
        self.lines += (bytes > 1) as usize;
        self.wide += (bytes > MAX_BYTES) as usize;
    }

    /// The text may have been wrapped: few lines are too wide.
    pub(super) const fn may_be_wrapped(&self) -> bool {
        self.lines >= MIN_LINES && self.wide * 12 <= self.lines
    }
}

/// The lines of `text` that show something.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let narrow = sift(text, narrow_sieve).next().is_some();
    let mut lines: Vec<Line> = Vec::new();
    let (mut apart, mut start) = (false, 0);
    for end in line_ends(text) {
        let from = start + leading_blanks(&text[start..end]);
        if from == end {
            apart = true;
        } else {
            let to = end - trailing_blanks(&text[from..end]);
            let lead =
                text[start..from].chars().map(|c| if c == '\t' { 4 } else { columns(c) as usize }).sum();
            let size = measure(&text[from..to], narrow);
            lines.push(Line { from, to, lead, trailing: to < end, apart, size });
            apart = false;
        }
        start = end + 1;
    }
    lines
}

/// Lets through the blanks beyond ASCII that are one column wide.
fn narrow_sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    (a == 0xC2) & (b == 0xA0) | (a == 0xE2) & (b == 0x80) & (c.wrapping_sub(0x82) <= 0x8A - 0x82)
}

const fn columns(c: char) -> u32 {
    if (c as u32) < 0x80 || matches!(c, '\u{A0}' | '\u{2002}'..='\u{200A}') { 1 } else { 2 }
}

/// The size of `content`; `narrow` where it may hold blanks beyond ASCII of one column.
fn measure(content: &str, narrow: bool) -> [Size; 2] {
    let (mut chars, mut single) = (0, 0);
    // Summed up in bytes, which lets the compiler take sixteen at once.
    for part in content.as_bytes().chunks(usize::from(u8::MAX)) {
        let (mut leads, mut ascii) = (0_u8, 0_u8);
        for &b in part {
            leads += u8::from(b & 0xC0 != 0x80);
            ascii += u8::from(b < 0x80);
        }
        (chars, single) = (chars + u32::from(leads), single + u32::from(ascii));
    }
    if narrow {
        single += content.chars().filter(|&c| !c.is_ascii() && columns(c) == 1).count() as u32;
    }
    let whole = [2 * chars - single, chars];
    // Printers hang such a mark over the line's end rather than begin a line with it.
    let core = content
        .chars()
        .rev()
        .take_while(|&c| never_starts_a_line(c))
        .fold(whole, |core, c| [core[0] - columns(c), core[1] - 1]);
    [0, 1].map(|m| Size { whole: whole[m], core: core[m] })
}

/// What stands inside a line.
struct Inside {
    /// Pausing marks and stops, at most [`u8::MAX`].
    marks: u8,
    /// Cells, set apart by TABs or wide gaps.
    cells: bool,
    /// Mostly Han.
    han: bool,
}

fn inside(content: &str) -> Inside {
    let (mut n_chars, mut han, mut marks) = (0, 0_u32, 0_u8);
    let (mut gap, mut wide_gaps) = (0, 0);
    let (bytes, mut i) = (content.as_bytes(), 0);
    while i < bytes.len() {
        // Runs of Han are most of a line and need no decoding.
        let from = i;
        while i < bytes.len() && is_unified(&bytes[i..]) {
            i += 3;
        }
        let n = ((i - from) / 3) as u32;
        if n > 0 {
            (han, n_chars) = (han + n, n_chars + n);
            wide_gaps += usize::from(gap > 2);
            gap = 0;
        }
        let Some(c) = after(content, i) else { break };
        i += c.len_utf8();
        n_chars += 1;
        han += u32::from(is_han(c));
        marks =
            marks.saturating_add(u8::from(matches!(c, '，' | '、' | '。' | '；' | ',' | ';' | '：' | ':')));
        if is_blank(c) {
            gap += if c == '\t' { 4 } else { columns(c) };
        } else {
            wide_gaps += usize::from(gap > 2);
            gap = 0;
        }
    }
    let cells = wide_gaps > 1 || memchr(b'\t', bytes).is_some();
    Inside { marks, cells, han: han * 2 > n_chars }
}

/// A character of the unified Han block begins here.
fn is_unified(bytes: &[u8]) -> bool {
    matches!(bytes, [0xE5..=0xE9, ..] | [0xE4, 0xB8..=0xBF, ..])
}

/// Columns and characters of the first word: openings with what they open, and characters that
/// are `latin` stay together.
fn first_word(content: &str, latin: impl Fn(char) -> bool) -> [u32; 2] {
    if is_unified(content.as_bytes()) {
        return [2, 1];
    }
    let mut size = [0, 0];
    let mut in_latin = false;
    for c in content.chars() {
        if in_latin && !latin(c) {
            break;
        }
        size = [size[0] + columns(c), size[1] + 1];
        in_latin = latin(c) && !is_opening(c);
        if !in_latin && !is_opening(c) {
            break;
        }
    }
    size
}

/// Most lines of the text end in blanks, so these say nothing about word breaks.
pub(super) fn is_padded(lines: &[Line]) -> bool {
    lines.iter().filter(|l| l.trailing).count() * 10 > lines.len()
}

/// For each pair of neighbours whether the second line goes on with the first, and the lead of a
/// line that does.
///
/// Joining is repeated on its own result as the later steps will leave it, without indents and
/// blank lines, until no width is found any more: so a second cleaning finds none either.
pub(super) fn joined(text: &str, lines: &[Line]) -> (Vec<bool>, usize) {
    let mut joined = vec![false; lines.len().saturating_sub(1)];
    let indent = indent(lines);
    let found = apply(text, lines, &mut joined, Some(indent));
    if found.is_none() && lines.iter().all(|l| l.lead == 0) {
        return (joined, indent.flush); // without indents it is the same look again
    }
    // The width grows with each round and is bounded, so the rounds are few.
    for _ in *WIDTHS[0].start()..*WIDTHS[0].end() {
        if apply(text, lines, &mut joined, None) != Some(true) {
            break;
        }
    }
    (joined, indent.flush)
}

/// How the paragraphs of a text are set in.
#[derive(Clone, Copy)]
struct Indent {
    /// The lead of a line that goes on with a paragraph.
    flush: usize,
    /// The lead of a paragraph's first line; `None` where none are set in.
    first: Option<usize>,
}

/// The most common lead, and the most common one beside it.
fn indent(lines: &[Line]) -> Indent {
    const MAX_LEAD: usize = 16;
    let mut leads = [0_usize; MAX_LEAD];
    for line in lines.iter().filter(|l| l.lead < MAX_LEAD) {
        leads[line.lead] += 1;
    }
    // Lines that go on stand left of those that begin.
    let flush = (0..MAX_LEAD).find(|&n| leads[n] > 0).unwrap_or(0);
    let enough = (lines.len() / 10).max(2);
    let first =
        (flush + 2..MAX_LEAD).max_by_key(|&n| (leads[n], MAX_LEAD - n)).filter(|&n| leads[n] >= enough);
    Indent { flush, first }
}

/// A run of lines that are one by now.
struct Piece {
    first: usize,
    last: usize,
    size: [Size; 2],
}

/// Joins what one width explains, and tells whether it joined any; `None` where no width was found.
fn apply(text: &str, lines: &[Line], joined: &mut [bool], indent: Option<Indent>) -> Option<bool> {
    let mut pieces: Vec<Piece> = Vec::with_capacity(lines.len());
    // A blank at a line's end took part in filling it, where lines are not padded with blanks.
    let blank = u32::from(!is_padded(lines));
    for (n, line) in lines.iter().enumerate() {
        match pieces.last_mut() {
            Some(piece) if joined[n - 1] => {
                for m in 0..2 {
                    piece.size[m].core = piece.size[m].whole + line.size[m].core;
                    piece.size[m].whole += line.size[m].whole;
                }
                piece.last = n;
            }
            _ => {
                let lead = if indent.is_some() { [line.lead as u32, (line.lead / 2) as u32] } else { [0, 0] };
                let trail = blank * u32::from(line.trailing);
                let size = [0, 1].map(|m| Size {
                    whole: line.size[m].whole + lead[m] + trail,
                    core: line.size[m].core + lead[m],
                });
                pieces.push(Piece { first: n, last: n, size });
            }
        }
    }
    let set_in = indent.and_then(|i| i.first.map(|first| (i.flush, first)));
    let found = set_in
        .and_then(|set_in| by_indent(text, lines, &pieces, set_in))
        .or_else(|| by_width(text, lines, &pieces, indent.is_some()));
    let mut any = false;
    for (piece, _) in pieces.iter().zip(found?).filter(|(_, cut)| *cut) {
        any = true;
        joined[piece.last] = true;
    }
    Some(any)
}

/// The width that most of `pieces` reach, in measure `m`, with the number that reach it.
fn common_width<'a>(pieces: impl Iterator<Item = &'a Piece>, m: usize) -> Option<u32> {
    const SPREAD: usize = 2;
    let mut counts = [0_usize; 131];
    for piece in pieces.filter(|p| WIDTHS[m].contains(&p.size[m].core)) {
        counts[piece.size[m].core as usize] += 1;
    }
    let near = |w: usize| counts[w - SPREAD..=w].iter().sum::<usize>();
    let best =
        (*WIDTHS[m].start() as usize..=*WIDTHS[m].end() as usize).max_by_key(|&w| (near(w), counts[w], w))?;
    // The last width of the window that occurs.
    let width = (best - SPREAD..=best).rev().find(|&w| counts[w] > 0)?;
    Some(width as u32)
}

/// Paragraphs are set in, so each flush line goes on with the one before, if that one is full.
fn by_indent(
    text: &str,
    lines: &[Line],
    pieces: &[Piece],
    (flush, first): (usize, usize),
) -> Option<Vec<bool>> {
    let starts = |n: usize| {
        let line = &lines[pieces[n].first];
        line.lead >= first.max(flush + 3) - 1 || line.is_record(text)
    };
    let goes_on: Vec<bool> = (0..pieces.len()).map(|n| n + 1 < pieces.len() && !starts(n + 1)).collect();
    let mut best: Option<(usize, Vec<bool>)> = None;
    for m in 0..2 {
        let cut_pieces = pieces.iter().zip(&goes_on).filter(|(_, on)| **on).map(|(p, _)| p);
        let Some(width) = common_width(cut_pieces, m) else { continue };
        // All plain Latin at the start of the next line, with the spaces in it, is as long as its
        // line allows; a blank before it belongs to it.
        let word = |n: usize| {
            let run = first_word(lines[n].of(text), |c| c.is_ascii());
            run[m].min(width) + u32::from(lines[n].lead > flush)
        };
        let over = pieces.iter().filter(|p| p.size[m].core > width).count();
        if over * 12 > pieces.len() + 8 {
            continue;
        }
        let full: Vec<bool> =
            (0..pieces.len()).map(|n| goes_on[n] && is_full(pieces, n, m, width, word)).collect();
        let mut cuts: Vec<bool> = (0..pieces.len())
            .map(|n| {
                full[n] && !lines[pieces[n].last].has_tabs(text) && !lines[pieces[n + 1].first].has_tabs(text)
            })
            .collect();
        let n_cut = cuts.iter().filter(|c| **c).count();
        let n_short = (0..pieces.len()).filter(|&n| goes_on[n] && !full[n]).count();
        if n_cut < MIN_CUT || over * 12 > n_cut + 8 || n_short > n_cut.max(8) {
            continue;
        }
        let is_open = |n: usize| lines[pieces[n].last].has_open_end(text);
        let n_open = (0..pieces.len()).filter(|&n| cuts[n] && is_open(n)).count();
        if n_open * 2 < n_cut || best.as_ref().is_some_and(|(n, _)| n_cut <= *n) {
            continue;
        }
        let next_is_labelled = |n: usize| lines[pieces[n + 1].first].is_labelled(text);
        if (0..pieces.len()).any(|n| goes_on[n] && !full[n] && next_is_labelled(n)) {
            for (n, cut) in cuts.iter_mut().enumerate().filter(|(_, cut)| **cut) {
                *cut = is_open(n) || !next_is_labelled(n);
            }
        }
        best = Some((n_cut, cuts));
    }
    best.map(|(_, cuts)| cuts)
}

/// No indents tell paragraphs apart, so only the width does, and the sentence at the line's end.
fn by_width(text: &str, lines: &[Line], pieces: &[Piece], blanks_tell: bool) -> Option<Vec<bool>> {
    let mut best: Option<(usize, Vec<bool>)> = None;
    for m in 0..2 {
        let Some(width) = common_width(pieces.iter(), m) else { continue };
        let over = pieces.iter().filter(|p| p.size[m].core > width).count();
        if over * 12 > pieces.len() {
            continue;
        }
        // The first word, which is never cut; no word of it is told of where none could be enough.
        let word = |n: usize| first_word(lines[n].of(text), |c| c.is_ascii() && c != ' ')[m].min(width / 2);
        let may_be_full = |n: usize| pieces[n].size[m].whole + width / 2 > width;
        let full: Vec<bool> =
            (0..pieces.len()).map(|n| may_be_full(n) && is_full(pieces, n, m, width, word)).collect();
        let n_full = full.iter().filter(|f| **f).count();
        if n_full < MIN_FULL
            || n_full * 5 < pieces.len()
            || over * 12 > n_full
            || best.as_ref().is_some_and(|(n, _)| n_full <= *n)
        {
            continue;
        }
        let full_lines =
            || pieces.iter().zip(&full).filter(|(_, full)| **full).map(|(piece, _)| &lines[piece.last]);
        let n_open = full_lines().filter(|line| line.has_open_end(text)).count();
        if n_open * 20 < n_full * 13 {
            continue;
        }
        let (mut marks, mut n_han) = (0, 0);
        for line in full_lines() {
            let inside = inside(line.of(text));
            marks += usize::from(inside.marks);
            n_han += usize::from(inside.han && !inside.cells);
        }
        if marks * 2 < n_full || n_han * 10 < n_full * 8 {
            continue;
        }
        let cuts = (0..pieces.len())
            .map(|n| {
                let Some(next) = pieces.get(n + 1).map(|p| &lines[p.first]) else { return false };
                let line = &lines[pieces[n].last];
                full[n]
                    && line.has_open_end(text)
                    && !(blanks_tell && (next.apart || next.lead > lines[pieces[n].first].lead + 1))
                    && !next.is_labelled(text)
                    && !inside(line.of(text)).cells
                    && !inside(next.of(text)).cells
            })
            .collect();
        best = Some((n_full, cuts));
    }
    best.map(|(_, cuts)| cuts)
}

/// The first word of the next line, `word` wide, would not have fitted behind piece `n`.
fn is_full(pieces: &[Piece], n: usize, m: usize, width: u32, word: impl Fn(usize) -> u32) -> bool {
    let whole = pieces[n].size[m].whole;
    pieces.get(n + 1).is_some_and(|next| whole > width || whole + word(next.first) > width)
}

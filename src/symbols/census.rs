//! A count of the decorative symbols of a text and of the places where they stand.
//!
//! Whether ★ is noise shows only in the whole document: strewn before commas it is, before clauses
//! of a tender it is law. So each symbol is judged once, and all its occurrences without a meaning
//! of their own go or stay together.
//!
//! All places are looked at in the *skeleton*, the text without any candidate symbol. So the
//! judgement of one symbol is the same whether another has been removed or not, and a second run
//! finds nothing.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::{Range, RangeInclusive};

use crate::symbols::locks::{Lock, Site, box_sieve, lock, says_tender, stands_in_prose};
use crate::text::chars::{after, before, is_closing, is_han};
use crate::text::sift::{is_han_lead, sift};

/// Symbols that may be noise. Not among them, since they always mean something: boxes and ticks,
/// circles and △, numbers in circles, arrows of procedures, U+FFFD and 〓 for a lost character,
/// regional letters, and `* # ~ ^ | =` with their full-width forms († and ‡ too), which in real
/// documents are operators, ranges, notes and numbers of things.
pub(crate) const DECORATIVE: &[RangeInclusive<char>] = &[
    '※'..='※',
    '\u{2580}'..='\u{259F}',
    '■'..='■',
    '\u{25AA}'..='\u{25AB}',
    '▲'..='▲',
    '\u{25B6}'..='\u{25BD}',
    '◆'..='\u{25C8}',
    '◎'..='\u{25D3}',
    '\u{25E2}'..='\u{25E5}',
    '\u{2600}'..='\u{260F}',
    '\u{2614}'..='\u{2617}',
    '\u{2618}'..='\u{266F}',
    '\u{2690}'..='\u{2712}',
    '\u{2719}'..='\u{2775}',
    '\u{2794}'..='\u{27BE}',
    '\u{2B00}'..='\u{2BFF}',
    '〒'..='〒',
    '〠'..='〠',
    '〶'..='〶',
    '\u{1F000}'..='\u{1F0FF}',
    '\u{1F300}'..='\u{1F5F3}',
    '\u{1F5FA}'..='\u{1FAFF}',
];

/// Lets through where a character of [`DECORATIVE`] begins, and little else.
fn sieve(a: u8, b: u8, c: u8, _: u8) -> bool {
    let symbol = (b.wrapping_sub(0x96) <= 0x9E - 0x96) | (b.wrapping_sub(0xAC) <= 0xAF - 0xAC);
    let reference = (b == 0x80) & (c == 0xBB);
    let postal = (b == 0x80) & ((c == 0x92) | (c == 0xA0) | (c == 0xB6));
    (a == 0xE2) & (symbol | reference) | (a == 0xE3) & postal | (a >= 0xF0)
}

/// Fewer occurrences tell nothing about a document.
const MIN_OCCURRENCES: usize = 3;

/// Tokens of one symbol in a row from which on they are an ornament and no noise.
const ORNAMENT: usize = 3;

/// Noise in mid-sentence: occurrences in a thousand Han characters, Latin letters and digits. Marks
/// and spaces are not counted, since later steps change their number.
const MIN_DENSITY: f64 = 2.0;

/// Bytes of ten Han characters. Nearer together than this, symbols part the items of a list.
const NEAR: usize = 30;

/// What is known about one symbol of a document. Counts are of unlocked occurrences, neighbours
/// are adjacent characters of the skeleton.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Census {
    /// The symbol.
    pub symbol: char,
    /// Occurrences without a meaning of their own.
    pub n: usize,
    /// Of these, the share before a pausing or closing mark.
    pub p_punct: f64,
    /// The share that stands before `、`, as in lists.
    pub p_pause: f64,
    /// The share behind Han, a digit or `%`.
    pub p_mid: f64,
    /// The share behind Han, `%`, a letter or a closing mark, where a word ends.
    pub p_word: f64,
    /// The share behind Han.
    pub p_han: f64,
    /// The share in rows of three or more of the same symbol.
    pub p_run: f64,
    /// The share at the start of a line, locked ones included.
    pub p_linestart: f64,
    /// The share with less than ten characters to the last one.
    pub p_near: f64,
    /// Occurrences in a thousand Han characters, Latin letters and digits.
    pub density: f64,
    /// The share of places where the symbol has a meaning that speaks for the others.
    pub locked: f64,
    /// The document says what the symbol means.
    pub legend: bool,
}

/// What the census says about a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Strewn over the text: all unlocked occurrences go.
    Noise,
    /// Near to noise in one feature, so a reader should be told.
    Suspect,
    /// Stays.
    Content,
}

impl Census {
    /// The judgement, from catalogue figures: of 4,501 real documents no symbol with a meaning
    /// comes out as noise.
    pub(crate) fn verdict(&self) -> Verdict {
        let before_marks = self.p_punct >= 0.6;
        let inside_text = self.p_mid >= 0.9 && self.density >= MIN_DENSITY;
        if self.n < MIN_OCCURRENCES || self.legend || !(before_marks || inside_text) {
            return Verdict::Content;
        }
        let strewn = self.p_run <= 0.05 && self.locked <= 0.2;
        let at_word_ends = self.p_word >= 0.9 && self.p_pause <= 0.8;
        let in_prose = self.p_han >= 0.5 && self.p_near <= 0.5;
        if strewn && (before_marks && at_word_ends || inside_text && in_prose) {
            Verdict::Noise
        } else {
            Verdict::Suspect
        }
    }
}

/// One symbol in the text.
#[derive(Clone, Copy, Debug)]
struct Token {
    symbol: char,
    /// Its bytes, with the style selectors behind it.
    at: usize,
    end: usize,
    /// Where in the skeleton it was.
    site: usize,
}

/// The symbols of a text that are frequent enough to be judged.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// A row for each symbol, in code point order.
    pub rows: Vec<Census>,
    /// The bytes of the noise, in reading order.
    pub noise: Vec<Range<usize>>,
}

fn is_candidate(c: char) -> bool {
    DECORATIVE.iter().any(|range| range.contains(&c))
}

fn is_style(c: char) -> bool {
    matches!(c, '\u{FE0E}' | '\u{FE0F}')
}

/// A part of an emoji sequence; taking it out would leave a joiner without work.
fn is_joined(text: &str, at: usize, end: usize) -> bool {
    /// U+200D, ZERO WIDTH JOINER.
    const JOINER: [u8; 3] = [0xE2, 0x80, 0x8D];
    text.as_bytes()[..at].ends_with(&JOINER) || text.as_bytes()[end..].starts_with(&JOINER)
}

/// The end of a symbol that ends at `end`, with the style selectors behind it.
fn styled(text: &str, end: usize) -> usize {
    if text.as_bytes().get(end) != Some(&0xEF) {
        return end;
    }
    text.len() - text[end..].trim_start_matches(is_style).len()
}

fn tokens(text: &str) -> Vec<Token> {
    let (mut tokens, mut taken): (Vec<Token>, _) = (Vec::new(), 0);
    sift(text, sieve).for_each(|at| {
        if let Some(symbol) = after(text, at)
            && (tokens.last().is_some_and(|last| last.symbol == symbol) || is_candidate(symbol))
        {
            let end = styled(text, at + symbol.len_utf8());
            if !is_joined(text, at, end) {
                tokens.push(Token { symbol, at, end, site: at - taken });
                taken += end - at;
            }
        }
    });
    tokens
}

/// The text without its candidate symbols.
fn skeleton(text: &str, tokens: &[Token]) -> String {
    let mut skeleton = String::with_capacity(text.len());
    let mut kept = 0;
    for token in tokens {
        skeleton.push_str(&text[kept..token.at]);
        kept = token.end;
    }
    skeleton.push_str(&text[kept..]);
    skeleton
}

/// A mark before which noise stands, in the widths and forms that later steps may give it.
fn ends_a_word(c: char) -> bool {
    matches!(c, '，' | '。' | '、' | '；' | '：' | '？' | '！' | '”' | '’' | '）' | '》' | '〉' | '…'
        | ',' | ';' | ':' | '.' | '?' | '!' | ')' | '"'
        | '\u{FE10}'..='\u{FE16}' | '\u{FE50}'..='\u{FE57}' | '｡' | '､')
}

/// Han, or a form that a later step folds to Han.
fn is_han_like(c: char) -> bool {
    is_han(c) || matches!(c, '\u{2E80}'..='\u{2FD5}')
}

/// Judges every symbol of `text` that occurs at least three times.
pub(crate) fn survey(text: &str) -> Survey {
    let tokens = tokens(text);
    if tokens.len() < MIN_OCCURRENCES {
        return Survey::default();
    }
    let mut by_symbol = Cow::Borrowed(&tokens);
    // Most noise is of one symbol.
    if tokens.iter().any(|token| token.symbol != tokens[0].symbol) {
        by_symbol.to_mut().sort_unstable_by_key(|t| (t.symbol, t.at));
    }
    let mut groups =
        by_symbol.chunk_by(|a, b| a.symbol == b.symbol).filter(|g| g.len() >= MIN_OCCURRENCES).peekable();
    if groups.peek().is_none() {
        return Survey::default();
    }
    let skeleton = skeleton(text, &tokens);
    let doc = Document {
        skeleton: &skeleton,
        tokens: &tokens,
        n_text: sift(&skeleton, says).count(),
        boxes: sift(&skeleton, box_sieve).next().is_some(),
        tender: OnceCell::new(),
    };
    let mut survey = Survey::default();
    for group in groups {
        let (row, free) = doc.judge(group);
        if row.verdict() == Verdict::Noise {
            survey.noise.extend(free);
        }
        survey.rows.push(row);
    }
    survey.noise.sort_unstable_by_key(|span| span.start);
    survey
}

/// What the judgement of every symbol needs to know.
struct Document<'a> {
    skeleton: &'a str,
    tokens: &'a [Token],
    n_text: usize,
    /// Boxes to be ticked may stand somewhere.
    boxes: bool,
    tender: OnceCell<bool>,
}

impl Document<'_> {
    /// Counts the occurrences `group` of one symbol; the spans are those without a lock. Where the
    /// document says what the symbol means, nothing else matters and nothing is counted.
    fn judge(&self, group: &[Token]) -> (Census, Vec<Range<usize>>) {
        let skeleton = self.skeleton;
        let mut row = Census { symbol: group[0].symbol, ..Census::default() };
        let mut free = Vec::new();
        let (mut punct, mut pause, mut mid, mut word, mut han, mut run, mut line, mut near) =
            (0, 0, 0, 0, 0, 0, 0, 0);
        let (mut locked, mut sites, mut last) = (0, 0, None);
        let tender = || *self.tender.get_or_init(|| says_tender(skeleton));
        for tokens in group.chunk_by(|a, b| a.site == b.site) {
            let at = tokens[0].site;
            let here = tokens.len();
            sites += 1;
            let (left, right) = (before(skeleton, at), after(skeleton, at));
            // Next to all noise stands so, and to look farther around each mark takes the longest.
            if self.boxes || !stands_in_prose(left, right) {
                let ratings = if is_rating(row.symbol) { self.ratings_at(at) } else { here };
                let site = Site::new(skeleton, at, row.symbol, ratings);
                line += usize::from(site.starts_line());
                if let Some(lock) = lock(&site, tender) {
                    if matches!(lock, Lock::Legend | Lock::Clause) {
                        row.legend = true;
                        return (row, Vec::new());
                    }
                    locked += usize::from(lock.speaks());
                    continue;
                }
            }
            free.extend(tokens.iter().map(|t| t.at..t.end));
            let count = |test: bool| if test { here } else { 0 };
            punct += count(right.is_some_and(ends_a_word));
            pause += count(right == Some('、'));
            let share = left.is_some_and(|c| matches!(c, '%' | '％'));
            han += count(left.is_some_and(is_han_like));
            mid += count(share || left.is_some_and(|c| is_han_like(c) || c.is_ascii_digit()));
            word += count(
                share || left.is_some_and(|c| is_han_like(c) || c.is_ascii_alphabetic() || is_closing(c)),
            );
            run += count(here >= ORNAMENT);
            near += count(last.is_some_and(|last| at - last < NEAR));
            last = Some(at);
        }
        row.n = free.len();
        let of = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        [row.p_punct, row.p_pause, row.p_mid, row.p_word, row.p_han, row.p_run, row.p_near] =
            [punct, pause, mid, word, han, run, near].map(|part| of(part, row.n));
        row.p_linestart = of(line, sites);
        row.locked = of(locked, locked + row.n);
        row.density = of(row.n * 1000, self.n_text);
        (row, free)
    }

    /// The number of ★☆⭐ at one place.
    fn ratings_at(&self, site: usize) -> usize {
        let first = self.tokens.partition_point(|t| t.site < site);
        self.tokens[first..].iter().take_while(|t| t.site == site).filter(|t| is_rating(t.symbol)).count()
    }
}

/// Lets through Han, Latin letters and digits.
fn says(a: u8, _: u8, _: u8, _: u8) -> bool {
    is_han_lead(a) | (a.wrapping_sub(b'0') < 10) | ((a | 0x20).wrapping_sub(b'a') < 26)
}

fn is_rating(symbol: char) -> bool {
    matches!(symbol, '★' | '☆' | '⭐')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::sift::missed;

    #[test]
    fn the_sieve_has_no_hole() {
        assert_eq!(missed(sieve, DECORATIVE.iter().cloned()), []);
    }
}

//! What brackets of formulas, code and sentences of another language look like; these keep their
//! half-width marks.
//!
//! Brackets nest, so whoever looks into a pair looks at a bounded stretch of it: else a row of
//! opening brackets would be read once for each of them.

use crate::punct::width::marks::{Kind, Mark, Side};
use crate::punct::width::{Decision, SHORTEST_WORD};
use crate::text::chars::is_blank;

/// A bit for each letter x with `f(x)` in a text, where f is one letter; such a pair never changes.
fn variables(text: &str) -> u64 {
    memchr::memchr_iter(b'(', text.as_bytes())
        .filter_map(|at| {
            let mut before = text[..at].chars().rev();
            let f = before.next()?;
            let named = f.is_ascii_alphabetic() && !before.next().is_some_and(|c| c.is_ascii_alphanumeric())
                || matches!(f, 'Α'..='ω');
            let (x, rest) = (text[at + 1..].chars().next()?, text[at + 1..].chars().nth(1)?);
            (named && rest == ')').then(|| variable(x))?
        })
        .fold(0, |bits, bit| bits | bit)
}

/// The bit of a letter that variables are named with: a Latin or a Greek one.
fn variable(x: char) -> Option<u64> {
    match x {
        'a'..='z' => Some(1 << (x as u32 - 'a' as u32)),
        'α'..='ω' => Some(1 << (26 + x as u32 - 'α' as u32)),
        _ => None,
    }
}

impl Decision<'_> {
    /// A bracket pair without Han that holds what only formulas hold: an operator, or a comma that
    /// stays half-width.
    pub(super) fn is_formula(&self, open: u32, close: u32) -> bool {
        /// Longer texts in brackets are no formulas that anyone writes in a bulletin.
        const LONGEST: usize = 60;
        let inside = self.inside(open, close);
        if inside.len() > LONGEST {
            return false;
        }
        let set = |c: char| "∪∩∈∧∨∀∃⊂∫∑∂→∞".contains(c);
        if inside.is_empty() || inside.contains(set) || !self.folded && inside.contains('(') {
            return true;
        }
        // (a1,a2,…,an)
        let member = |c: char| c.is_ascii() || !self.folded && matches!(c, '…' | '′' | 'Α'..='ω');
        if !inside.chars().all(member) {
            return false;
        }
        // (n-1), where is a name
        if let Some((n, less)) = inside.split_once('-')
            && matches!(n.as_bytes(), [b'a'..=b'z'])
            && matches!(less.as_bytes(), [b'0'..=b'9' | b'a'..=b'z'])
        {
            return true;
        }
        if self.folded && inside.bytes().all(|b| b.is_ascii_digit() || b == b'+') {
            return false; // “10+3”: a name, not a sum
        }
        let comma = |i: u32| self.marks.list[i as usize].kind == Kind::Comma && !self.wide[i as usize];
        (open + 1..close).any(comma)
            || inside.bytes().any(|b| matches!(b, b'=' | b'+' | b'*' | b'^' | b'<' | b'>' | b'|' | b'\\'))
    }

    /// `(μ，ξ)`, `(mapx，mapy)`: the pair holds the coordinates of a point, none of them Han.
    pub(super) fn is_point(&self, open: u32, close: u32) -> bool {
        /// Characters of a coordinate, at most.
        const LONGEST: usize = 8;
        /// Bytes of a coordinate with the blanks around it.
        const REACH: usize = 64;
        let variable = |item: &str| {
            let item = item.trim_matches(is_blank);
            let one = item.chars().count() == 1 && !item.starts_with(|c: char| c.is_ascii_digit());
            one || (1..=LONGEST).contains(&item.len())
                && item.starts_with(|c: char| c.is_ascii_lowercase())
                && item.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        let (mut rest, mut n) = (self.inside(open, close), 1);
        while let Some(at) = rest[..rest.floor_char_boundary(REACH)].find(['，', ',', '、']) {
            let (item, behind) = rest.split_at(at);
            if !variable(item) {
                return false;
            }
            (rest, n) = (&behind[behind.chars().next().map_or(0, char::len_utf8)..], n + 1);
        }
        n > 1 && rest.len() <= REACH && variable(rest)
    }

    /// `(t)` in a text that has `y(t)`: the argument of a function whose name got lost.
    pub(super) fn is_variable(&self, open: u32, close: u32) -> bool {
        let mut inside = self.inside(open, close).chars();
        let (Some(bit), None) = (inside.next().and_then(variable), inside.next()) else { return false };
        self.variables.get_or_init(|| variables(self.text)) & bit != 0
    }

    /// `SUBSTRING (m.text,“甲”)`: the arguments of a function.
    pub(super) fn is_call(&self, open: u32, close: u32) -> bool {
        /// Bytes of the first argument, at most.
        const LONGEST: usize = 40;
        let word = |b: &&u8| b.is_ascii_alphanumeric() || matches!(**b, b'_' | b'.');
        let inside = self.inside(open, close).as_bytes();
        let argument = inside.iter().take(LONGEST).take_while(word).count();
        let quoted = |mark: &&str| inside[argument..].starts_with(mark.as_bytes());
        self.left(open) == Side::Letter
            && (inside.starts_with(b"{") || argument > 0 && [",\"", ",“", ",'", ",‘"].iter().any(quoted))
    }

    /// `Foundation of China(基金), the project`: the pair stands in a sentence of another language.
    pub(super) fn is_in_foreign(&self, open: u32, close: u32) -> bool {
        /// Characters of a phrase to look at on either side.
        const REACH: usize = 16;
        if self.folded || self.left(open) != Side::Letter {
            return false;
        }
        let at = |i: u32| self.marks.list[i as usize].at as usize;
        let before = self.text[..at(open)].chars().rev().take(REACH);
        let after = self.text.as_bytes()[at(close)..].get(1..).unwrap_or_default();
        let words = after.iter().take(REACH).take_while(|b| b.is_ascii() && **b != b'\n');
        before.take_while(|c| c.is_ascii() && *c != '\n').count() == REACH && words.count() == REACH
    }

    /// `a1*(数量+期限)`: the pair is a factor of a formula; `注*(甲方)` is a note.
    pub(super) fn is_factor(&self, open: u32, close: u32) -> bool {
        /// Bytes of the pair to look through for an operator.
        const REACH: usize = 200;
        let at = |i: u32| self.marks.list[i as usize].at as usize;
        let (before, after) = (&self.text.as_bytes()[..at(open)], &self.text.as_bytes()[at(close) + 1..]);
        let operator = |b: &u8| b"+-*/^=".contains(b);
        let times = before.ends_with(b"*") && !before.ends_with(b"**")
            || after.starts_with(b"*") && !after.starts_with(b"**");
        times
            && (self.inside(open, close).bytes().take(REACH).any(|b| operator(&b))
                || before.last().is_some_and(operator) && after.first().is_some_and(operator))
    }

    /// The whole line is `Name(argument，argument)`.
    pub(super) fn is_signature(&self, open: u32, close: u32) -> bool {
        /// Bytes of a name, at most.
        const LONGEST_NAME: usize = 40;
        let at = |i: u32| self.marks.list[i as usize].at as usize;
        let head = &self.text.as_bytes()[..at(open)];
        let name = head.iter().rev().take(LONGEST_NAME + 1).take_while(|b| b.is_ascii_alphanumeric()).count();
        let starts = || {
            let before = self.text[..head.len() - name].trim_end_matches(is_blank);
            before.is_empty() || before.ends_with('\n')
        };
        self.right(close) == Side::Edge
            && (SHORTEST_WORD..=LONGEST_NAME).contains(&name)
            && self.inside(open, close).contains(['，', ','])
            && starts()
    }

    pub(super) fn inside(&self, open: u32, close: u32) -> &str {
        let at = |i: u32| self.marks.list[i as usize].at as usize;
        // Behind the opening bracket, which may be a full-width one.
        let inside = &self.text[at(open)..at(close)];
        &inside[inside.chars().next().map_or(0, char::len_utf8)..]
    }

    /// The run of ASCII around a mark holds what only formulas and code hold, or a bracket pair
    /// that stays half-width does.
    pub(super) fn in_formula(&self, mark: &Mark) -> bool {
        /// Bytes to look at on either side.
        const REACH: usize = 24;
        let (bytes, at) = (self.text.as_bytes(), mark.at as usize);
        let ascii = |b: &&u8| b.is_ascii_graphic() || **b == b' ';
        let left = bytes[..at].iter().rev().take(REACH).take_while(ascii);
        let right = bytes[at..].iter().take(REACH).take_while(ascii);
        let operator =
            |b: &u8| matches!(b, b'=' | b'+' | b'*' | b'^' | b'<' | b'>' | b'|' | b'\\' | b'{' | b'}' | b'_');
        mark.inside.is_some_and(|open| !self.wide[open as usize]) || left.chain(right).any(operator)
    }
}

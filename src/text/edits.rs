//! The changes one step wants to make to a text, in reading order.
//!
//! A step never writes text. It reads, and says what should change; [`Edits::apply`] is the only
//! place where new text is made. So one list serves as the plan, the dry run, the audit record
//! and the map from new offsets back to old ones. A change costs 20 bytes, untouched text nothing.

use std::ops::Range;

/// Names the rule behind an edit; the rule tables know its text name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u16);

/// An ordered list of changes that do not overlap. Clear it and use it again.
///
/// ```
/// use jingwen::text::{Edits, RuleId};
///
/// let mut edits = Edits::default();
/// edits.replace(6..7, "，", RuleId(0));
/// let mut new = String::new();
/// edits.apply("发展,改革", &mut new);
/// assert_eq!(new, "发展，改革");
/// assert_eq!(edits.to_source(9), 7); // 改 stood at byte 7
/// ```
#[derive(Clone, Debug, Default)]
pub struct Edits {
    list: Vec<Edit>,
    new_text: String,
    twins: Vec<Twin>,
}

/// One change as a reader sees it: bytes `src` of the old text became `with`, which stands at
/// `dst` in the new text.
#[derive(Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// Bytes of the old text.
    pub src: Range<usize>,
    /// Bytes of the new text.
    pub dst: Range<usize>,
    /// What stands there now.
    pub with: &'a str,
    /// Who asked for it.
    pub rule: RuleId,
    /// For a removed repeat: where in the old text the copy stands that stays.
    pub twin: Option<Range<usize>>,
}

#[derive(Clone, Copy, Debug)]
struct Edit {
    src: (u32, u32),
    dst: (u32, u32),
    rule: RuleId,
}

/// The copy that stays for the removed span of edit number `edit`.
#[derive(Clone, Copy, Debug)]
struct Twin {
    edit: u32,
    span: (u32, u32),
}

fn small(n: usize) -> u32 {
    u32::try_from(n).expect("a document is shorter than 4 GiB: the sources see to it")
}

impl Edits {
    /// Puts `with` in the place of bytes `src`.
    ///
    /// # Panics
    ///
    /// If this change starts before the last one ended, or lies beyond 4 GiB.
    pub fn replace(&mut self, src: Range<usize>, with: &str, rule: RuleId) {
        let (old, new) = self.list.last().map_or((0, 0), |e| (e.src.1 as usize, e.dst.1 as usize));
        assert!(old <= src.start && src.start <= src.end, "edits come in reading order");
        let at = new + (src.start - old);
        self.new_text.push_str(with);
        self.list.push(Edit {
            src: (small(src.start), small(src.end)),
            dst: (small(at), small(at + with.len())),
            rule,
        });
    }

    /// Takes bytes `src` out. Where it goes on from the last deletion of the same rule, both are
    /// one change: a megabyte of the same noise is one row of the trail.
    ///
    /// # Panics
    ///
    /// As [`Edits::replace`].
    pub fn delete(&mut self, src: Range<usize>, rule: RuleId) {
        let of_a_copy = self.twins.last().is_some_and(|twin| twin.edit as usize + 1 == self.list.len());
        match self.list.last_mut() {
            Some(last)
                if last.src.1 as usize == src.start
                    && src.start < src.end
                    && last.src.0 < last.src.1
                    && last.dst.0 == last.dst.1
                    && last.rule == rule
                    && !of_a_copy =>
            {
                last.src.1 = small(src.end);
            }
            _ => self.replace(src, "", rule),
        }
    }

    /// Takes out bytes `src`, which repeat the bytes `twin` of the same text; the twin stays.
    ///
    /// # Panics
    ///
    /// As [`Edits::replace`].
    pub fn delete_copy(&mut self, src: Range<usize>, twin: Range<usize>, rule: RuleId) {
        self.twins.push(Twin { edit: small(self.list.len()), span: (small(twin.start), small(twin.end)) });
        self.replace(src, "", rule);
    }

    /// No change at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The number of changes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// The end of the last change in the old text; the next one may not start before it.
    #[must_use]
    pub fn end(&self) -> usize {
        self.list.last().map_or(0, |e| e.src.1 as usize)
    }

    /// All text that the changes insert, in one piece.
    #[must_use]
    pub fn inserted(&self) -> &str {
        &self.new_text
    }

    /// Forgets the changes and keeps the memory.
    pub fn clear(&mut self) {
        self.list.clear();
        self.new_text.clear();
        self.twins.clear();
    }

    /// The changes in reading order.
    pub fn iter(&self) -> impl Iterator<Item = Change<'_>> {
        let mut rest = self.new_text.as_str();
        let mut twins = self.twins.as_slice();
        self.list.iter().enumerate().map(move |(i, e)| {
            let (with, tail) = rest.split_at((e.dst.1 - e.dst.0) as usize);
            rest = tail;
            let mut twin = None;
            if let Some((first, others)) = twins.split_first()
                && first.edit as usize == i
            {
                twin = Some(first.span.0 as usize..first.span.1 as usize);
                twins = others;
            }
            let (src, dst) = (e.src.0 as usize..e.src.1 as usize, e.dst.0 as usize..e.dst.1 as usize);
            Change { src, dst, with, rule: e.rule, twin }
        })
    }

    /// The rules of the changes, one for each change.
    pub fn rules(&self) -> impl Iterator<Item = RuleId> {
        self.list.iter().map(|e| e.rule)
    }

    /// Appends the changed text to `new`.
    pub fn apply(&self, old: &str, new: &mut String) {
        new.reserve(old.len() + self.new_text.len());
        let (mut kept, mut from) = (0, 0);
        for e in &self.list {
            let to = from + (e.dst.1 - e.dst.0) as usize;
            new.push_str(&old[kept..e.src.0 as usize]);
            new.push_str(&self.new_text[from..to]);
            (kept, from) = (e.src.1 as usize, to);
        }
        new.push_str(&old[kept..]);
    }

    /// Where a byte of the new text came from. A byte inside replaced text came from the start of
    /// what was replaced. `O(log changes)`.
    #[must_use]
    pub fn to_source(&self, at: usize) -> usize {
        let next = self.list.partition_point(|e| e.dst.1 as usize <= at);
        match self.list.get(next) {
            Some(e) if e.dst.0 as usize <= at => e.src.0 as usize,
            _ => {
                let (old, new) =
                    next.checked_sub(1).map_or((0, 0), |i| (self.list[i].src.1, self.list[i].dst.1));
                old as usize + (at - new as usize)
            }
        }
    }

    /// Where bytes `span` of the new text came from: everything from which one of them came.
    /// An empty span stands where its place did. `O(log changes)`.
    ///
    /// ```
    /// use jingwen::text::{Edits, RuleId};
    ///
    /// let mut edits = Edits::default();
    /// edits.replace(6..7, "……", RuleId(0));
    /// // 展… of `发展……改革` was `展,` in `发展,改革`.
    /// assert_eq!(edits.span_to_source(3..9), 3..7);
    /// ```
    #[must_use]
    pub fn span_to_source(&self, span: Range<usize>) -> Range<usize> {
        let start = self.to_source(span.start);
        if span.is_empty() {
            return start..start;
        }
        let last = span.end - 1;
        let next = self.list.partition_point(|e| e.dst.1 as usize <= last);
        let end = match self.list.get(next) {
            Some(e) if e.dst.0 as usize <= last => e.src.1 as usize,
            _ => self.to_source(last) + 1,
        };
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read_back_as_they_were_said() {
        let mut edits = Edits::default();
        edits.replace(3..6, "乙乙", RuleId(1));
        edits.delete_copy(9..12, 0..3, RuleId(2));
        edits.replace(12..12, "丁", RuleId(3));
        let mut new = String::new();
        edits.apply("甲一甲甲戊", &mut new);
        assert_eq!(new, "甲乙乙甲丁戊");
        let seen: Vec<_> = edits.iter().collect();
        assert_eq!(seen[0], Change { src: 3..6, dst: 3..9, with: "乙乙", rule: RuleId(1), twin: None });
        assert_eq!(seen[1], Change { src: 9..12, dst: 12..12, with: "", rule: RuleId(2), twin: Some(0..3) });
        assert_eq!(edits.to_source(15), 12);
    }

    #[test]
    fn deletions_that_touch_are_one_change() {
        let (one, two) = (RuleId(1), RuleId(2));
        let spans = |edits: &Edits| edits.iter().map(|c| c.src).collect::<Vec<_>>();
        let mut edits = Edits::default();
        edits.delete(0..3, one);
        edits.delete(3..6, one);
        assert_eq!(edits.len(), 1);
        edits.delete(6..9, two);
        edits.delete(12..15, two);
        edits.delete_copy(15..18, 0..3, two);
        edits.delete(18..21, two);
        edits.replace(21..24, "字", two);
        edits.delete(24..27, two);
        assert_eq!(spans(&edits), [0..6, 6..9, 12..15, 15..18, 18..21, 21..24, 24..27]);
        assert_eq!(edits.iter().filter(|c| c.twin.is_some()).count(), 1);
        let mut new = String::new();
        edits.apply("一二三四五六七八九十", &mut new);
        assert_eq!(new, "四字十");
    }

    #[test]
    #[should_panic(expected = "reading order")]
    fn a_change_before_the_last_one_is_refused() {
        let mut edits = Edits::default();
        edits.delete(3..6, RuleId(0));
        edits.delete(0..3, RuleId(0));
    }
}

//! Takes the boilerplate of one document out, as edits.

use crate::boilerplate::words;
use crate::boilerplate::{Counts, Policy};
use crate::rules::{Rules, builtin};
use crate::text::Edits;

/// Frequent lines in a row from which on a navigation is believed.
const RUN: usize = 4;

/// Words of navigation or furniture that such a row must hold: a table of four cells has none.
const RUN_WORDS: usize = 2;

impl Counts {
    /// Says which lines of `text`, a document of `site`, go: frequent ones that are furniture by
    /// their words, and frequent short ones in a row with those. A document that would be empty is
    /// left alone. Nothing is said where the rule `boilerplate.line` is off, as it is by default.
    ///
    /// Cost: one look-up a short line.
    pub fn strip(&self, site: &str, text: &str, policy: &Policy, rules: &Rules, edits: &mut Edits) {
        let Some(rule) = rules.on(builtin::BOILERPLATE_LINE) else { return };
        let mut spans: Vec<(usize, usize)> = Vec::new();
        let mut run: Vec<(usize, usize, bool)> = Vec::new();
        let (mut at, mut words, mut left) = (0, 0, false);
        let mut close = |run: &mut Vec<(usize, usize, bool)>, words: &mut usize, left: &mut bool| {
            let navigation = run.len() >= RUN && *words >= RUN_WORDS;
            for (from, to, furniture) in run.drain(..) {
                if navigation || furniture {
                    spans.push((from, to));
                } else {
                    *left = true;
                }
            }
            *words = 0;
        };
        for line in text.split('\n') {
            let (from, to) = (at, at + line.len());
            at = to + 1;
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            if words::may_go(line) && self.frequent(site, line, policy) {
                let furniture = words::is_furniture(line);
                words += usize::from(furniture || words::is_navigation(line));
                run.push((from, to, furniture));
            } else {
                left = true;
                close(&mut run, &mut words, &mut left);
            }
        }
        close(&mut run, &mut words, &mut left);
        if !left {
            return;
        }
        let mut spans = spans.into_iter().peekable();
        while let Some((from, mut to)) = spans.next() {
            while let Some((_, end)) = spans.next_if(|next| next.0 == to + 1) {
                to = end;
            }
            // The line end behind goes with the line; behind the last line there is none.
            if to < text.len() {
                edits.delete(from..to + 1, rule);
            } else {
                edits.delete(from.saturating_sub(1).max(edits.end())..to, rule);
            }
        }
    }
}

//! The middle dot between the parts of a transliterated name: `卡尔·马克思`.
//!
//! It is U+00B7 (GB/T 15834-2011, 4.14; W3C clreq). The look-alikes are rows of the table, since
//! each needs nothing but Han on both sides; this file only closes the gaps around the dot.

use memchr::memchr_iter;

use crate::rules::{Rules, builtin};
use crate::text::Edits;
use crate::text::chars::{after, before, is_han};

/// Says which blanks beside a middle dot go.
pub(crate) fn dots(text: &str, rules: &Rules, edits: &mut Edits) {
    let Some(rule) = rules.on(builtin::DOT_MIDDLE) else { return };
    // `·` is C2 B7, and no other common character of Chinese text has the lead C2.
    for at in memchr_iter(0xC2, text.as_bytes()) {
        if !text[at..].starts_with('·') || at < edits.end() {
            continue;
        }
        let end = at + '·'.len_utf8();
        let from = at - usize::from(text[..at].ends_with(' '));
        let to = end + usize::from(text[end..].starts_with(' '));
        if (from, to) != (at, end)
            && before(text, from).is_some_and(is_han)
            && after(text, to).is_some_and(is_han)
            && from >= edits.end()
        {
            edits.replace(from..to, "·", rule);
        }
    }
}

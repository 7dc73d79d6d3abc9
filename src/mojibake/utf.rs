//! Which runs of UTF-8 in disguise are believed.

use std::ops::Range;
use std::sync::LazyLock;

use crate::mojibake::run::{self, Reading, Run};
use crate::mojibake::tables::{GBK_TABLE, is_common, is_common_han, latin};
use crate::mojibake::{Change, Look, MAX_DEPTH, Trust, changes};
use crate::text::chars::{after, before, is_han};

/// Characters of a run that prove it whatever stands around. In sound text the bytes of as many
/// are UTF-8 once in a thousand million characters.
const MIN_PROVEN: usize = 4;

/// The runs of one line whose bytes are UTF-8.
pub(super) fn runs(
    text: &str,
    span: Range<usize>,
    reading: Reading,
    look: &Look<'_>,
    changes: &mut Vec<Change>,
) {
    let ways = look.ways;
    let mut at = span.start;
    while let Some(from) = next_beginning(&text.as_bytes()[..span.end], at, reading) {
        at = from + after(text, from).map_or(1, char::len_utf8);
        if !text[at..span.end].chars().next().is_some_and(|c| goes_on(c, reading)) {
            continue;
        }
        let run = run::read(text, from, reading);
        at = at.max(run.read_to);
        if run.end == from {
            continue;
        }
        let replaced = reading == Reading::Gbk && is_replaced(text, from, &run);
        let rule = match reading {
            _ if replaced => ways.replaced,
            Reading::Gbk => ways.utf_as_gbk,
            Reading::Latin => ways.utf_as_latin,
        };
        let Some(rule) = rule else { continue };
        let found = if replaced { Some(Found::AsRead) } else { judge(text, from, &run, reading, look) };
        match found {
            // ASCII is the same before and after, and no part of the change.
            Some(Found::AsRead) => changes.extend(run.parts.iter().map(|(src, part)| Change {
                src: src.clone(),
                with: run.decoded[part.clone()].to_owned(),
                rule,
                proven: run.tally.proven.div_ceil(run.parts.len()),
            })),
            Some(Found::Again(with)) => {
                changes.push(Change { src: from..run.end, with, rule, proven: run.tally.proven });
            }
            None => {}
        }
    }
}

/// How a run is put right.
enum Found {
    /// By what its bytes say.
    AsRead,
    /// What its bytes say is misread too; this is what comes of it.
    Again(String),
}

/// A bit for each character whose bytes in GBK are the first two of a character of three. Every
/// character of a Traditional text is looked up here, and the table of GBK is 16 times as large.
static BEGINNINGS: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut bits = vec![0; 0x1_0000 / 64];
    for c in '\u{2000}'..='\u{FFFF}' {
        if let Some([0xE2..=0xEF, 0x80..=0xBF]) = GBK_TABLE.code(c) {
            bits[c as usize / 64] |= 1 << (c as usize % 64);
        }
    }
    bits
});

/// The next character from byte `at` on whose bytes begin like a character of three bytes.
fn next_beginning(bytes: &[u8], mut at: usize, reading: Reading) -> Option<usize> {
    if reading == Reading::Latin {
        // Read twice, it begins with a character of two bytes: Â, Ã, Å, Æ, Ë and â to ï.
        let lead =
            |n: &usize| matches!(bytes.get(n + 1), Some(0x82 | 0x83 | 0x85 | 0x86 | 0x8B | 0xA2..=0xAF));
        return memchr::memchr_iter(0xC3, &bytes[at..]).map(|n| at + n).find(lead);
    }
    let begins = &*BEGINNINGS;
    while at < bytes.len() {
        at += match bytes[at] {
            0..0x80 => 1,
            0x80..0xE0 => 2,
            b @ 0xE0..0xF0 => {
                let [c, d] = [1, 2].map(|n| usize::from(bytes[at + n] & 0x3F));
                let code = usize::from(b & 0x0F) << 12 | c << 6 | d;
                if begins[code / 64] >> (code % 64) & 1 == 1 {
                    return Some(at);
                }
                3
            }
            _ => 4,
        };
    }
    None
}

/// The first byte of `c` goes on with a character, or was lost.
fn goes_on(c: char, reading: Reading) -> bool {
    let byte = match (c, reading) {
        (char::REPLACEMENT_CHARACTER | '€' | '?', _) => return true,
        (c, Reading::Gbk) => GBK_TABLE.code(c).map(|code| code[0]),
        (c, Reading::Latin) => latin(c),
    };
    byte.is_some_and(|b| (0x80..0xC0).contains(&b))
}

/// The run is 锟斤拷, which is U+FFFD twice, and nobody speaks about it.
fn is_replaced(text: &str, from: usize, run: &Run) -> bool {
    let quoted = before(text, from).is_some_and(|c| matches!(c, '“' | '"' | '「' | '‘' | '《'))
        && after(text, run.end).is_some_and(|c| matches!(c, '”' | '"' | '」' | '’' | '》'));
    run.tally.replaced >= 2 && run.tally.proven == 0 && run.tally.twos == 0 && !quoted
}

/// What the run should be, if that is certain.
fn judge(text: &str, from: usize, run: &Run, reading: Reading, look: &Look<'_>) -> Option<Found> {
    let Look { ways, trust, depth, .. } = *look;
    let tally = run.tally;
    let stood = &text[from..run.end];
    // Misread twice, what comes out is misread still; it is tried first, for it may look well.
    if depth + 1 < MAX_DEPTH && tally.proven + tally.twos >= MIN_PROVEN {
        let trust = Trust { utf_as_gbk: true, ..Trust::default() };
        let again = changes(&run.decoded, ways, trust, depth + 1);
        let now = changed(&run.decoded, &again);
        if !again.is_empty() && is_ordinary(&now, 6) {
            return Some(Found::Again(now));
        }
    }
    let is_common_share =
        |tenths| tally.common * 10 >= (tally.proven + tally.odd) * tenths && tally.lost <= tally.proven;
    let beside =
        |is: fn(char) -> bool| before(text, from).is_some_and(is) || after(text, run.end).is_some_and(is);
    let sound = match reading {
        Reading::Latin if beside(|c| matches!(c, '\u{80}'..='\u{FF}')) => {
            tally.proven >= MIN_PROVEN && is_common_share(6)
        }
        Reading::Latin => tally.proven == 1 && is_common_share(10) || tally.proven > 1 && is_common_share(6),
        Reading::Gbk if tally.proven >= MIN_PROVEN => is_common_share(7) && !is_ordinary(stood, 9),
        Reading::Gbk => {
            let alone = !beside(is_han);
            let rare = stood.chars().any(|c| !matches!(GBK_TABLE.code(c), Some([0xA1..=0xF7, 0xA1..=0xFE])));
            let plain = |c: char| c.is_ascii() || is_common_han(c) || !is_han(c) && is_common(c);
            alone
                && rare
                && (tally.proven >= 2 && tally.lost == 0 && run.decoded.chars().all(plain)
                    || trust.utf_as_gbk && is_common_share(7)
                    || trust.utf_as_gbk && tally.proven == 0 && tally.lost > 0)
        }
    };
    sound.then_some(Found::AsRead)
}

/// `text` after `changes`.
fn changed(text: &str, changes: &[Change]) -> String {
    let (mut now, mut kept) = (String::with_capacity(text.len()), 0);
    for change in changes {
        now.push_str(&text[kept..change.src.start]);
        now.push_str(&change.with);
        kept = change.src.end;
    }
    now.push_str(&text[kept..]);
    now
}

/// So many tenths of the characters that are no ASCII belong to ordinary Chinese text.
fn is_ordinary(text: &str, tenths: usize) -> bool {
    let (mut all, mut common) = (0_usize, 0_usize);
    for c in text.chars().filter(|c| !c.is_ascii() && *c != char::REPLACEMENT_CHARACTER) {
        all += 1;
        common += usize::from(is_common(c));
    }
    all > 0 && common * 10 >= all * tenths
}

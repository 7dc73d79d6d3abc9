//! What a C program leaves of memory that it never wrote: bytes CC and CD, which are 烫 and 屯 in GBK.

use std::ops::Range;

/// So many in a row are no words; 屯屯通 is one.
const MIN_RUN: usize = 3;

/// Bytes of one character.
const LEN: usize = "烫".len();

/// The runs of one line.
pub(super) fn runs(line: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, c) in line.char_indices().filter(|(_, c)| matches!(c, '烫' | '屯')) {
        match runs.last_mut() {
            Some(run) if run.end == at && line[run.start..].starts_with(c) => run.end = at + LEN,
            _ => runs.push(at..at + LEN),
        }
    }
    runs.retain(|run| run.len() >= MIN_RUN * LEN);
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_a_row_are_a_run() {
        assert_eq!(runs("甲烫烫烫烫乙屯屯屯"), [3..15, 18..27]);
        assert!(runs("烫烫屯屯通，屯屯烫烫").is_empty());
    }
}

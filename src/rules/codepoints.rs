//! Folds of single code points: facts of Unicode and of the GB tables, one file a block.
//!
//! A file has lines `U+2F00⇥U+4E00` and, for radicals whose unified form differs between the
//! scripts, a third column with the Simplified one. Its header names source, version, licence.

use crate::rules::builtin;
use crate::text::RuleId;

/// What one code point becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The code point to replace.
    pub from: char,
    /// Its plain form.
    pub to: char,
    /// Its plain form in a Simplified Chinese document.
    pub simplified: char,
    /// The rule that asks for it.
    pub rule: RuleId,
}

const FILES: &[(RuleId, &str)] = &[
    (builtin::FOLD_RADICAL, include_str!("codepoints/radicals.tsv")),
    (builtin::FOLD_COMPATIBILITY, include_str!("codepoints/compatibility.tsv")),
    (builtin::FOLD_LEGACY_GB, include_str!("codepoints/legacy_gb.tsv")),
    (builtin::FOLD_WIDE_LETTER, include_str!("codepoints/wide_letters.tsv")),
    (builtin::FOLD_WIDE_SIGN, include_str!("codepoints/wide_signs.tsv")),
    (builtin::FOLD_SMALL_FORM, include_str!("codepoints/small_forms.tsv")),
    (builtin::FOLD_VERTICAL_FORM, include_str!("codepoints/vertical_forms.tsv")),
    (builtin::FOLD_HALF_CJK, include_str!("codepoints/half_cjk.tsv")),
];

/// All folds of the bundled files, in ascending order of `from`.
#[must_use]
pub fn bundled() -> Vec<Fold> {
    let mut folds: Vec<Fold> = FILES.iter().flat_map(|(rule, file)| parse(*rule, file)).collect();
    folds.sort_by_key(|fold| fold.from);
    folds
}

fn parse(rule: RuleId, file: &'static str) -> impl Iterator<Item = Fold> {
    file.lines().filter(|line| line.starts_with("U+")).filter_map(move |line| {
        let mut codes = line.split('\t').map_while(|cell| {
            u32::from_str_radix(cell.strip_prefix("U+")?, 16).ok().and_then(char::from_u32)
        });
        let (from, to) = (codes.next()?, codes.next()?);
        Some(Fold { from, to, simplified: codes.next().unwrap_or(to), rule })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read_and_no_fold_leads_to_another() {
        let folds = bundled();
        let lines: usize =
            FILES.iter().map(|f| f.1.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).count()).sum();
        assert_eq!(folds.len(), lines, "a line of a code point file could not be read");
        for pair in folds.windows(2) {
            assert!(pair[0].from < pair[1].from, "{:?} stands twice", pair[1].from);
        }
        for fold in &folds {
            for to in [fold.to, fold.simplified] {
                assert!(
                    folds.binary_search_by_key(&to, |f| f.from).is_err(),
                    "{:?} leads to {to:?}",
                    fold.from
                );
            }
        }
    }
}

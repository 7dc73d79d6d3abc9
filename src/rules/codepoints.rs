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

/// Folds with a look-up: two array reads a code point, whatever the number of folds.
#[derive(Clone, Debug)]
pub struct Folds {
    list: Vec<Fold>,
    /// For every block of 256 code points the number of its page, 0 for none.
    pages: Vec<u8>,
    /// Pages of 256 places in `list`, each counted from one; 0 for no fold.
    slots: Vec<u16>,
}

/// The blocks of 256 code points that folds start from end with plane 2 (`U+2FFFF`).
const BLOCKS: usize = 0x300;

impl Folds {
    fn new(list: Vec<Fold>) -> Self {
        let (mut pages, mut slots) = (vec![0; BLOCKS], vec![0; 256]);
        for (n, fold) in list.iter().enumerate() {
            let code = u32::from(fold.from) as usize;
            let page: &mut u8 = &mut pages[code >> 8];
            if *page == 0 {
                *page = (slots.len() / 256) as u8;
                slots.resize(slots.len() + 256, 0);
            }
            slots[usize::from(*page) << 8 | code & 0xFF] = n as u16 + 1;
        }
        Self { list, pages, slots }
    }

    /// The bundled folds whose rule is `on`.
    pub(crate) fn bundled(on: impl Fn(RuleId) -> bool) -> Self {
        let mut list = bundled();
        list.retain(|fold| on(fold.rule));
        Self::new(list)
    }

    /// All folds in ascending order of the code point that they replace.
    #[must_use]
    pub fn list(&self) -> &[Fold] {
        &self.list
    }

    /// What `c` becomes.
    #[inline]
    #[must_use]
    pub fn get(&self, c: char) -> Option<&Fold> {
        let code = u32::from(c) as usize;
        let page = usize::from(*self.pages.get(code >> 8)?);
        let slot = self.slots[page << 8 | code & 0xFF];
        self.list.get(usize::from(slot).checked_sub(1)?)
    }
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
    fn the_look_up_knows_every_fold_and_nothing_else() {
        let folds = Folds::bundled(|_| true);
        let mut found = 0;
        for c in (0..=0x3_FFFF).filter_map(char::from_u32) {
            if let Some(fold) = folds.get(c) {
                assert_eq!(fold.from, c);
                found += 1;
            }
        }
        assert_eq!(found, bundled().len());
        assert_eq!(Folds::bundled(|_| false).get('⼀'), None);
    }

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

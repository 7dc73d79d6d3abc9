//! The Simplified character that stands for a Traditional one, so that a notice and its Big5 copy have
//! one key.

use std::sync::LazyLock;

static SIMPLIFIED: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut table: Vec<u16> = (0..=u16::MAX).collect();
    for row in include_str!("traditional.tsv").lines().filter(|row| !row.starts_with('#')) {
        let mut chars = row.chars();
        if let (Some(from), Some('\t'), Some(to)) = (chars.next(), chars.next(), chars.next())
            && let (Ok(from), Ok(to)) = (u16::try_from(u32::from(from)), u16::try_from(u32::from(to)))
        {
            table[usize::from(from)] = to;
        }
    }
    table
});

/// The table of [`simplified`], for loops over many characters: place `c` holds what stands for `c`.
#[must_use]
pub fn simplified_table() -> &'static [u16] {
    &SIMPLIFIED
}

/// The Simplified character that stands for `c` in a key between documents; one for one, by the
/// table of `OpenCC`. Characters without a Simplified form, and those above U+FFFF, stay.
///
/// ```
/// use jingwen::text::key::simplified;
///
/// assert_eq!(simplified(u32::from('國')), u32::from('国'));
/// assert_eq!(simplified(u32::from('国')), u32::from('国'));
/// ```
#[must_use]
pub fn simplified(c: u32) -> u32 {
    SIMPLIFIED.get(c as usize).map_or(c, |&to| u32::from(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_the_script_twice_is_folding_it_once() {
        let mut n = 0;
        for c in 0..=0xFFFF {
            n += usize::from(simplified(c) != c);
            assert_eq!(simplified(simplified(c)), simplified(c), "{c:X}");
        }
        assert!(n > 2900, "only {n} rows were read");
        assert_eq!(simplified(0x2_0000), 0x2_0000);
    }
}

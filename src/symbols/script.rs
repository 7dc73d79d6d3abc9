//! Whether a text is written in Simplified or in Traditional characters.
//!
//! Some folds have a target of their own in each script. The answer rests on frequent characters
//! that no fold takes away or brings in, so it is the same before and after the step.

/// Frequent characters of official prose that exist in Simplified writing only.
const SIMPLIFIED: &str = "国为发会产业务这关员经济对时进个实规级组条应机电学从们动场质办议审设";

/// Their Traditional forms.
const TRADITIONAL: &str = "國為發會產業務這關員經濟對時進個實規級組條應機電學從們動場質辦議審設";

/// Characters that tell a script, after which the question is settled.
const ENOUGH: usize = 400;

/// Code points of the unified Han block, one bit each, from its first character on.
type HanSet = [u64; (LAST - FIRST) as usize / 64 + 1];
const FIRST: u32 = 0x4E00;
const LAST: u32 = 0x9FFF;

static IS_SIMPLIFIED: HanSet = set_of(SIMPLIFIED);
static IS_TRADITIONAL: HanSet = set_of(TRADITIONAL);

/// The characters of `han`, each of them three bytes long.
const fn set_of(han: &str) -> HanSet {
    let mut set = [0; (LAST - FIRST) as usize / 64 + 1];
    let bytes = han.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        let n = code(bytes[i], bytes[i + 1], bytes[i + 2]) - FIRST as usize;
        set[n / 64] |= 1 << (n % 64);
        i += 3;
    }
    set
}

/// The code point of a character of three bytes.
const fn code(a: u8, b: u8, c: u8) -> usize {
    ((a & 0x0F) as usize) << 12 | ((b & 0x3F) as usize) << 6 | (c & 0x3F) as usize
}

/// True where `text` holds at least as many Simplified as Traditional characters; a text with
/// neither counts as Simplified, as the bulletins that we clean mostly are.
pub(super) fn is_simplified(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has = |set: &HanSet, n: usize| set.get(n / 64).is_some_and(|word| word >> (n % 64) & 1 == 1);
    let (mut simplified, mut traditional, mut i) = (0_usize, 0_usize, 0);
    while i < bytes.len() && simplified + traditional < ENOUGH {
        if !matches!(bytes[i], 0xE4..=0xE9) {
            i += 1;
            continue;
        }
        if let Some(n) = code(bytes[i], bytes[i + 1], bytes[i + 2]).checked_sub(FIRST as usize) {
            simplified += usize::from(has(&IS_SIMPLIFIED, n));
            traditional += usize::from(has(&IS_TRADITIONAL, n));
        }
        i += 3;
    }
    simplified >= traditional
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::codepoints;

    #[test]
    fn no_fold_touches_a_character_that_tells_the_script() {
        assert_eq!(SIMPLIFIED.chars().count(), TRADITIONAL.chars().count());
        for fold in codepoints::bundled() {
            for c in [fold.from, fold.to, fold.simplified] {
                assert!(
                    !SIMPLIFIED.contains(c) && !TRADITIONAL.contains(c),
                    "{c} is folded or made by a fold"
                );
            }
        }
    }

    #[test]
    fn the_script_of_a_sentence() {
        assert!(is_simplified("国务院办公厅关于进一步做好这项工作的通知"));
        assert!(!is_simplified("立法院議事規則依據國會改革條文訂定"));
        assert!(is_simplified("通知"));
    }
}

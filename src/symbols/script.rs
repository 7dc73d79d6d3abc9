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

/// True where `text` holds at least as many Simplified as Traditional characters; a text with
/// neither counts as Simplified, as the bulletins that we clean mostly are.
pub(super) fn is_simplified(text: &str) -> bool {
    let (mut simplified, mut traditional) = (0_usize, 0_usize);
    for c in text.chars().filter(|&c| c > '\u{4DFF}') {
        if SIMPLIFIED.contains(c) {
            simplified += 1;
        } else if TRADITIONAL.contains(c) {
            traditional += 1;
        } else {
            continue;
        }
        if simplified + traditional == ENOUGH {
            break;
        }
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

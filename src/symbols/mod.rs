//! Invisible characters, decorative marks, and code points that stand for others.

mod census;
mod folds;
mod invisible;
mod locks;
mod marks;
mod script;
mod years;

pub(crate) use census::DECORATIVE;
pub(crate) use folds::{FOLDED, folds};
pub(crate) use invisible::{UNSEEN, invisible};
pub(crate) use marks::marks;
pub(crate) use years::years;

#[cfg(test)]
mod tests {
    use crate::rules::{Choice, Rules};
    use crate::text::Edits;

    type Step = fn(&str, &Rules, &mut Edits);

    /// The text after one run of `step`.
    pub(super) fn cleaned(step: Step, rules: &Rules, text: &str) -> String {
        let mut edits = Edits::default();
        step(text, rules, &mut edits);
        let mut new = String::new();
        edits.apply(text, &mut new);
        new
    }

    /// What is wrong with the rows `before, after`, each also tried for a second run.
    pub(super) fn failures(step: Step, cases: &[(&str, &str)]) -> Vec<String> {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let mut wrong = Vec::new();
        for (before, after) in cases {
            let once = cleaned(step, &rules, before);
            if once != *after {
                wrong.push(format!("{before:?} becomes {once:?}, not {after:?}"));
            }
            let twice = cleaned(step, &rules, &once);
            if twice != once {
                wrong.push(format!("{before:?}: a second run makes {twice:?} of {once:?}"));
            }
        }
        wrong
    }
}

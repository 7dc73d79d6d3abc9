//! Lines, pages and spaces: what a printer or a web form did to the shape of a text.

mod blanks;
mod chrome;
mod furniture;
mod gaps;
mod joins;
mod label;
mod lines;
mod spaced;
mod spaces;
mod wrap;

pub(crate) use chrome::{chrome, page_chrome};
pub(crate) use furniture::furniture;
pub(crate) use joins::joins;
pub(crate) use lines::lines;
pub(crate) use spaces::spaces;

#[cfg(test)]
mod tests {
    //! What the tests of every step of this room need.

    use crate::rules::{Choice, Rules};
    use crate::text::Edits;

    type Step = fn(&str, &Rules, &mut Edits);

    pub(super) fn run(step: Step, text: &str, rules: &Rules) -> String {
        let (mut edits, mut new) = (Edits::default(), String::new());
        step(text, rules, &mut edits);
        edits.apply(text, &mut new);
        new
    }

    /// Each text becomes the one beside it, and that one stays.
    pub(super) fn assert_changes(step: Step, rows: &[(&str, &str)]) {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let mut wrong = Vec::new();
        for (before, after) in rows {
            let got = run(step, before, &rules);
            if got != *after {
                wrong.push(format!("{before:?} becomes {got:?}, not {after:?}"));
            }
            let again = run(step, &got, &rules);
            if again != got {
                wrong.push(format!("{got:?} is not settled: a second run gives {again:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    pub(super) fn assert_stays(step: Step, texts: &[&str]) {
        let rows: Vec<_> = texts.iter().map(|text| (*text, *text)).collect();
        assert_changes(step, &rows);
    }

    /// A second run changes nothing, on ten thousand texts made of `pieces`.
    pub(super) fn settled(step: Step, pieces: &[&str]) {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let mut seed = 0x9E37_79B9_u64;
        for _ in 0..10_000 {
            let mut text = String::new();
            for _ in 0..16 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push_str(pieces[(seed >> 33) as usize % pieces.len()]);
            }
            let once = run(step, &text, &rules);
            assert_eq!(run(step, &once, &rules), once, "from {text:?}");
        }
    }
}

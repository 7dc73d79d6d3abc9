//! Holds the rule tables to what their rows claim.

use crate::pipeline::steps::{PAGE, STEPS};
use crate::rules::{Choice, Place, Profile, Row, Rules};
use crate::text::Edits;

/// Runs one step alone, table first, until it has nothing more to say.
fn step_alone(step: &str, text: &str, rules: &Rules) -> String {
    let mut now = text.to_owned();
    for by_table in [true, false] {
        let mut edits = Edits::default();
        if by_table {
            if let Some(table) = rules.table(step) {
                table.edit(&now, &mut edits);
            }
        } else if let Some(step) = STEPS.iter().chain([&PAGE]).find(|s| s.name == step) {
            (step.run)(&now, rules, &mut edits);
        }
        let mut next = String::new();
        edits.apply(&now, &mut next);
        now = next;
    }
    now
}

/// What is wrong with `row`, as sentences that name its file and line; empty where it keeps its
/// word: the example comes out as written and is settled, and every neighbour stays.
fn check_row(step: &str, row: &Row, rules: &Rules) -> Vec<String> {
    let mut wrong = Vec::new();
    let (before, after) = &row.example;
    let got = step_alone(step, before, rules);
    if got != *after {
        wrong.push(format!("{}: the example gives {got:?}, the row says {after:?}", row.at));
    } else if step_alone(step, after, rules) != *after {
        wrong.push(format!("{}: the example is not settled: a second run changes {after:?}", row.at));
    }
    for keep in &row.keep {
        let got = step_alone(step, keep, rules);
        if got != *keep {
            wrong.push(format!("{}: {keep:?} must stay, and becomes {got:?}", row.at));
        }
    }
    wrong
}

/// Checks every row of `rules`, each in the mildest profile in which it is on. The answer is
/// empty where all keep their word.
#[must_use]
pub fn check(rules: &Rules) -> Vec<String> {
    let mut wrong = Vec::new();
    for (step, row) in rules.rows() {
        let choice = Choice {
            profile: row.from_profile.unwrap_or(Profile::Standard),
            enable: vec![row.id.clone()],
            disable: Vec::new(),
        };
        match rules.choose(&choice) {
            Ok(rules) => wrong.extend(check_row(step, row, &rules)),
            Err(error) => wrong.push(error.to_string()),
        }
        if row.place != Place::Code && row.to.contains(&row.from) {
            wrong.push(format!(
                "{}: the row puts {:?} back into the text; it would never settle",
                row.at, row.from
            ));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_row_keeps_its_word() {
        let rules = Rules::bundled(&Choice::default()).unwrap();
        let wrong = check(&rules);
        assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
    }
}

//! `jingwen rules`: what the tables say, and whether they keep their word.

use std::fmt::Write;

use crate::cli::args::ProfileArg;
use crate::cli::args::RuleArgs;
use crate::cli::args::RulesAction;
use crate::cli::args::RulesArgs;
use crate::cli::complain;
use crate::cli::say;
use crate::error::Result;
use crate::pipeline::check;
use crate::rules::Choice;
use crate::rules::Rules;

pub(super) fn rules(args: &RulesArgs) -> Result<u8> {
    match &args.action {
        Some(RulesAction::Check { dir }) => {
            let rules = Rules::with_dir(&Choice::default(), dir)?;
            let wrong = check(&rules);
            for sentence in &wrong {
                complain(sentence);
            }
            if wrong.is_empty() {
                let n = rules.rows().count();
                say(&format!("{n} rows keep their word\n"))?;
            }
            Ok(if wrong.is_empty() { 0 } else { 2 })
        }
        Some(RulesAction::List(args)) => list(args),
        None => list(&RuleArgs {
            profile: ProfileArg::Standard,
            enable: Vec::new(),
            disable: Vec::new(),
            rules: None,
        }),
    }
}

fn list(args: &RuleArgs) -> Result<u8> {
    let rules = args.load()?;
    let mut text = String::new();
    for (_, step, row, on) in rules.list() {
        let profile = row.from_profile.map_or("off", |profile| profile.name());
        let (before, after) = &row.example;
        let state = if on { "on" } else { "off" };
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "{state:3}  {:24}  {step:10}  {:2}  {profile:8}  {} → {}  ({})",
            row.id,
            row.class,
            before.escape_debug(),
            after.escape_debug(),
            row.source
        );
    }
    say(&text)?;
    Ok(0)
}

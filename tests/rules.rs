//! The rule tables: the bundled ones keep their word, a user's own are tried before they are used,
//! and a rule that is switched off is off.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use jingwen::Cleaner;
use jingwen::pipeline::check;
use jingwen::rules::{Choice, Profile, Rules, builtin, step_names};

use crate::generator::ORIGINALS;
use crate::golden::{bulletins, decoded};
use crate::{cases, laws};

fn bundled() -> Rules {
    Rules::bundled(&Choice::default()).expect("the bundled tables are sound")
}

/// What `check` says about the rows of a user's `file`; the bundled rows have a test of their own.
fn complaints(rules: &Rules, file: &str) -> Vec<String> {
    let own = |what: &String| what.contains(file) && !what.starts_with("src/rules/");
    check(rules).into_iter().filter(own).collect()
}

/// Rules that only a whole document can show; `corpus/cases/` does, and a test below holds that
/// some text there needs them.
const LONG: &[&str] = &["join.wrapped", "join.page", "space.segmented", "repeat.block"];

/// A folder with one table, as a user would write it.
fn folder(name: &str, table: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a writable temporary folder");
    fs::write(dir.path().join(name), table).expect("a writable temporary folder");
    let path = dir.path().to_owned();
    (dir, path)
}

#[test]
fn every_bundled_row_keeps_its_word() {
    let wrong = check(&bundled());
    assert!(wrong.is_empty(), "{} rows\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_has_one_name_a_reason_and_an_example() {
    let rules = bundled();
    let mut ids = BTreeSet::new();
    let mut wrong = Vec::new();
    for (_, step, row, _) in rules.list() {
        if !ids.insert(row.id.clone()) {
            wrong.push(format!("{} stands twice", row.id));
        }
        let well_named = row.id.split_once('.').is_some_and(|(group, name)| {
            let plain =
                |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            plain(group) && plain(name)
        });
        if !well_named {
            wrong.push(format!("{}: a rule is called group.name, in small letters", row.id));
        }
        if row.source.trim().is_empty() || row.source == "-" {
            wrong.push(format!("{}: no standard and no reason", row.id));
        }
        if !matches!(row.class.as_str(), "T1" | "T2") {
            wrong.push(format!("{}: class {:?}", row.id, row.class));
        }
        if row.keep.is_empty() {
            wrong.push(format!("{}: no neighbour that stays", row.id));
        }
        let changes = row.example.0 != row.example.1;
        if row.from_profile.is_some() && !changes && !LONG.contains(&row.id.as_str()) {
            wrong.push(format!("{}: the example changes nothing", row.id));
        }
        if !step_names().any(|name| name == step) {
            wrong.push(format!("{}: no step is called {step}", row.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(builtin::NAMES.iter().all(|name| ids.contains(*name)), "a rule in code has no row");
}

#[test]
fn a_malformed_row_is_refused_with_file_line_and_cause() {
    let good = "mark.wave\tT1\tstandard\t〰\t{∅}\tanywhere\t发展〰改革 → 发展改革\t～\tour site";
    for (name, row, cause) in [
        ("marks.tsv", "mark.wave\tT1\tstandard", "a row has 9 columns"),
        ("marks.tsv", &good.replace("standard", "bold"), "no profile is called \"bold\""),
        ("marks.tsv", &good.replace("anywhere", "somewhere"), "no place is called \"somewhere\""),
        ("marks.tsv", &good.replace(" → ", " -> "), "before → after"),
        ("marks.tsv", &good.replace("{∅}", "{U+FFFFFF}"), "is no character"),
        ("marks.tsv", &good.replace("anywhere", "code"), "no code belongs to the rule"),
        ("sparkles.tsv", good, "no step has this name"),
    ] {
        let (_dir, path) = folder(name, &format!("# our table\n{row}\n"));
        let error = Rules::with_dir(&Choice::default(), &path).expect_err(cause);
        let message = error.to_string();
        assert!(message.contains(name) && message.contains(cause), "{cause}: {message}");
        assert!(name == "sparkles.tsv" || message.contains(&format!("{name}:2")), "no line in: {message}");
        assert_eq!(error.exit_code(), 2, "{message}");
    }
}

#[test]
fn a_row_that_breaks_its_word_is_named_with_what_it_gives() {
    let (_dir, path) = folder(
        "marks.tsv",
        "# our table\nmark.wave\tT1\tstandard\t〰\t～\tanywhere\t发展〰改革 → 发展改革\t甲〰乙\tour site\n",
    );
    let rules = Rules::with_dir(&Choice::default(), &path).expect("well-formed rows");
    let told = check(&rules).join("\n");
    assert!(told.contains("marks.tsv:2"), "{told}");
    assert!(
        told.contains("发展～改革") && told.contains("发展改革"),
        "what it gives and what it says: {told}"
    );
    assert!(told.contains("甲～乙"), "the neighbour that did not stay: {told}");
}

#[test]
fn a_users_row_is_applied_and_named_in_the_trail() {
    let (_dir, path) = folder(
        "marks.tsv",
        "mark.wave\tT1\tstandard\t〰\t{∅}\tanywhere\t发展〰改革 → 发展改革\t发展～改革\tour site\n",
    );
    let rules = Rules::with_dir(&Choice::default(), &path).expect("a good table");
    assert_eq!(complaints(&rules, "marks.tsv"), Vec::<String>::new());
    let cleaner = Cleaner::with_rules(rules);
    let told = cleaner.explain("深化〰改革");
    assert_eq!(told.text, "深化改革");
    let rule = told.trail.frames()[0].edits.rules().next().expect("one edit");
    assert_eq!(cleaner.rules().name(rule), "mark.wave");
}

#[test]
fn a_users_row_replaces_the_bundled_one_of_its_name() {
    let (_dir, path) = folder(
        "folds.tsv",
        "fold.vertical-colon\tT2\tstandard\t︰\t∶\tafter-han\t编者按︰近期 → 编者按∶近期\t1︰500\tour site\n",
    );
    let rules = Rules::with_dir(&Choice::default(), &path).expect("a good table");
    assert_eq!(Cleaner::with_rules(rules).clean("编者按︰近期"), "编者按∶近期");
}

#[test]
fn the_example_in_the_readme_runs() {
    // What README.md tells a newcomer to type is what is tried here.
    let readme = include_str!("../src/rules/README.md");
    let row = readme.lines().find(|line| line.starts_with("site.banner\t")).expect("the worked example");
    let (_dir, path) = folder("marks.tsv", &format!("{row}\n"));
    let rules = Rules::with_dir(&Choice::default(), &path).expect("the worked example is well-formed");
    assert_eq!(complaints(&rules, "marks.tsv"), Vec::<String>::new());
    assert!(rules.rows().any(|(step, row)| step == "marks" && row.id == "site.banner"));
}

/// Texts in which every rule has something to do.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = ORIGINALS.iter().map(|(_, text)| (*text).to_owned()).collect();
    texts.extend(bulletins().iter().map(|made| decoded(&made.bytes())));
    texts.extend(cases::all().values().flatten().map(|case| case.before().to_owned()));
    texts.extend(bundled().rows().map(|(_, row)| row.example.0.clone()));
    texts
}

fn rules_used(cleaner: &Cleaner, texts: &[String]) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for text in texts {
        let told = cleaner.explain(text);
        for frame in told.trail.frames() {
            used.extend(frame.edits.rules().map(|rule| cleaner.rules().name(rule).to_owned()));
        }
    }
    used
}

#[test]
fn every_rule_that_is_on_finds_something_in_the_corpus() {
    let texts = texts();
    let used: BTreeSet<String> =
        Profile::ALL.into_iter().flat_map(|profile| rules_used(laws::cleaner(profile), &texts)).collect();
    let idle: Vec<_> = bundled()
        .list()
        .filter(|(_, _, row, _)| row.from_profile.is_some() && !used.contains(&row.id))
        .map(|(_, _, row, _)| row.id.clone())
        .collect();
    assert!(idle.is_empty(), "rules that no text of the corpus needs: {}", idle.join(", "));
}

#[test]
fn a_rule_that_is_off_changes_nothing() {
    let texts = texts();
    let mut wrong = Vec::new();
    for name in builtin::NAMES {
        let off = Choice { profile: Profile::Corpus, enable: Vec::new(), disable: vec![(*name).to_owned()] };
        let cleaner = Cleaner::with_choice(&off).expect("the rule exists");
        if rules_used(&cleaner, &texts).contains(*name) {
            wrong.push(*name);
        }
    }
    assert!(wrong.is_empty(), "switched off and yet at work: {}", wrong.join(", "));
}

#[test]
fn a_profile_switches_on_what_the_milder_one_has() {
    let on = |profile| -> BTreeSet<String> {
        let rules = laws::cleaner(profile).rules();
        rules.list().filter(|(.., on)| *on).map(|(_, _, row, _)| row.id.clone()).collect()
    };
    let [archive, standard, corpus] = Profile::ALL.map(on);
    assert!(archive.is_subset(&standard) && standard.is_subset(&corpus));
    assert!(archive.len() < standard.len() && standard.len() < corpus.len());
}

#[test]
fn an_unknown_rule_is_refused_by_name() {
    let choice = Choice { disable: vec!["punct.coma".to_owned()], ..Choice::default() };
    let error = Rules::bundled(&choice).expect_err("no rule is called so").to_string();
    assert!(error.contains("punct.coma"), "{error}");
}

//! The tables of `corpus/cases/`: one text before and after, or one that must stay.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jingwen::rules::Profile;
use serde::Deserialize;

use crate::laws::{broken, cleaner, survives};

/// The files that there must be; a topic that lost its file would go unnoticed otherwise.
const TOPICS: &[&str] = &[
    "chrome",
    "dashes",
    "dots",
    "entities",
    "folds",
    "furniture",
    "invisible",
    "joins",
    "lines",
    "marks",
    "mojibake",
    "numbers",
    "quotes",
    "repeats",
    "residue",
    "spaces",
    "stops",
    "titles",
    "whole",
    "width",
];

/// One row of a table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What the row shows; unique in its file.
    pub(crate) name: String,
    before: Option<String>,
    after: Option<String>,
    keep: Option<String>,
    /// The standard's clause or the reason.
    why: String,
    /// Where such a text was met.
    #[serde(default)]
    #[expect(dead_code, reason = "for readers of the tables")]
    seen: Option<String>,
    profile: Option<String>,
    /// We fail today; the test tells when the row starts passing.
    #[serde(default)]
    known: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

impl Case {
    /// The text as it comes in.
    pub(crate) fn before(&self) -> &str {
        self.before.as_deref().or(self.keep.as_deref()).unwrap_or_default()
    }

    fn after(&self) -> &str {
        self.after.as_deref().or(self.keep.as_deref()).unwrap_or_default()
    }

    fn profile(&self) -> Option<Profile> {
        Profile::named(self.profile.as_deref().unwrap_or("standard"))
    }
}

/// Every row of every table, by topic.
pub(crate) fn all() -> BTreeMap<String, Vec<Case>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/cases");
    let mut tables = BTreeMap::new();
    for entry in fs::read_dir(&folder).expect("corpus/cases is a folder of the repository") {
        let path = entry.expect("a readable entry").path();
        let text = fs::read_to_string(&path).expect("a readable table");
        let table: Table = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let topic = path.file_stem().and_then(|stem| stem.to_str()).expect("a name in UTF-8");
        tables.insert(topic.to_owned(), table.case);
    }
    tables
}

/// What is wrong with the cleaning of `case`, as sentences.
fn try_case(case: &Case) -> Vec<String> {
    let Some(profile) = case.profile() else { return vec!["no such profile".to_owned()] };
    let cleaner = cleaner(profile);
    let got = cleaner.explain(case.before());
    let mut wrong = broken(cleaner, case.before());
    if got.text != case.after() {
        let rules: Vec<_> = got
            .trail
            .frames()
            .iter()
            .flat_map(|frame| frame.edits.rules())
            .map(|rule| cleaner.rules().name(rule))
            .collect();
        wrong.push(format!(
            "wanted {:?}\n       got {:?}\n       by {}",
            case.after(),
            got.text,
            rules.join(", ")
        ));
    } else if cleaner.clean(case.after()) != case.after() {
        wrong.push(format!("{:?} does not stay as it is", case.after()));
    }
    wrong
}

#[test]
fn every_row_comes_out_as_written() {
    let (mut wrong, mut rows) = (Vec::new(), 0);
    for (topic, cases) in all() {
        for case in &cases {
            rows += 1;
            let found = survives(|| try_case(case));
            if case.known && found.is_empty() {
                wrong.push(format!("{topic}: {}: passes now; take `known = true` out of its row", case.name));
            } else if !case.known && !found.is_empty() {
                wrong.push(format!("{topic}: {}: {}", case.name, found.join("\n   and ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {rows} rows fail\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_tables_are_whole() {
    let tables = all();
    assert_eq!(tables.keys().map(String::as_str).collect::<Vec<_>>(), TOPICS);
    let mut wrong = Vec::new();
    let (mut changes, mut keeps) = (0, 0);
    for (topic, cases) in &tables {
        let mut names = BTreeMap::new();
        for case in cases {
            *names.entry(case.name.as_str()).or_insert(0) += 1;
            match (&case.before, &case.after, &case.keep) {
                (Some(before), Some(after), None) if before != after => changes += 1,
                (None, None, Some(_)) => keeps += 1,
                _ => wrong.push(format!(
                    "{topic}: {}: give `before` and a different `after`, or `keep`",
                    case.name
                )),
            }
            if case.why.is_empty() || case.profile().is_none() {
                wrong.push(format!("{topic}: {}: no reason, or no such profile", case.name));
            }
        }
        wrong.extend(names.iter().filter(|n| *n.1 > 1).map(|n| format!("{topic}: {} stands twice", n.0)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        changes + keeps >= 250,
        "{changes} changes and {keeps} keeps are fewer than the tables once held"
    );
    assert!(
        keeps * 5 >= (changes + keeps) * 2,
        "{keeps} keeps beside {changes} changes: think of more neighbours"
    );
}

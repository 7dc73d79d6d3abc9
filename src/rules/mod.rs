//! The tables, for people who do not program: which rules there are, and which are on.
//!
//! A rule is a row, and the row is its own test: it carries a text before and after, and a
//! neighbour that must stay. A table file is named after the step that it belongs to.

pub mod builtin;
pub mod codepoints;
mod row;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use xxhash_rust::xxh3::Xxh3;

use crate::error::{Error, Result};
use crate::text::RuleId;

pub use row::{Place, Profile, Row};
pub use table::Table;

/// The steps that have a table, in the order in which they run, with the bundled rows.
const BUNDLED: &[(&str, &str)] = &[
    ("page", include_str!("page.tsv")),
    ("mojibake", include_str!("mojibake.tsv")),
    ("lines", include_str!("lines.tsv")),
    ("invisible", include_str!("invisible.tsv")),
    ("markup", include_str!("markup.tsv")),
    ("residue", include_str!("residue.tsv")),
    ("marks", include_str!("marks.tsv")),
    ("folds", include_str!("folds.tsv")),
    ("years", include_str!("years.tsv")),
    ("furniture", include_str!("furniture.tsv")),
    ("joins", include_str!("joins.tsv")),
    ("width", include_str!("width.tsv")),
    ("runs", include_str!("runs.tsv")),
    ("stops", include_str!("stops.tsv")),
    ("dashes", include_str!("dashes.tsv")),
    ("quotes", include_str!("quotes.tsv")),
    ("titles", include_str!("titles.tsv")),
    ("numbers", include_str!("numbers.tsv")),
    ("dots", include_str!("dots.tsv")),
    ("spaces", include_str!("spaces.tsv")),
    ("repeats", include_str!("repeats.tsv")),
    ("chrome", include_str!("chrome.tsv")),
];

/// Which rules to use: a profile, changed rule by rule.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The profile to start from.
    pub profile: Profile,
    /// Rules, or groups as `punct.*`, to switch on.
    pub enable: Vec<String>,
    /// Rules or groups to switch off; stronger than `enable`.
    pub disable: Vec<String>,
}

impl Default for Choice {
    fn default() -> Self {
        Self { profile: Profile::Standard, enable: Vec::new(), disable: Vec::new() }
    }
}

/// All rules, those that are on, and the engines of their tables.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Every row of every table.
    all: Vec<(usize, Row)>,
    /// The row that speaks for each rule, by id.
    rows: Vec<(usize, Row)>,
    on: Vec<bool>,
    tables: Vec<Table>,
    folds: codepoints::Folds,
    hash: u64,
}

impl Rules {
    /// The bundled rules of `choice`.
    ///
    /// # Errors
    ///
    /// If `choice` names a rule that does not exist.
    pub fn bundled(choice: &Choice) -> Result<Self> {
        Self::build(choice, Vec::new())
    }

    /// The bundled rules, with the tables of folder `dir` on top: a row whose id exists replaces
    /// that rule's rows, any other row is added. Files are named `<step>.tsv`.
    ///
    /// # Errors
    ///
    /// If the folder or a table cannot be read, a row is malformed (the message names file and
    /// line), or `choice` names a rule that does not exist.
    pub fn with_dir(choice: &Choice, dir: &Path) -> Result<Self> {
        let listing = fs::read_dir(dir)
            .map_err(|e| Error::usage(format!("reading the rule tables in {}: {e}", dir.display())))?;
        let mut paths: Vec<_> = listing
            .map(|entry| entry.map(|e| e.path()))
            .collect::<std::io::Result<_>>()
            .map_err(|e| Error::usage(format!("reading the rule tables in {}: {e}", dir.display())))?;
        paths.retain(|path| path.extension().is_some_and(|e| e == "tsv"));
        paths.sort();
        if paths.is_empty() {
            return Err(Error::usage(format!(
                "{} holds no table; they are called <step>.tsv",
                dir.display()
            )));
        }
        let mut added = Vec::new();
        for path in paths {
            let table_name = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
            let step = BUNDLED.iter().position(|(name, _)| *name == table_name).ok_or_else(|| {
                let names: Vec<_> = BUNDLED.iter().map(|b| b.0).collect();
                Error::usage(format!(
                    "{}: no step has this name; there are {}",
                    path.display(),
                    names.join(", ")
                ))
            })?;
            let table = fs::read_to_string(&path)
                .map_err(|e| Error::usage(format!("reading {} as UTF-8: {e}", path.display())))?;
            added.extend(row::parse(&path.display().to_string(), &table)?.into_iter().map(|row| (step, row)));
        }
        Self::build(choice, added)
    }

    fn build(choice: &Choice, added: Vec<(usize, Row)>) -> Result<Self> {
        let mut rows = Vec::new();
        for (step, (name, table)) in BUNDLED.iter().enumerate() {
            rows.extend(
                row::parse(&format!("src/rules/{name}.tsv"), table)?.into_iter().map(|row| (step, row)),
            );
        }
        for (_, row) in &added {
            if row.place == Place::Code && !builtin::NAMES.contains(&row.id.as_str()) {
                return Err(Error::usage(format!("{}: no code belongs to the rule {:?}", row.at, row.id)));
            }
        }
        rows.retain(|(_, old)| added.iter().all(|(_, new)| new.id != old.id));
        rows.extend(added);

        Self::assemble(choice, rows)
    }

    fn assemble(choice: &Choice, rows: Vec<(usize, Row)>) -> Result<Self> {
        let mut ids: BTreeMap<&str, RuleId> =
            builtin::NAMES.iter().enumerate().map(|(n, name)| (*name, RuleId(n as u16))).collect();
        let mut rows_of_id: Vec<(usize, Row)> = Vec::new();
        for name in builtin::NAMES {
            let found = rows.iter().find(|(_, row)| row.id == *name);
            rows_of_id.push(
                found
                    .cloned()
                    .ok_or_else(|| Error::usage(format!("src/rules: no row documents the rule {name}")))?,
            );
        }
        for (step, row) in &rows {
            if !ids.contains_key(row.id.as_str()) {
                if row.place == Place::Code {
                    return Err(Error::usage(format!(
                        "{}: no code belongs to the rule {:?}",
                        row.at, row.id
                    )));
                }
                ids.insert(&row.id, RuleId(rows_of_id.len() as u16));
                rows_of_id.push((*step, row.clone()));
            }
        }
        let on = Self::switches(choice, &rows_of_id)?;
        let mut tables = Vec::new();
        for step in 0..BUNDLED.len() {
            let enabled = rows
                .iter()
                .filter(|(of, row)| *of == step && row.place != Place::Code)
                .map(|(_, row)| (row, ids[row.id.as_str()]))
                .filter(|(_, id)| on[usize::from(id.0)]);
            tables.push(Table::new(enabled)?);
        }
        let mut hash = Xxh3::new();
        for (_, row) in &rows {
            for part in [&row.id, &row.from, &row.to] {
                hash.update(part.as_bytes());
                hash.update(b"\t");
            }
            hash.update(&[row.place as u8, u8::from(on[usize::from(ids[row.id.as_str()].0)])]);
        }
        let folds = codepoints::Folds::bundled(|rule| on[usize::from(rule.0)]);
        Ok(Self { rows: rows_of_id, on, tables, folds, hash: hash.digest(), all: rows })
    }

    /// The same tables with other switches.
    ///
    /// # Errors
    ///
    /// If `choice` names a rule that does not exist.
    pub fn choose(&self, choice: &Choice) -> Result<Self> {
        Self::assemble(choice, self.all.clone())
    }

    /// Every row of every table with the name of its step.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, &Row)> {
        self.all.iter().map(|(step, row)| (BUNDLED[*step].0, row))
    }

    fn switches(choice: &Choice, rows: &[(usize, Row)]) -> Result<Vec<bool>> {
        let mut on: Vec<bool> =
            rows.iter().map(|(_, row)| row.from_profile.is_some_and(|from| from <= choice.profile)).collect();
        for (names, state) in [(&choice.enable, true), (&choice.disable, false)] {
            for name in names {
                let group = name.strip_suffix('*');
                let fits = |id: &str| group.map_or(id == name, |group| id.starts_with(group));
                let mut known = false;
                for (switch, (_, row)) in on.iter_mut().zip(rows) {
                    if fits(&row.id) {
                        *switch = state;
                        known = true;
                    }
                }
                if !known {
                    return Err(Error::usage(format!(
                        "no rule is called {name:?}; `jingwen rules list` shows them all"
                    )));
                }
            }
        }
        Ok(on)
    }

    /// The rule's id where it is on, to be written into edits.
    #[inline]
    #[must_use]
    pub fn on(&self, rule: RuleId) -> Option<RuleId> {
        self.on[usize::from(rule.0)].then_some(rule)
    }

    /// The name of a rule.
    #[must_use]
    pub fn name(&self, rule: RuleId) -> &str {
        &self.rows[usize::from(rule.0)].1.id
    }

    /// Every rule with its step, its first row and whether it is on, by id.
    pub fn list(&self) -> impl Iterator<Item = (RuleId, &'static str, &Row, bool)> {
        self.rows
            .iter()
            .zip(&self.on)
            .enumerate()
            .map(|(n, ((step, row), on))| (RuleId(n as u16), BUNDLED[*step].0, row, *on))
    }

    /// The engine for the rows of a step's table; `step` is a name in [`step_names`].
    #[must_use]
    pub fn table(&self, step: &str) -> Option<&Table> {
        let at = BUNDLED.iter().position(|(name, _)| *name == step)?;
        Some(&self.tables[at])
    }

    /// The code point folds that are on.
    #[must_use]
    pub fn folds(&self) -> &codepoints::Folds {
        &self.folds
    }

    /// A hash over all rows and switches: two runs with equal hashes clean alike.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }
}

/// The names of the steps that have a table, in their order.
pub fn step_names() -> impl Iterator<Item = &'static str> {
    BUNDLED.iter().map(|(name, _)| *name)
}

//! One row of a rule table: read, split and checked for form.

use crate::error::{Error, Result};

/// How bold a rule is: what an archivist, an editor or a trainer of models would accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// Nothing that an archivist would call an edit of the text.
    Archive,
    /// The default: also typography, by the national standards.
    Standard,
    /// For training corpora: also rules of medium confidence.
    Corpus,
}

impl Profile {
    /// All profiles, mildest first.
    pub const ALL: [Self; 3] = [Self::Archive, Self::Standard, Self::Corpus];

    /// The name on the command line and in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Standard => "standard",
            Self::Corpus => "corpus",
        }
    }

    /// The profile of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// Where a row applies; neighbours are the adjacent characters, never across spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Everywhere.
    Anywhere,
    /// A Han character stands before.
    AfterHan,
    /// A Han character stands behind.
    BeforeHan,
    /// A Han character stands on one side at least.
    BesideHan,
    /// Han characters stand on both sides.
    BetweenHan,
    /// At the start of a line.
    LineStart,
    /// At the end of a line.
    LineEnd,
    /// The whole line.
    WholeLine,
    /// The rule is code; the row documents and tests it.
    Code,
}

const PLACES: &[(&str, Place)] = &[
    ("anywhere", Place::Anywhere),
    ("after-han", Place::AfterHan),
    ("before-han", Place::BeforeHan),
    ("beside-han", Place::BesideHan),
    ("between-han", Place::BetweenHan),
    ("line-start", Place::LineStart),
    ("line-end", Place::LineEnd),
    ("whole-line", Place::WholeLine),
    ("code", Place::Code),
];

/// A rule as its row tells it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The stable name, `punct.comma`.
    pub id: String,
    /// T1 loses nothing, T2 is typography.
    pub class: String,
    /// The mildest profile in which the rule is on; `None` where it is off in all.
    pub from_profile: Option<Profile>,
    /// The text to look for; empty for code.
    pub from: String,
    /// What replaces it.
    pub to: String,
    /// Where it applies.
    pub place: Place,
    /// A text before and after.
    pub example: (String, String),
    /// Texts that must stay as they are.
    pub keep: Vec<String>,
    /// The standard and clause, or the reason.
    pub source: String,
    /// Table file and line number.
    pub at: String,
}

const COLUMNS: usize = 9;

/// Reads the rows of a table. `file` is named in errors.
///
/// # Errors
///
/// If a row has not nine columns, or a word of a closed list is not in it.
pub(crate) fn parse(file: &str, table: &str) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (n, line) in table.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let at = format!("{file}:{}", n + 1);
        let cells: Vec<&str> = line.split('\t').collect();
        if cells.len() != COLUMNS {
            return Err(Error::usage(format!(
                "{at}: a row has {COLUMNS} columns, set apart by one TAB each; this one has {}",
                cells.len()
            )));
        }
        let [id, class, profile, from, to, place, example, keep, source] =
            [0, 1, 2, 3, 4, 5, 6, 7, 8].map(|i| cells[i]);
        let place = PLACES.iter().find(|(name, _)| *name == place).map(|p| p.1).ok_or_else(|| {
            let known: Vec<_> = PLACES.iter().map(|p| p.0).collect();
            Error::usage(format!("{at}: no place is called {place:?}; there are {}", known.join(", ")))
        })?;
        let from_profile = match profile {
            "off" => None,
            name => Some(Profile::named(name).ok_or_else(|| {
                Error::usage(format!(
                    "{at}: no profile is called {name:?}; write archive, standard, corpus or off"
                ))
            })?),
        };
        let (before, after) = example.split_once(" → ").ok_or_else(|| {
            Error::usage(format!(
                "{at}: the example reads “before → after”, with one space on each side of the arrow"
            ))
        })?;
        let cell = |text: &str| unescape(text).map_err(|what| Error::usage(format!("{at}: {what}")));
        let row = Row {
            id: id.to_owned(),
            class: class.to_owned(),
            from_profile,
            from: if place == Place::Code { String::new() } else { cell(from)? },
            to: if place == Place::Code { String::new() } else { cell(to)? },
            place,
            example: (cell(before)?, cell(after)?),
            keep: keep
                .split(" | ")
                .filter(|k| !k.is_empty() && *k != "-")
                .map(cell)
                .collect::<Result<_>>()?,
            source: source.to_owned(),
            at,
        };
        if !row.id.contains('.') {
            return Err(Error::usage(format!("{}: a rule is called group.name, not {:?}", row.at, row.id)));
        }
        if row.place != Place::Code && row.from.is_empty() {
            return Err(Error::usage(format!(
                "{}: the column `from` is empty; nothing can be looked for",
                row.at
            )));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// `⏎` is a line end, `␣` a space, `{U+200B}` a character by its number, `{∅}` nothing.
fn unescape(cell: &str) -> std::result::Result<String, String> {
    let mut text = String::new();
    let mut rest = cell;
    while let Some(at) = rest.find(['⏎', '␣', '{', '⇥']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(inner) = rest.strip_prefix("{U+") {
            let (code, tail) = inner.split_once('}').ok_or("`{U+` has no closing `}`")?;
            let c = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
            text.push(c.ok_or_else(|| format!("U+{code} is no character"))?);
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix("{∅}") {
            rest = tail;
        } else {
            let c = rest.chars().next().unwrap_or_default();
            text.push(match c {
                '⏎' => '\n',
                '␣' => ' ',
                '⇥' => '\t',
                other => other,
            });
            rest = &rest[c.len_utf8()..];
        }
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read_with_its_invisible_characters() {
        let rows = parse(
            "t.tsv",
            "# head\na.b\tT1\tarchive\t{U+200B}\t{∅}\tanywhere\t甲{U+200B}乙 → 甲乙\t丙⏎丁 | 戊\twhy\n",
        )
        .unwrap();
        assert_eq!(rows[0].from, "\u{200B}");
        assert_eq!(rows[0].example, ("甲\u{200B}乙".to_owned(), "甲乙".to_owned()));
        assert_eq!(rows[0].keep, ["丙\n丁", "戊"]);
        assert_eq!(rows[0].at, "t.tsv:2");
    }

    #[test]
    fn a_wrong_row_names_its_line_and_what_it_lacks() {
        for (row, told) in [
            ("a.b\tT1\tarchive", "t.tsv:1: a row has 9 columns"),
            ("a.b\tT1\tbold\tx\ty\tanywhere\tx → y\t-\tw", "no profile is called \"bold\""),
            ("a.b\tT1\tarchive\tx\ty\tnowhere\tx → y\t-\tw", "no place is called \"nowhere\""),
            ("a.b\tT1\tarchive\tx\ty\tanywhere\tx y\t-\tw", "the example reads"),
            ("ab\tT1\tarchive\tx\ty\tanywhere\tx → y\t-\tw", "group.name"),
            ("a.b\tT1\tarchive\t{∅}\ty\tanywhere\tx → y\t-\tw", "`from` is empty"),
        ] {
            let error = parse("t.tsv", row).unwrap_err().to_string();
            assert!(error.contains(told), "{row}: {error}");
        }
    }
}

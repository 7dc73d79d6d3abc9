//! Whole documents: `corpus/golden/` and the bulletins of `corpus/made.tsv`, which all return to
//! the originals that they were made from.
//!
//! `JINGWEN_BLESS=1 cargo test golden` writes the trails anew; read the difference before you
//! commit it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use jingwen::decode::{Hints, decode};
use jingwen::rules::Profile;
use jingwen::{Cleaned, Cleaner};

use crate::generator::ORIGINALS;
use crate::laws::{broken, cleaner, survives};

/// Longer old or new texts are shown by their ends.
const SHOWN_CHARS: usize = 24;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name)
}

/// A row of `made.tsv`: how a bulletin was spoilt.
#[derive(Debug)]
pub(crate) struct Made {
    file: String,
    row: String,
    original: String,
    pub(crate) expect: String,
}

impl Made {
    /// The bytes of the file, or the text of its row.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        use std::io::Read as _;

        let path = folder("bulletins").join(&self.file);
        let data = fs::read(&path).expect("a file of the repository");
        let mut plain = Vec::new();
        match path.extension().and_then(|e| e.to_str()) {
            Some("gz") => flate2::read::GzDecoder::new(&*data).read_to_end(&mut plain),
            Some("bz2") => bzip2::read::BzDecoder::new(&*data).read_to_end(&mut plain),
            Some("zst") => zstd::Decoder::new(&*data).and_then(|mut d| d.read_to_end(&mut plain)),
            _ => (&*data).read_to_end(&mut plain),
        }
        .expect("an intact file");
        if self.row == "-" {
            return plain;
        }
        let rows = String::from_utf8(plain).expect("JSONL is UTF-8");
        let row = rows
            .lines()
            .map(|row| serde_json::from_str::<serde_json::Value>(row).expect("a JSON object a line"))
            .find(|row| row["id"] == self.row)
            .expect("made.tsv names rows that exist");
        row["text"].as_str().expect("a text").as_bytes().to_vec()
    }

    /// Where it lies, for messages.
    pub(crate) fn place(&self) -> String {
        if self.row == "-" { self.file.clone() } else { format!("{}#{}", self.file, self.row) }
    }
}

/// Every bulletin.
pub(crate) fn bulletins() -> Vec<Made> {
    let table = fs::read_to_string(folder("made.tsv")).expect("made.tsv is part of the repository");
    let rows = table.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [file, row, original, _defects, _encoding, expect] = cells[..] else {
            panic!("{line}: six columns")
        };
        let own = str::to_owned;
        Made { file: own(file), row: own(row), original: own(original), expect: own(expect) }
    });
    rows.collect()
}

/// The text of a file's bytes, as the program reads them; empty where they are no text.
pub(crate) fn decoded(bytes: &[u8]) -> String {
    decode(bytes, &Hints::default()).map(|decoded| decoded.text.into_owned()).unwrap_or_default()
}

fn original(name: &str) -> &'static str {
    ORIGINALS.iter().find(|(n, _)| *n == name).expect("made.tsv names originals that exist").1.trim_end()
}

#[test]
fn every_original_is_clean() {
    let mut wrong = Vec::new();
    for (name, text) in ORIGINALS {
        let told = cleaner(Profile::Standard).explain(text.trim_end());
        if !told.trail.is_empty() {
            wrong.push(format!("{name}\n{}", tell(cleaner(Profile::Standard), text.trim_end(), &told)));
        } else if matches!(cleaner(Profile::Standard).clean(text.trim_end()), Cow::Owned(_)) {
            wrong.push(format!("{name}: nothing to do, and yet copied"));
        }
    }
    assert!(wrong.is_empty(), "{} originals changed\n{}", wrong.len(), wrong.join("\n"));
}

/// What is wrong with the cleaning of a bulletin, as sentences.
fn returns(made: &Made) -> Vec<String> {
    let cleaner = cleaner(Profile::Standard);
    let text = decoded(&made.bytes());
    let mut wrong = broken(cleaner, &text);
    let clean = cleaner.clean(&text);
    let clean = clean.trim_end_matches('\n');
    if made.expect == "equal" && clean != original(&made.original) {
        wrong.push(difference(original(&made.original), clean));
    }
    wrong
}

#[test]
fn every_bulletin_returns_to_its_original() {
    let bulletins = bulletins();
    assert!(bulletins.len() >= 30, "made.tsv lost its rows");
    let mut wrong = Vec::new();
    for made in bulletins {
        let found = survives(|| returns(&made));
        wrong.extend(found.iter().map(|what| format!("{}: {what}", made.place())));
    }
    assert!(wrong.is_empty(), "{} complaints\n{}", wrong.len(), wrong.join("\n"));
}

/// What is wrong with the cleaning of a golden document, as sentences; `bless` writes its trail.
fn golden(name: &str, bless: bool) -> Vec<String> {
    let file = |end: &str| folder("golden").join(format!("{name}.{end}"));
    let before = fs::read_to_string(file("before.txt")).expect("a golden document");
    let after = fs::read_to_string(file("after.txt")).expect("its clean form");
    let cleaner = cleaner(Profile::Standard);
    let told = cleaner.explain(&before);
    let mut wrong = broken(cleaner, &before);
    let (want, got) = (after.trim_end(), told.text.trim_end_matches('\n'));
    if got != want {
        wrong.push(difference(want, got));
    }
    let trail = tell(cleaner, &before, &told);
    if bless {
        fs::write(file("trail.txt"), &trail).expect("a writable folder");
    } else if fs::read_to_string(file("trail.txt")).ok().as_deref() != Some(&trail) {
        wrong.push("the trail is not the committed one; JINGWEN_BLESS=1 writes it anew".to_owned());
    }
    wrong
}

#[test]
fn golden_documents_come_out_as_written() {
    let mut names: Vec<String> = fs::read_dir(folder("golden"))
        .expect("corpus/golden is a folder of the repository")
        .filter_map(|entry| {
            let name = entry.expect("a readable entry").file_name().into_string().expect("a name in UTF-8");
            name.strip_suffix(".before.txt").map(str::to_owned)
        })
        .collect();
    names.sort();
    assert!(names.len() >= 8, "golden documents are missing: {names:?}");
    let bless = env::var_os("JINGWEN_BLESS").is_some();
    let mut wrong = Vec::new();
    for name in names {
        let found = survives(|| golden(&name, bless));
        wrong.extend(found.iter().map(|what| format!("{name}: {what}")));
    }
    assert!(wrong.is_empty(), "{} complaints\n{}", wrong.len(), wrong.join("\n"));
}

/// The texts of README.md's first example: its indented blocks before the first heading.
#[test]
fn the_first_example_of_the_readme_is_true() {
    let readme = include_str!("../README.md");
    let head = readme.split("\n## ").next().expect("a text has a beginning");
    let blocks: Vec<String> = head
        .split("\n\n")
        .filter(|block| block.lines().all(|line| line.starts_with("    ")))
        .map(|block| block.lines().map(|line| &line[4..]).collect::<Vec<_>>().join("\n"))
        .collect();
    let [before, after] = blocks.as_slice() else { panic!("before and after, not {}", blocks.len()) };
    let given = cleaner(Profile::Standard).clean(before);
    assert!(given == *after, "{}", difference(after, &given));
}

/// A trail as people read it: step, rule, byte offset, what stood there and what stands there now.
fn tell(cleaner: &Cleaner, text: &str, told: &Cleaned) -> String {
    let mut out = String::new();
    let mut now = text.to_owned();
    for frame in told.trail.frames() {
        for change in frame.edits.iter() {
            let rule = cleaner.rules().name(change.rule);
            let (was, with) = (shown(&now[change.src.clone()]), shown(change.with));
            writeln!(out, "{}\t{rule}\t{}\t{was}\t{with}", frame.step, change.src.start)
                .expect("a String takes all");
        }
        let mut next = String::new();
        frame.edits.apply(&now, &mut next);
        now = next;
    }
    out
}

/// Invisible characters by name, long passages by their ends.
fn shown(text: &str) -> String {
    let escaped = text.escape_debug().to_string();
    let n_chars = escaped.chars().count();
    if n_chars <= 2 * SHOWN_CHARS {
        return format!("“{escaped}”");
    }
    let head: String = escaped.chars().take(SHOWN_CHARS).collect();
    let tail: String = escaped.chars().skip(n_chars - SHOWN_CHARS).collect();
    format!("“{head}…{tail}” ({} characters)", text.chars().count())
}

/// The first place where two texts differ.
fn difference(want: &str, got: &str) -> String {
    let same = want.chars().zip(got.chars()).take_while(|(a, b)| a == b).count();
    let near = |text: &str| {
        let part: String = text.chars().skip(same.saturating_sub(12)).take(40).collect();
        format!("{part:?}")
    };
    format!("at character {same} wanted {}, got {}", near(want), near(got))
}

//! The layers of the crate, held by reading its sources: imports run downwards, threads live in
//! one room, and only the program writes to standard output.

#![allow(clippy::unwrap_used, reason = "a failing test may panic")]

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use jingwen::Cleaned;
use jingwen::Cleaner;
use jingwen::Desk;
use jingwen::Error;
use jingwen::pipeline::Step;
use jingwen::pipeline::trail_file::Header;
use jingwen::pipeline::trail_file::Restored;
use jingwen::pipeline::trail_file::Row;
use jingwen::pipeline::trail_file::TrailFile;
use jingwen::rules::Choice;
use jingwen::rules::Profile;
use jingwen::rules::Rules;
use jingwen::text::Edits;
use jingwen::text::Frame;
use jingwen::text::RuleId;
use jingwen::text::Trail;

/// Folders and files of `src`, bottom to top. Those of one line are strangers to one another.
const LAYERS: &[&[&str]] = &[
    &["error", "text"],
    &["rules", "disk"],
    &[
        "source",
        "decode",
        "markup",
        "mojibake",
        "symbols",
        "layout",
        "punct",
        "repeats",
        "fields",
        "boilerplate",
        "copies",
    ],
    &["pipeline"],
    &["index"],
    &["cli"],
];

/// The layer of vocabulary: its two members may use each other.
const GROUND: usize = 0;

/// What the root of the crate hands out, and the layer from which it comes.
const ROOT_NAMES: &[(&str, &str)] = &[
    ("Error", "error"),
    ("Result", "error"),
    ("Cleaned", "pipeline"),
    ("Cleaner", "pipeline"),
    ("Desk", "pipeline"),
];

/// Signs of threads. They stand in `pipeline` only, so that everything below is parallel by
/// construction and has one order.
const THREADS: &[&str] = &["std::thread", "rayon", "mpsc", "crossbeam"];

/// What writes to a terminal without being asked. A library must not.
const PRINTS: &[&str] = &["println!", "print!", "dbg!"];

/// One line of source that is neither comment nor test.
struct Line {
    file: String,
    n: usize,
    /// The first folder or file below `src`, without its ending.
    room: String,
    code: String,
}

fn rank(room: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&room))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The code of one file: comments, and the tests at its end, may name anything. An import over
/// several lines becomes one, and a `super::` that climbs to the root becomes `crate::`.
fn code_of(file: &str, text: &str) -> Vec<Line> {
    let below = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    let room = below.split('/').next().unwrap();
    let to_root = "super::".repeat(below.split('/').count());
    let mut lines: Vec<Line> = Vec::new();
    let mut import_open = false;
    for (n, line) in text.lines().enumerate() {
        // A test module stands at the end of its file, in its first column.
        if line == "mod tests {" {
            break;
        }
        let code = line.split("//").next().unwrap_or_default().trim();
        if code.is_empty() {
            continue;
        }
        match lines.last_mut() {
            Some(import) if import_open => import.code += code,
            _ => {
                let (file, room) = (file.to_owned(), room.to_owned());
                lines.push(Line { file, n: n + 1, room, code: code.replace(&to_root, "crate::") });
                import_open = code.starts_with("use ") || code.starts_with("pub use ");
            }
        }
        import_open &= !code.ends_with(';');
    }
    lines
}

fn all_code() -> Vec<Line> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut lines = Vec::new();
    for path in files {
        let file = Path::new("src").join(path.strip_prefix(&src).unwrap());
        lines.extend(code_of(&file.display().to_string(), &fs::read_to_string(&path).unwrap()));
    }
    lines
}

/// The rooms that a line names after `crate::`, also in `use crate::{a, b::c}`.
fn rooms_named(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, sign) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + sign.len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth > 0 => depth -= 1,
                    ',' | '}' if depth == 0 => {
                        if !word.trim().is_empty() {
                            names.push(first_word(word.trim()));
                        }
                        word.clear();
                        if c == '}' {
                            break;
                        }
                    }
                    c if depth == 0 => word.push(c),
                    _ => {}
                }
            }
        } else {
            names.push(first_word(rest));
        }
    }
    names
}

fn first_word(path: &str) -> String {
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// What is wrong with the imports of `line`; nothing where they run downwards.
fn wrong_imports(line: &Line) -> Vec<String> {
    let place = format!("{}:{}", line.file, line.n);
    // The root of the crate and the program put all rooms together.
    if matches!(line.room.as_str(), "lib" | "main") {
        return Vec::new();
    }
    let Some(own) = rank(&line.room) else {
        return vec![format!("{place}: `{}` has no layer; give it one in tests/layers.rs", line.room)];
    };
    let mut wrong = Vec::new();
    for name in rooms_named(&line.code) {
        let room =
            ROOT_NAMES.iter().find(|(known, _)| *known == name).map_or(name.as_str(), |(_, room)| room);
        let fault = match rank(room) {
            None => "no room of that name has a layer",
            Some(other) if other > own => "it lies above",
            Some(other) if other == own && own != GROUND && room != line.room => "it is a stranger",
            Some(_) => continue,
        };
        wrong.push(format!("{place}: `{}` may not use `{name}`: {fault}", line.room));
    }
    wrong
}

fn holds_any(code: &str, signs: &[&str]) -> bool {
    signs.iter().any(|sign| {
        code.match_indices(sign).any(|(at, _)| {
            // `eprintln!` holds `println!` and `sprint!` holds `print!`.
            !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    })
}

fn fail_on(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} lines\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn imports_run_downwards() {
    let code = all_code();
    assert!(code.len() > 1000, "only {} lines were read", code.len());
    fail_on(&code.iter().flat_map(wrong_imports).collect::<Vec<_>>());
}

#[test]
fn threads_live_in_the_pipeline() {
    let wrong: Vec<String> = all_code()
        .iter()
        .filter(|line| line.room != "pipeline" && holds_any(&line.code, THREADS))
        .map(|line| {
            format!("{}:{}: threads belong into src/pipeline: {}", line.file, line.n, line.code.trim())
        })
        .collect();
    fail_on(&wrong);
}

#[test]
fn only_the_program_writes_to_standard_output() {
    let wrong: Vec<String> = all_code()
        .iter()
        .filter(|line| !matches!(line.room.as_str(), "cli" | "main") && holds_any(&line.code, PRINTS))
        .map(|line| format!("{}:{}: only src/cli prints: {}", line.file, line.n, line.code.trim()))
        .collect();
    fail_on(&wrong);
}

#[test]
fn the_reader_of_sources_sees_what_it_should() {
    for (room, code, n_wrong) in [
        ("text", "use crate::error::Error;", 0),
        ("text", "use crate::rules::Rules;", 1),
        ("rules", "use crate::text::{Edits, RuleId};", 0),
        ("punct", "use crate::rules::builtin::{self, STOP_DOT};", 0),
        ("punct", "use crate::layout;", 1),
        ("punct", "let x = crate::symbols::marks(a, b);", 1),
        ("punct", "use crate::punct::width;", 0),
        ("source", "use crate::{Error, Result};", 0),
        ("decode", "use crate::Cleaner;", 1),
        ("layout", "use crate::{text::{chars, Edits}, punct::{a, b}, pipeline};", 2),
        ("pipeline", "use crate::{layout, markup, punct, repeats, symbols};", 0),
        ("pipeline", "use crate::cli::run;", 1),
        ("pipeline", "use crate::nowhere;", 1),
        ("cli", "use crate::pipeline::explain;", 0),
        ("attic", "let a = 1;", 1),
        ("text", "use mycrate::rules;", 0),
    ] {
        let line = Line { file: "src/x.rs".to_owned(), n: 1, room: room.to_owned(), code: code.to_owned() };
        let wrong = wrong_imports(&line);
        assert_eq!(wrong.len(), n_wrong, "{room}: {code}: {wrong:?}");
    }
    for (code, prints) in [("println!()", true), ("eprintln!()", false)] {
        assert_eq!(holds_any(code, PRINTS), prints, "{code}");
    }
    let file = "//! println!
fn a() {} // rayon
use crate::{
    text,
    punct::a, // why
};
use super::super::super::layout::lines;
mod tests {
    println!()
}
";
    let code: Vec<(usize, String)> =
        code_of("src/punct/a/b.rs", file).into_iter().map(|line| (line.n, line.code)).collect();
    let expected = [(2, "fn a() {}"), (3, "use crate::{text,punct::a,};"), (7, "use crate::layout::lines;")];
    assert_eq!(code, expected.map(|(n, code)| (n, code.to_owned())));
}

/// A cleaner is built once and used from all threads; what it hands out can be carried between them.
#[test]
fn public_types_cross_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Cleaner>();
    shared::<Desk>();
    shared::<Cleaned>();
    shared::<Error>();
    shared::<Step>();
    shared::<Rules>();
    shared::<Choice>();
    shared::<Profile>();
    shared::<Edits>();
    shared::<Frame>();
    shared::<Trail>();
    shared::<RuleId>();
    shared::<Header>();
    shared::<Row>();
    shared::<Restored>();
    shared::<TrailFile<std::io::Empty>>();
}

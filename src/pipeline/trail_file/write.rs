//! Writes the rows of a trail file.

use std::borrow::Cow;
use std::fmt::Write;
use std::mem;

use serde_json::json;

use crate::pipeline::trail_file::Sum;
use crate::pipeline::trail_file::VERSION;
use crate::pipeline::trail_file::diff::differences;
use crate::rules::Rules;
use crate::text::Change;
use crate::text::Edits;
use crate::text::Trail;

macro_rules! push {
    ($out:expr, $($format:tt)+) => {
        write!($out, $($format)+).expect("memory takes every text")
    };
}

/// The first line of a trail file, without its line end: version, hash of the rule tables and the
/// names of all rules, to which the rows refer by number.
#[must_use]
pub fn header(rules: &Rules) -> String {
    let names: Vec<&str> = rules.list().map(|(_, _, row, _)| row.id.as_str()).collect();
    json!({
        "jingwen_trail": VERSION,
        "rules": format!("{:016x}", rules.hash()),
        "version": env!("CARGO_PKG_VERSION"),
        "names": names,
    })
    .to_string()
}

/// The row of one document, without its line end. `id_json` is the id as it stands in JSON,
/// `text` the decoded text that `trail` starts from, and `reversible` says that `text` encoded in
/// `encoding` gives the bytes of the file again.
///
/// Cost: the trail is replayed once, about as long as the cleaning took.
///
/// ```
/// use jingwen::Cleaner;
/// use jingwen::pipeline::trail_file;
///
/// let (cleaner, text) = (Cleaner::new(), "★关于印发的通知");
/// let told = cleaner.explain(text);
/// let header = trail_file::Header::read(&trail_file::header(cleaner.rules()))?;
/// let row = trail_file::row("\"a.txt\"", "a.txt", "UTF-8", true, text, &told.trail, cleaner.rules());
/// let row = trail_file::Row::read(&row, &header)?;
/// assert_eq!(row.restore(&told.text)?, text);
/// assert_eq!(row.replay(text)?, told.text);
/// # Ok::<(), jingwen::Error>(())
/// ```
#[must_use]
pub fn row(
    id_json: &str,
    source: &str,
    encoding: &str,
    reversible: bool,
    text: &str,
    trail: &Trail,
    rules: &Rules,
) -> String {
    debug_assert!(
        trail.frames().iter().all(|f| f.edits.rules().all(|r| !rules.name(r).is_empty())),
        "the trail was made with these rules"
    );
    let mut steps = String::new();
    let (mut now, mut next) = (Cow::Borrowed(text), String::new());
    for frame in trail.frames() {
        frame.edits.apply(&now, &mut next);
        steps.push_str(if steps.is_empty() { "[" } else { ",[" });
        push_quoted(&mut steps, frame.step);
        steps.push_str(",[");
        write_edits(&mut steps, &frame.edits, &now, &next);
        steps.push_str("]]");
        now = Cow::Owned(mem::take(&mut next));
    }
    let mut row = format!("{{\"id\":{id_json},\"source\":");
    push_quoted(&mut row, source);
    row.push_str(",\"encoding\":");
    push_quoted(&mut row, encoding);
    let [before, after] = [text, &now].map(Sum::of);
    push!(
        row,
        ",\"reversible\":{reversible},\"before\":[{},\"{}\"],\"after\":[{},\"{}\"],\"steps\":[{steps}]}}",
        before.0,
        before.1,
        after.0,
        after.1
    );
    row
}

fn write_edits(out: &mut String, edits: &Edits, old: &str, new: &str) {
    // Only removed repeats need to know all changes around them.
    let mut all: Option<Vec<Change<'_>>> = None;
    let mut end = 0;
    for (n, change) in edits.iter().enumerate() {
        push!(out, "{}[{},", if n > 0 { "," } else { "" }, change.src.start - end);
        end = change.src.end;
        let start = out.len();
        push_quoted(out, &old[change.src.clone()]);
        if change.twin.is_some() {
            let all = all.get_or_insert_with(|| edits.iter().collect());
            let by_twin = by_twin(&change, all, old, new);
            if let Some(by_twin) = by_twin.filter(|by_twin| by_twin.len() < out.len() - start) {
                out.truncate(start);
                out.push_str(&by_twin);
            }
        }
        out.push(',');
        push_quoted(out, change.with);
        push!(out, ",{}]", change.rule.0);
    }
}

/// The removed text of `change` told by its twin in the text after the step. Other edits of the
/// step may have changed the twin: the differences are taken from what stands there afterwards.
fn by_twin(change: &Change<'_>, changes: &[Change<'_>], old: &str, new: &str) -> Option<String> {
    let twin = change.twin.as_ref()?;
    let (at, end) = (to_new(changes, twin.start, true), to_new(changes, twin.end, false));
    let differences = differences(new.get(at..end)?, &old[change.src.clone()])?;
    let mut out = format!("{{\"at\":{at},\"len\":{},\"diff\":[", end - at);
    for (n, difference) in differences.iter().enumerate() {
        push!(out, "{}[{},", if n > 0 { "," } else { "" }, difference.gap);
        push_quoted(&mut out, difference.twin);
        out.push(',');
        push_quoted(&mut out, difference.had);
        out.push(']');
    }
    out.push_str("]}");
    Some(out)
}

/// Where byte `at` of the old text stands in the new one; inside a change it is the end of what
/// came in for the start of a span, its start for the end of a span.
fn to_new(changes: &[Change<'_>], at: usize, is_start: bool) -> usize {
    let next = changes.partition_point(|change| change.src.end <= at);
    match changes.get(next) {
        Some(change) if change.src.start < at => {
            if is_start {
                change.dst.end
            } else {
                change.dst.start
            }
        }
        _ => {
            let (src, dst) = next.checked_sub(1).map_or((0, 0), |n| (changes[n].src.end, changes[n].dst.end));
            dst + (at - src)
        }
    }
}

fn push_quoted(out: &mut String, text: &str) {
    // Nearly all texts stand in JSON as they are.
    if text.bytes().all(|b| b >= b' ' && b != b'"' && b != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::to_string(text).expect("a string is always JSON"));
    }
}

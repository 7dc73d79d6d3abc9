//! Writes the rows of a trail file.

use serde_json::json;

use crate::pipeline::trail_file::Sum;
use crate::pipeline::trail_file::VERSION;
use crate::pipeline::trail_file::diff::differences;
use crate::rules::Rules;
use crate::text::Change;
use crate::text::Edits;
use crate::text::Trail;

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
    let (mut now, mut next) = (text.to_owned(), String::new());
    for frame in trail.frames() {
        next.clear();
        frame.edits.apply(&now, &mut next);
        if !steps.is_empty() {
            steps.push(',');
        }
        push(&mut steps, &["[", &quoted(frame.step), ",["]);
        write_edits(&mut steps, &frame.edits, &now, &next);
        steps.push_str("]]");
        std::mem::swap(&mut now, &mut next);
    }
    let [before, after] = [text, &now].map(|text| {
        let Sum(size, hash) = Sum::of(text);
        format!("[{size},\"{hash}\"]")
    });
    format!(
        "{{\"id\":{id_json},\"source\":{},\"encoding\":{},\"reversible\":{reversible},\
         \"before\":{before},\"after\":{after},\"steps\":[{steps}]}}",
        quoted(source),
        quoted(encoding),
    )
}

fn write_edits(out: &mut String, edits: &Edits, old: &str, new: &str) {
    let changes: Vec<Change<'_>> = edits.iter().collect();
    let mut end = 0;
    for (n, change) in changes.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        let gap = change.src.start - end;
        end = change.src.end;
        let literal = quoted(&old[change.src.clone()]);
        let was = by_twin(change, &changes, old, new).filter(|by_twin| by_twin.len() < literal.len());
        push(
            out,
            &[
                "[",
                &gap.to_string(),
                ",",
                &was.unwrap_or(literal),
                ",",
                &quoted(change.with),
                ",",
                &change.rule.0.to_string(),
                "]",
            ],
        );
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
        let comma = if n > 0 { "," } else { "" };
        let gap = difference.gap.to_string();
        push(&mut out, &[comma, "[", &gap, ",", &quoted(difference.twin), ",", &quoted(difference.had), "]"]);
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

fn push(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is always JSON")
}

//! What went in and what became of it, in numbers that must add up.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Deserialize;
use serde::Serialize;

use crate::boilerplate::Counts;
use crate::boilerplate::Frequent;
use crate::boilerplate::Policy;
use crate::error::Result;
use crate::pipeline::document::Done;
use crate::pipeline::json;
use crate::pipeline::sink::Out;
use crate::pipeline::sites;
use crate::pipeline::steps::PAGE;
use crate::pipeline::steps::STEPS;
use crate::rules::Rules;
use crate::source::Origin;

/// Bytes that each list of the report may grow to, about a hundred thousand rows; what comes behind
/// is counted only. A folder of millions of files must not cost memory for each.
const MAX_LIST: usize = 16 << 20;

/// Documents and bytes of one sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Documents.
    pub documents: u64,
    /// Bytes of the input that they stand for, unpacked.
    pub bytes: u64,
}

impl Count {
    fn add(&mut self, bytes: u64) {
        self.documents += 1;
        self.bytes += bytes;
    }

    fn join(&mut self, other: Self) {
        self.documents += other.documents;
        self.bytes += other.bytes;
    }
}

/// The three ends a document can come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Kept,
    Dropped,
    Quarantined,
}

/// The sums of a command.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// In the output.
    pub kept: Count,
    /// Left out.
    pub dropped: Count,
    /// Not readable.
    pub quarantined: Count,
    /// Edits by rule name.
    pub rules: BTreeMap<String, u64>,
    /// Edits by step.
    pub steps: BTreeMap<&'static str, u64>,
    /// Documents by the reason why they are not kept.
    pub reasons: BTreeMap<&'static str, u64>,
    /// Documents with replaced bytes, and the places.
    pub broken: (u64, u64),
    /// Texts that were not compared with all that may be like them.
    pub candidates_capped: u64,
    /// Pairs of documents that were compared.
    pub pairs_compared: u64,
    /// What holds no document by its nature, by its sort: requests, folders, pictures.
    pub others: BTreeMap<String, u64>,
    /// Documents of the set that the inputs were held against, and what could not be read there.
    pub against: (u64, u64),
}

impl Summary {
    /// All documents.
    #[must_use]
    pub fn documents_in(&self) -> u64 {
        self.kept.documents + self.dropped.documents + self.quarantined.documents
    }

    fn bytes_in(&self) -> u64 {
        self.kept.bytes + self.dropped.bytes + self.quarantined.bytes
    }

    fn end(&mut self, end: End) -> &mut Count {
        match end {
            End::Kept => &mut self.kept,
            End::Dropped => &mut self.dropped,
            End::Quarantined => &mut self.quarantined,
        }
    }

    /// The exit code of a finished command.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.quarantined.documents > 0 || self.against.1 > 0 { 3 } else { 0 }
    }
}

/// Gathers the sums while documents pass in input order.
pub(crate) struct Report {
    sums: Summary,
    rules: Vec<u64>,
    file: Option<FileRow>,
    files: Option<List>,
    losses: List,
    /// Frequent lines of the sites, where they were counted.
    boilerplate: Option<List>,
}

/// Rows of JSON up to a limit, and the number of those behind it.
#[derive(Default)]
struct List {
    rows: Vec<u8>,
    left_out: u64,
}

impl List {
    /// Appends the row that `write` makes.
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.rows.len() >= MAX_LIST {
            self.left_out += 1;
            return;
        }
        self.rows.extend_from_slice(if self.rows.is_empty() { b"\n  " } else { b",\n  " });
        write(&mut self.rows);
    }
}

/// The documents of one file.
#[derive(Debug)]
struct FileRow {
    number: u64,
    name: String,
    size: u64,
    counts: [Count; 3],
}

/// What a worker counts for the report: documents in input order.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    files: Vec<FileRow>,
    reasons: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Adds one document of a file.
    pub(crate) fn add(
        &mut self,
        (number, name, size): (u64, &str, u64),
        bytes: u64,
        end: End,
        reason: Option<&'static str>,
    ) {
        if let Some(reason) = reason {
            *self.reasons.entry(reason).or_default() += 1;
        }
        if self.files.last().is_none_or(|file| file.number != number) {
            self.files.push(FileRow { number, name: name.to_owned(), size, counts: [Count::default(); 3] });
        }
        if let Some(file) = self.files.last_mut() {
            file.counts[end as usize].add(bytes);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.files.clear();
        self.reasons.clear();
    }
}

/// The sums of cleaning, as far as a run has come.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sums {
    /// Edits by the number of the rule.
    rules: Vec<u64>,
    steps: BTreeMap<String, u64>,
    broken: (u64, u64),
    against: (u64, u64),
    others: BTreeMap<String, u64>,
}

/// Sorts that are told apart; crawlers' records may bear any name.
const MAX_SORTS: usize = 100;

impl Report {
    /// `detailed` where a report will be written, not only a sum.
    pub(crate) fn new(detailed: bool) -> Self {
        Self {
            sums: Summary::default(),
            rules: Vec::new(),
            file: None,
            files: detailed.then(List::default),
            losses: List::default(),
            boilerplate: None,
        }
    }

    /// Adds the edits of a batch.
    pub(crate) fn add_edits(&mut self, done: &Done) {
        self.rules.resize(self.rules.len().max(done.rules.len()), 0);
        for (sum, n) in self.rules.iter_mut().zip(&done.rules) {
            *sum += n;
        }
        for (step, n) in &done.steps {
            *self.sums.steps.entry(step).or_default() += n;
        }
        self.sums.broken.0 += done.broken.0;
        self.sums.broken.1 += done.broken.1;
        for (sort, n) in &done.others {
            let others = &mut self.sums.others;
            let is_new = others.len() >= MAX_SORTS && !others.contains_key(sort);
            let sort = if is_new { "of another sort" } else { sort.as_str() };
            *others.entry(sort.to_owned()).or_default() += n;
        }
    }

    /// The sums of cleaning so far, with which [`Report::go_on`] goes on.
    pub(crate) fn sums(&self) -> Sums {
        let Summary { steps, broken, against, others, .. } = &self.sums;
        let steps = steps.iter().map(|(step, n)| ((*step).to_owned(), *n)).collect();
        Sums { rules: self.rules.clone(), steps, broken: *broken, against: *against, others: others.clone() }
    }

    /// Takes over the sums of an unfinished run.
    pub(crate) fn go_on(&mut self, sums: &Sums) {
        let known = || STEPS.iter().map(|step| step.name).chain([PAGE.name, sites::STEP]);
        let steps = sums.steps.iter();
        self.rules.clone_from(&sums.rules);
        self.sums.steps =
            steps.filter_map(|(step, n)| Some((known().find(|name| name == step)?, *n))).collect();
        (self.sums.broken, self.sums.against) = (sums.broken, sums.against);
        self.sums.others.clone_from(&sums.others);
    }

    /// Adds one document of a file; documents of one file follow one another.
    pub(crate) fn add(&mut self, origin: &Origin, bytes: u64, end: End, reason: Option<&'static str>) {
        let mut tally = Tally::default();
        tally.add((origin.number, &origin.name, origin.size), bytes, end, reason);
        self.add_tally(&mut tally);
    }

    /// Adds the documents that a worker has counted; those of one file follow one another.
    pub(crate) fn add_tally(&mut self, tally: &mut Tally) {
        for (reason, n) in &tally.reasons {
            *self.sums.reasons.entry(reason).or_default() += n;
        }
        for file in tally.files.drain(..) {
            for (end, count) in [End::Kept, End::Dropped, End::Quarantined].into_iter().zip(file.counts) {
                self.sums.end(end).join(count);
            }
            if self.files.is_none() {
                continue;
            }
            match &mut self.file {
                Some(open) if open.number == file.number => {
                    open.counts.iter_mut().zip(file.counts).for_each(|(sum, count)| sum.join(count));
                }
                _ => {
                    self.close_file();
                    self.file = Some(file);
                }
            }
        }
        tally.clear();
    }

    /// Names a loss in the report itself, for commands without a quarantine file of their own. The
    /// bytes that were lost are left out.
    pub(crate) fn add_loss(&mut self, row: &[u8]) {
        if self.files.is_some() {
            // The text before holds no such bytes: its quotes are escaped.
            let raw = memchr::memmem::find(row, b",\"raw_base64\":\"");
            let row = raw.map_or(row.trim_ascii_end(), |at| &row[..at]);
            self.losses.push(|list| {
                list.extend_from_slice(row);
                if raw.is_some() {
                    list.push(b'}');
                }
            });
        }
    }

    fn close_file(&mut self) {
        let (Some(file), Some(files)) = (self.file.take(), &mut self.files) else { return };
        let [kept, dropped, quarantined] = file.counts;
        let all = kept.documents + dropped.documents + quarantined.documents;
        files.push(|list| {
            list.extend_from_slice(b"{\"source\":");
            json::push_string(&file.name, list);
            let rest = format!(
                ",\"bytes_on_disk\":{},\"bytes\":{},\"documents_in\":{all},\"kept\":{},\"dropped\":{},\"quarantined\":{}}}",
                file.size,
                kept.bytes + dropped.bytes + quarantined.bytes,
                kept.documents,
                dropped.documents,
                quarantined.documents,
            );
            list.extend_from_slice(rest.as_bytes());
        });
    }

    /// Counts the pairs that were compared, and the texts that were not compared with all like them.
    pub(crate) fn add_pairs(&mut self, compared: u64, capped: u64) {
        self.sums.pairs_compared += compared;
        self.sums.candidates_capped += capped;
    }

    /// Counts a document of the set that the inputs are held against.
    pub(crate) fn add_against(&mut self, is_lost: bool) {
        let (read, lost) = &mut self.sums.against;
        *(if is_lost { lost } else { read }) += 1;
    }

    /// Names the lines that are frequent on their sites.
    pub(crate) fn add_boilerplate(&mut self, counts: &Counts) {
        let list = self.boilerplate.insert(List::default());
        for Frequent { site, line, documents, of } in counts.report(&Policy::default()) {
            list.push(|list| {
                list.extend_from_slice(b"{\"site\":");
                json::push_string(site, list);
                list.extend_from_slice(b",\"line\":");
                json::push_string(line, list);
                list.extend_from_slice(format!(",\"documents\":{documents},\"of\":{of}}}").as_bytes());
            });
        }
    }

    /// The sums.
    pub(crate) fn finish(&mut self, rules: &Rules) -> Summary {
        self.close_file();
        for (id, _, _, _) in rules.list() {
            let n = self.rules.get(usize::from(id.0)).copied().unwrap_or(0);
            if n > 0 {
                self.sums.rules.insert(rules.name(id).to_owned(), n);
            }
        }
        self.sums.clone()
    }

    /// Writes the report as JSON.
    pub(crate) fn write(&self, mut out: Out, rules: &Rules) -> Result<()> {
        let s = &self.sums;
        let mut text = Vec::new();
        let numbers = [
            ("documents_in", s.documents_in()),
            ("kept", s.kept.documents),
            ("dropped", s.dropped.documents),
            ("quarantined", s.quarantined.documents),
            ("bytes_in", s.bytes_in()),
            ("bytes_kept", s.kept.bytes),
            ("bytes_dropped", s.dropped.bytes),
            ("bytes_quarantined", s.quarantined.bytes),
            ("documents_with_replaced_bytes", s.broken.0),
            ("replaced_places", s.broken.1),
            ("candidates_capped", s.candidates_capped),
            ("pairs_compared", s.pairs_compared),
            ("against", s.against.0),
            ("against_not_readable", s.against.1),
        ];
        let version = env!("CARGO_PKG_VERSION");
        text.extend_from_slice(b"{\n");
        for (name, n) in numbers {
            text.extend_from_slice(format!(" \"{name}\": {n},\n").as_bytes());
        }
        let head = format!(" \"version\": \"{version}\",\n \"rule_hash\": \"{:016x}\",\n", rules.hash());
        text.extend_from_slice(head.as_bytes());
        push_map("rules", s.rules.iter().map(|(name, n)| (name.as_str(), *n)), &mut text);
        push_map("steps", s.steps.iter().map(|(name, n)| (*name, *n)), &mut text);
        push_map("reasons", s.reasons.iter().map(|(name, n)| (*name, *n)), &mut text);
        push_map("not_documents", s.others.iter().map(|(name, n)| (name.as_str(), *n)), &mut text);
        out.write(&text)?;
        if !self.losses.rows.is_empty() {
            write_list("losses", &self.losses, &mut out)?;
            out.write(b",\n")?;
        }
        if let Some(lines) = &self.boilerplate {
            write_list("boilerplate", lines, &mut out)?;
            out.write(b",\n")?;
        }
        write_list("files", self.files.as_ref().unwrap_or(&List::default()), &mut out)?;
        out.write(b"\n}\n")?;
        out.finish()
    }
}

/// Writes the rows of a list, and the number of those that are not in it where there are any.
fn write_list(name: &str, list: &List, out: &mut Out) -> Result<()> {
    if list.left_out > 0 {
        out.write(format!(" \"{name}_left_out\": {},\n", list.left_out).as_bytes())?;
    }
    out.write(format!(" \"{name}\": [").as_bytes())?;
    out.write(&list.rows)?;
    out.write(b"]")
}

fn push_map<'a>(name: &str, entries: impl Iterator<Item = (&'a str, u64)>, text: &mut Vec<u8>) {
    // Writing into memory cannot fail.
    let _ = write!(text, " \"{name}\": {{");
    for (n, (key, count)) in entries.enumerate() {
        if n > 0 {
            text.extend_from_slice(b", ");
        }
        json::push_string(key, text);
        let _ = write!(text, ": {count}");
    }
    text.extend_from_slice(b"},\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_at_its_limit_and_counts_on() {
        let mut list = List::default();
        for _ in 0..20 {
            list.push(|rows| rows.resize(rows.len() + (1 << 20), b'1'));
        }
        assert!(list.rows.len() < MAX_LIST + (2 << 20));
        assert_eq!(list.left_out, 4);
    }
}

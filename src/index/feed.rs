//! Whole inputs into an index, or held against it: files, folders and archives, as `jingwen run`
//! reads them.

use std::path::Path;

use crate::copies::Sketcher;
use crate::error::Error;
use crate::error::Result;
use crate::index::answer::Verdict;
use crate::index::answer::unquoted;
use crate::index::answer::verdict;
use crate::index::core::Core;
use crate::index::preparing;
use crate::index::preparing::question_of;
use crate::index::reader::Reader;
use crate::index::writer::Index;
use crate::pipeline;
use crate::pipeline::Cleaner;
use crate::pipeline::Job;
use crate::pipeline::Keeping;
use crate::pipeline::Known;
use crate::pipeline::Painted;
use crate::pipeline::Preparing;
use crate::pipeline::Summary;
use crate::pipeline::Watcher;
use crate::pipeline::painted;

/// Documents that are added together.
const PER_BATCH: usize = 1024;
/// Bytes of records that wait for it at most.
const MAX_WEIGHT: usize = 32 << 20;

/// A document of an input and what was said about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its id.
    pub id: String,
    /// Where it stands: the path, or `path#row`.
    pub source: String,
    /// `None` where it could not be read.
    pub verdict: Option<Verdict>,
}

impl Index {
    /// Adds all documents of the inputs of `job`, in their order, and tells of each what it was. What was
    /// told is durable. What cannot be read is named by `watcher`.
    ///
    /// # Errors
    ///
    /// If an input does not exist, the disk or `told` fails, or the job is stopped.
    pub fn add_inputs(
        &mut self,
        job: &Job,
        watcher: &mut dyn Watcher,
        mut told: impl FnMut(Told) -> Result<()>,
    ) -> Result<()> {
        let (cleaner, sketcher) = self.means();
        let mut waiting: Vec<(Told, Option<Vec<u8>>)> = Vec::new();
        let mut weight = 0;
        let per_batch = if self.syncs_each() { 1 } else { PER_BATCH };
        let mut flush = |waiting: &mut Vec<(Told, Option<Vec<u8>>)>| {
            let records: Vec<&[u8]> = waiting.iter().filter_map(|row| row.1.as_deref()).collect();
            let mut verdicts = self.add_records(&records)?.into_iter();
            for (row, record) in waiting.drain(..) {
                let verdict = if record.is_some() { verdicts.next() } else { row.verdict };
                told(Told { verdict, ..row })?;
            }
            Ok(())
        };
        painted(job, cleaner, sketcher, watcher, |what, id, source| {
            let (verdict, record) = match what {
                Painted::Clean(record) => (None, Some(record.to_vec())),
                Painted::Empty => (Some(Verdict::Empty), None),
                Painted::Lost => (None, None),
            };
            weight += record.as_ref().map_or(0, Vec::len);
            waiting.push((Told { id: unquoted(id), source, verdict }, record));
            if waiting.len() < per_batch && weight < MAX_WEIGHT {
                return Ok(());
            }
            weight = 0;
            flush(&mut waiting)
        })?;
        flush(&mut waiting)
    }
}

/// `jingwen run` against an index: what is known already is dropped, the rest is added when the output
/// is published. The documents of the index stay, whatever is better; [`Index::resolve`] decides about
/// all of them.
///
/// # Errors
///
/// As [`pipeline::run`], and if the run does not clean as the index was made to.
pub fn run_against(
    index: &mut Index,
    job: &Job,
    preparing: Preparing,
    folder: &Path,
    keeping: &Keeping,
    watcher: &mut dyn Watcher,
) -> Result<Summary> {
    if !index.has_default_seed() {
        let place = index.path().display();
        let what = format!(
            "the index {place} was made with a key of its own, and a run compares by the published one"
        );
        return Err(Error::usage(what).advised("add the inputs with `jingwen index add`"));
    }
    let hash = |cleaner: Option<&Cleaner>| cleaner.map_or(0, |cleaner| cleaner.rules().hash());
    if hash(preparing.cleaner.as_ref()) != hash(index.means().0.as_ref()) {
        let what =
            format!("the index {} was made under other rules than those of this run", index.path().display());
        return Err(Error::usage(what).advised("give the same --profile, --enable, --disable and --rules"));
    }
    pipeline::run_against(job, preparing, folder, keeping, index, watcher)
}

impl Known for Index {
    fn each(&mut self, take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.sync()?;
        let (core, path) = self.parts();
        let name = path.display().to_string();
        let mut record = Vec::new();
        for doc in 0..core.ledger.n_committed() {
            let node = core.ledger.node(core.ledger.doc(doc)?.root)?;
            // What was dropped stands in nobody's output, and is nobody's evidence.
            if !node.is_kept() || node.face != doc {
                continue;
            }
            let (_, id) = core.stacks.front(doc, &core.ledger)?;
            record.clear();
            let source = format!("{name}!{}", unquoted(&id));
            core.stacks.read(doc, &core.ledger)?.write(&id, &source, &mut record);
            take(&record)?;
        }
        Ok(())
    }

    fn add(&mut self, records: &[&[u8]]) -> Result<()> {
        self.add_records(records)?;
        Ok(())
    }
}

impl Reader {
    /// What all documents of the inputs of `job` would be among those that are known.
    ///
    /// # Errors
    ///
    /// As [`Index::add_inputs`].
    pub fn query_inputs(
        &mut self,
        job: &Job,
        watcher: &mut dyn Watcher,
        mut told: impl FnMut(Told) -> Result<()>,
    ) -> Result<()> {
        self.refresh()?;
        let (core, preparing) = self.parts();
        let (cleaner, sketcher) = means(core, preparing);
        painted(job, cleaner, sketcher, watcher, |what, id, source| {
            let verdict = match what {
                Painted::Clean(record) => {
                    let arrival = question_of(record);
                    let ruling = core.query(&arrival)?;
                    Some(verdict(&ruling, &arrival.portrait, core)?)
                }
                Painted::Empty => Some(Verdict::Empty),
                Painted::Lost => None,
            };
            told(Told { id: unquoted(id), source, verdict })
        })
    }
}

/// What the pipeline needs to paint as the index does.
pub(super) fn means(core: &Core, preparing: &preparing::Preparing) -> (Option<Cleaner>, Sketcher) {
    (preparing.cleaner().cloned(), core.stacks.sketcher().clone())
}

/// What was said about a document, as a row of JSON.
///
/// # Errors
///
/// Never in practice: strings and numbers are always JSON.
pub fn row(told: &Told) -> Result<String> {
    use serde_json::json;
    let mut row = json!({ "id": told.id, "source": told.source });
    let more = match &told.verdict {
        None => json!({ "verdict": "quarantined" }),
        Some(Verdict::New) => json!({ "verdict": "new" }),
        Some(Verdict::Empty) => json!({ "verdict": "empty" }),
        Some(Verdict::Variant { of }) => json!({ "verdict": "variant", "variant_of": of }),
        Some(Verdict::Supersedes { ids, restored }) => {
            json!({ "verdict": "supersedes", "supersedes": ids, "restored": restored })
        }
        Some(Verdict::Copy { of, kind, evidence }) => {
            let differs: Vec<_> = evidence
                .differences
                .iter()
                .map(|place| json!([place.kind, place.here, place.there]))
                .collect();
            json!({
                "verdict": "copy", "kind": kind.name(), "of": of,
                "jaccard": round(evidence.jaccard), "containment": round(evidence.containment),
                "containment_of": round(evidence.containment_of),
                "differences": evidence.n_differences, "differs": differs,
            })
        }
    };
    if let (Some(row), serde_json::Value::Object(more)) = (row.as_object_mut(), more) {
        row.extend(more);
    }
    serde_json::to_string(&row).map_err(|e| Error::usage(format!("writing a verdict as JSON: {e}")))
}

/// Four digits, as in `decisions.jsonl`.
fn round(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}

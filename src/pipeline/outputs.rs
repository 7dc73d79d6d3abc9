//! The files that `run` gives: documents in shards, the decision about each, what could not be read.

use std::path::Path;
use std::path::PathBuf;

use crate::error::Result;
use crate::pipeline::json;
use crate::pipeline::report::End;
use crate::pipeline::same::Prints;
use crate::pipeline::same::Verdict;
use crate::pipeline::sink::Out;
use crate::pipeline::spill::Sort;
use crate::pipeline::spill::Spilled;

/// A file of kept or dropped rows is closed above this size: small enough to be loaded whole.
const SHARD: u64 = 256 << 20;

/// Rows in files of bounded size, `stem-00000.jsonl` and so on.
pub(crate) struct Shards {
    folder: Option<PathBuf>,
    stem: &'static str,
    /// The first line of each file.
    pub(crate) head: String,
    open: Option<Out>,
    n: u32,
}

impl Shards {
    pub(crate) fn new(folder: Option<&Path>, stem: &'static str) -> Self {
        Self { folder: folder.map(Path::to_owned), stem, head: String::new(), open: None, n: 0 }
    }

    fn out(&mut self) -> Result<Option<&mut Out>> {
        let Some(folder) = &self.folder else { return Ok(None) };
        if self.open.as_ref().is_some_and(|out| out.written() >= SHARD)
            && let Some(full) = self.open.take()
        {
            full.finish()?;
        }
        if self.open.is_none() {
            let mut out = Out::create(&folder.join(format!("{}-{:05}.jsonl", self.stem, self.n)))?;
            out.write(self.head.as_bytes())?;
            self.open = Some(out);
            self.n += 1;
        }
        Ok(self.open.as_mut())
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if !bytes.is_empty()
            && let Some(out) = self.out()?
        {
            out.write(bytes)?;
        }
        Ok(())
    }

    /// Closes the last file; there is always one.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.out()?;
        self.open.take().map_or(Ok(()), Out::finish)
    }
}

/// The files of documents and decisions.
pub(crate) struct Outputs {
    kept: Shards,
    dropped: Shards,
    decisions: Out,
    quarantine: Out,
    line: Vec<u8>,
}

impl Outputs {
    pub(crate) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            kept: Shards::new(Some(folder), "kept"),
            dropped: Shards::new(Some(folder), "dropped"),
            decisions: Out::create(&folder.join("decisions.jsonl"))?,
            quarantine: Out::create(&folder.join("quarantine.jsonl"))?,
            line: Vec::new(),
        })
    }

    /// Writes one document to where it belongs, and the decision about it.
    pub(crate) fn write(
        &mut self,
        doc: &Spilled,
        verdict: Option<Verdict>,
        prints: &Prints,
    ) -> Result<(End, Option<&'static str>)> {
        let (end, kind, of) = match (doc.sort, verdict) {
            (Sort::Clean, None | Some(Verdict::Kept)) => (End::Kept, None, None),
            (Sort::Clean, Some(Verdict::Exact(best))) => (End::Dropped, Some("exact"), Some(best)),
            (Sort::Clean, Some(Verdict::Same(best))) => (End::Dropped, Some("same"), Some(best)),
            (Sort::Empty, _) => (End::Dropped, Some("empty"), None),
            (Sort::Lost(cause), _) => (End::Quarantined, Some(cause.name()), None),
        };
        let name = match end {
            End::Kept => "kept",
            End::Dropped => "dropped",
            End::Quarantined => "quarantined",
        };
        let source = doc.source()?;
        let line = &mut self.line;
        line.clear();
        line.extend_from_slice(b"{\"id\":");
        line.extend_from_slice(&doc.id);
        line.extend_from_slice(b",\"source\":");
        json::push_string(&source, line);
        line.extend_from_slice(format!(",\"verdict\":\"{name}\",").as_bytes());
        push_evidence(kind.filter(|_| end == End::Dropped), of, prints, line);
        if let Sort::Lost(cause) = doc.sort {
            line.extend_from_slice(format!(",\"cause\":\"{}\"", cause.name()).as_bytes());
        }
        line.extend_from_slice(b"}\n");
        self.decisions.write(line)?;
        match end {
            End::Kept => self.kept.write(&doc.row)?,
            End::Quarantined => self.quarantine.write(&doc.row)?,
            End::Dropped => {
                // The row as it would be kept, with one more member.
                let row = doc.row.strip_suffix(b"}\n").unwrap_or(&doc.row);
                line.clear();
                if row.is_empty() {
                    line.extend_from_slice(b"{\"id\":");
                    line.extend_from_slice(&doc.id);
                    line.extend_from_slice(b",\"text\":\"\",\"source\":");
                    json::push_string(&source, line);
                }
                line.extend_from_slice(row);
                line.extend_from_slice(b",\"verdict\":{");
                push_evidence(kind, of, prints, line);
                line.extend_from_slice(b"}}\n");
                self.dropped.write(line)?;
            }
        }
        Ok((end, kind))
    }

    pub(crate) fn finish(self) -> Result<()> {
        self.kept.finish()?;
        self.dropped.finish()?;
        self.decisions.finish()?;
        self.quarantine.finish()
    }
}

/// Appends the members that say why. Equal keys are equal sets of grams: both measures are 1.
fn push_evidence(kind: Option<&str>, of: Option<usize>, prints: &Prints, line: &mut Vec<u8>) {
    let kind = kind.map_or("null".to_owned(), |kind| format!("\"{kind}\""));
    line.extend_from_slice(format!("\"kind\":{kind},\"of\":").as_bytes());
    let share = if of.is_some() { "1.0" } else { "null" };
    line.extend_from_slice(of.map_or(b"null".as_slice(), |best| prints.id(best)));
    let rest = format!(",\"jaccard\":{share},\"containment\":{share},\"variant_of\":null");
    line.extend_from_slice(rest.as_bytes());
}

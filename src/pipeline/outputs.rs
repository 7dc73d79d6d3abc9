//! The files that `run` gives: documents in shards, the decision about each, what could not be read.

use std::path::Path;
use std::path::PathBuf;

use crate::copies::Decision;
use crate::copies::Desk;
use crate::copies::Evidence;
use crate::copies::Fate;
use crate::error::Result;
use crate::pipeline::json;
use crate::pipeline::register::Register;
use crate::pipeline::report::End;
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
        decision: Option<(usize, Decision)>,
        register: &Register,
    ) -> Result<(End, Option<&'static str>)> {
        let fate = decision.map_or(Fate::Kept, |(_, decision)| decision.fate);
        let (end, kind) = match (doc.sort, fate.name()) {
            (Sort::Clean, None) => (End::Kept, None),
            (Sort::Clean, Some(kind)) => (End::Dropped, Some(kind)),
            (Sort::Empty, _) => (End::Dropped, Some("empty")),
            (Sort::Lost(cause), _) => (End::Quarantined, Some(cause.name())),
        };
        let mut why = Vec::new();
        push_evidence(kind.filter(|_| end == End::Dropped), decision, register, &mut why)?;
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
        line.extend_from_slice(&why);
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
                line.extend_from_slice(&why);
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

/// Appends the members that say why: the document of which this is a copy, or a variant, or a
/// part, and what was found on comparing the two.
fn push_evidence(
    kind: Option<&str>,
    decision: Option<(usize, Decision)>,
    register: &Register,
    line: &mut Vec<u8>,
) -> Result<()> {
    let (of, variant_of, part_of, contains) = decision.map_or((None, None, None, None), |(_, decision)| {
        let Decision { of, variant_of, part_of, contains, .. } = decision;
        (of, variant_of, part_of, contains)
    });
    let kind = kind.map_or("null".to_owned(), |kind| format!("\"{kind}\""));
    line.extend_from_slice(format!("\"kind\":{kind}").as_bytes());
    let mut push_id = |name: &str, of: Option<u32>| {
        line.extend_from_slice(format!(",\"{name}\":").as_bytes());
        let Some(of) = of else {
            line.extend_from_slice(b"null");
            return Ok(());
        };
        line.extend_from_slice(&register.id(of as usize)?);
        // Ids are unique in one set only.
        if let Some(source) = register.reference(of as usize)? {
            line.extend_from_slice(format!(",\"{name}_source\":").as_bytes());
            json::push_string(&source, line);
        }
        Ok(())
    };
    push_id("of", of)?;
    push_id("variant_of", variant_of)?;
    if part_of.is_some() {
        push_id("part_of", part_of)?;
    }
    if contains.is_some() {
        push_id("contains", contains)?;
    }
    let pair = decision.and_then(|(n, _)| Some((n, of.or(variant_of).or(part_of).or(contains)? as usize)));
    match pair {
        Some((n, other)) => push_figures(&register.evidence(n, other, &mut Desk::default())?, line),
        None => line.extend_from_slice(b",\"jaccard\":null,\"containment\":null"),
    }
    Ok(())
}

/// The figures about a pair: shares of grams, equal runs and differences in the keys. Places count
/// characters of the keys.
fn push_figures(evidence: &Evidence, line: &mut Vec<u8>) {
    let (here, there) = evidence.containment;
    let jaccard = evidence.jaccard;
    line.extend_from_slice(
        format!(
            ",\"jaccard\":{jaccard:.4},\"containment\":{here:.4},\"containment_of\":{there:.4},\"matched\":["
        )
        .as_bytes(),
    );
    let spans: Vec<String> =
        evidence.spans.iter().map(|run| format!("[{},{},{}]", run.a, run.b, run.len)).collect();
    line.extend_from_slice(spans.join(",").as_bytes());
    line.extend_from_slice(format!("],\"differences\":{},\"differs\":[", evidence.n_differs).as_bytes());
    for (n, (kind, here, there)) in evidence.differs.iter().enumerate() {
        line.extend_from_slice(if n > 0 { b",[\"" } else { b"[\"" });
        line.extend_from_slice(kind.name().as_bytes());
        line.extend_from_slice(b"\",");
        json::push_string(here, line);
        line.push(b',');
        json::push_string(there, line);
        line.push(b']');
    }
    line.push(b']');
}

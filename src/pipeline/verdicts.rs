//! What was decided about the documents of one frame, as the rows of the output files: made by the
//! workers, for the evidence of a decision is an alignment of two texts.

use std::io::Write;
use std::sync::Arc;

use crate::copies::Decided;
use crate::copies::Decision;
use crate::copies::Desk;
use crate::copies::Evidence;
use crate::copies::Fate;
use crate::error::Error;
use crate::error::Result;
use crate::pipeline::belt::LARGE_BUFFER;
use crate::pipeline::json;
use crate::pipeline::register::Register;
use crate::pipeline::report::End;
use crate::pipeline::report::Tally;
use crate::pipeline::spill::Frame;
use crate::pipeline::spill::Sort;
use crate::pipeline::spill::Spilled;

/// The rows for each output file, in input order.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    pub(crate) kept: Vec<u8>,
    pub(crate) dropped: Vec<u8>,
    pub(crate) decisions: Vec<u8>,
    pub(crate) quarantine: Vec<u8>,
    pub(crate) tally: Tally,
    /// Why this is not all.
    pub(crate) failed: Option<Error>,
}

/// What a worker keeps from frame to frame.
#[derive(Default)]
pub(crate) struct Tools {
    desk: Desk,
    /// The members of a row that say why.
    why: Vec<u8>,
}

/// What all workers read: the documents and what was decided.
#[derive(Clone, Debug)]
pub(crate) struct Court {
    pub(crate) register: Arc<Register>,
    pub(crate) decided: Arc<Decided>,
}

impl Court {
    /// Writes the rows of the documents in `frame`, or why that cannot be.
    pub(crate) fn sit(&self, tools: &mut Tools, frame: &Frame, verdicts: &mut Verdicts) {
        verdicts.clear();
        let Tools { desk, why } = tools;
        let mut n = self.register.n_references() + frame.first;
        let done = frame.documents(|doc| {
            let decision = match doc.sort {
                Sort::Clean => {
                    n += 1;
                    Some((n - 1, self.decided.decision(n - 1)))
                }
                Sort::Empty | Sort::Lost(_) => None,
            };
            self.judge(doc, decision, desk, why, verdicts)
        });
        verdicts.failed = done.err();
    }

    /// Writes one document to where it belongs, and the decision about it.
    fn judge(
        &self,
        doc: &Spilled<'_>,
        decision: Option<(usize, Decision)>,
        desk: &mut Desk,
        why: &mut Vec<u8>,
        to: &mut Verdicts,
    ) -> Result<()> {
        let fate = decision.map_or(Fate::Kept, |(_, decision)| decision.fate);
        let (end, kind) = match (doc.sort, fate.name()) {
            (Sort::Clean, None) => (End::Kept, None),
            (Sort::Clean, Some(kind)) => (End::Dropped, Some(kind)),
            (Sort::Empty, _) => (End::Dropped, Some("empty")),
            (Sort::Lost(cause), _) => (End::Quarantined, Some(cause.name())),
        };
        to.tally.add((doc.file, doc.name, doc.size), doc.bytes, end, kind);
        why.clear();
        self.push_evidence(kind.filter(|_| end == End::Dropped), decision, desk, why)?;
        let name = match end {
            End::Kept => "kept",
            End::Dropped => "dropped",
            End::Quarantined => "quarantined",
        };
        let source = doc.source();
        let line = &mut to.decisions;
        line.extend_from_slice(b"{\"id\":");
        line.extend_from_slice(doc.id);
        line.extend_from_slice(b",\"source\":");
        json::push_string(&source, line);
        push(line, &[",\"verdict\":\"", name, "\","]);
        line.extend_from_slice(why);
        if let Sort::Lost(cause) = doc.sort {
            push(line, &[",\"cause\":\"", cause.name(), "\""]);
        }
        line.extend_from_slice(b"}\n");
        match end {
            End::Kept => to.kept.extend_from_slice(doc.row),
            End::Quarantined => to.quarantine.extend_from_slice(doc.row),
            End::Dropped => {
                // The row as it would be kept, with one more member.
                let row = doc.row.strip_suffix(b"}\n").unwrap_or(doc.row);
                let line = &mut to.dropped;
                if row.is_empty() {
                    line.extend_from_slice(b"{\"id\":");
                    line.extend_from_slice(doc.id);
                    line.extend_from_slice(b",\"text\":\"\",\"source\":");
                    json::push_string(&source, line);
                }
                line.extend_from_slice(row);
                line.extend_from_slice(b",\"verdict\":{");
                line.extend_from_slice(why);
                line.extend_from_slice(b"}}\n");
            }
        }
        Ok(())
    }

    /// Appends the members that say why: the document of which this is a copy, or a variant, or a
    /// part, and what was found on comparing the two.
    fn push_evidence(
        &self,
        kind: Option<&str>,
        decision: Option<(usize, Decision)>,
        desk: &mut Desk,
        line: &mut Vec<u8>,
    ) -> Result<()> {
        let (of, variant_of, part_of, contains) =
            decision.map_or((None, None, None, None), |(_, decision)| {
                let Decision { of, variant_of, part_of, contains, .. } = decision;
                (of, variant_of, part_of, contains)
            });
        match kind {
            Some(kind) => push(line, &["\"kind\":\"", kind, "\""]),
            None => push(line, &["\"kind\":null"]),
        }
        let register = &self.register;
        let mut push_id = |name: &str, of: Option<u32>| {
            push(line, &[",\"", name, "\":"]);
            let Some(of) = of else {
                line.extend_from_slice(b"null");
                return Ok(());
            };
            line.extend_from_slice(&register.id(of as usize)?);
            // Ids are unique in one set only.
            if let Some(source) = register.reference(of as usize)? {
                push(line, &[",\"", name, "_source\":"]);
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
        let pair =
            decision.and_then(|(n, _)| Some((n, of.or(variant_of).or(part_of).or(contains)? as usize)));
        match pair {
            Some((n, other)) => push_figures(&register.evidence(n, other, desk)?, line),
            None => line.extend_from_slice(b",\"jaccard\":null,\"containment\":null"),
        }
        Ok(())
    }
}

impl Verdicts {
    fn clear(&mut self) {
        for rows in [&mut self.kept, &mut self.dropped, &mut self.decisions, &mut self.quarantine] {
            if rows.capacity() > LARGE_BUFFER {
                *rows = Vec::new();
            }
            rows.clear();
        }
        self.tally.clear();
        self.failed = None;
    }
}

/// Appends words one after another: with millions of rows, forms would take a hundredth of the time.
fn push(line: &mut Vec<u8>, words: &[&str]) {
    for word in words {
        line.extend_from_slice(word.as_bytes());
    }
}

/// The figures about a pair: shares of grams, equal runs and differences in the keys. Places count
/// characters of the keys.
fn push_figures(evidence: &Evidence, line: &mut Vec<u8>) {
    let (here, there) = evidence.containment;
    let jaccard = evidence.jaccard;
    // Into memory nothing fails.
    let _ = write!(
        line,
        ",\"jaccard\":{jaccard:.4},\"containment\":{here:.4},\"containment_of\":{there:.4},\"matched\":["
    );
    for (n, run) in evidence.spans.iter().enumerate() {
        let comma = if n > 0 { "," } else { "" };
        let _ = write!(line, "{comma}[{},{},{}]", run.a, run.b, run.len);
    }
    let _ = write!(line, "],\"differences\":{},\"differs\":[", evidence.n_differs);
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

//! All documents of an index decided about at once, as one run over all of them would.

use std::fs;
use std::path::Path;

use crate::copies::Desk;
use crate::copies::Fate;
use crate::copies::Options;
use crate::copies::rank;
use crate::error::Error;
use crate::error::Result;
use crate::index::answer::CopyKind;
use crate::index::answer::unquoted;
use crate::index::core::Core;
use crate::index::node::NONE;
use crate::index::node::Node;
use crate::index::partners::compare;
use crate::index::writer::Index;
use crate::pipeline::Limits;
use crate::pipeline::Register;
use crate::pipeline::Stop;

/// The folder of a decision, inside that of the index.
const WORK: &str = "work";

/// What became of one document of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Its id.
    pub id: String,
    /// How it is a copy; `None` for one that stays.
    pub kind: Option<CopyKind>,
    /// The document that stays in its place.
    pub of: Option<String>,
    /// Of one that stays: the best document of the same template.
    pub variant_of: Option<String>,
}

impl Index {
    /// Decides about all documents as one `jingwen run` over all of them would, whatever the order
    /// and the batches in which they were added; what the index says from now on rests on it. `told`
    /// is called for each document, in the order in which they were added.
    ///
    /// # Errors
    ///
    /// If the disk fails, `told` does, or a stop is wished for. Nothing is changed then.
    ///
    /// # Cost
    ///
    /// As much as comparing takes in a run: some 50 µs a document, and about four times the size of
    /// the texts of disk while it lasts.
    pub fn resolve(
        &mut self,
        limits: Limits,
        stop: &Stop,
        mut told: impl FnMut(Resolved) -> Result<()>,
    ) -> Result<()> {
        self.sync()?;
        let (core, path) = self.parts();
        clear_work(path)?;
        let (path, work) = (path.to_owned(), path.join(WORK));
        fs::create_dir(&work).map_err(|e| Error::creating(&work, e))?;
        let decided = decide(core, &work, limits, stop, &mut told);
        if decided.is_err() {
            // Half a decision would drop a document for one that is not kept yet.
            core.ledger.roll_back();
        }
        clear_work(&path)?;
        decided
    }
}

/// Removes the lists of a decision from the folder of an index.
pub(super) fn clear_work(path: &Path) -> Result<()> {
    let work = path.join(WORK);
    match fs::remove_dir_all(&work) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::io("clearing", &work, e)),
        _ => Ok(()),
    }
}

fn decide(
    core: &mut Core,
    work: &Path,
    limits: Limits,
    stop: &Stop,
    told: &mut dyn FnMut(Resolved) -> Result<()>,
) -> Result<()> {
    let mut register = Register::new(Some(work))?;
    let n = core.ledger.n_committed();
    let mut record = Vec::new();
    for doc in 0..n {
        stop.check()?;
        let (_, id) = core.stacks.front(doc, &core.ledger)?;
        record.clear();
        core.stacks.read(doc, &core.ledger)?.write(&id, "", &mut record);
        register.push(&record)?;
    }
    let decided = register.decide(&Options::default(), limits, stop)?;
    let id = |core: &Core, doc: u32| Ok::<_, Error>(unquoted(&core.stacks.front(doc, &core.ledger)?.1));
    let mut desk = Desk::default();
    for doc in 0..n {
        let decision = decided.decision(doc as usize);
        let root = core.ledger.doc(doc)?.root;
        let node = core.ledger.node(root)?;
        let root_of = |core: &Core, doc: Option<u32>| match doc {
            Some(doc) => Ok(core.ledger.doc(doc)?.root),
            None => Ok::<_, Error>(NONE),
        };
        let links = [decision.variant_of, decision.part_of].map(|link| root_of(core, link));
        let [variant_of, part_of] = links;
        let (variant_of, part_of) = (variant_of?, part_of?);
        let new = match decision.fate {
            Fate::Kept => {
                let (front, _) = core.stacks.front(doc, &core.ledger)?;
                let base =
                    rank::of_form(&front.form, front.facts.is_forward, front.facts.date, front.key_len);
                Node { face: doc, base, fate: Fate::Kept, copy_of: NONE, variant_of, part_of, ..node }
            }
            // Of several documents that say the same, the one that stands for them tells.
            _ if root_of(core, decision.of)? == root => node,
            fate => {
                let copy_of = root_of(core, decision.of)?;
                if !core.ledger.edges(root)?.contains_key(&copy_of) {
                    note(core, root, copy_of, &mut desk)?;
                }
                Node { fate, copy_of, variant_of: NONE, part_of: NONE, ..node }
            }
        };
        if new != node {
            core.ledger.set_node(root, new);
        }
        let kind = match decision.fate {
            Fate::Kept => None,
            Fate::Exact => Some(CopyKind::Exact),
            Fate::Same | Fate::Variant => Some(CopyKind::Same),
            Fate::Near => Some(CopyKind::Near),
            Fate::Contained => Some(CopyKind::Contained),
        };
        let named = |of: Option<u32>| of.map(|of| id(core, of)).transpose();
        told(Resolved {
            id: id(core, doc)?,
            kind,
            of: named(decision.of)?,
            variant_of: named(decision.variant_of)?,
        })?;
    }
    core.commit_decisions()
}

/// Compares two nodes and notes what they are to one another: nothing is dropped without that.
fn note(core: &mut Core, x: u32, y: u32, desk: &mut Desk) -> Result<()> {
    let (x, y) = (x.min(y), x.max(y));
    let faces = [x, y].map(|root| core.ledger.node(root).map(|node| node.face));
    let [a, b] = faces;
    let (a, b) = (core.stacks.portrait(a?, &core.ledger)?, core.stacks.portrait(b?, &core.ledger)?);
    if let Some(edge) = compare(&a, x, &b, y, desk) {
        core.ledger.set_edge(x, y, edge);
        core.ledger.set_edge(y, x, edge);
    }
    Ok(())
}

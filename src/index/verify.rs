//! Whether an index is what it should be.

use crate::copies::Portrait;
use crate::error::Error;
use crate::error::Result;
use crate::index::core::Core;
use crate::index::node::NONE;
use crate::index::packed::Id;
use crate::index::posting::Hashes;
use crate::index::posting::MAX_PER_HASH;
use crate::index::probes::MAX_ASKED;
use crate::index::probes::Probes;
use crate::index::seats::NODE;
use crate::index::seats::REVISION;
use crate::pipeline::Workers;

/// Documents that are looked at in one call.
const PER_CALL: usize = 256;
const _: () = assert!(PER_CALL <= MAX_ASKED);
/// Sentences that are said at most.
const MAX_SAID: usize = 100;

impl Core {
    /// What is wrong, as sentences; a hundred at most.
    pub(super) fn verify(&mut self, workers: &Workers) -> Result<Vec<String>> {
        let mut wrong = self.shelf.verify()?;
        if !self.ledger.verify()? {
            wrong.push("the ledger had pages that did not fit their sums; it was repaired".to_owned());
        }
        let n = self.ledger.n_committed() as usize;
        let said = workers.map(n.div_ceil(PER_CALL), &|call| {
            let docs = call * PER_CALL..n.min((call + 1) * PER_CALL);
            self.verify_docs(docs.start as u32..docs.end as u32)
        })?;
        wrong.extend(said.into_iter().flatten());
        wrong.truncate(MAX_SAID);
        Ok(wrong)
    }

    fn verify_docs(&self, docs: std::ops::Range<u32>) -> Result<Vec<String>> {
        let (mut wrong, mut probes) = (Vec::new(), Probes::default());
        let mut read_well = Vec::new();
        for number in docs.clone() {
            let doc = match self.ledger.doc(number) {
                Ok(doc) => doc,
                Err(error) => {
                    wrong.push(error.to_string());
                    continue;
                }
            };
            let read = self.stacks.read(number, &self.ledger);
            let read = read.and_then(|portrait| Ok((portrait, self.stacks.front(number, &self.ledger)?.1)));
            let (portrait, id) = match read {
                Ok(read) => read,
                Err(error) => {
                    wrong.push(error.to_string());
                    continue;
                }
            };
            if !portrait.key.is_empty() && said_by(&portrait) != portrait.said {
                wrong.push(format!("document {number}: its key is not what it was"));
            }
            let [said, revision] = Hashes::same(&portrait, Id(&id));
            read_well.push((number, doc.root));
            probes.push(revision, read_well.len() - 1, REVISION, false);
            probes.push(said, read_well.len() - 1, NODE, false);
            self.verify_node(number, doc.root, &mut wrong)?;
        }
        self.shelf.look_up(&mut probes, |_| u32::MAX)?;
        probes.tell(read_well.len(), |n, met| {
            let (number, root) = read_well[n];
            for (what, slot, doc) in [("revision", REVISION, number), ("words", NODE, root)] {
                // A hash with many documents keeps the first ones.
                let n = met.rows.iter().filter(|row| row.0 == slot).count();
                if !met.rows.contains(&(slot, doc)) && n < MAX_PER_HASH {
                    wrong.push(format!("document {number}: it is not found by its {what}"));
                }
            }
            Ok::<_, Error>(())
        })?;
        Ok(wrong)
    }

    /// Holds a node against its documents and its neighbours.
    fn verify_node(&self, number: u32, root: u32, wrong: &mut Vec<String>) -> Result<()> {
        let node = match self.ledger.node(root) {
            Ok(node) => node,
            Err(error) => {
                wrong.push(error.to_string());
                return Ok(());
            }
        };
        if root != number {
            return Ok(());
        }
        if node.face >= self.ledger.n_committed() || self.ledger.doc(node.face)?.root != root {
            wrong.push(format!("node {root}: document {} stands for it and is not of it", node.face));
        }
        if node.is_kept() != (node.copy_of == NONE) {
            wrong.push(format!("node {root}: it stays and is a copy, or neither"));
        }
        if node.copy_of != NONE {
            let is_kept = self.ledger.node(node.copy_of).is_ok_and(|other| other.is_kept());
            if !is_kept || !self.ledger.edges(root)?.contains_key(&node.copy_of) {
                wrong.push(format!(
                    "node {root}: it is a copy of {}, which does not stay or was not compared",
                    node.copy_of
                ));
            }
        }
        Ok(())
    }
}

/// The digest of the key.
fn said_by(portrait: &Portrait) -> u128 {
    let bytes: Vec<u8> = portrait.key.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    xxhash_rust::xxh3::xxh3_128(&bytes)
}

//! Documents with equal keys and value marks are one node, so a million equal notices are one.
//! Nodes are numbered by what they say: nothing behind this point can tell in which order the
//! documents came.

use crate::copies::decide::Options;
use crate::copies::gallery::Gallery;
use crate::copies::ids::Ids;
use crate::copies::intake::Card;
use crate::copies::rank;
use crate::disk::Pile;
use crate::error::Result;

/// The bit above all numbers of nodes.
const IS_FACE: u32 = 1 << 31;

/// The nodes of all documents.
#[derive(Debug, Default)]
pub(crate) struct Nodes {
    /// Documents, those of one node together, the best of it first.
    docs: Vec<u32>,
    /// Where the documents of each node begin, and the end.
    starts: Vec<u32>,
    /// The node of each document, and [`IS_FACE`] where it stands for it: millions of rows ask for both.
    of: Vec<u32>,
    /// Of each document: its decoded text equals that of the first of its node.
    is_exact: Vec<bool>,
    /// The rank of each node without its copies.
    pub(crate) base: Vec<u128>,
    pub(crate) key_len: Vec<u32>,
    /// Says the same as the node before, with other value marks.
    pub(crate) says_same: Vec<bool>,
    /// May carry another document.
    pub(crate) may_carry: Vec<bool>,
    n_references: u32,
}

impl Nodes {
    /// Puts documents with equal keys and value marks together.
    pub(crate) fn collapse(
        cards: &Pile<Card>,
        ids: &Ids,
        gallery: &Gallery,
        options: &Options,
    ) -> Result<Self> {
        let n = gallery.len();
        let n_references = gallery.n_references() as u32;
        let mut nodes = Self { of: vec![0; n], is_exact: vec![false; n], n_references, ..Self::default() };
        let mut some = Vec::new();
        let mut said_before = None;
        for part in 0..cards.n_parts() {
            cards.load(part, &mut some)?;
            for card in &mut some {
                card.2 |= rank::arrival(card.4, n_references, options);
            }
            some.sort_unstable();
            for run in some.chunk_by_mut(|x, y| (x.0, x.1, x.2) == (y.0, y.1, y.2)) {
                ids.break_ties(run, |card| Some(card.4), gallery)?;
            }
            for members in some.chunk_by(|x, y| (x.0, x.1) == (y.0, y.1)) {
                let (said, _, base, exact, _) = members[0];
                let node = nodes.starts.len() as u32;
                nodes.starts.push(nodes.docs.len() as u32);
                nodes.base.push(base);
                nodes.key_len.push(rank::key_len(base));
                nodes.says_same.push(said_before == Some(said));
                nodes.may_carry.push(exact & 1 == 1);
                said_before = Some(said);
                for (n, card) in members.iter().enumerate() {
                    nodes.of[card.4 as usize] = if n == 0 { node | IS_FACE } else { node };
                    nodes.docs.push(card.4);
                    nodes.is_exact[card.4 as usize] = card.3 == exact;
                }
            }
        }
        nodes.starts.push(nodes.docs.len() as u32);
        Ok(nodes)
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many documents there are.
    pub(crate) fn n_docs(&self) -> usize {
        self.docs.len()
    }

    /// The documents of a node, the best one first.
    pub(crate) fn members(&self, node: u32) -> &[u32] {
        &self.docs[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    /// The best document of a node, which stands for it.
    pub(crate) fn face(&self, node: u32) -> u32 {
        self.docs[self.starts[node as usize] as usize]
    }

    /// The node of a document.
    pub(crate) fn of(&self, doc: u32) -> u32 {
        self.of[doc as usize] & !IS_FACE
    }

    /// The node for which a document stands, if it does.
    pub(crate) fn of_face(&self, doc: u32) -> Option<u32> {
        let node = self.of[doc as usize];
        (node & IS_FACE != 0).then_some(node & !IS_FACE)
    }

    /// Whether the decoded text of `doc` equals that of the best document of its node.
    pub(crate) fn is_exact(&self, doc: u32) -> bool {
        self.is_exact[doc as usize]
    }

    /// The node is one of the set that the inputs are held against.
    pub(crate) fn is_reference(&self, node: u32) -> bool {
        // Asked for each pair: without such a set, no look at memory.
        self.n_references > 0 && self.face(node) < self.n_references
    }
}

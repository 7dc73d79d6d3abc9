//! Which documents stay, decided again where the graph of copies was touched.
//!
//! The kept set is defined by rank and edges alone (docs/copies.md): from the best node to the
//! worst, one stays unless a better one that stays is its copy. A newcomer changes its own edges and
//! what its neighbours are confirmed by; from there the decision is carried on, best nodes first, as
//! long as it changes something. So what a superseded document alone had dropped comes back.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::copies::Fate;
use crate::copies::Relation;
use crate::copies::agreement;
use crate::copies::judged;
use crate::error::Result;
use crate::index::edge::Edge;
use crate::index::ledger::Ledger;
use crate::index::node::NONE;
use crate::index::node::Node;
use crate::index::stacks::Stacks;

/// Look-alikes are linked from this likeness on, in hundredths.
const MIN_VARIANT: u8 = 50;

/// A place in the order of ranks: the rank, then the id, the text and the decoded text.
type Place = (u128, Vec<u8>, u128, u128, u32);

/// The relation of two nodes, once it is known which of them are digests.
fn relation(x: (u32, &Node), y: (u32, &Node), edge: &Edge) -> Relation {
    let ((a, a_node), (b, b_node)) = if x.0 < y.0 { (x, y) } else { (y, x) };
    debug_assert!(a < b, "a node is nothing to itself");
    let longer_is_digest = if a_node.key_len > b_node.key_len { a_node } else { b_node }.is_digest;
    judged(edge.found, (a_node.key_len, b_node.key_len), edge.carrier != NONE, longer_is_digest, false)
}

/// All nodes that have an edge to one of them.
struct Neighbours {
    edges: BTreeMap<u32, Edge>,
    nodes: BTreeMap<u32, Node>,
}

impl Neighbours {
    fn of(root: u32, ledger: &Ledger) -> Result<Self> {
        let edges = ledger.edges(root)?;
        let nodes = edges.keys().map(|&other| Ok((other, ledger.node(other)?))).collect::<Result<_>>()?;
        Ok(Self { edges, nodes })
    }

    fn iter(&self) -> impl Iterator<Item = (u32, &Node, &Edge)> {
        self.nodes.iter().zip(self.edges.values()).map(|((&root, node), edge)| (root, node, edge))
    }
}

/// Works out anew whether `root` is a digest and what its copies confirm; answers whether that changed.
fn weigh(root: u32, ledger: &mut Ledger) -> Result<bool> {
    let (mut node, around) = (ledger.node(root)?, Neighbours::of(root, ledger)?);
    let parts = around.iter().map(|(other, its, edge)| (other, its.key_len, edge.found));
    let is_digest = agreement::holds_two((root, node.key_len), parts);
    let was = (node.is_digest, node.agreement);
    node.is_digest = is_digest;
    let confirmed = around.iter().map(|(other, its, edge)| agreement::Witness {
        other,
        relation: relation((root, &node), (other, its), edge),
        key_len: its.key_len,
        n_docs: its.n_docs as usize,
        found: edge.found,
    });
    node.agreement = agreement::sum(node.key_len, node.n_docs as usize, confirmed);
    ledger.set_node(root, node);
    Ok((node.is_digest, node.agreement) != was)
}

/// Decides again about `touched`, whose edges or documents changed, and about whatever follows from
/// it. Answers the nodes of which it changed whether they stay.
pub(super) fn settle(touched: &[u32], ledger: &mut Ledger, stacks: &Stacks) -> Result<Vec<u32>> {
    let mut open: BTreeSet<Place> = BTreeSet::new();
    let mut dirty: BTreeSet<u32> = touched.iter().copied().collect();
    for &root in touched {
        let was_digest = ledger.node(root)?.is_digest;
        if weigh(root, ledger)? {
            let is_digest = ledger.node(root)?.is_digest;
            for other in ledger.edges(root)?.into_keys() {
                // What is no copy any more confirms nothing.
                if is_digest != was_digest && weigh(other, ledger)? {
                    dirty.extend(ledger.edges(other)?.into_keys());
                }
                dirty.insert(other);
            }
        }
    }
    for root in dirty {
        open.insert(place(root, ledger, stacks)?);
    }
    let mut changed = Vec::new();
    while let Some(first) = open.pop_first() {
        let root = first.4;
        let (mut node, around) = (ledger.node(root)?, Neighbours::of(root, ledger)?);
        let before = node;
        let mut better: Vec<(Place, Relation)> = Vec::new();
        let mut variants: Vec<Place> = Vec::new();
        let mut worse = Vec::new();
        for (other, its, edge) in around.iter() {
            let relation = relation((root, &node), (other, its), edge);
            // Most are told apart by their ranks, which costs no look at their ids.
            let its_place = if its.rank() == first.0 {
                place(other, ledger, stacks)?
            } else {
                (its.rank(), Vec::new(), 0, 0, other)
            };
            // Also a worse one: a newcomer has to hear of its template, whichever is better made.
            if relation == Relation::Variant && its.is_kept() && edge.alike >= MIN_VARIANT {
                variants.push(its_place.clone());
            }
            if its_place > first {
                worse.push((other, relation));
            } else if its.is_kept() {
                better.push((its_place, relation));
            }
        }
        better.sort_unstable_by(|x, y| x.0.cmp(&y.0));
        let copy = better.iter().find(|(_, relation)| relation.is_copy());
        (node.fate, node.copy_of) = match copy {
            Some((place, Relation::Same)) => (Fate::Same, place.4),
            Some((place, Relation::Near)) => (Fate::Near, place.4),
            Some((place, _)) => (Fate::Contained, place.4),
            None => (Fate::Kept, NONE),
        };
        node.variant_of = variants.into_iter().min().map_or(NONE, |place| place.4);
        let holders = around.iter().filter(|&(other, its, edge)| {
            let is_part = relation((root, &node), (other, its), edge) == Relation::Part;
            is_part && its.is_kept() && its.key_len > node.key_len && edge.carrier != root
        });
        node.part_of = holders.min_by_key(|(_, its, _)| its.rank()).map_or(NONE, |holder| holder.0);
        if node != before {
            ledger.set_node(root, node);
        }
        if node.is_kept() != before.is_kept() {
            changed.push(root);
            for (other, relation) in worse {
                if relation.is_copy() || relation == Relation::Variant {
                    open.insert(place(other, ledger, stacks)?);
                }
            }
        }
    }
    Ok(changed)
}

/// Where a node stands in the order of ranks.
fn place(root: u32, ledger: &Ledger, stacks: &Stacks) -> Result<Place> {
    let node = ledger.node(root)?;
    let (id, text, exact) = stacks.tie(node.face, ledger)?;
    Ok((node.rank(), id, text, exact, root))
}

/// Whether the document with this rank, id and digests is better than the face of `node`.
pub(super) fn is_better(
    own: (u128, &[u8], u128, u128),
    node: &Node,
    ledger: &Ledger,
    stacks: &Stacks,
) -> Result<bool> {
    if own.0 != node.base {
        return Ok(own.0 < node.base);
    }
    let (id, text, exact) = stacks.tie(node.face, ledger)?;
    Ok((own.1, own.2, own.3) < (id.as_slice(), text, exact))
}

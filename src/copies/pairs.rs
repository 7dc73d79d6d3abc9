//! Which pairs of nodes are compared before anything is decided: each node with some of those that
//! it met, and with all that may hold it.

use std::path::Path;

use crate::copies::brief::Likings;
use crate::copies::candidates::Candidates;
use crate::copies::candidates::HOT;
use crate::copies::candidates::HOT_PARTNERS;
use crate::copies::crew::Bench;
use crate::copies::crew::Crew;
use crate::copies::groups::Entry;
use crate::copies::groups::Kind;
use crate::copies::groups::NODES_PER_PART;
use crate::disk::Pile;
use crate::error::Result;

/// Members of a hot group that all others of it may be compared with. A template is hot in many bands,
/// and what is hot by chance must not cost a look at sixty strangers.
const HUBS: usize = 16;
/// Nodes whose partners are looked for in one call, and calls whose results wait in memory.
const PER_CALL: usize = 256;
const CALLS: usize = 128;

/// Pairs by the larger node of each: in a template many have the same smaller ones, whose portraits
/// a thread remembers.
#[derive(Debug)]
pub(crate) struct Pairs {
    pile: Pile<(u32, u32)>,
}

/// The smaller node, the larger one, and whether one may hold the other.
pub(crate) type Pair = (u32, u32, bool);

impl Pairs {
    pub(crate) fn new(work: Option<&Path>, n_nodes: usize) -> Result<Self> {
        let path = work.map(|work| work.join("pairs"));
        Ok(Self { pile: Pile::new(path, n_nodes.div_ceil(NODES_PER_PART))? })
    }

    pub(crate) fn push(&mut self, x: u32, y: u32, is_held: bool) -> Result<()> {
        let (x, y) = (x.min(y), x.max(y));
        self.pile.push(y as usize / NODES_PER_PART, (y, x << 1 | u32::from(is_held)))
    }

    pub(crate) fn flush(&mut self) -> Result<()> {
        self.pile.flush()
    }

    pub(crate) fn n_parts(&self) -> usize {
        self.pile.n_parts()
    }

    /// The pairs of one part by the larger and the smaller node, each once.
    pub(crate) fn load(&self, part: usize) -> Result<Vec<Pair>> {
        let mut rows = Vec::new();
        self.pile.load(part, &mut rows)?;
        rows.sort_unstable();
        let mut pairs: Vec<Pair> = rows.iter().map(|&(y, x)| (x >> 1, y, x & 1 == 1)).collect();
        pairs.dedup_by(|next, pair| {
            let is_same = (next.0, next.1) == (pair.0, pair.1);
            pair.2 |= is_same && next.2;
            is_same
        });
        Ok(pairs)
    }
}

/// Adds the pairs of all that met to those of `pairs`. Answers which nodes are complete: whoever they
/// met and may be like them is among the pairs, but for those of hot buckets.
pub(crate) fn of_meetings(
    pairs: &mut Pairs,
    candidates: &Candidates,
    likings: Likings<'_>,
    crew: &impl Crew,
) -> Result<Vec<bool>> {
    let nodes = likings.nodes;
    let mut is_complete = Vec::with_capacity(nodes.len());
    let n_calls = nodes.len().div_ceil(PER_CALL);
    for first in (0..n_calls).step_by(CALLS) {
        let found = crew.map(CALLS.min(n_calls - first), &|bench, call| {
            let start = (first + call) * PER_CALL;
            let (mut found, mut is_complete) = (Vec::new(), Vec::new());
            let mut seeker = Seeker::default();
            for node in start..nodes.len().min(start + PER_CALL) {
                is_complete.push(seeker.seek(node as u32, candidates, likings, bench, &mut found)?);
            }
            Ok((found, is_complete))
        })?;
        for (found, mut some) in found {
            found.into_iter().try_for_each(|(x, y)| pairs.push(x, y, false))?;
            is_complete.append(&mut some);
        }
    }
    Ok(is_complete)
}

/// Buffers of the search for the partners of a node.
#[derive(Default)]
struct Seeker {
    entries: Vec<Entry>,
    members: Vec<u32>,
    /// Nodes that share rare grams with this one, once for each.
    rare: Vec<u32>,
    partners: Vec<(bool, u32)>,
}

impl Seeker {
    /// Those that share most of its rare grams come first, then those that come first by what they
    /// say: the same ones for all of a template, so that their agreements can be compared.
    fn seek(
        &mut self,
        node: u32,
        candidates: &Candidates,
        likings: Likings<'_>,
        bench: &mut Bench,
        found: &mut Vec<(u32, u32)>,
    ) -> Result<bool> {
        let Self { entries, members, rare, partners } = self;
        candidates.groups.of(node, entries)?;
        if entries.is_empty() {
            return Ok(true);
        }
        // Of large groups, and of those that share few rare grams, only some are partners.
        let mut is_complete = true;
        partners.clear();
        rare.clear();
        let mut n_rare = 0;
        for &entry in &*entries {
            if entry.kind == Kind::Rare {
                n_rare += 1;
                is_complete = false;
                candidates.groups.members(entry, HOT, members)?;
                rare.extend_from_slice(members);
            } else {
                let is_bucket = entry.is_hot() && entry.kind == Kind::Far;
                if is_bucket && !candidates.is_hot(node) {
                    continue;
                }
                let limit = if entry.is_hot() { HUBS } else { HOT_PARTNERS + 1 };
                candidates.groups.members(entry, limit, members)?;
                is_complete &= is_bucket || entry.n as usize <= HOT_PARTNERS + 1;
                partners.extend(members.iter().map(|&other| (entry.kind == Kind::Far, other)));
            }
        }
        rare.sort_unstable();
        let shared = rare.chunk_by(|x, y| x == y).filter(|same| 2 * same.len() > n_rare);
        partners.extend(shared.map(|same| (false, same[0])));
        partners.sort_unstable_by_key(|&(is_far, other)| (other, is_far));
        partners.dedup_by_key(|partner| partner.1);
        partners.sort_unstable();
        let nodes = likings.nodes;
        let is_reference = nodes.is_reference(node);
        let mut left = HOT_PARTNERS;
        for &(is_far, other) in &*partners {
            if left == 0 {
                is_complete = false;
                break;
            }
            if other == node || is_reference && nodes.is_reference(other) {
                continue;
            }
            if likings.may_match(node, other, !is_far, bench)? {
                found.push((node, other));
                left -= 1;
            }
        }
        Ok(is_complete)
    }
}

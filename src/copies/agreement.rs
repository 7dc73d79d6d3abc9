//! How much of each document its copies confirm: what tells the text from its spoilt copies.

use crate::copies::crew::Crew;
use crate::copies::known::DIGEST_COPY;
use crate::copies::known::Judgement;
use crate::copies::known::Known;
use crate::copies::known::MIN_PART;
use crate::copies::known::Row;
use crate::copies::nodes::Nodes;
use crate::copies::sketch::GRAM;
use crate::copies::verdict::Match;
use crate::copies::verdict::Relation;
use crate::error::Result;

/// Copies that count for the agreement of a document.
const MAX_AGREEING: usize = 64;
/// Twentieths by which a variant agrees, where a copy does by twenty.
const VARIANT_WEIGHT: u64 = 19;
/// Nodes of one call.
const PER_CALL: usize = 1024;

/// Finds the nodes in which two documents lie at places of their own.
pub(crate) fn digests(known: &Known, nodes: &Nodes, crew: &impl Crew) -> Result<Vec<bool>> {
    let n_calls = nodes.len().div_ceil(PER_CALL);
    let found = crew.map(n_calls, &|_, call| {
        let mut rows = Vec::new();
        let mut found = Vec::new();
        for node in call * PER_CALL..nodes.len().min((call + 1) * PER_CALL) {
            known.of(node as u32, &mut rows)?;
            if is_digest(node as u32, &rows, nodes) {
                found.push(node);
            }
        }
        Ok(found)
    })?;
    let mut is_digest = vec![false; nodes.len()];
    found.into_iter().flatten().for_each(|node| is_digest[node] = true);
    Ok(is_digest)
}

fn is_digest(node: u32, rows: &[Row], nodes: &Nodes) -> bool {
    let parts = rows.iter().map(|row| (row.other, nodes.key_len[row.other as usize], row.finding.found));
    holds_two((node, nodes.key_len[node as usize]), parts)
}

/// Whether two documents lie in the node with this number and length of its key, at places of their
/// own: `parts` are the others that were compared with it, their lengths and what was found.
pub(crate) fn holds_two((node, own_len): (u32, u32), parts: impl Iterator<Item = (u32, u32, Match)>) -> bool {
    // The part that ends first and the one that begins last.
    let (mut first_end, mut last_start) = (u32::MAX, 0);
    for (other, part_len, found) in parts {
        // Of two equally long ones the second may hold the other.
        let is_holder = own_len > part_len || own_len == part_len && node > other;
        let is_held = found.matched as f32 >= DIGEST_COPY * part_len as f32;
        let is_whole = found.matched as f32 >= DIGEST_COPY * own_len as f32;
        let lies_in = matches!(found.relation, Relation::Contained | Relation::Part | Relation::Near);
        if is_holder && lies_in && part_len as usize >= MIN_PART && is_held && !is_whole {
            (first_end, last_start) = (first_end.min(found.span.1), last_start.max(found.span.0));
        }
    }
    first_end <= last_start
}

/// For each node, in thousandths of a copy: how much of it its copies confirm.
pub(crate) fn agreement(known: &Known, judgement: &Judgement<'_>, crew: &impl Crew) -> Result<Vec<u32>> {
    let nodes = judgement.nodes;
    let n_calls = nodes.len().div_ceil(PER_CALL);
    let sums = crew.map(n_calls, &|_, call| {
        let mut rows = Vec::new();
        let mut sums = Vec::new();
        for node in call * PER_CALL..nodes.len().min((call + 1) * PER_CALL) {
            known.of(node as u32, &mut rows)?;
            sums.push(of_node(node as u32, &rows, judgement));
        }
        Ok(sums)
    })?;
    Ok(sums.concat())
}

fn of_node(node: u32, rows: &[Row], judgement: &Judgement<'_>) -> u32 {
    let nodes = judgement.nodes;
    let others = rows.iter().map(|row| Witness {
        other: row.other,
        relation: judgement.relation(node, row.other, row.finding),
        key_len: nodes.key_len[row.other as usize],
        n_docs: nodes.members(row.other).len(),
        found: row.finding.found,
    });
    sum(nodes.key_len[node as usize], nodes.members(node).len(), others)
}

/// What another node says for one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Witness {
    pub(crate) other: u32,
    pub(crate) relation: Relation,
    pub(crate) key_len: u32,
    /// Documents of that node.
    pub(crate) n_docs: usize,
    pub(crate) found: Match,
}

/// How much of a node with a key of this length and so many documents the others confirm, in
/// thousandths of a copy.
pub(crate) fn sum(key_len: u32, n_docs: usize, others: impl Iterator<Item = Witness>) -> u32 {
    // Variants come behind copies. They count because a bad copy may pass for a copy of two
    // variants; the text itself then has one copy less, and would lose to it. They count a little
    // less, or the variant that all copies of the text resemble would pass for the text.
    let mut copies: Vec<(bool, u32, usize, u64)> = Vec::new();
    for its in others {
        let is_variant = its.relation == Relation::Variant;
        if its.relation.is_copy() || is_variant {
            let share = likeness_in_place((key_len, its.key_len), its.found);
            let share = if is_variant { share * VARIANT_WEIGHT / 20 } else { share };
            copies.push((is_variant, its.other, its.n_docs, share));
        }
    }
    copies.sort_unstable();
    let mut left = MAX_AGREEING;
    let twins = n_docs.saturating_sub(1).min(left);
    left -= twins;
    let mut sum = 1000 * twins as u64;
    for (.., n_docs, share) in copies {
        let n = n_docs.min(left);
        left -= n;
        sum += share * n as u64;
    }
    sum as u32
}

/// The Jaccard index of the grams at equal places, in thousandths. (The share of equal characters
/// would count a copy with one typing error in thirty as nearly whole.)
fn likeness_in_place((x, y): (u32, u32), found: Match) -> u64 {
    let n_grams = |len: u32| u64::from(len).saturating_sub(GRAM as u64 - 1);
    let even = u64::from(found.even);
    let all = (n_grams(x) + n_grams(y)).saturating_sub(even).max(1);
    if found.relation == Relation::Same { 1000 } else { (even * 2000 / all).div_ceil(2) }
}

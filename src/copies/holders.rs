//! Which document may lie in which other one: pairs that the bands miss, because a text in a much
//! longer one has few k-mins in common with it.

use std::path::Path;

use crate::copies::brief::Likings;
use crate::copies::crew::Bench;
use crate::copies::crew::Crew;
use crate::copies::evidence::count_shared;
use crate::copies::groups::NODES_PER_PART;
use crate::copies::nodes::Nodes;
use crate::copies::pairs::Pairs;
use crate::copies::record::Head;
use crate::copies::sketch::KEPT_OF;
use crate::disk::Bytes;
use crate::disk::Pile;
use crate::error::Result;

/// Holders are longer than what they hold by a quarter at least; below, the bands find the pair.
const HOLDER_LENGTH: f32 = 1.25;
/// A kept hash with more documents does not tell where a text comes from, and is not looked up.
const MAX_POSTINGS: usize = 64;
/// The rarest kept hashes of a document that are looked up.
const PROBES: usize = 12;
/// Holders of one document that are compared with it.
const MAX_HOLDERS: usize = 16;
/// A holder has half of the kept hashes: with one in 32 kept, a text of 200 characters has six,
/// and typing errors spoil some.
const MIN_HELD: f32 = 0.5;
/// It is met in so many of the lists at least; fewer, since the rarest may be slips of both.
const MIN_MET: f32 = 0.25;
/// Nodes whose holders are looked for in one call.
const PER_CALL: usize = 64;

/// A list in which a node stands: the node, how many documents, where the list begins.
type Probe = (u32, u32, u64);

/// Adds pairs of a document and one that may hold it, by kept hashes, rare ones first. Notes the
/// nodes for which some were left out.
pub(crate) fn find(
    kept: &Pile<(u64, u32)>,
    likings: Likings<'_>,
    crew: &impl Crew,
    work: Option<&Path>,
    pairs: &mut Pairs,
    is_capped: &mut [bool],
) -> Result<()> {
    let nodes = likings.nodes;
    let path = |name: &str| work.map(|work| work.join(name));
    let mut postings = Bytes::new(path("postings"))?;
    let mut probes: Pile<Probe> = Pile::new(path("probes"), nodes.len().div_ceil(NODES_PER_PART))?;
    let (mut rows, mut bytes) = (Vec::new(), Vec::new());
    // Kept hashes of each node, as far as a byte counts.
    let mut n_kept = vec![0_u8; nodes.len()];
    for part in 0..kept.n_parts() {
        load_nodes(kept, part, nodes, &mut rows)?;
        for row in &rows {
            let n = &mut n_kept[row.1 as usize];
            *n = n.saturating_add(1);
        }
        for list in rows.chunk_by(|x, y| x.0 == y.0).filter(|list| list.len() > 1) {
            bytes.clear();
            if list.len() <= MAX_POSTINGS {
                bytes.extend(list.iter().flat_map(|row| row.1.to_le_bytes()));
            }
            let at = postings.push(&bytes)?;
            for &(_, node) in list {
                probes.push(node as usize / NODES_PER_PART, (node, list.len() as u32, at))?;
            }
        }
    }
    postings.flush()?;
    probes.flush()?;
    let mut some = Vec::new();
    for part in 0..probes.n_parts() {
        probes.load(part, &mut some)?;
        some.sort_unstable();
        let of_nodes: Vec<&[Probe]> = some.chunk_by(|x, y| x.0 == y.0).collect();
        let calls: Vec<&[&[Probe]]> = of_nodes.chunks(PER_CALL).collect();
        let found = crew.map(calls.len(), &|bench, call| {
            let (mut found, mut capped) = (Vec::new(), Vec::new());
            for lists in calls[call] {
                if of_node(lists, &n_kept, &postings, likings, bench, &mut found)? {
                    capped.push(lists[0].0);
                }
            }
            Ok((found, capped))
        })?;
        for (found, capped) in found {
            found.into_iter().try_for_each(|(node, holder)| pairs.push(node, holder, true))?;
            for node in capped {
                is_capped[node as usize] = true;
            }
        }
        for lists in of_nodes {
            // One list names all holders, but for those where a slip spoils that gram.
            is_capped[lists[0].0 as usize] |= lists[0].1 as usize > MAX_POSTINGS;
        }
    }
    Ok(())
}

/// The rows of one part whose documents stand for their nodes, with the nodes, in ascending order.
pub(crate) fn load_nodes(
    pile: &Pile<(u64, u32)>,
    part: usize,
    nodes: &Nodes,
    rows: &mut Vec<(u64, u32)>,
) -> Result<()> {
    pile.load(part, rows)?;
    rows.retain_mut(|row| {
        let node = nodes.of_face(row.1);
        row.1 = node.unwrap_or_default();
        node.is_some()
    });
    rows.sort_unstable();
    Ok(())
}

/// The holders of the node that stands in these lists, the rarest of which come first. Answers whether
/// there are more.
fn of_node(
    lists: &[Probe],
    n_kept: &[u8],
    postings: &Bytes,
    likings: Likings<'_>,
    bench: &mut Bench,
    found: &mut Vec<(u32, u32)>,
) -> Result<bool> {
    let Likings { nodes, gallery, .. } = likings;
    let node = lists[0].0;
    let least = HOLDER_LENGTH * nodes.key_len[node as usize] as f32;
    let mut met: Vec<u32> = Vec::new();
    let mut bytes = [0; 4 * MAX_POSTINGS];
    let whole = lists.iter().take(PROBES).take_while(|probe| probe.1 as usize <= MAX_POSTINGS);
    let n_whole = whole.clone().count();
    for &(_, n, at) in whole {
        let list = &mut bytes[..4 * n as usize];
        postings.read(at, list)?;
        let others = list.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word));
        met.extend(others.filter(|&other| nodes.key_len[other as usize] as f32 >= least));
    }
    if met.is_empty() {
        return Ok(false);
    }
    met.sort_unstable();
    let mut own = Vec::new();
    let mut best: Vec<(usize, u32)> = Vec::new();
    // What else it may share: the lists that were not looked at.
    let n_left = (lists.len() - n_whole) as f32;
    let least_met = (MIN_MET * n_whole as f32).max(MIN_HELD * f32::from(n_kept[node as usize]) - n_left);
    let n_grams = least_grams(n_kept[node as usize]).min(nodes.key_len[node as usize] as f32);
    for same in met.chunk_by(|x, y| x == y).filter(|same| same.len() as f32 >= least_met) {
        // Most share a phrase, and neither figures nor much else; that costs no read.
        if !likings.may_lie_in(node, same[0], MIN_HELD * n_grams)? {
            continue;
        }
        if own.is_empty() {
            own = kept_of(bench.record(gallery, nodes.face(node))?);
        }
        let shared = count_shared(&own, &kept_of(bench.record(gallery, nodes.face(same[0]))?));
        if shared as f32 >= MIN_HELD * own.len() as f32 {
            best.push((usize::MAX - shared, same[0]));
        }
    }
    best.sort_unstable();
    found.extend(best.iter().take(MAX_HOLDERS).map(|&(_, other)| (node, other)));
    Ok(best.len() > MAX_HOLDERS)
}

/// Different grams that a text with so many kept hashes has at least, but for one of forty: fewer than
/// characters, where it repeats itself.
fn least_grams(n_kept: u8) -> f32 {
    let n = f32::from(n_kept);
    KEPT_OF as f32 * (n - 2.0 * n.sqrt()).max(0.0)
}

/// The kept hashes in a record, ascending.
fn kept_of(record: &[u8]) -> Vec<u64> {
    let kept = record.get(Head::read(record).prints().0).unwrap_or_default();
    kept.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_repeats_itself_has_few_grams() {
        // Less two deviations, of 2, 5 and 10 kept hashes.
        for (n_kept, want) in [(0, 0.0), (1, 0.0), (4, 0.0), (25, 480.0), (100, 2_560.0)] {
            assert!((least_grams(n_kept) - want).abs() < 0.01, "{n_kept}");
        }
    }
}

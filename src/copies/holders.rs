//! Which document may lie in which other one: pairs that the bands miss, because a text in a much
//! longer one has few k-mins in common with it.

use crate::copies::evidence::count_shared;
use crate::copies::portrait::Portrait;

/// Holders are longer than what they hold by a quarter at least; below, the bands find the pair.
const HOLDER_LENGTH: f32 = 1.25;
/// A kept hash with more documents does not tell where a text comes from.
const MAX_POSTINGS: usize = 64;
/// The rarest kept hashes of a document that are looked up.
const PROBES: usize = 12;
/// Holders of one document that are compared with it.
const MAX_HOLDERS: usize = 16;
/// A holder has half of the kept hashes: with one in 32 kept, a text of 200 characters has six,
/// and typing errors spoil some.
const MIN_HELD: f32 = 0.5;

/// Pairs of a document and one that may hold it, by kept hashes, rare ones first.
pub(crate) fn find(nodes: &[&Portrait], is_capped: &mut [bool]) -> Vec<(u32, u32)> {
    let mut postings: Vec<(u64, u32)> = Vec::new();
    for (node, portrait) in nodes.iter().enumerate() {
        postings.extend(portrait.kept.iter().map(|&hash| (hash, node as u32)));
    }
    postings.sort_unstable();
    // For each node the lists it stands in: how many documents, where the list begins.
    let mut probes: Vec<(u32, u32, u32)> = Vec::new();
    let mut start = 0;
    for list in postings.chunk_by(|x, y| x.0 == y.0) {
        if list.len() > 1 {
            probes.extend(list.iter().map(|row| (row.1, list.len() as u32, start as u32)));
        }
        start += list.len();
    }
    probes.sort_unstable();
    let mut held = Vec::new();
    let mut met: Vec<u32> = Vec::new();
    let mut best: Vec<(usize, u32)> = Vec::new();
    for lists in probes.chunk_by(|x, y| x.0 == y.0) {
        let node = lists[0].0;
        let own = nodes[node as usize];
        met.clear();
        for &(_, n, start) in lists.iter().take(PROBES) {
            is_capped[node as usize] |= n as usize > MAX_POSTINGS;
            let n = (n as usize).min(MAX_POSTINGS);
            let list = &postings[start as usize..start as usize + n];
            let is_longer = |other: &Portrait| other.key.len() as f32 >= HOLDER_LENGTH * own.key.len() as f32;
            met.extend(list.iter().map(|row| row.1).filter(|&other| is_longer(nodes[other as usize])));
        }
        met.sort_unstable();
        best.clear();
        for same in met.chunk_by(|x, y| x == y) {
            let shared = count_shared(&own.kept, &nodes[same[0] as usize].kept);
            if shared as f32 >= MIN_HELD * own.kept.len() as f32 {
                best.push((usize::MAX - shared, same[0]));
            }
        }
        best.sort_unstable();
        held.extend(best.iter().take(MAX_HOLDERS).map(|&(_, other)| (node, other)));
    }
    held
}

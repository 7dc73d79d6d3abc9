//! Who has to be compared with whom: groups of documents that met in a band or by a second key, and
//! pairs of which one may lie in the other. No group makes quadratic work, however many documents
//! are in it.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;
use xxhash_rust::xxh3::xxh3_128;

use crate::copies::holders;
use crate::copies::hot;
use crate::copies::portrait::Portrait;
use crate::copies::sketch::BANDS;
use crate::copies::sketch::band;

/// A group with more members is hot: a template, or one text spoilt a thousand times.
pub(crate) const HOT: usize = 256;
/// Members of a hot group that a document is compared with.
pub(crate) const HOT_PARTNERS: usize = 64;
/// Fewer digits do not tell documents of one template apart.
const MIN_DIGITS: usize = 6;
/// A rare gram counts more than all bands and common grams together: a whole template may share those.
pub(crate) const KEY_WEIGHT: u32 = (BANDS + hot::KEYS) as u32 + 1;

/// The band tables of all nodes. They come one band at a time, so that they may lie on disk.
pub(crate) struct Bands<'a> {
    nodes: &'a [&'a Portrait],
}

impl<'a> Bands<'a> {
    pub(crate) fn new(nodes: &'a [&'a Portrait]) -> Self {
        Self { nodes }
    }

    /// Band `n` as pairs of band key and node, in ascending order.
    fn sorted(&self, n: usize, rows: &mut Vec<(u64, u32)>) {
        rows.clear();
        let keyed = self.nodes.iter().enumerate();
        rows.extend(keyed.filter_map(|(node, p)| Some((band(p.mins.as_ref()?, n), node as u32))));
        rows.sort_unstable();
    }
}

/// Lists of numbers one after another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lists {
    flat: Vec<u32>,
    ends: Vec<usize>,
}

impl Lists {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, n: usize) -> &[u32] {
        let start = n.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.flat[start..self.ends[n]]
    }

    fn push(&mut self, list: &[u32]) {
        self.flat.extend_from_slice(list);
        self.ends.push(self.flat.len());
    }

    /// For each of `n` numbers the lists that hold it.
    fn turned(&self, n: usize) -> Self {
        let mut ends = vec![0; n + 1];
        for &member in &self.flat {
            ends[member as usize + 1] += 1;
        }
        for at in 1..=n {
            ends[at] += ends[at - 1];
        }
        let mut flat = vec![0; self.flat.len()];
        let mut next = ends.clone();
        for list in 0..self.len() {
            for &member in self.get(list) {
                flat[next[member as usize]] = list as u32;
                next[member as usize] += 1;
            }
        }
        ends.remove(0);
        Self { flat, ends }
    }
}

/// All candidates of a run, by node number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    /// Members of each group in ascending order.
    pub(crate) groups: Lists,
    /// What meeting in each group counts: the bands in which these members meet, or more.
    pub(crate) weights: Vec<u32>,
    /// How many groups come first that share their words, all their digits, or issuer and number.
    pub(crate) n_close: usize,
    /// The groups of each node, close ones first.
    pub(crate) of: Lists,
    /// Pairs of a shorter node and one that may hold it.
    pub(crate) held: Vec<(u32, u32)>,
    /// Nodes that stand in a hot bucket.
    pub(crate) is_hot: Vec<bool>,
    /// Nodes that are not compared with all that share a rare gram with them.
    pub(crate) is_capped: Vec<bool>,
}

/// Finds the candidates among `nodes`, which are sorted by what they say.
pub(crate) fn find(nodes: &[&Portrait]) -> Candidates {
    let mut found = Groups::default();
    let all: Vec<u32> = (0..nodes.len() as u32).collect();
    for group in all.chunk_by(|&x, &y| nodes[x as usize].said == nodes[y as usize].said) {
        found.push(group, KEY_WEIGHT);
    }
    let mut is_capped = vec![false; nodes.len()];
    let named = nodes.iter().enumerate().filter_map(|(node, p)| Some((p.facts.name()?, node as u32)));
    let mut rows: Vec<(u64, u32)> = named.collect();
    rows.sort_unstable();
    found.push_equal(&rows, KEY_WEIGHT, &mut is_capped);
    // Bands come one by one, and their groups behind the close ones, which need to know who is hot.
    let mut met = Groups::default();
    let mut is_hot = vec![false; nodes.len()];
    let bands = Bands::new(nodes);
    for n in 0..BANDS {
        bands.sorted(n, &mut rows);
        met.push_equal(&rows, 1, &mut is_hot);
    }
    let hot: Vec<u32> = all.into_iter().filter(|&node| is_hot[node as usize]).collect();
    rows.clear();
    let with_digits = hot.iter().filter(|&&node| nodes[node as usize].digits.len() >= MIN_DIGITS);
    rows.extend(with_digits.map(|&node| (xxh3_64(&nodes[node as usize].digits), node)));
    rows.sort_unstable();
    found.push_equal(&rows, KEY_WEIGHT, &mut is_capped);
    let n_close = found.lists.len();
    drop(rows);
    let keys = hot::keys(nodes, &hot);
    for (mut rows, weight) in [(keys.rare, KEY_WEIGHT), (keys.common, 1)] {
        rows.sort_unstable();
        found.push_equal(&rows, weight, &mut vec![false; nodes.len()]);
    }
    found.append(met);
    let held = holders::find(nodes, &mut is_capped);
    let of = found.lists.turned(nodes.len());
    Candidates { groups: found.lists, weights: found.weights, n_close, of, held, is_hot, is_capped }
}

/// Groups as they are found, each once: copies meet in many bands, and always the same ones.
#[derive(Default)]
struct Groups {
    lists: Lists,
    weights: Vec<u32>,
    /// The number of the group with these members, by their digest.
    seen: HashMap<u128, usize>,
}

impl Groups {
    fn push(&mut self, members: &[u32], weight: u32) {
        if members.len() < 2 {
            return;
        }
        let bytes: Vec<u8> = members.iter().flat_map(|member| member.to_le_bytes()).collect();
        let next = self.lists.len();
        let group = *self.seen.entry(xxh3_128(&bytes)).or_insert(next);
        if group == next {
            self.lists.push(members);
            self.weights.push(weight);
        } else {
            self.weights[group] += weight;
        }
    }

    /// The groups of equal keys in sorted `rows`; notes the members of hot ones.
    fn push_equal(&mut self, rows: &[(u64, u32)], weight: u32, is_hot: &mut [bool]) {
        let mut members = Vec::new();
        for bucket in rows.chunk_by(|x, y| x.0 == y.0).filter(|bucket| bucket.len() > 1) {
            members.clear();
            members.extend(bucket.iter().map(|row| row.1));
            self.push(&members, weight);
            if members.len() > HOT {
                for &member in &members {
                    is_hot[member as usize] = true;
                }
            }
        }
    }

    /// Puts the groups of `other` behind these.
    fn append(&mut self, other: Self) {
        for (n, weight) in other.weights.into_iter().enumerate() {
            self.push(other.lists.get(n), weight);
        }
        self.seen.clear();
    }
}

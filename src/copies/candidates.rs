//! Who has to be compared with whom: groups of documents that met in a band, and pairs of which
//! one may lie in the other. No group makes quadratic work, however many documents are in it.

use std::collections::HashSet;

use xxhash_rust::xxh3::xxh3_64;
use xxhash_rust::xxh3::xxh3_128;

use crate::copies::portrait::Portrait;
use crate::copies::sketch::BANDS;
use crate::copies::sketch::band;
use crate::copies::verdict::count_shared;

/// A group with more members is hot: a template, or one text spoilt a thousand times.
pub(crate) const HOT: usize = 256;
/// Members of a hot group that a document is compared with.
pub(crate) const HOT_PARTNERS: usize = 64;
/// Grams of a member of a hot group, beside those of the template, by which it finds its like.
const RARE_GRAMS: usize = 8;
/// Fewer digits do not tell documents of one template apart.
const MIN_DIGITS: usize = 6;
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
    /// How many groups come first that meet in more than a band: their members are all compared.
    pub(crate) n_close: usize,
    /// The groups of each node, close ones first.
    pub(crate) of: Lists,
    /// Pairs of a shorter node and one that may hold it.
    pub(crate) held: Vec<(u32, u32)>,
    /// Groups too hot to compare all their members with one another.
    pub(crate) capped: u64,
}

/// Finds the candidates among `nodes`, which are sorted by what they say.
pub(crate) fn find(nodes: &[&Portrait]) -> Candidates {
    let mut found =
        Groups { nodes, lists: Lists::default(), close: Lists::default(), seen: HashSet::new(), capped: 0 };
    let mut members: Vec<u32> = Vec::new();
    let all: Vec<u32> = (0..nodes.len() as u32).collect();
    for group in all.chunk_by(|&x, &y| nodes[x as usize].said == nodes[y as usize].said) {
        found.push_close(group);
    }
    let bands = Bands::new(nodes);
    let mut rows = Vec::new();
    for n in 0..BANDS {
        bands.sorted(n, &mut rows);
        for bucket in rows.chunk_by(|x, y| x.0 == y.0).filter(|bucket| bucket.len() > 1) {
            members.clear();
            members.extend(bucket.iter().map(|row| row.1));
            found.split(&members);
        }
    }
    drop(rows);
    let Groups { lists, close: mut groups, mut capped, .. } = found;
    let n_close = groups.len();
    for n in 0..lists.len() {
        groups.push(lists.get(n));
    }
    let of = groups.turned(nodes.len());
    let held = holders(nodes, &mut capped);
    Candidates { groups, n_close, of, held, capped }
}

struct Groups<'a> {
    nodes: &'a [&'a Portrait],
    lists: Lists,
    close: Lists,
    /// Digests of the groups so far: copies meet in many bands, and always the same ones.
    seen: HashSet<u128>,
    capped: u64,
}

impl Groups<'_> {
    /// Whether this set of members is new.
    fn is_new(&mut self, members: &[u32]) -> bool {
        let bytes: Vec<u8> = members.iter().flat_map(|member| member.to_le_bytes()).collect();
        self.seen.insert(xxh3_128(&bytes))
    }

    fn push_close(&mut self, members: &[u32]) {
        if members.len() > 1 && self.is_new(members) {
            self.capped += u64::from(members.len() > HOT);
            self.close.push(members);
        }
    }

    /// A group as it is, or a hot one by second keys: the sequence of digits, on which copies
    /// agree, and the grams that do not belong to the template.
    fn split(&mut self, members: &[u32]) {
        if members.len() <= HOT {
            if self.is_new(members) {
                self.lists.push(members);
            }
            return;
        }
        let mut bytes: Vec<u8> = members.iter().flat_map(|member| member.to_le_bytes()).collect();
        bytes.push(1);
        if !self.seen.insert(xxh3_128(&bytes)) {
            return;
        }
        let nodes = self.nodes;
        let mut keyed: Vec<(u64, u32)> = members
            .iter()
            .filter(|&&m| nodes[m as usize].digits.len() >= MIN_DIGITS)
            .map(|&m| (xxh3_64(&nodes[m as usize].digits), m))
            .collect();
        self.push_equal(&mut keyed);
        let mut grams: Vec<(u64, u32)> =
            members.iter().flat_map(|&m| nodes[m as usize].kept.iter().map(move |&hash| (hash, m))).collect();
        grams.sort_unstable();
        // Bottom-k of the grams that at most half of the members hold, by a second hash.
        let mut rare: Vec<(u32, u64)> = grams
            .chunk_by(|x, y| x.0 == y.0)
            .filter(|list| (2..=members.len() / 2).contains(&list.len()))
            .flatten()
            .map(|&(hash, m)| (m, hash.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
            .collect();
        rare.sort_unstable();
        let mut keyed: Vec<(u64, u32)> = rare
            .chunk_by(|x, y| x.0 == y.0)
            .flat_map(|of_one| of_one.iter().take(RARE_GRAMS).map(|&(m, hash)| (hash, m)))
            .collect();
        self.push_equal(&mut keyed);
    }

    fn push_equal(&mut self, keyed: &mut [(u64, u32)]) {
        keyed.sort_unstable();
        let mut members = Vec::new();
        for group in keyed.chunk_by(|x, y| x.0 == y.0) {
            members.clear();
            members.extend(group.iter().map(|row| row.1));
            self.push_close(&members);
        }
    }
}

/// Pairs of a document and one that may hold it, by kept hashes, rare ones first.
fn holders(nodes: &[&Portrait], capped: &mut u64) -> Vec<(u32, u32)> {
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
            *capped += u64::from(n as usize > MAX_POSTINGS);
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

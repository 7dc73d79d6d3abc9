//! Who has to be compared with whom: groups of documents that met in a band or by a second key, and
//! pairs of which one may lie in the other. No group makes quadratic work, however many documents
//! are in it.

use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use crate::copies::brief::Fours;
use crate::copies::brief::Likings;
use crate::copies::crew::Crew;
use crate::copies::gallery::Gallery;
use crate::copies::groups::Builder;
use crate::copies::groups::Groups;
use crate::copies::groups::Kind;
use crate::copies::holders;
use crate::copies::holders::load_nodes;
use crate::copies::hot;
use crate::copies::intake::Intake;
use crate::copies::nodes::Nodes;
use crate::copies::pairs::Pairs;
use crate::copies::record::Head;
use crate::copies::sketch::BANDS;
use crate::disk::Pile;
use crate::error::Result;

/// A group with more members is hot: a template, or one text spoilt a thousand times.
pub(crate) const HOT: usize = 256;
/// A document in so many hot buckets is of a template and gets second keys. In fewer it stands by a
/// sentence that many share: by 25 other bands a copy is met in 94 of 100 cases at J 0.57, in all at 0.7.
const MIN_CROWDED: u8 = 8;
/// Members of a hot group that a document is compared with.
pub(crate) const HOT_PARTNERS: usize = 64;
/// Fewer digits do not tell documents of one template apart.
const MIN_DIGITS: usize = 6;
/// What meeting in a group counts, by kind. A rare gram counts more than all bands and common
/// grams together: a whole template may share those.
pub(crate) const fn weight(kind: Kind) -> u32 {
    match kind {
        Kind::Far => 1,
        Kind::Close | Kind::Rare => (BANDS + hot::KEYS) as u32 + 1,
    }
}

/// Pairs for each member of a bucket from which on it is cheaper to write the bucket down.
const MAX_PAIRS: usize = 2;
/// Parts that are loaded at the same time.
const AT_ONCE: usize = 8;
/// Hot documents whose digits are read in one call.
const PER_CALL: usize = 256;

/// All candidates of a run, by node number.
#[derive(Debug)]
pub(crate) struct Candidates {
    pub(crate) groups: Groups,
    /// In how many hot buckets each node stands.
    n_crowded: Vec<u8>,
    /// Nodes that are not compared with all that share a rare gram with them.
    pub(crate) is_capped: Vec<bool>,
}

impl Candidates {
    /// The node stands in a hot bucket.
    pub(crate) fn is_crowded(&self, node: u32) -> bool {
        self.n_crowded[node as usize] > 0
    }

    /// The node is one of a template.
    pub(crate) fn is_hot(&self, node: u32) -> bool {
        self.n_crowded[node as usize] >= MIN_CROWDED
    }
}

/// Finds the candidates among `nodes`; pairs that may lie in one another go to `pairs`.
pub(crate) fn find(
    intake: &Intake,
    likings: Likings<'_>,
    crew: &impl Crew,
    work: Option<&Path>,
    pairs: &mut Pairs,
) -> Result<Candidates> {
    let Likings { nodes, gallery, .. } = likings;
    let mut found = Builder::new(work, nodes.len())?;
    let (mut n_crowded, mut is_capped) = (vec![0_u8; nodes.len()], vec![false; nodes.len()]);
    let all: Vec<u32> = (0..nodes.len() as u32).collect();
    for group in all.chunk_by(|_, &next| nodes.says_same[next as usize]) {
        found.push(group, Kind::Close)?;
        note_hot(group, &mut is_capped);
    }
    let mut rows = Vec::new();
    for part in 0..intake.names.n_parts() {
        load_nodes(&intake.names, part, nodes, &mut rows)?;
        found.push_equal(&rows, Kind::Close, |members| note_hot(members, &mut is_capped))?;
    }
    let parts: Vec<usize> = (0..intake.bands.n_parts()).collect();
    for parts in parts.chunks(AT_ONCE) {
        let met = crew.map(parts.len(), &|_, n| meetings(&intake.bands, parts[n], likings))?;
        for Met { pairs, groups } in met {
            pairs.iter().try_for_each(|pair| found.push(pair, Kind::Far))?;
            for members in groups {
                found.push(&members, Kind::Far)?;
                if members.len() > HOT {
                    // There are fewer bands than a byte counts.
                    for &member in &members {
                        n_crowded[member as usize] += 1;
                    }
                }
            }
        }
    }
    let hot: Vec<u32> = all.into_iter().filter(|&node| n_crowded[node as usize] >= MIN_CROWDED).collect();
    let mut rows = same_digits(&hot, nodes, gallery, crew)?;
    rows.sort_unstable();
    found.push_equal(&rows, Kind::Close, |members| note_hot(members, &mut is_capped))?;
    if !hot.is_empty() {
        let keys = hot::keys(&hot, nodes, gallery, crew, work)?;
        for (pile, kind) in [(keys.rare, Kind::Rare), (keys.common, Kind::Far)] {
            for part in 0..pile.n_parts() {
                pile.load(part, &mut rows)?;
                rows.sort_unstable();
                found.push_equal(&rows, kind, |_| ())?;
            }
        }
    }
    holders::find(&intake.kept, likings, crew, work, pairs, &mut is_capped)?;
    Ok(Candidates { groups: found.finish()?, n_crowded, is_capped })
}

/// Who met in one part of a band.
#[derive(Default)]
struct Met {
    /// Those of a small bucket that are like one another.
    pairs: Vec<[u32; 2]>,
    /// Buckets in which most are.
    groups: Vec<Vec<u32>>,
}

/// Who is like whom in the buckets of one part. Most documents of a bucket met by chance, the more
/// so the more documents there are: their brief sketches tell.
fn meetings(bands: &Pile<(u64, u32)>, part: usize, likings: Likings<'_>) -> Result<Met> {
    let (mut rows, mut met) = (Vec::new(), Met::default());
    load_nodes(bands, part, likings.nodes, &mut rows)?;
    let mut members: Vec<Fours> = Vec::new();
    for bucket in rows.chunk_by(|x, y| x.0 == y.0).filter(|bucket| bucket.len() > 1) {
        let before = met.pairs.len();
        if bucket.len() <= HOT {
            members.clear();
            for row in bucket {
                members.push(likings.fours(row.1)?);
            }
            for (n, (row, fours)) in bucket.iter().zip(&members).enumerate() {
                for (other, its) in bucket[..n].iter().zip(&members) {
                    if likings.is_enough(fours.n_equal(its), other.1, row.1)? {
                        met.pairs.push([other.1, row.1]);
                    }
                }
            }
        }
        if bucket.len() > HOT || met.pairs.len() - before > MAX_PAIRS * bucket.len() {
            met.pairs.truncate(before);
            met.groups.push(bucket.iter().map(|row| row.1).collect());
        }
    }
    Ok(met)
}

fn note_hot(members: &[u32], is_capped: &mut [bool]) {
    if members.len() > HOT {
        for &member in members {
            is_capped[member as usize] = true;
        }
    }
}

/// Hashes of the digits of the hot nodes that have enough of them.
fn same_digits(hot: &[u32], nodes: &Nodes, gallery: &Gallery, crew: &impl Crew) -> Result<Vec<(u64, u32)>> {
    let calls: Vec<&[u32]> = hot.chunks(PER_CALL).collect();
    let rows = crew.map(calls.len(), &|bench, call| {
        let mut rows = Vec::new();
        for &node in calls[call] {
            let record = bench.record(gallery, nodes.face(node))?;
            let digits = record.get(Head::read(record).prints().1).unwrap_or_default();
            if digits.len() >= MIN_DIGITS {
                rows.push((xxh3_64(digits), node));
            }
        }
        Ok(rows)
    })?;
    Ok(rows.concat())
}

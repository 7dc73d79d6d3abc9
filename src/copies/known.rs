//! What was found about the pairs that were compared, on disk: by either of the two nodes.

use std::path::Path;

use crate::copies::blocks::Desk;
use crate::copies::brief::Likings;
use crate::copies::crew::Bench;
use crate::copies::crew::Crew;
use crate::copies::facts::Facts;
use crate::copies::groups::NODES_PER_PART;
use crate::copies::nodes::Nodes;
use crate::copies::pairs::Pairs;
use crate::copies::portrait::Portrait;
use crate::copies::verdict::COPY_OF_LONGER;
use crate::copies::verdict::Match;
use crate::copies::verdict::Relation;
use crate::copies::verdict::compare;
use crate::disk::Bytes;
use crate::disk::Pile;
use crate::disk::Record;
use crate::error::Result;

/// Shorter texts are lost in a digest by chance, or are a title: what lies in another document are
/// words that somebody published as a page of its own.
pub(crate) const MIN_PART: usize = 80;
/// A digest is a copy of another text only if so much of it is equal.
pub(crate) const DIGEST_COPY: f32 = 0.9;

/// Pairs that are compared in one call.
const PER_CALL: usize = 32;

/// Look-alikes with larger numbers whose findings are kept by a node. The documents that all of a
/// template are compared with have one for each of it, and few count: of the copies and look-alikes
/// that agree, the first 64.
const MAX_VARIANTS: u8 = 64;

/// What was found about two nodes. `found` is about the smaller and the larger number, in this order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) found: Match,
    /// The node of the two that carries the other one and is yet a document of its own.
    pub(crate) carrier: Option<u32>,
    /// One may hold the other, by their kept hashes.
    pub(crate) is_held: bool,
}

impl Finding {
    /// It says that the two are look-alikes, or not even that, and nothing else.
    fn is_plain(&self) -> bool {
        matches!(self.found.relation, Relation::Variant | Relation::Unrelated)
            && self.carrier.is_none()
            && !self.is_held
    }
}

/// A finding by one of its nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) node: u32,
    pub(crate) other: u32,
    pub(crate) finding: Finding,
}

impl Eq for Row {}

impl PartialOrd for Row {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Row {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.node, self.other).cmp(&(other.node, other.other))
    }
}

/// Relations by the numbers that are stored for them, in indexes too: the order is part of their format.
pub(crate) const RELATIONS: [Relation; 6] = [
    Relation::Unrelated,
    Relation::Variant,
    Relation::Same,
    Relation::Near,
    Relation::Contained,
    Relation::Part,
];
const IS_HELD: u32 = 8;
const CARRIES: u32 = 16;
const IS_CARRIED: u32 = 32;

impl Record for Row {
    const SIZE: usize = 36;

    fn put(&self, out: &mut Vec<u8>) {
        let Finding { found, carrier, is_held } = self.finding;
        let mut sort = found.relation as u32 | if is_held { IS_HELD } else { 0 };
        if let Some(carrier) = carrier {
            sort |= if carrier == self.node { CARRIES } else { IS_CARRIED };
        }
        let Match { matched, even, span, start, .. } = found;
        for n in [self.node, self.other, sort, matched, even, span.0, span.1, start.0, start.1] {
            out.extend_from_slice(&n.to_le_bytes());
        }
    }

    fn get(bytes: &[u8]) -> Self {
        let mut numbers = [0; 9];
        for (n, word) in numbers.iter_mut().zip(bytes.as_chunks().0) {
            *n = u32::from_le_bytes(*word);
        }
        let [node, other, sort, matched, even, span_0, span_1, start_0, start_1] = numbers;
        let relation = RELATIONS.get(sort as usize & 7).copied().unwrap_or(Relation::Unrelated);
        let carrier =
            (sort & (CARRIES | IS_CARRIED) != 0).then_some(if sort & CARRIES != 0 { node } else { other });
        let found = Match { relation, matched, even, span: (span_0, span_1), start: (start_0, start_1) };
        Self { node, other, finding: Finding { found, carrier, is_held: sort & IS_HELD != 0 } }
    }
}

/// All findings.
#[derive(Debug)]
pub(crate) struct Known {
    bytes: Bytes,
    /// Where the rows of each node begin, and the end.
    starts: Vec<u64>,
    /// Rows of each node with larger ones that are look-alikes and no more, up to [`MAX_VARIANTS`]:
    /// all others of them stand by the larger node alone.
    n_variants: Vec<u8>,
    /// How many pairs there are.
    pub(crate) n_pairs: u64,
}

impl Known {
    /// Compares all `pairs`.
    pub(crate) fn compare(
        pairs: &Pairs,
        likings: Likings<'_>,
        crew: &impl Crew,
        work: Option<&Path>,
    ) -> Result<Self> {
        let nodes = likings.nodes;
        let path = |name: &str| work.map(|work| work.join(name));
        let n_parts = nodes.len().div_ceil(NODES_PER_PART);
        let mut rows: Pile<Row> = Pile::new(path("findings"), n_parts)?;
        let (mut n_pairs, mut n_variants) = (0, vec![0_u8; nodes.len()]);
        for part in 0..pairs.n_parts() {
            let some = pairs.load(part)?;
            n_pairs += some.len() as u64;
            let calls: Vec<_> = some.chunks(PER_CALL).collect();
            let found = crew.map(calls.len(), &|bench, call| {
                let found = |&(x, y, is_held): &(u32, u32, bool)| {
                    let both_old = nodes.is_reference(x) && nodes.is_reference(y);
                    if both_old {
                        return Ok(None);
                    }
                    let finding = Finding { is_held, ..look(x, y, compare, likings, bench)? };
                    Ok(Some(Row { node: x, other: y, finding }))
                };
                calls[call].iter().map(found).collect::<Result<Vec<_>>>()
            })?;
            for row in found.into_iter().flatten().flatten() {
                let n_before = &mut n_variants[row.node as usize];
                let is_plain = row.finding.is_plain();
                if !is_plain || *n_before < MAX_VARIANTS {
                    rows.push(row.node as usize / NODES_PER_PART, row)?;
                    *n_before += u8::from(is_plain && row.finding.found.relation == Relation::Variant);
                }
                let turned = Row { node: row.other, other: row.node, ..row };
                rows.push(turned.node as usize / NODES_PER_PART, turned)?;
            }
        }
        rows.flush()?;
        let (mut some, mut bytes) = (Vec::new(), Vec::new());
        let mut known = Self { bytes: Bytes::new(path("known"))?, starts: Vec::new(), n_variants, n_pairs };
        for part in 0..n_parts {
            rows.load(part, &mut some)?;
            some.sort_unstable();
            bytes.clear();
            for row in &some {
                let at = known.bytes.len() + bytes.len() as u64;
                known.starts.resize((row.node as usize + 1).max(known.starts.len()), at);
                row.put(&mut bytes);
            }
            known.bytes.push(&bytes)?;
        }
        known.starts.resize(nodes.len() + 1, known.bytes.len());
        known.bytes.flush()?;
        Ok(known)
    }

    /// The node was compared with none.
    pub(crate) fn is_alone(&self, node: u32) -> bool {
        self.starts[node as usize] == self.starts[node as usize + 1]
    }

    /// Which nodes carry another one.
    pub(crate) fn carriers(&self, nodes: &Nodes) -> Result<Vec<bool>> {
        let mut is_carrier = vec![false; nodes.len()];
        let mut rows = Vec::new();
        for node in (0..nodes.len() as u32).filter(|&node| nodes.may_carry[node as usize]) {
            self.of(node, &mut rows)?;
            is_carrier[node as usize] = rows.iter().any(|row| row.finding.carrier == Some(node));
        }
        Ok(is_carrier)
    }

    /// What was found about a node and a larger one, where it stands by the larger one alone.
    pub(crate) fn beyond(&self, node: u32, other: u32, rows: &mut Vec<Row>) -> Result<Option<Finding>> {
        if other < node || self.n_variants[node as usize] < MAX_VARIANTS {
            return Ok(None);
        }
        self.of(other, rows)?;
        let at = rows.binary_search_by_key(&node, |row| row.other);
        Ok(at.ok().map(|at| rows[at].finding))
    }

    /// What was found about a node and others, by their numbers; of look-alikes with larger numbers,
    /// the first ones. [`Known::beyond`] tells of the others.
    pub(crate) fn of(&self, node: u32, into: &mut Vec<Row>) -> Result<()> {
        into.clear();
        let (start, end) = (self.starts[node as usize], self.starts[node as usize + 1]);
        if start < end {
            let mut bytes = vec![0; (end - start) as usize];
            self.bytes.read(start, &mut bytes)?;
            into.extend(bytes.chunks_exact(Row::SIZE).map(Row::get));
        }
        Ok(())
    }
}

/// How two portraits are compared.
type Comparison = fn(&Portrait, &Portrait, &mut Desk) -> Match;

/// Compares two nodes.
pub(crate) fn look(
    x: u32,
    y: u32,
    compare: Comparison,
    likings: Likings<'_>,
    bench: &mut Bench,
) -> Result<Finding> {
    let (x, y) = (x.min(y), x.max(y));
    let Likings { nodes, gallery, .. } = likings;
    let may_carry = nodes.may_carry[x as usize] || nodes.may_carry[y as usize];
    if let Some(found) = likings.by_figures(x, y)? {
        return Ok(Finding { found, carrier: None, is_held: false });
    }
    bench.pair(gallery, nodes.face(x), nodes.face(y), |a, b, desk| {
        let found = compare(a, b, desk);
        let lengths = (a.key.len(), b.key.len());
        let carrier = may_carry.then(|| carrier((&a.facts, &b.facts), lengths, found)).flatten();
        Finding { found, carrier: carrier.map(|is_first| if is_first { x } else { y }), is_held: false }
    })
}

/// Whether the first of two carries the other one and is yet a document of its own, or the second
/// does: what is equal begins behind the words in its title that say so. (A bad copy of it holds
/// these words too.)
pub(crate) fn carrier(
    (a, b): (&Facts, &Facts),
    (a_len, b_len): (usize, usize),
    found: Match,
) -> Option<bool> {
    let is_own = |own: &Facts, start: u32| own.carries_at.is_some_and(|at| start > at);
    // Of two that carry, the longer one may carry the other.
    let (a_carries, b_carries) = (is_own(a, found.start.0), is_own(b, found.start.1));
    if !a_carries && !b_carries {
        return None;
    }
    let carries = match found.relation {
        Relation::Near | Relation::Contained | Relation::Part => !a.have_numbers(b),
        // The number of the carried document is not that of its carrier.
        Relation::Variant | Relation::Unrelated => {
            let shorter = a_len.min(b_len);
            a.numbers_differ(b) && shorter >= MIN_PART && found.matched as f32 >= DIGEST_COPY * shorter as f32
        }
        Relation::Same => false,
    };
    carries.then_some(a_carries && (!b_carries || a_len > b_len))
}

/// What a finding counts for, once it is known which nodes are digests.
#[derive(Debug)]
pub(crate) struct Judgement<'a> {
    pub(crate) nodes: &'a Nodes,
    /// Nodes in which two documents lie at places of their own: they are no copies of their parts.
    pub(crate) is_digest: Vec<bool>,
    pub(crate) drop_forwards: bool,
}

impl Judgement<'_> {
    pub(crate) fn relation(&self, x: u32, y: u32, finding: Finding) -> Relation {
        let key_len = &self.nodes.key_len;
        // Of two equally long ones the second may be the digest.
        let (x, y) = (x.min(y), x.max(y));
        let lens = (key_len[x as usize], key_len[y as usize]);
        let longer = if lens.0 > lens.1 { x } else { y };
        let carries = finding.carrier.is_some();
        judged(finding.found, lens, carries, self.is_digest[longer as usize], self.drop_forwards)
    }
}

/// What was found about two nodes with keys of these lengths, once it is known whether one carries
/// the other, and whether the longer one is a digest.
pub(crate) fn judged(
    found: Match,
    (x_len, y_len): (u32, u32),
    carries: bool,
    is_digest: bool,
    drop_forwards: bool,
) -> Relation {
    let longest = x_len.max(y_len) as f32;
    if carries {
        let is_copy = found.matched as f32 >= COPY_OF_LONGER * longest;
        return if drop_forwards && is_copy { Relation::Contained } else { Relation::Part };
    }
    let is_part = matches!(found.relation, Relation::Near | Relation::Contained)
        && is_digest
        && (found.matched as f32) < DIGEST_COPY * longest;
    if is_part { Relation::Part } else { found.relation }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_what_was_found() {
        for (relation, carrier, is_held) in [
            (Relation::Near, None, true),
            (Relation::Part, Some(3), false),
            (Relation::Unrelated, Some(9), true),
        ] {
            let found = Match { relation, matched: 70, even: 50, span: (3, 90), start: (4, 5) };
            let row = Row { node: 3, other: 9, finding: Finding { found, carrier, is_held } };
            for row in [row, Row { node: 9, other: 3, ..row }] {
                let mut bytes = Vec::new();
                row.put(&mut bytes);
                assert_eq!((bytes.len(), Row::get(&bytes)), (Row::SIZE, row));
            }
        }
    }
}

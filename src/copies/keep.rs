//! The kept set: from the best document to the worst, each stays unless one that stayed before it
//! is a verified copy. The answer depends on the order ρ alone, and nothing is dropped by a chain
//! of others.
//!
//! Nodes are decided in blocks of ρ: first all of a block are held against those that stayed
//! before it, on all threads; then, one after another, against those of the block itself.

use std::collections::HashMap;

use crate::copies::brief::Likings;
use crate::copies::candidates::Candidates;
use crate::copies::candidates::HOT;
use crate::copies::candidates::HOT_PARTNERS;
use crate::copies::crew::Bench;
use crate::copies::crew::Crew;
use crate::copies::decide::Fate;
use crate::copies::decide::Options;
use crate::copies::evidence::jaccard;
use crate::copies::groups::Entry;
use crate::copies::groups::Kind;
use crate::copies::known::Finding;
use crate::copies::known::Judgement;
use crate::copies::known::Known;
use crate::copies::known::Row;
use crate::copies::known::look;
use crate::copies::meetings::Meetings;
use crate::copies::meetings::Partner;
use crate::copies::verdict::Relation;
use crate::copies::verdict::compare_quickly;
use crate::error::Result;

/// No node.
const NONE: u32 = u32::MAX;

/// What became of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// [`Fate::Kept`], or the kind of the copy.
    pub(crate) fate: Fate,
    copy_of: u32,
    variant_of: u32,
    pub(crate) part_of: u32,
    pub(crate) contains: u32,
}

impl Outcome {
    const KEPT: Self =
        Self { fate: Fate::Kept, copy_of: NONE, variant_of: NONE, part_of: NONE, contains: NONE };

    /// The best kept copy, the best kept variant, holder and part.
    pub(crate) fn links(&self) -> [Option<u32>; 4] {
        [self.copy_of, self.variant_of, self.part_of, self.contains]
            .map(|node| (node != NONE).then_some(node))
    }
}

/// Nodes that are decided together.
const BLOCK: usize = 2048;
/// Kept documents of the bands that one is compared with. A copy shares three bands and more; with
/// so many others before it, they are of one template, and copies meet by their figures too.
const MAX_MET: usize = 128;
/// Variants are linked from here on.
const MIN_VARIANT: f32 = 0.5;

/// What the pass came to.
#[derive(Debug)]
pub(crate) struct Passed {
    /// Of each node.
    pub(crate) outcomes: Vec<Outcome>,
    /// Pairs that were not known before.
    pub(crate) compared: u64,
    /// Nodes that were not compared with all kept ones that they met.
    pub(crate) n_capped: u64,
    /// Pairs of a carrier and what it carries, found on the way.
    pub(crate) carried: Vec<(u32, u32)>,
}

/// What is decided about and by.
pub(crate) struct Field<'a> {
    pub(crate) likings: Likings<'a>,
    pub(crate) candidates: &'a Candidates,
    pub(crate) known: &'a Known,
    /// Nodes of which no pair is missing in what is known, but for those of hot buckets.
    pub(crate) is_complete: &'a [bool],
    pub(crate) judgement: &'a Judgement<'a>,
    /// All nodes, the best one first.
    pub(crate) order: &'a [u32],
    /// Where each node stands in the order.
    pub(crate) place: &'a [u32],
    pub(crate) options: &'a Options,
}

/// Who stayed so far.
struct Kept {
    is_kept: Vec<bool>,
    /// The best ones of each hot group: they stand for it.
    of_hot: HashMap<u64, Vec<u32>>,
}

/// A node half decided.
struct Seen {
    outcome: Outcome,
    /// Partners before it in the block.
    here: Vec<Partner>,
    hot: Vec<Entry>,
    compared: u64,
    is_capped: bool,
    carried: Vec<(u32, u32)>,
}

/// Goes through ρ.
pub(crate) fn pass(field: &Field<'_>, crew: &impl Crew) -> Result<Passed> {
    let n = field.order.len();
    let mut kept = Kept { is_kept: vec![false; n], of_hot: HashMap::new() };
    let mut passed =
        Passed { outcomes: vec![Outcome::KEPT; n], compared: 0, n_capped: 0, carried: Vec::new() };
    let mut bench = Bench::default();
    for (number, block) in field.order.chunks(BLOCK).enumerate() {
        let start = (number * BLOCK) as u32;
        let seen = crew.map(block.len(), &|bench, n| field.look_back(block[n], start, &kept, bench))?;
        for (&node, mut seen) in block.iter().zip(seen) {
            if seen.outcome.fate == Fate::Kept {
                field.look_here(node, start, &kept, &mut seen, &mut bench)?;
            }
            if seen.outcome.fate == Fate::Kept {
                kept.is_kept[node as usize] = true;
                for entry in &seen.hot {
                    let of_group = kept.of_hot.entry(entry.at).or_default();
                    if of_group.len() < HOT_PARTNERS {
                        of_group.push(node);
                    }
                }
            }
            passed.compared += seen.compared;
            passed.n_capped += u64::from(seen.is_capped || field.candidates.is_capped[node as usize]);
            passed.carried.append(&mut seen.carried);
            passed.outcomes[node as usize] = seen.outcome;
        }
    }
    Ok(passed)
}

/// A node met those that stayed of a hot group.
fn meet_hot(stayed: &[u32], kind: Kind, meetings: &mut Meetings) {
    meetings.begin_hot();
    for &other in stayed {
        meetings.add(other, kind);
    }
}

impl Field<'_> {
    /// Holds `node` against those that stayed before the block that begins at `start`.
    fn look_back(&self, node: u32, start: u32, kept: &Kept, bench: &mut Bench) -> Result<Seen> {
        let mut seen = Seen {
            outcome: Outcome::KEPT,
            here: Vec::new(),
            hot: Vec::new(),
            compared: 0,
            is_capped: false,
            carried: Vec::new(),
        };
        let (mut entries, mut members, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        let candidates = self.candidates;
        self.known.of(node, &mut rows)?;
        let mut meetings = Meetings::default();
        for row in &rows {
            meetings.add_close(row.other);
        }
        let is_complete = self.is_complete[node as usize];
        if !is_complete || candidates.is_crowded(node) {
            candidates.groups.of(node, &mut entries)?;
        }
        for &entry in &entries {
            if entry.is_hot() {
                seen.hot.push(entry);
                let stayed = kept.of_hot.get(&entry.at).map(Vec::as_slice).unwrap_or_default();
                // The best ones stand for all of the group.
                seen.is_capped |= stayed.len() == HOT_PARTNERS;
                meet_hot(stayed, entry.kind, &mut meetings);
            } else if !is_complete {
                candidates.groups.members(entry, HOT, &mut members)?;
                for &other in &members {
                    meetings.add(other, entry.kind);
                }
            }
        }
        // A reference stays, whatever it is a copy of.
        if !self.judgement.nodes.is_reference(node) {
            let own_place = self.place[node as usize];
            let place_of = |other: u32| {
                let place = self.place[other as usize];
                // Of its own block it is not known yet who stays.
                let may_stay = place < own_place && (place >= start || kept.is_kept[other as usize]);
                may_stay.then_some(place)
            };
            let mut partners = self.partners(node, meetings, place_of, &mut seen)?;
            seen.here = partners
                .split_off(partners.partition_point(|&(other, _)| self.place[other as usize] < start));
            self.hold_against(node, &partners, &rows, &mut seen, bench)?;
        }
        Ok(seen)
    }

    /// Holds `node` against those of its own block that stayed.
    fn look_here(
        &self,
        node: u32,
        start: u32,
        kept: &Kept,
        seen: &mut Seen,
        bench: &mut Bench,
    ) -> Result<()> {
        if self.judgement.nodes.is_reference(node) {
            return Ok(());
        }
        let is_kept = |other: u32| kept.is_kept[other as usize];
        let mut partners = std::mem::take(&mut seen.here);
        partners.retain(|&(other, _)| is_kept(other));
        if !seen.hot.is_empty() {
            let mut meetings = Meetings::default();
            for entry in &seen.hot {
                let stayed = kept.of_hot.get(&entry.at).map(Vec::as_slice).unwrap_or_default();
                // Their order is that of ρ.
                let first = stayed.partition_point(|&other| self.place[other as usize] < start);
                meet_hot(&stayed[first..], entry.kind, &mut meetings);
            }
            let place_of = |other: u32| Some(self.place[other as usize]);
            partners.append(&mut self.partners(node, meetings, place_of, seen)?);
            partners.sort_unstable_by_key(|&(other, is_close)| (self.place[other as usize], !is_close));
            partners.dedup_by_key(|partner| partner.0);
        }
        if partners.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::new();
        self.known.of(node, &mut rows)?;
        self.hold_against(node, &partners, &rows, seen, bench)
    }

    /// With whom `node` is compared, the best first.
    fn partners(
        &self,
        node: u32,
        meetings: Meetings,
        place_of: impl Fn(u32) -> Option<u32>,
        seen: &mut Seen,
    ) -> Result<Vec<Partner>> {
        let limit = if self.candidates.is_hot(node) { HOT_PARTNERS } else { MAX_MET };
        let is_like = |other: u32| self.likings.are_like(node, other);
        let (partners, is_capped) = meetings.partners(limit, place_of, is_like)?;
        seen.is_capped |= is_capped;
        Ok(partners)
    }

    /// Compares `node` with those that it met, the best first, until one is its copy.
    fn hold_against(
        &self,
        node: u32,
        partners: &[Partner],
        rows: &[Row],
        seen: &mut Seen,
        bench: &mut Bench,
    ) -> Result<()> {
        if partners.is_empty() {
            return Ok(());
        }
        let mut of_other = Vec::new();
        for &(other, is_close) in partners {
            let known = rows.binary_search_by_key(&other, |row| row.other);
            let finding = if let Ok(at) = known {
                rows[at].finding
            } else if let Some(finding) = self.known.beyond(node, other, &mut of_other)? {
                finding
            } else {
                if !self.likings.may_match(node, other, is_close, bench)? {
                    continue;
                }
                seen.compared += 1;
                let finding = look(node, other, compare_quickly, self.likings, bench)?;
                if let Some(carrier) = finding.carrier {
                    seen.carried.push((carrier, if carrier == node { other } else { node }));
                }
                finding
            };
            let relation = self.judgement.relation(node, other, finding);
            if let Some(fate) = self.fate(node, other, relation, bench)? {
                seen.outcome.fate = fate;
                seen.outcome.copy_of = other;
                break;
            }
            if relation == Relation::Variant
                && seen.outcome.variant_of == NONE
                && self.likings.may_be_half_equal(node, other)?
                && self.likeness(node, other, bench)? >= MIN_VARIANT
            {
                if self.options.drop_variants {
                    seen.outcome.fate = Fate::Variant;
                    seen.outcome.copy_of = other;
                    break;
                }
                seen.outcome.variant_of = other;
            }
            if self.lies_in(node, other, finding) && seen.outcome.part_of == NONE {
                seen.outcome.part_of = other;
            }
        }
        Ok(())
    }

    /// `node` lies in `other`, which holds much else.
    fn lies_in(&self, node: u32, other: u32, finding: Finding) -> bool {
        let key_len = &self.judgement.nodes.key_len;
        self.judgement.relation(node, other, finding) == Relation::Part
            && key_len[node as usize] < key_len[other as usize]
            && finding.carrier != Some(node)
    }

    /// The Jaccard index by the sketches.
    fn likeness(&self, node: u32, other: u32, bench: &mut Bench) -> Result<f32> {
        let nodes = self.likings.nodes;
        let own = self.likings.gallery.head(nodes.face(node) as usize)?;
        Ok(own.likeness(bench.head(self.likings.gallery, nodes.face(other))?))
    }

    /// Whether the relation drops `node`, and how that is called.
    fn fate(&self, node: u32, other: u32, relation: Relation, bench: &mut Bench) -> Result<Option<Fate>> {
        let fate = match relation {
            Relation::Same => return Ok(Some(Fate::Same)),
            Relation::Near => Fate::Near,
            Relation::Contained => Fate::Contained,
            _ => return Ok(None),
        };
        let near = self.options.near;
        if near > 0.0 {
            let nodes = self.judgement.nodes;
            let index =
                bench.pair(self.likings.gallery, nodes.face(node), nodes.face(other), |own, its, _| {
                    jaccard(own, its)
                })?;
            return Ok((index >= f64::from(near)).then_some(fate));
        }
        Ok(Some(fate))
    }

    /// Links parts and holders, and carriers and what they carry; a part may come before its holder
    /// in ρ.
    pub(crate) fn link(&self, passed: &mut Passed, crew: &impl Crew) -> Result<()> {
        const PER_CALL: usize = 1024;
        let n = self.order.len();
        let outcomes = &passed.outcomes;
        let is_kept = |node: u32| outcomes[node as usize].fate == Fate::Kept;
        let found = crew.map(n.div_ceil(PER_CALL), &|_, call| {
            let (mut rows, mut parts, mut carried) = (Vec::new(), Vec::new(), Vec::new());
            for node in call * PER_CALL..n.min((call + 1) * PER_CALL) {
                let node = node as u32;
                self.known.of(node, &mut rows)?;
                for row in rows.iter().filter(|row| row.node < row.other) {
                    if let Some(carrier) = row.finding.carrier {
                        carried.push((carrier, if carrier == row.node { row.other } else { row.node }));
                    }
                }
                let holders = rows
                    .iter()
                    .filter(|row| is_kept(row.other) && self.lies_in(node, row.other, row.finding));
                let found = outcomes[node as usize].part_of;
                let holders = holders.map(|row| row.other).chain((found != NONE).then_some(found));
                if let Some(best) = holders.min_by_key(|&other| self.place[other as usize]) {
                    parts.push((node, best));
                }
            }
            Ok((parts, carried))
        })?;
        for (parts, carried) in found {
            for (node, holder) in parts {
                passed.outcomes[node as usize].part_of = holder;
            }
            passed.carried.extend(carried);
        }
        let outcomes = &mut passed.outcomes;
        passed.carried.retain(|&(carrier, part)| {
            [carrier, part].iter().all(|&node| outcomes[node as usize].fate == Fate::Kept)
        });
        // Best first.
        passed.carried.sort_unstable_by_key(|&(carrier, part)| {
            (self.place[part as usize], self.place[carrier as usize])
        });
        for &(carrier, part) in &passed.carried {
            let part_of = &mut outcomes[part as usize].part_of;
            *part_of = if *part_of == NONE { carrier } else { *part_of };
            let contains = &mut outcomes[carrier as usize].contains;
            *contains = if *contains == NONE { part } else { *contains };
        }
        Ok(())
    }
}

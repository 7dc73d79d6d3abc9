//! From the portraits of all documents to what becomes of each.
//!
//! Documents with equal keys and value marks are one node, so a million equal notices are one.
//! Nodes are numbered by what they say: nothing behind this point can tell in which order the
//! documents came.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::mem;

use crate::copies::candidates;
use crate::copies::candidates::Candidates;
use crate::copies::candidates::HOT;
use crate::copies::candidates::HOT_PARTNERS;
use crate::copies::candidates::KEY_WEIGHT;
use crate::copies::facts::Facts;
use crate::copies::gallery::Gallery;
use crate::copies::keep;
use crate::copies::keep::Outcome;
use crate::copies::known::Known;
use crate::copies::portrait::Portrait;
use crate::copies::rank::Rank;
use crate::copies::sketch::GRAM;
use crate::copies::sketch::likeness;
use crate::copies::verdict::COPY_OF_LONGER;
use crate::copies::verdict::Match;
use crate::copies::verdict::Relation;
use crate::error::Result;

/// What a user may choose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Options {
    /// The least Jaccard index of a copy whose key differs.
    pub(crate) near: f32,
    /// Drop variants too.
    pub(crate) drop_variants: bool,
    /// Drop documents that carry another one whole under a title and number of their own.
    pub(crate) drop_forwards: bool,
    /// The first copy of the input stays, not the best one.
    pub(crate) keep_first: bool,
    /// So many documents come first that stay whatever they are, and are not held against one another.
    pub(crate) n_references: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { near: 0.0, drop_variants: false, drop_forwards: false, keep_first: false, n_references: 0 }
    }
}

/// What becomes of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Kept,
    /// The decoded texts are equal.
    Exact,
    Same,
    Near,
    Contained,
    /// Dropped by wish.
    Variant,
}

impl Fate {
    /// The kind of a dropped document.
    pub(crate) const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Kept => return None,
            Self::Exact => "exact",
            Self::Same => "same",
            Self::Near => "near",
            Self::Contained => "contained",
            Self::Variant => "variant",
        })
    }
}

/// What becomes of a document, and by whom; the others by their numbers in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) fate: Fate,
    /// The kept document of which it is a copy.
    pub(crate) of: Option<u32>,
    /// The best kept document of the same template.
    pub(crate) variant_of: Option<u32>,
    /// The best kept document that holds it beside much else.
    pub(crate) part_of: Option<u32>,
    /// The best kept document that it carries whole under a title and number of its own.
    pub(crate) contains: Option<u32>,
}

/// All decisions, and what was too hot to be compared in full.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub(crate) all: Vec<Decision>,
    /// Different texts that were not compared with all that may be like them.
    pub(crate) candidates_capped: u64,
    /// Pairs that were aligned.
    pub(crate) compared: u64,
}

impl Decided {
    /// What becomes of document `n`.
    pub(crate) fn decision(&self, n: usize) -> Decision {
        self.all[n]
    }
}

/// Compares pairs of nodes; the answers come in the order of the pairs. The caller may use threads.
pub(crate) type Judge<'a> = dyn FnMut(&[(&Portrait, &Portrait)]) -> Vec<Match> + 'a;

/// Pairs that are compared in one go: enough for all threads, little beside the portraits.
const PAIRS: usize = 1 << 14;
/// Copies that count for the agreement of a document.
const MAX_AGREEING: usize = 64;
/// Candidates less alike than this by their k-mins are no copies: of the pairs that are, the
/// least alike (a text with a note, typed twice) have a Jaccard index of 0.35.
const MIN_LIKENESS: f32 = 0.2;

/// The documents of one key, best first.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Numbers in the input.
    pub(crate) members: Vec<u32>,
}

/// Everything that the kept pass needs.
pub(crate) struct Field<'a> {
    /// The best document of each node.
    pub(crate) faces: Vec<&'a Portrait>,
    pub(crate) candidates: Candidates,
    pub(crate) known: Known,
    /// Nodes that hold several documents.
    pub(crate) is_digest: Vec<bool>,
    /// The place of each node in ρ.
    pub(crate) place: Vec<u32>,
    pub(crate) drop_forwards: bool,
    /// Nodes with a reference among their documents.
    pub(crate) is_reference: Vec<bool>,
}

/// A part below this many characters does not make a digest of its holder: a form of words that
/// somebody published as a page of its own.
const MIN_PART: usize = 80;
/// A digest is a copy of another text only if so much of it is equal.
const DIGEST_COPY: f32 = 0.9;

impl Field<'_> {
    /// What was found about the pair, as far as it may count: a digest is no copy of its parts.
    pub(crate) fn relation(&self, x: u32, y: u32, found: Match) -> Relation {
        let (x_len, y_len) = (self.faces[x as usize].key.len(), self.faces[y as usize].key.len());
        let longer = if x_len > y_len { x } else { y };
        if self.carries(x, y, found).is_some() {
            let is_copy = found.matched as f32 >= COPY_OF_LONGER * x_len.max(y_len) as f32;
            return if self.drop_forwards && is_copy { Relation::Contained } else { Relation::Part };
        }
        let is_part = matches!(found.relation, Relation::Near | Relation::Contained)
            && self.is_digest[longer as usize]
            && (found.matched as f32) < DIGEST_COPY * x_len.max(y_len) as f32;
        if is_part { Relation::Part } else { found.relation }
    }

    /// Both were there before.
    fn are_references(&self, x: u32, y: u32) -> bool {
        self.is_reference[x as usize] && self.is_reference[y as usize]
    }

    /// Which of the two carries the other one and is yet a document of its own, if one does: what
    /// is equal begins behind the words in its title that say so. (A bad copy of it holds them.)
    pub(crate) fn carries(&self, x: u32, y: u32, found: Match) -> Option<u32> {
        let (x, y) = (x.min(y), x.max(y));
        let (a, b) = (self.faces[x as usize], self.faces[y as usize]);
        let is_own = |own: &Facts, start: u32| own.carries_at.is_some_and(|at| start > at);
        // Of two that carry, the longer one may carry the other.
        let a_carries = is_own(&a.facts, found.start.0);
        let b_carries = is_own(&b.facts, found.start.1);
        if !a_carries && !b_carries {
            return None;
        }
        let differ = a.facts.numbers_differ(&b.facts);
        let carries = match found.relation {
            Relation::Near | Relation::Contained | Relation::Part => !a.facts.have_numbers(&b.facts),
            // The number of the carried document is not that of its carrier.
            Relation::Variant | Relation::Unrelated => {
                let shorter = a.key.len().min(b.key.len());
                differ && shorter >= MIN_PART && found.matched as f32 >= DIGEST_COPY * shorter as f32
            }
            Relation::Same => false,
        };
        let is_a = a_carries && (!b_carries || a.key.len() > b.key.len());
        carries.then_some(if is_a { x } else { y })
    }
}

/// Decides about all documents at once. `ids` are in the order of `portraits`.
pub(crate) fn decide(
    portraits: &[Portrait],
    ids: &[&[u8]],
    options: &Options,
    judge: &mut Judge<'_>,
) -> Decided {
    let nodes = collapse(portraits, ids, options);
    let faces: Vec<&Portrait> = nodes.iter().map(|node| &portraits[node.members[0] as usize]).collect();
    let candidates = candidates::find(&faces);
    let mut field = Field {
        faces,
        candidates,
        known: Known::default(),
        is_digest: vec![false; nodes.len()],
        place: Vec::new(),
        drop_forwards: options.drop_forwards,
        is_reference: nodes.iter().map(|node| (node.members[0] as usize) < options.n_references).collect(),
    };
    let mut compared = first_comparisons(&mut field, judge);
    find_digests(&mut field);
    let agreement = agreement(&field, &nodes);
    let mut is_carrier = vec![false; nodes.len()];
    if options.drop_forwards {
        for (x, y, found) in field.known.iter() {
            if let Some(carrier) = field.carries(x, y, found) {
                is_carrier[carrier as usize] = true;
            }
        }
    }
    let rank = |n: usize, agreement: u64| {
        let document = nodes[n].members[0] as usize;
        let rank = rank(document, &portraits[document], ids[document], agreement, options);
        Rank { is_carrier: is_carrier[n], ..rank }
    };
    let mut order: Vec<u32> = (0..nodes.len() as u32).collect();
    order.sort_unstable_by(|&x, &y| {
        let (x, y) = (x as usize, y as usize);
        rank(x, agreement[x]).cmp(&rank(y, agreement[y]))
    });
    field.place = vec![0; nodes.len()];
    for (place, &node) in order.iter().enumerate() {
        field.place[node as usize] = place as u32;
    }
    let passed = keep::pass(&field, &order, options, judge);
    compared += passed.compared;
    let all = spread(portraits, &nodes, &passed.outcomes);
    Decided { all, candidates_capped: passed.n_capped, compared }
}

fn rank<'a>(
    document: usize,
    portrait: &'a Portrait,
    id: &'a [u8],
    agreement: u64,
    options: &Options,
) -> Rank<'a> {
    Rank {
        is_new: document >= options.n_references,
        is_carrier: false,
        first: if options.keep_first { document } else { 0 },
        is_one_line: portrait.form.is_one_line,
        agreement: Reverse(agreement),
        longest_line: portrait.form.longest_line,
        n_lines: portrait.form.n_lines,
        ends_badly: portrait.form.ends_badly,
        is_forward: portrait.facts.is_forward,
        length: Reverse(portrait.key.len()),
        is_traditional: portrait.form.is_traditional,
        date: portrait.facts.date.unwrap_or(u32::MAX),
        id,
        text: portrait.text,
        exact: portrait.exact,
    }
}

/// Puts documents with equal keys and value marks together, best first, and orders the nodes by
/// what they say.
fn collapse(portraits: &[Portrait], ids: &[&[u8]], options: &Options) -> Vec<Node> {
    let mut order: Vec<u32> = (0..portraits.len() as u32).collect();
    let said = |n: u32| (portraits[n as usize].said, portraits[n as usize].marked);
    let rank = |n: u32| rank(n as usize, &portraits[n as usize], ids[n as usize], 0, options);
    order
        .sort_unstable_by(|&x, &y| said(x).cmp(&said(y)).then_with(|| rank(x).cmp(&rank(y))).then(x.cmp(&y)));
    order.chunk_by(|&x, &y| said(x) == said(y)).map(|members| Node { members: members.to_vec() }).collect()
}

/// Compares each node with some of its candidates, and with all that may hold it; answers how many
/// pairs that were. Those that share most of its rare grams come first, then those that come first
/// by what they say: the same ones for all of a template, so that their agreements can be compared.
fn first_comparisons(field: &mut Field<'_>, judge: &mut Judge<'_>) -> u64 {
    let candidates = &field.candidates;
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    let mut partners: Vec<(bool, u32)> = Vec::new();
    let mut shared = vec![0_u32; field.faces.len()];
    for node in 0..field.faces.len() as u32 {
        let n_close = candidates.n_close as u32;
        let n_keys = |group: u32| {
            if group < n_close { 0 } else { candidates.weights[group as usize] / KEY_WEIGHT }
        };
        let groups = candidates.of.get(node as usize);
        let members = |group: u32| candidates.groups.get(group as usize).iter();
        let mut n_own = 0;
        for &group in groups.iter().filter(|&&group| n_keys(group) > 0) {
            n_own += n_keys(group);
            for &other in members(group).take(HOT) {
                shared[other as usize] += n_keys(group);
            }
        }
        partners.clear();
        for &group in groups {
            if n_keys(group) == 0 {
                partners
                    .extend(members(group).take(HOT_PARTNERS + 1).map(|&other| (group >= n_close, other)));
                continue;
            }
            for &other in members(group).take(HOT) {
                // The count is spent with the first group that has it.
                if 2 * mem::take(&mut shared[other as usize]) > n_own {
                    partners.push((false, other));
                }
            }
        }
        partners.sort_unstable_by_key(|&(is_far, other)| (other, is_far));
        partners.dedup_by_key(|partner| partner.1);
        partners.sort_unstable();
        let own = field.faces[node as usize];
        let alike = partners
            .iter()
            .map(|partner| partner.1)
            .filter(|&other| other != node && !field.are_references(node, other))
            .filter(|&other| may_match(own, field.faces[other as usize]));
        pairs.extend(alike.take(HOT_PARTNERS).map(|other| (node.min(other), node.max(other))));
    }
    let held = candidates.held.iter().filter(|&&(x, y)| !field.are_references(x, y));
    pairs.extend(held.map(|&(x, y)| (x.min(y), x.max(y))));
    pairs.sort_unstable();
    pairs.dedup();
    let mut found = Vec::with_capacity(pairs.len());
    for some in pairs.chunks(PAIRS) {
        let faces: Vec<_> =
            some.iter().map(|&(x, y)| (field.faces[x as usize], field.faces[y as usize])).collect();
        found.extend(judge(&faces));
    }
    field.known = Known::new(pairs, found, field.faces.len());
    field.known.len() as u64
}

/// Whether two nodes of one group are worth an alignment.
pub(crate) fn may_match(x: &Portrait, y: &Portrait) -> bool {
    match (&x.mins, &y.mins) {
        _ if x.said == y.said || x.facts.have_one_name(&y.facts) => true,
        (Some(x), Some(y)) => likeness(x, y) >= MIN_LIKENESS,
        _ => false,
    }
}

/// Finds the nodes in which two documents lie at places of their own.
fn find_digests(field: &mut Field<'_>) {
    // Of each holder the part that ends first and the one that begins last.
    let mut spans: HashMap<u32, (u32, u32)> = HashMap::new();
    for (x, y, found) in field.known.iter() {
        if !matches!(found.relation, Relation::Contained | Relation::Part | Relation::Near) {
            continue;
        }
        let (x_len, y_len) = (field.faces[x as usize].key.len(), field.faces[y as usize].key.len());
        let (part_len, holder) = if x_len > y_len { (y_len, x) } else { (x_len, y) };
        let holder_len = x_len.max(y_len) as f32;
        let is_held = found.matched as f32 >= DIGEST_COPY * part_len as f32;
        if part_len < MIN_PART || !is_held || found.matched as f32 >= DIGEST_COPY * holder_len {
            continue;
        }
        let span = spans.entry(holder).or_insert((u32::MAX, 0));
        *span = (span.0.min(found.span.1), span.1.max(found.span.0));
    }
    for (holder, (first_end, last_start)) in spans {
        field.is_digest[holder as usize] = first_end <= last_start;
    }
}

/// Twentieths by which a variant agrees, where a copy does by twenty.
const VARIANT_WEIGHT: u64 = 19;

/// The Jaccard index of the grams at equal places, in thousandths. (The share of equal characters
/// would count a copy with one typing error in thirty as nearly whole.)
fn likeness_in_place(x: &Portrait, y: &Portrait, found: Match) -> u64 {
    let n_grams = |portrait: &Portrait| portrait.key.len().saturating_sub(GRAM - 1) as u64;
    let even = u64::from(found.even);
    let all = (n_grams(x) + n_grams(y)).saturating_sub(even).max(1);
    if found.relation == Relation::Same { 1000 } else { (even * 2000 / all).div_ceil(2) }
}

/// For each node, in thousandths: how much of it its copies confirm.
fn agreement(field: &Field<'_>, nodes: &[Node]) -> Vec<u64> {
    // Variants come behind copies. They count because a bad copy may pass for a copy of two
    // variants; the text itself then has one copy less, and would lose to it. They count a little
    // less, or the variant that all copies of the text resemble would pass for the text.
    let mut copies: Vec<Vec<(bool, u32, u64)>> = vec![Vec::new(); nodes.len()];
    for (x, y, found) in field.known.iter() {
        let relation = field.relation(x, y, found);
        let is_variant = relation == Relation::Variant;
        if relation.is_copy() || is_variant {
            let share = likeness_in_place(field.faces[x as usize], field.faces[y as usize], found);
            let share = if is_variant { share * VARIANT_WEIGHT / 20 } else { share };
            copies[x as usize].push((is_variant, y, share));
            copies[y as usize].push((is_variant, x, share));
        }
    }
    let mut sums = Vec::with_capacity(nodes.len());
    for (node, mut of_node) in nodes.iter().zip(copies) {
        of_node.sort_unstable();
        let mut left = MAX_AGREEING;
        let twins = (node.members.len() - 1).min(left);
        left -= twins;
        let mut sum = 1000 * twins as u64;
        for (_, other, share) in of_node {
            let n = nodes[other as usize].members.len().min(left);
            left -= n;
            sum += share * n as u64;
        }
        sums.push(sum);
    }
    sums
}

/// From what became of the nodes to what becomes of each document.
fn spread(portraits: &[Portrait], nodes: &[Node], outcomes: &[Outcome]) -> Vec<Decision> {
    let best = |node: u32| nodes[node as usize].members[0];
    let none = Decision { fate: Fate::Kept, of: None, variant_of: None, part_of: None, contains: None };
    let mut decisions = vec![none; portraits.len()];
    for (n, (node, outcome)) in nodes.iter().zip(outcomes).enumerate() {
        let own_best = best(n as u32);
        for &member in &node.members {
            let (fate, of) = match outcome.copy_of {
                Some((other, _))
                    if portraits[best(other) as usize].exact == portraits[member as usize].exact =>
                {
                    (Fate::Exact, Some(best(other)))
                }
                Some((other, fate)) => (fate, Some(best(other))),
                None if member == own_best => (Fate::Kept, None),
                None if portraits[member as usize].exact == portraits[own_best as usize].exact => {
                    (Fate::Exact, Some(own_best))
                }
                None => (Fate::Same, Some(own_best)),
            };
            decisions[member as usize] = Decision {
                fate,
                of,
                variant_of: outcome.variant_of.map(best).filter(|_| fate == Fate::Kept),
                part_of: outcome.part_of.map(best).filter(|_| fate == Fate::Kept),
                contains: outcome.contains.map(best).filter(|_| fate == Fate::Kept),
            };
        }
    }
    decisions
}

/// The documents most like document `n`, by their k-mins or their keys, best first.
pub(crate) fn most_alike(gallery: &Gallery, n: usize, limit: usize) -> Result<Vec<usize>> {
    let mut buffer = Vec::new();
    let own = gallery.portrait(n, &mut buffer)?;
    let mut alike: Vec<(u32, usize)> = Vec::new();
    for other in (0..gallery.len()).filter(|&other| other != n) {
        let portrait = gallery.portrait(other, &mut buffer)?;
        if may_match(&own, &portrait) {
            let share = match (&own.mins, &portrait.mins) {
                (Some(x), Some(y)) => likeness(x, y),
                _ => 1.0,
            };
            alike.push(((share * 1000.0) as u32, other));
        }
    }
    alike.sort_unstable_by_key(|&(share, other)| (Reverse(share), other));
    Ok(alike.into_iter().take(limit).map(|(_, other)| other).collect())
}

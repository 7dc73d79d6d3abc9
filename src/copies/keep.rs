//! The kept set: from the best document to the worst, each stays unless one that stayed before it
//! is a verified copy. The answer depends on the order ρ alone, and nothing is dropped by a chain
//! of others.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::copies::candidates::HOT;
use crate::copies::candidates::HOT_PARTNERS;
use crate::copies::decide::Fate;
use crate::copies::decide::Field;
use crate::copies::decide::Judge;
use crate::copies::decide::Options;
use crate::copies::decide::may_match;
use crate::copies::evidence::jaccard;
use crate::copies::portrait::Portrait;
use crate::copies::sketch::likeness;
use crate::copies::verdict::Relation;

/// What became of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_field_names, reason = "named as in the decisions")]
pub(crate) struct Outcome {
    /// The best kept copy, and of what kind; nothing for a kept node.
    pub(crate) copy_of: Option<(u32, Fate)>,
    pub(crate) variant_of: Option<u32>,
    pub(crate) part_of: Option<u32>,
    pub(crate) contains: Option<u32>,
}

/// Kept documents of the bands that one is compared with. A copy shares three bands and more; with
/// so many others before it, they are of one template, and copies meet by their figures too.
const MAX_MET: usize = 128;
/// Variants are linked from here on.
const MIN_VARIANT: f32 = 0.5;

/// What the pass came to.
pub(crate) struct Passed {
    /// Of each node.
    pub(crate) outcomes: Vec<Outcome>,
    /// Pairs that were not known before.
    pub(crate) compared: u64,
    /// Nodes that were not compared with all kept ones that they met.
    pub(crate) n_capped: u64,
}

/// Goes through `order`, which is ρ.
pub(crate) fn pass(field: &Field<'_>, order: &[u32], options: &Options, judge: &mut Judge<'_>) -> Passed {
    let mut outcomes = vec![Outcome::default(); order.len()];
    let mut kept_of: Vec<Vec<u32>> = vec![Vec::new(); field.candidates.groups.len()];
    let mut held_by: HashMap<u32, Vec<u32>> = HashMap::new();
    for &(x, y) in &field.candidates.held {
        held_by.entry(x).or_default().push(y);
        held_by.entry(y).or_default().push(x);
    }
    let mut is_kept = vec![false; order.len()];
    let mut is_capped = field.candidates.is_capped.clone();
    // Pairs of a carrier and what it carries.
    let mut carried: Vec<(u32, u32)> = Vec::new();
    for (x, y, found) in field.known.iter() {
        if let Some(carrier) = field.carries(x, y, found) {
            carried.push((carrier, if carrier == x { y } else { x }));
        }
    }
    let mut compared = 0;
    let mut partners: Vec<u32> = Vec::new();
    // How often each kept node meets this one.
    let mut met = vec![0_u32; order.len()];
    let mut touched: Vec<u32> = Vec::new();
    for &node in order {
        partners.clear();
        let groups = field.candidates.of.get(node as usize);
        // A reference stays, whatever it is a copy of.
        let is_reference = field.is_reference[node as usize];
        for &group in groups.iter().filter(|_| !is_reference) {
            let group = group as usize;
            if group < field.candidates.n_close {
                partners.extend(&kept_of[group]);
                continue;
            }
            for &other in &kept_of[group] {
                let met = &mut met[other as usize];
                if *met == 0 {
                    touched.push(other);
                }
                *met += field.candidates.weights[group];
            }
        }
        // Of those that met it by sketch only, the ones that did so most often.
        let limit = if field.candidates.is_hot[node as usize] { HOT_PARTNERS } else { MAX_MET };
        if touched.len() > limit {
            is_capped[node as usize] = true;
            let order = |&other: &u32| (Reverse(met[other as usize]), field.place[other as usize]);
            touched.select_nth_unstable_by_key(limit, order);
        }
        partners.extend(touched.iter().take(limit));
        for other in touched.drain(..) {
            met[other as usize] = 0;
        }
        if let Some(others) = held_by.get(&node).filter(|_| !is_reference) {
            partners.extend(others.iter().filter(|&&other| is_kept[other as usize]));
        }
        partners.sort_unstable_by_key(|&other| field.place[other as usize]);
        partners.dedup();
        let mut outcome = Outcome::default();
        for &other in &partners {
            let pair = (node.min(other), node.max(other));
            let own = field.faces[node as usize];
            let its = field.faces[other as usize];
            let found = match field.known.get(pair.0, pair.1) {
                Some(found) => found,
                None if may_match(own, its) => {
                    compared += 1;
                    let found = judge(&[(field.faces[pair.0 as usize], field.faces[pair.1 as usize])])[0];
                    if let Some(carrier) = field.carries(node, other, found) {
                        carried.push((carrier, if carrier == node { other } else { node }));
                    }
                    found
                }
                None => continue,
            };
            let relation = field.relation(node, other, found);
            if let Some(fate) = fate(relation, own, its, options) {
                outcome.copy_of = Some((other, fate));
                break;
            }
            match relation {
                Relation::Variant if alike(own, its) >= MIN_VARIANT => {
                    if options.drop_variants {
                        outcome.copy_of = Some((other, Fate::Variant));
                        break;
                    }
                    outcome.variant_of = outcome.variant_of.or(Some(other));
                }
                Relation::Part
                    if own.key.len() < its.key.len() && field.carries(node, other, found) != Some(node) =>
                {
                    outcome.part_of = outcome.part_of.or(Some(other));
                }
                _ => {}
            }
        }
        if outcome.copy_of.is_none() {
            is_kept[node as usize] = true;
            for &group in groups {
                let kept = &mut kept_of[group as usize];
                // The best ones of a hot group stand for it.
                if kept.len() < HOT_PARTNERS || field.candidates.groups.get(group as usize).len() <= HOT {
                    kept.push(node);
                }
            }
        }
        outcomes[node as usize] = outcome;
    }
    // A part may come before its holder in ρ.
    for (&node, others) in &held_by {
        let own = field.faces[node as usize];
        let holders = others.iter().copied().filter(|&other| {
            let found = field.known.get(node.min(other), node.max(other));
            is_kept[other as usize]
                && field.faces[other as usize].key.len() > own.key.len()
                && found.is_some_and(|found| {
                    field.relation(node, other, found) == Relation::Part
                        && field.carries(node, other, found) != Some(node)
                })
        });
        outcomes[node as usize].part_of = holders.min_by_key(|&other| field.place[other as usize]);
    }
    carried.retain(|&(carrier, part)| is_kept[carrier as usize] && is_kept[part as usize]);
    // Best first.
    carried
        .sort_unstable_by_key(|&(carrier, part)| (field.place[part as usize], field.place[carrier as usize]));
    for (carrier, part) in carried {
        let part_of = &mut outcomes[part as usize].part_of;
        *part_of = part_of.or(Some(carrier));
        let contains = &mut outcomes[carrier as usize].contains;
        *contains = contains.or(Some(part));
    }
    Passed { outcomes, compared, n_capped: is_capped.iter().filter(|&&capped| capped).count() as u64 }
}

/// Whether the relation drops a document, and how that is called.
fn fate(relation: Relation, own: &Portrait, its: &Portrait, options: &Options) -> Option<Fate> {
    let is_near_enough = || options.near <= 0.0 || jaccard(own, its) >= f64::from(options.near);
    match relation {
        Relation::Same => Some(Fate::Same),
        Relation::Near if is_near_enough() => Some(Fate::Near),
        Relation::Contained if is_near_enough() => Some(Fate::Contained),
        _ => None,
    }
}

fn alike(x: &Portrait, y: &Portrait) -> f32 {
    match (&x.mins, &y.mins) {
        _ if x.said == y.said => 1.0,
        (Some(x), Some(y)) => likeness(x, y),
        _ => 0.0,
    }
}

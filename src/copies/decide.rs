//! From the portraits of all documents to what becomes of each.

use std::path::Path;

use crate::copies::agreement::agreement;
use crate::copies::agreement::digests;
use crate::copies::brief::Briefs;
use crate::copies::brief::Likings;
use crate::copies::candidates;
use crate::copies::crew::Crew;
use crate::copies::gallery::Gallery;
use crate::copies::ids::Ids;
use crate::copies::intake::Intake;
use crate::copies::keep::Field;
use crate::copies::keep::Outcome;
use crate::copies::keep::pass;
use crate::copies::known::Judgement;
use crate::copies::known::Known;
use crate::copies::nodes::Nodes;
use crate::copies::pairs;
use crate::copies::pairs::Pairs;
use crate::copies::rank;
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
}

impl Default for Options {
    fn default() -> Self {
        Self { near: 0.0, drop_variants: false, drop_forwards: false, keep_first: false }
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
#[derive(Debug)]
pub(crate) struct Decided {
    nodes: Nodes,
    outcomes: Vec<Outcome>,
    /// Different texts that were not compared with all that may be like them.
    pub(crate) candidates_capped: u64,
    /// Pairs that were aligned.
    pub(crate) compared: u64,
}

impl Decided {
    /// What becomes of document `doc`.
    pub(crate) fn decision(&self, doc: usize) -> Decision {
        let doc = doc as u32;
        let node = self.nodes.of(doc);
        let outcome = &self.outcomes[node as usize];
        let own_best = self.nodes.face(node);
        let [copy_of, variant_of, part_of, contains] =
            outcome.links().map(|link| link.map(|node| self.nodes.face(node)));
        let (fate, of) = match copy_of {
            Some(other) => (outcome.fate, Some(other)),
            None if doc == own_best => (Fate::Kept, None),
            None if self.nodes.is_exact(doc) => (Fate::Exact, Some(own_best)),
            None => (Fate::Same, Some(own_best)),
        };
        let link = |link: Option<u32>| link.filter(|_| fate == Fate::Kept);
        Decision { fate, of, variant_of: link(variant_of), part_of: link(part_of), contains: link(contains) }
    }

    /// How many documents there are, those of the other set too.
    pub(crate) fn len(&self) -> usize {
        self.nodes.n_docs()
    }
}

/// Decides about all documents at once; lists that are too long for memory go to the folder `work`,
/// brief sketches only if they do not fit in `memory` bytes.
///
/// # Errors
///
/// If that folder cannot be written or read, or the crew stops.
pub(crate) fn decide(
    gallery: &Gallery,
    mut intake: Intake,
    options: &Options,
    crew: &impl Crew,
    (work, memory): (Option<&Path>, usize),
) -> Result<Decided> {
    let ids = std::mem::replace(&mut intake.ids, Ids::new(None)?);
    let mut nodes = Nodes::collapse(&intake.cards, &ids, gallery, options)?;
    let mut pairs = Pairs::new(work, nodes.len())?;
    // Half of what there is: the lists of all nodes take some, too.
    let briefs = Briefs::load(&mut intake, &nodes, memory / 2)?;
    let likings = Likings { nodes: &nodes, gallery, briefs: &briefs };
    let candidates = candidates::find(&intake, likings, crew, work, &mut pairs)?;
    drop(intake);
    let is_complete = pairs::of_meetings(&mut pairs, &candidates, likings, crew)?;
    pairs.flush()?;
    let known = Known::compare(&pairs, likings, crew, work)?;
    drop(pairs);
    let base = std::mem::take(&mut nodes.base);
    let is_digest = digests(&known, &nodes, crew)?;
    let judgement = Judgement { nodes: &nodes, is_digest, drop_forwards: options.drop_forwards };
    let agreement = agreement(&known, &judgement, crew)?;
    let is_carrier = if options.drop_forwards { known.carriers(&nodes)? } else { vec![false; nodes.len()] };
    let mut ranked: Vec<(u128, u32)> = base
        .into_iter()
        .zip(agreement)
        .zip(is_carrier)
        .enumerate()
        .map(|(node, ((base, agreement), is_carrier))| {
            (base | rank::of_copies(agreement, is_carrier), node as u32)
        })
        .collect();
    ranked.sort_unstable();
    for run in ranked.chunk_by_mut(|x, y| x.0 == y.0) {
        // Where nobody was met, no order counts, and no id is read.
        let is_alone = |node| candidates.groups.is_alone(node) && known.is_alone(node);
        ids.break_ties(run, |&(_, node)| (!is_alone(node)).then(|| nodes.face(node)), gallery)?;
    }
    let order: Vec<u32> = ranked.into_iter().map(|(_, node)| node).collect();
    let mut place = vec![0; nodes.len()];
    for (n, &node) in order.iter().enumerate() {
        place[node as usize] = n as u32;
    }
    let field = Field {
        likings: Likings { nodes: &nodes, gallery, briefs: &briefs },
        candidates: &candidates,
        known: &known,
        is_complete: &is_complete,
        judgement: &judgement,
        order: &order,
        place: &place,
        options,
    };
    let mut passed = pass(&field, crew)?;
    field.link(&mut passed, crew)?;
    Ok(Decided {
        outcomes: passed.outcomes,
        candidates_capped: passed.n_capped,
        compared: known.n_pairs + passed.compared,
        nodes,
    })
}

/// The documents most like document `n`, by their k-mins or their keys, best first. One look at all.
pub(crate) fn most_alike(gallery: &Gallery, n: usize, limit: usize) -> Result<Vec<usize>> {
    let own = gallery.head(n)?;
    let mut alike: Vec<(u32, usize)> = Vec::new();
    for other in (0..gallery.len()).filter(|&other| other != n) {
        let its = gallery.head(other)?;
        if own.may_match(&its) {
            let share = if own.mins.is_some() && its.mins.is_some() { own.likeness(&its) } else { 1.0 };
            alike.push(((share * 1000.0) as u32, other));
        }
    }
    alike.sort_unstable_by_key(|&(share, other)| (std::cmp::Reverse(share), other));
    Ok(alike.into_iter().take(limit).map(|(_, other)| other).collect())
}

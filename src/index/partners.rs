//! With whom newcomers are compared, and what comes of it.

use std::sync::Arc;

use crate::copies;
use crate::copies::Desk;
use crate::copies::Portrait;
use crate::copies::Relation;
use crate::copies::carrier;
use crate::copies::likeness;
use crate::error::Error;
use crate::error::Result;
use crate::index::candidates;
use crate::index::candidates::Arrival;
use crate::index::candidates::Chooser;
use crate::index::core::Core;
use crate::index::edge::Edge;
use crate::index::node::NONE;
use crate::index::probes::MAX_ASKED;
use crate::index::probes::Probes;

/// Newcomers whose partners are looked for in one call, at least and at most: their look-ups are sorted
/// together, and on many cores there have to be calls for all.
const PER_CALL: std::ops::RangeInclusive<usize> = 32..=256;
const _: () = assert!(*PER_CALL.end() <= MAX_ASKED);

/// Newcomers of one call where there are so many and so many threads.
pub(super) fn per_call(n: usize, n_threads: usize) -> usize {
    n.div_ceil(2 * n_threads).clamp(*PER_CALL.start(), *PER_CALL.end())
}

impl Core {
    /// Whom each of these newcomers is something to, among the documents with smaller numbers.
    pub(super) fn edges(
        &self,
        some: &[(u32, &Arrival)],
        portrait: &(dyn Fn(u32) -> Result<Arc<Portrait>> + Sync),
    ) -> Result<Vec<Found>> {
        let mut probes = Probes::default();
        for (n, (_, arrival)) in some.iter().enumerate() {
            candidates::probe(n, &arrival.hashes, &mut probes);
        }
        // Those of the same batch that come behind are not there yet.
        self.shelf.look_up(&mut probes, |asker| some[usize::from(asker)].0)?;
        let (mut chooser, mut desk) = (Chooser::default(), Desk::default());
        let mut all = Vec::with_capacity(some.len());
        probes.tell(some.len(), |n, met| {
            let (number, arrival) = some[n];
            let (chosen, is_capped) = chooser.choose(&met, &arrival.slip, &self.shelf)?;
            let mut edges = Vec::new();
            for other in chosen {
                if let Some(edge) = compare(&*portrait(other)?, other, &arrival.portrait, number, &mut desk) {
                    edges.push((other, edge));
                }
            }
            all.push(Found { edges, is_capped });
            Ok::<_, Error>(())
        })?;
        Ok(all)
    }

    /// `edges` and those to the nodes that stay in the place of what was met: of a text that came a
    /// thousand times only the first copies are met, and another one may stay.
    pub(super) fn with_keepers(
        &self,
        arrival: &Arrival,
        mut edges: Vec<(u32, Edge)>,
    ) -> Result<Vec<(u32, Edge)>> {
        let mut desk = Desk::default();
        let number = self.ledger.n_docs();
        for n in 0..edges.len() {
            let keeper = self.ledger.node(edges[n].0)?.copy_of;
            if keeper == NONE || edges.iter().any(|edge| edge.0 == keeper) {
                continue;
            }
            let face = self.stacks.portrait(self.ledger.node(keeper)?.face, &self.ledger)?;
            if let Some(edge) = compare(&face, keeper, &arrival.portrait, number, &mut desk) {
                edges.push((keeper, edge));
            }
        }
        Ok(edges)
    }
}

/// What was found about one newcomer.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) edges: Vec<(u32, Edge)>,
    /// There were more to compare it with.
    pub(super) is_capped: bool,
}

/// What a document is to a newcomer; `None` where they are strangers.
pub(super) fn compare(
    a: &Portrait,
    a_number: u32,
    b: &Portrait,
    b_number: u32,
    desk: &mut Desk,
) -> Option<Edge> {
    // As a run does.
    let found = copies::by_figures(a, b).unwrap_or_else(|| copies::compare(a, b, desk));
    let may_carry = a.facts.carries_at.is_some() || b.facts.carries_at.is_some();
    let lens = (a.key.len(), b.key.len());
    let carrier = may_carry.then(|| carrier((&a.facts, &b.facts), lens, found)).flatten();
    let carrier = carrier.map_or(NONE, |is_first| if is_first { a_number } else { b_number });
    let alike: f32 = match (&a.mins, &b.mins) {
        _ if a.said == b.said => 1.0,
        (Some(x), Some(y)) => likeness(x, y),
        _ => 0.0,
    };
    #[expect(clippy::cast_sign_loss, reason = "shares are never negative")]
    let alike = (100.0 * alike) as u8;
    (found.relation != Relation::Unrelated || carrier != NONE).then_some(Edge { found, carrier, alike })
}

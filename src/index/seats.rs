//! Where newcomers belong: which of them are known already, or say what a known document says.

use std::collections::HashMap;

use crate::copies::Portrait;
use crate::error::Error;
use crate::error::Result;
use crate::index::candidates::Arrival;
use crate::index::core::Core;
use crate::index::probes::Probes;

/// Slots of what tells where a newcomer belongs.
pub(super) const NODE: u16 = 0;
pub(super) const REVISION: u16 = 1;

/// Where a newcomer belongs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seat {
    /// It is this document.
    Again(u32),
    /// It says what this node says.
    In(u32),
    /// It is a node of its own.
    Own,
}

impl Core {
    /// Where each of the newcomers belongs, those before it included; the first becomes document `first`.
    pub(super) fn seats(&self, arrivals: &[&Arrival], first: u32) -> Result<Vec<Seat>> {
        let mut probes = Probes::default();
        for (n, Arrival { hashes, .. }) in arrivals.iter().enumerate() {
            probes.push(hashes.node, n, NODE, false);
            probes.push(hashes.revision, n, REVISION, false);
        }
        self.shelf.look_up(&mut probes, |_| first)?;
        // Newcomers by what they say, as the numbers and places of the first of each.
        let mut nodes: HashMap<(u128, u64), (u32, usize)> = HashMap::new();
        let mut revisions: HashMap<(&[u8], u128, u64), u32> = HashMap::new();
        let (mut seats, mut next) = (Vec::with_capacity(arrivals.len()), first);
        probes.tell(arrivals.len(), |n, met| {
            let Arrival { id, portrait, .. } = arrivals[n];
            let own = (portrait.said, portrait.marked);
            let mut seat = Seat::Own;
            if let Some(&(root, place)) = nodes.get(&own)
                && says_same(portrait, &arrivals[place].portrait)
            {
                let again = revisions.get(&(id.as_slice(), own.0, own.1));
                seat = again.map_or(Seat::In(root), |&doc| Seat::Again(doc));
            }
            for &(slot, doc) in met.rows {
                let (front, its_id) = self.stacks.front(doc, &self.ledger)?;
                // Hashes may be forged: the words decide.
                if (front.said, front.marked) != own
                    || !says_same(portrait, &*self.stacks.words(doc, &self.ledger)?)
                {
                    continue;
                }
                if slot == REVISION && its_id == *id {
                    seat = Seat::Again(doc);
                    break;
                }
                if matches!(seat, Seat::Own) {
                    seat = Seat::In(self.ledger.doc(doc)?.root);
                }
            }
            if !matches!(seat, Seat::Again(_)) {
                let number = if let Seat::In(root) = seat { root } else { next };
                nodes.entry(own).or_insert((number, n));
                revisions.insert((id, own.0, own.1), next);
                next += 1;
            }
            seats.push(seat);
            Ok::<_, Error>(())
        })?;
        Ok(seats)
    }
}

/// Two portraits of equal digests say the same.
fn says_same(a: &Portrait, b: &Portrait) -> bool {
    a.key == b.key && a.gaps == b.gaps
}

//! What the ledger holds of two nodes that were compared.

use crate::copies::Match;
use crate::copies::RELATIONS;

/// What was found about two nodes, for the one with the smaller number first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) found: Match,
    /// The node of the two that carries the other one and is yet a document of its own.
    pub(super) carrier: u32,
    /// The Jaccard index by the sketches, in hundredths.
    pub(super) alike: u8,
}

impl Edge {
    /// Bytes of a stored edge.
    pub(super) const SIZE: usize = 32;

    pub(super) fn bytes(&self) -> [u8; Self::SIZE] {
        let Match { relation, matched, even, span, start } = self.found;
        let relation = RELATIONS.iter().position(|&known| known == relation).unwrap_or(0) as u32;
        let sort = relation | u32::from(self.alike) << 8;
        let mut bytes = [0; Self::SIZE];
        let numbers = [sort, self.carrier, matched, even, span.0, span.1, start.0, start.1];
        for (word, n) in bytes.as_chunks_mut().0.iter_mut().zip(numbers) {
            *word = n.to_le_bytes();
        }
        bytes
    }

    /// `None` where it is not as long as an edge is.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let words: &[[u8; 4]; 8] = bytes.as_chunks().0.try_into().ok()?;
        let [sort, carrier, matched, even, from, to, a, b] = words.map(u32::from_le_bytes);
        let relation = *RELATIONS.get((sort & 0xFF) as usize)?;
        let found = Match { relation, matched, even, span: (from, to), start: (a, b) };
        Some(Self { found, carrier, alike: (sort >> 8) as u8 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::node::NONE;

    #[test]
    fn what_is_stored_comes_back() {
        for relation in RELATIONS {
            let found = Match { relation, matched: 70, even: 50, span: (3, 90), start: (4, 5) };
            let edge = Edge { found, carrier: NONE, alike: 93 };
            assert_eq!(Edge::read(&edge.bytes()), Some(edge));
        }
    }
}

//! What the ledger holds of documents that say the same, and of pairs that were compared.

use crate::copies::Fate;
use crate::copies::Match;
use crate::copies::RELATIONS;
use crate::copies::rank;

/// No document.
pub(super) const NONE: u32 = u32::MAX;

/// Documents with equal keys and value marks. It is named by the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// The best of its documents, which stands for it.
    pub(super) face: u32,
    pub(super) n_docs: u32,
    /// The rank of the face without its copies.
    pub(super) base: u128,
    pub(super) key_len: u32,
    /// How much its copies confirm, in thousandths of a copy.
    pub(super) agreement: u32,
    /// Look-alikes that are noted.
    pub(super) n_variants: u32,
    /// All others that it was found to be something to.
    pub(super) n_copies: u32,
    /// Two documents lie in it at places of their own.
    pub(super) is_digest: bool,
    pub(super) may_carry: bool,
    /// How its face was dropped, or that it stays.
    pub(super) fate: Fate,
    /// The best kept copy, look-alike, holder.
    pub(super) copy_of: u32,
    pub(super) variant_of: u32,
    pub(super) part_of: u32,
}

const FATES: [Fate; 6] = [Fate::Kept, Fate::Exact, Fate::Same, Fate::Near, Fate::Contained, Fate::Variant];

/// The number by which a fate is stored.
pub(super) fn fate_number(fate: Fate) -> u8 {
    FATES.iter().position(|&known| known == fate).unwrap_or(0) as u8
}

/// The fate of a stored number.
pub(super) fn fate_of(number: u8) -> Fate {
    FATES.get(usize::from(number)).copied().unwrap_or(Fate::Kept)
}

impl Node {
    /// Bytes of a stored node.
    pub(super) const SIZE: usize = 56;

    pub(super) fn is_kept(&self) -> bool {
        self.fate == Fate::Kept
    }

    /// Its rank: the smaller the better.
    pub(super) fn rank(&self) -> u128 {
        self.base | rank::of_copies(self.agreement, false)
    }

    pub(super) fn bytes(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        bytes[..16].copy_from_slice(&self.base.to_le_bytes());
        let flags = u32::from(self.is_digest) | u32::from(self.may_carry) << 1;
        let flags = flags | u32::from(fate_number(self.fate)) << 8;
        let numbers = [
            self.face,
            self.n_docs,
            self.key_len,
            self.agreement,
            self.n_variants,
            self.n_copies,
            flags,
            self.copy_of,
            self.variant_of,
            self.part_of,
        ];
        for (word, n) in bytes[16..].as_chunks_mut().0.iter_mut().zip(numbers) {
            *word = n.to_le_bytes();
        }
        bytes
    }

    /// `None` where it is not as long as a node is.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (base, rest) = bytes.split_first_chunk()?;
        let words: &[[u8; 4]; 10] = rest.as_chunks().0.try_into().ok()?;
        let [face, n_docs, key_len, agreement, n_variants, n_copies, flags, copy_of, variant_of, part_of] =
            words.map(u32::from_le_bytes);
        Some(Self {
            face,
            n_docs,
            base: u128::from_le_bytes(*base),
            key_len,
            agreement,
            n_variants,
            n_copies,
            is_digest: flags & 1 != 0,
            may_carry: flags & 2 != 0,
            fate: fate_of((flags >> 8) as u8),
            copy_of,
            variant_of,
            part_of,
        })
    }
}

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

/// What a document was told when it came, and what it is told when it comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    New,
    Copy {
        of: u32,
        kind: Fate,
    },
    /// Documents that it made copies, and that came back because their better copy went.
    Supersedes {
        docs: Vec<u32>,
        restored: Vec<u32>,
    },
    Variant {
        of: u32,
    },
}

impl Ruling {
    /// Appends its stored form.
    pub(super) fn push(&self, out: &mut Vec<u8>) {
        let (sort, first, more): (u8, &[u32], &[u32]) = match self {
            Self::New => (0, &[], &[]),
            Self::Copy { of, kind } => (1 + fate_number(*kind), std::slice::from_ref(of), &[]),
            Self::Variant { of } => (7, std::slice::from_ref(of), &[]),
            Self::Supersedes { docs, restored } => (8, docs, restored),
        };
        out.push(sort);
        out.extend_from_slice(&(first.len() as u32).to_le_bytes());
        for doc in first.iter().chain(more) {
            out.extend_from_slice(&doc.to_le_bytes());
        }
    }

    /// `None` where the bytes are no stored ruling.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (&sort, rest) = bytes.split_first()?;
        let (n, rest) = rest.split_first_chunk()?;
        let (docs, []) = rest.as_chunks() else { return None };
        let docs: Vec<u32> = docs.iter().map(|word| u32::from_le_bytes(*word)).collect();
        let n = u32::from_le_bytes(*n) as usize;
        let (first, more) = (docs.get(..n)?, docs.get(n..)?);
        Some(match sort {
            0 => Self::New,
            1..=6 => Self::Copy { of: *first.first()?, kind: fate_of(sort - 1) },
            7 => Self::Variant { of: *first.first()? },
            8 => Self::Supersedes { docs: first.to_vec(), restored: more.to_vec() },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back() {
        let node = Node {
            face: 3,
            n_docs: 2,
            base: 1 << 99 | 7,
            key_len: 300,
            agreement: 1950,
            n_variants: 4,
            n_copies: 70,
            is_digest: true,
            may_carry: false,
            fate: Fate::Contained,
            copy_of: 9,
            variant_of: NONE,
            part_of: 8,
        };
        assert_eq!(Node::read(&node.bytes()), Some(node));
        assert_eq!(Node::read(&node.bytes()[1..]), None);
        for relation in RELATIONS {
            let found = Match { relation, matched: 70, even: 50, span: (3, 90), start: (4, 5) };
            let edge = Edge { found, carrier: NONE, alike: 93 };
            assert_eq!(Edge::read(&edge.bytes()), Some(edge));
        }
        for ruling in [
            Ruling::New,
            Ruling::Copy { of: 5, kind: Fate::Exact },
            Ruling::Copy { of: 5, kind: Fate::Near },
            Ruling::Variant { of: 1 },
            Ruling::Supersedes { docs: vec![1, 2], restored: vec![9] },
        ] {
            let mut bytes = Vec::new();
            ruling.push(&mut bytes);
            assert_eq!(Ruling::read(&bytes), Some(ruling.clone()));
            assert_eq!(Ruling::read(&bytes[..bytes.len() - 1]), None, "{ruling:?}");
        }
    }
}

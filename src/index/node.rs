//! What the ledger holds of documents that say the same.

use crate::copies::Fate;
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
    }
}

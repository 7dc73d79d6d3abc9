//! What a document was told, as the ledger holds it.

use crate::copies::Fate;
use crate::index::node::fate_number;
use crate::index::node::fate_of;

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

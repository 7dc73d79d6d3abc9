//! Records that arrive in any order and are wanted back by parts: by band, by a range of hashes or
//! numbers. A part is loaded whole and sorted by whoever needs it, which takes no merge.

use std::path::PathBuf;

use crate::disk::bytes::Bytes;
use crate::error::Result;

/// Bytes of one part that are written together.
const BLOCK: usize = 8 << 10;

/// A record of fixed size.
pub(crate) trait Record: Copy + Ord {
    /// Its bytes.
    const SIZE: usize;
    fn put(&self, out: &mut Vec<u8>);
    /// From as many bytes as [`Record::SIZE`] says.
    fn get(bytes: &[u8]) -> Self;
}

/// Little-endian numbers one after another.
macro_rules! record {
    ($($kind:ty: $name:ident),+) => {
        impl Record for ($($kind),+) {
            const SIZE: usize = $(size_of::<$kind>() +)+ 0;
            fn put(&self, out: &mut Vec<u8>) {
                let ($($name),+) = self;
                $(out.extend_from_slice(&$name.to_le_bytes());)+
            }
            fn get(bytes: &[u8]) -> Self {
                let mut rest = bytes;
                $(
                    let $name;
                    ($name, rest) = rest.split_at(size_of::<$kind>().min(rest.len()));
                    let $name = <$kind>::from_le_bytes($name.try_into().unwrap_or_default());
                )+
                let _ = rest;
                ($($name),+)
            }
        }
    };
}

record!(u32: a, u32: b);
record!(u64: a, u32: b);
record!(u32: a, u64: b);
record!(u32: a, u32: b, u64: c);
record!(u128: a, u64: b, u128: c, u64: d, u32: e);

/// Records in parts.
#[derive(Debug)]
pub(crate) struct Pile<R> {
    bytes: Bytes,
    parts: Vec<Part>,
    kind: std::marker::PhantomData<R>,
}

#[derive(Clone, Debug, Default)]
struct Part {
    /// Records that wait until their block is full.
    open: Vec<u8>,
    /// Offsets of the full blocks.
    blocks: Vec<u64>,
    n: usize,
}

impl<R: Record> Pile<R> {
    /// So many records make a block.
    const PER_BLOCK: usize = BLOCK / R::SIZE;

    /// `n_parts` empty parts, in a file or in memory.
    pub(crate) fn new(path: Option<PathBuf>, n_parts: usize) -> Result<Self> {
        let kind = std::marker::PhantomData;
        Ok(Self { bytes: Bytes::new(path)?, parts: vec![Part::default(); n_parts], kind })
    }

    pub(crate) fn n_parts(&self) -> usize {
        self.parts.len()
    }

    pub(crate) fn push(&mut self, part: usize, record: R) -> Result<()> {
        let part = &mut self.parts[part];
        record.put(&mut part.open);
        part.n += 1;
        if part.n.is_multiple_of(Self::PER_BLOCK) {
            part.blocks.push(self.bytes.push(&part.open)?);
            part.open.clear();
        }
        Ok(())
    }

    /// Ends the writing; only then parts can be loaded.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.bytes.flush()
    }

    /// Fills `into` with the records of part `part`, in the order in which they were pushed.
    pub(crate) fn load(&self, part: usize, into: &mut Vec<R>) -> Result<()> {
        into.clear();
        let part = &self.parts[part];
        into.reserve(part.n);
        let mut block = vec![0; Self::PER_BLOCK * R::SIZE];
        for &at in &part.blocks {
            self.bytes.read(at, &mut block)?;
            into.extend(block.chunks_exact(R::SIZE).map(R::get));
        }
        into.extend(part.open.chunks_exact(R::SIZE).map(R::get));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_by_parts() {
        let folder = tempfile::tempdir().unwrap();
        for path in [None, Some(folder.path().join("pile"))] {
            let mut pile = Pile::new(path, 3).unwrap();
            for n in 0..20_000_u32 {
                pile.push(n as usize % 3, (u64::from(n) << 33, n)).unwrap();
            }
            pile.flush().unwrap();
            let mut rows = Vec::new();
            for part in 0..3 {
                pile.load(part, &mut rows).unwrap();
                let want = (part as u32..20_000).step_by(3).map(|n| (u64::from(n) << 33, n));
                assert!(rows.iter().copied().eq(want));
            }
            assert_eq!(pile.n_parts(), 3);
        }
    }

    #[test]
    fn wide_records_keep_their_values() {
        let record = (u128::MAX - 7, 1 << 63, 3_u128, 9, 4_u32);
        let mut out = Vec::new();
        record.put(&mut out);
        assert_eq!((out.len(), <(u128, u64, u128, u64, u32)>::get(&out)), (52, record));
    }
}

//! Groups of documents that met, on disk: the members of each group, and the groups of each node.

use std::path::Path;

use crate::copies::candidates::HOT;
use crate::disk::Bytes;
use crate::disk::Pile;
use crate::error::Result;

/// Nodes of one part of a pile that is read node by node.
pub(crate) const NODES_PER_PART: usize = 1 << 12;

/// How much a meeting says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// They share their words, all their digits, or issuer and number.
    Close,
    /// They share a rare gram of a template.
    Rare,
    /// They met in a band, or share a common gram.
    Far,
}

/// One group of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    /// How many members it has.
    pub(crate) n: u32,
    /// Where they stand, which names the group too; of a group of two, the other member.
    pub(crate) at: u64,
}

/// Bits of the place, and of the number of members.
const AT_BITS: u32 = 40;
const N_BITS: u32 = 22;

impl Entry {
    /// The group is a template, or one text spoilt a thousand times.
    pub(crate) fn is_hot(self) -> bool {
        self.n as usize > HOT
    }

    fn packed(self) -> u64 {
        let n = u64::from(self.n).min((1 << N_BITS) - 1);
        (self.kind as u64) << (AT_BITS + N_BITS) | n << AT_BITS | self.at
    }

    fn unpacked(word: u64) -> Self {
        let kind = match word >> (AT_BITS + N_BITS) {
            0 => Kind::Close,
            1 => Kind::Rare,
            _ => Kind::Far,
        };
        let n = word >> AT_BITS & ((1 << N_BITS) - 1);
        Self { kind, n: n as u32, at: word & ((1 << AT_BITS) - 1) }
    }
}

/// Takes groups in any order.
#[derive(Debug)]
pub(crate) struct Builder {
    members: Bytes,
    n_members: u64,
    rows: Pile<(u32, u64)>,
    of: Bytes,
    n_nodes: usize,
    bytes: Vec<u8>,
}

impl Builder {
    pub(crate) fn new(work: Option<&Path>, n_nodes: usize) -> Result<Self> {
        let path = |name: &str| work.map(|work| work.join(name));
        Ok(Self {
            members: Bytes::new(path("members"))?,
            n_members: 0,
            rows: Pile::new(path("meetings"), n_nodes.div_ceil(NODES_PER_PART))?,
            of: Bytes::new(path("groups"))?,
            n_nodes,
            bytes: Vec::new(),
        })
    }

    /// A group of these nodes, in ascending order. Nobody meets alone.
    pub(crate) fn push(&mut self, members: &[u32], kind: Kind) -> Result<()> {
        if members.len() < 2 {
            return Ok(());
        }
        if let &[x, y] = members {
            // Most groups are such pairs: no list has to be read for them.
            for (node, other) in [(x, y), (y, x)] {
                let entry = Entry { kind, n: 2, at: u64::from(other) }.packed();
                self.rows.push(node as usize / NODES_PER_PART, (node, entry))?;
            }
            return Ok(());
        }
        let entry = Entry { kind, n: members.len() as u32, at: self.n_members }.packed();
        self.bytes.clear();
        for &member in members {
            self.bytes.extend_from_slice(&member.to_le_bytes());
            self.rows.push(member as usize / NODES_PER_PART, (member, entry))?;
        }
        self.members.push(&self.bytes)?;
        self.n_members += members.len() as u64;
        Ok(())
    }

    /// The groups of equal keys in `rows`, which are sorted.
    pub(crate) fn push_equal(
        &mut self,
        rows: &[(u64, u32)],
        kind: Kind,
        mut met: impl FnMut(&[u32]),
    ) -> Result<()> {
        let mut members = Vec::new();
        for bucket in rows.chunk_by(|x, y| x.0 == y.0).filter(|bucket| bucket.len() > 1) {
            members.clear();
            members.extend(bucket.iter().map(|row| row.1));
            self.push(&members, kind)?;
            met(&members);
        }
        Ok(())
    }

    /// Puts the groups in the order of the nodes.
    pub(crate) fn finish(mut self) -> Result<Groups> {
        self.rows.flush()?;
        let mut starts = Vec::with_capacity(self.n_nodes + 1);
        let (mut some, mut n) = (Vec::new(), 0_u64);
        for part in 0..self.rows.n_parts() {
            self.rows.load(part, &mut some)?;
            some.sort_unstable();
            self.bytes.clear();
            for &(node, entry) in &some {
                starts.resize((node as usize + 1).max(starts.len()), n);
                self.bytes.extend_from_slice(&entry.to_le_bytes());
                n += 1;
            }
            self.of.push(&self.bytes)?;
        }
        starts.resize(self.n_nodes + 1, n);
        self.members.flush()?;
        self.of.flush()?;
        Ok(Groups { members: self.members, of: self.of, starts })
    }
}

/// All groups.
#[derive(Debug)]
pub(crate) struct Groups {
    members: Bytes,
    of: Bytes,
    /// Where the entries of each node begin, and the end.
    starts: Vec<u64>,
}

impl Groups {
    /// The node met nobody.
    pub(crate) fn is_alone(&self, node: u32) -> bool {
        self.starts[node as usize] == self.starts[node as usize + 1]
    }

    /// The groups of a node, close ones first.
    pub(crate) fn of(&self, node: u32, into: &mut Vec<Entry>) -> Result<()> {
        into.clear();
        let (start, end) = (self.starts[node as usize], self.starts[node as usize + 1]);
        if start == end {
            return Ok(());
        }
        let mut bytes = vec![0; (end - start) as usize * 8];
        self.of.read(start * 8, &mut bytes)?;
        into.extend(bytes.as_chunks().0.iter().map(|word| Entry::unpacked(u64::from_le_bytes(*word))));
        Ok(())
    }

    /// The first members of a group, at most `limit`; of a group of two, the other one.
    pub(crate) fn members(&self, entry: Entry, limit: usize, into: &mut Vec<u32>) -> Result<()> {
        into.clear();
        if entry.n == 2 {
            into.push(entry.at as u32);
            return Ok(());
        }
        let mut bytes = [0; 4 * 256];
        let mut left = limit.min(entry.n as usize);
        let mut at = entry.at * 4;
        while left > 0 {
            let some = &mut bytes[..4 * left.min(256)];
            self.members.read(at, some)?;
            into.extend(some.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)));
            left -= some.len() / 4;
            at += some.len() as u64;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_found_by_node() {
        let n_nodes = 3 * NODES_PER_PART + 9;
        let mut builder = Builder::new(None, n_nodes).unwrap();
        let last = n_nodes as u32 - 1;
        let many: Vec<u32> = (0..700).collect();
        builder.push(&many, Kind::Far).unwrap();
        builder.push(&[3], Kind::Close).unwrap();
        builder.push(&[3, last], Kind::Close).unwrap();
        builder.push_equal(&[(7, 2), (7, 5), (8, 6)], Kind::Rare, |_| {}).unwrap();
        let groups = builder.finish().unwrap();
        let (mut entries, mut members) = (Vec::new(), Vec::new());
        let mut of = |node: u32| {
            groups.of(node, &mut entries).unwrap();
            let mut found = Vec::new();
            for &entry in &entries {
                groups.members(entry, 300, &mut members).unwrap();
                found.push((entry.kind, entry.n, members.clone()));
            }
            found
        };
        let far = (Kind::Far, 700, many[..300].to_vec());
        assert_eq!(of(3), [(Kind::Close, 2, vec![last]), far.clone()]);
        assert_eq!(of(5), [(Kind::Rare, 2, vec![2]), far]);
        assert_eq!(of(last), [(Kind::Close, 2, vec![3])]);
        assert_eq!(of(2 * NODES_PER_PART as u32), []);
    }
}
